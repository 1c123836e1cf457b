"""The names behind actors' ids: events hold ids alone."""

from datetime import timedelta

from django.utils.translation import gettext as _

from caseloom.engine.rules.fault import DefinitionFaulty
from caseloom.engine.rules.plan import Plan
from caseloom.foundation.memo import remember
from caseloom.library.plans import house_version, the_plans
from caseloom.staff.models import Team, User


@remember(timedelta(seconds=10))
def staff_names() -> dict[str, str]:
    """Actor id → name, of everybody who works here."""
    people = User.objects.only("pk", "username", "first_name", "last_name")
    return {person.actor_id: person.display_name for person in people}


@remember(timedelta(seconds=10))
def active_staff() -> list[tuple[str, str]]:
    """(actor id, name) of those to whom work can be given."""
    people = User.objects.filter(is_active=True).only("pk", "username", "first_name", "last_name")
    return sorted(((person.actor_id, person.display_name) for person in people), key=lambda pair: pair[1])


@remember(timedelta(seconds=10))
def team_titles() -> dict[str, str]:
    """Team key → title."""
    return dict(Team.objects.values_list("key", "title"))


def actor_name(actor: str, customer: str = "") -> str:
    """Who this id is, in words: a colleague, the customer, or Caseloom itself."""
    kind, _colon, rest = actor.partition(":")
    if kind == "customer":
        return customer or _("the customer")
    if kind == "program":
        # What Caseloom does for somebody names them: `program:migration for agent:3`.
        asked = staff_names().get(rest.partition(" for ")[2], "")
        return _("Caseloom, for %s") % asked if asked else _("Caseloom")
    return staff_names().get(actor) or (_("a former colleague") if rest else actor)


def plan_of(service_goal: str, version: int) -> Plan | None:
    """The plan of a published version under today's house rules, for titles; None where there is none."""
    if not service_goal:
        return None
    try:
        return the_plans(service_goal, version, house_version())
    except (KeyError, DefinitionFaulty):
        return None


def wants(title: str, service_goal: str, plan: Plan | None) -> str:
    """The matter in words: what the service goal is called, else what the contact said."""
    known = plan.service_goal.title if plan is not None and plan.service_goal is not None else ""
    return known or title or service_goal or _("A matter without a name yet")
