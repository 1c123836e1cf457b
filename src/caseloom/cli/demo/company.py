"""Who works at Lindholt Bank & Net, and when."""

from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from typing import Final

from django.contrib.auth.hashers import make_password
from django.db import transaction
from msgspec import Struct

from caseloom.cli.demo.addresses import DOMAIN
from caseloom.library.publishing import in_order
from caseloom.staff.models import Calendar, Team, User


class Employee(Struct, frozen=True):
    """Somebody who works here, and how: what the past is made from, so that there is something to learn from it.

    pace: how long they take, 1 is usual. forgets: how often a step lies about. warmth: what it adds to a rating.
    """

    username: str
    first: str
    last: str
    teams: tuple[str, ...]
    roles: tuple[str, ...] = ("agent",)
    skills: tuple[str, ...] = ()
    pace: float = 1.0
    forgets: float = 0.05
    warmth: float = 0.0


EMPLOYEES: Final = (
    Employee("ada", "Ada", "Brandt", ("contact centre",), skills=("retention",), pace=0.8, forgets=0.02, warmth=0.4),
    Employee("bruno", "Bruno", "Falk", ("contact centre",), pace=1.3, forgets=0.14, warmth=-0.2),
    Employee("ceyda", "Ceyda", "Aksoy", ("contact centre",), skills=("line test",), pace=0.7, forgets=0.06),
    Employee("dario", "Dario", "Conti", ("contact centre",), ("agent", "team lead"), ("fees", "retention"), warmth=0.2),
    Employee("edda", "Edda", "Lorenz", ("cards",), skills=("cards",), pace=0.9, forgets=0.03, warmth=0.2),
    Employee(
        "finn", "Finn", "Petersen", ("cards", "contact centre"), skills=("cards",), pace=1.5, forgets=0.1, warmth=-0.3
    ),
    Employee("greta", "Greta", "Noll", ("accounts",), skills=("fees", "retention"), pace=0.9, warmth=0.3),
    Employee(
        "hakim", "Hakim", "Benali", ("accounts",), ("agent", "team lead"), ("fees", "cards", "retention"), pace=1.1
    ),
    Employee(
        "ines", "Ines", "Ferro", ("complaints",), ("agent", "team lead"), ("fees",), pace=1.0, forgets=0.03, warmth=0.3
    ),
    Employee(
        "jakob", "Jakob", "Stern", ("complaints", "accounts"), skills=("fees",), pace=1.4, forgets=0.12, warmth=-0.3
    ),
    Employee("kira", "Kira", "Wolff", ("line check",), skills=("line test",), pace=1.1, forgets=0.08),
    Employee("lars", "Lars", "Holm", ("provisioning",), skills=("provisioning",), pace=1.6, forgets=0.15),
    Employee(
        "mona", "Mona", "Reuter", ("field service",), ("agent", "technician"), ("line test",), pace=0.9, warmth=0.3
    ),
    Employee(
        "nils", "Nils", "Ovesen", ("field service",), ("agent", "technician"), ("line test",), pace=1.4, forgets=0.09
    ),
    Employee("olga", "Olga", "Sokol", ("billing",), pace=1.2, forgets=0.1),
    Employee(
        "paula",
        "Paula",
        "Winter",
        (),
        ("agent", "supervisor"),
        ("retention", "fees"),
        pace=0.8,
        forgets=0.02,
        warmth=0.5,
    ),
    Employee("quentin", "Quentin", "Adler", (), ("process owner",)),
    Employee("rosa", "Rosa", "Engel", (), ("administrator",)),
)
TEAMS: Final[Mapping[str, tuple[str, str]]] = {
    "contact centre": ("Contact centre", "office"),
    "cards": ("Cards", "office"),
    "accounts": ("Accounts and fees", "office"),
    "complaints": ("Complaints", "office"),
    "line check": ("Line check", "office"),
    "provisioning": ("Provisioning", "office"),
    "field service": ("Field service", "field"),
    "billing": ("Billing", "office"),
}
"""Team → its title and the calendar that it works by."""
CONFIDENTIAL: Final = ("complaints",)
WORKING_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday")


def definitions() -> list[str]:
    """The texts of models, house rules and service goals, in the order in which they are published."""
    folder = files("caseloom.cli.demo") / "definitions"
    wanted = (".yaml", ".dmn", ".bpmn")
    found = sorted((one for one in folder.iterdir() if one.name.endswith(wanted)), key=lambda one: one.name)
    return in_order([entry.read_text(encoding="utf-8") for entry in found])


@transaction.atomic
def hire(now: datetime, password: str) -> None:
    """Calendars, teams and staff, as far as they are missing. All sign in with this password."""
    for key, weekly in _calendars().items():
        if not Calendar.objects.filter(pk=key).exists():
            Calendar(key=key, zone="Europe/Berlin", region="DE", weekly=weekly).save()
    for key, (title, calendar) in TEAMS.items():
        if not Team.objects.filter(pk=key).exists():
            Team(key=key, title=title, calendar=calendar, confidential=key in CONFIDENTIAL).save()
    missing = [one for one in EMPLOYEES if not User.objects.filter(username=one.username).exists()]
    digest = make_password(password) if missing else ""
    for employee in missing:
        _user(employee, now, digest).save()


def _calendars() -> dict[str, dict[str, list[list[str]]]]:
    office = {day: [["08:00", "18:00"]] for day in WORKING_DAYS}
    field = {day: [["07:00", "12:00"], ["12:30", "19:00"]] for day in WORKING_DAYS}
    return {"office": office, "field": {**field, "saturday": [["08:00", "14:00"]]}}


def _user(employee: Employee, now: datetime, digest: str) -> User:
    administers = "administrator" in employee.roles
    return User(
        username=employee.username,
        first_name=employee.first,
        last_name=employee.last,
        email=f"{employee.username}@{DOMAIN}",
        roles=list(employee.roles),
        skills=list(employee.skills),
        teams=list(employee.teams),
        password=digest,
        date_joined=now,
        is_staff=administers,
        is_superuser=administers,
    )


def hired_at() -> datetime | None:
    """When the demo's staff came: the moment that its past leads up to. None before."""
    return User.objects.filter(username=EMPLOYEES[0].username).values_list("date_joined", flat=True).first()
