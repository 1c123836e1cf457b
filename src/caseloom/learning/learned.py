"""What is learned, for those who answer for it: versions, what opened by itself, how advice was followed, going back.

Nothing here learns.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal, cast

import msgspec
import psycopg
from django.db import transaction
from psycopg.rows import class_row, tuple_row

from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.learning import versions
from caseloom.learning.models import LearnedModel
from caseloom.sdk.access import Access
from caseloom.staff.access import need
from caseloom.staff.models import Change
from caseloom.streams import store

Name = Literal["intake", "next step"]
NAMES: Final[tuple[Name, ...]] = ("intake", "next step")
PAGE: Final = 50
_OPENINGS: Final = """
select r.contact, r.case_id as "case", r.at, r.model, r.goal, r.permille, c.service_goal as now
from contact_reading r join case_row c on c.id = r.case_id
where r.verdict = 'opens' and c.team <> all(%(hidden)s) and %(goal)s in ('', r.goal)
  and (not %(corrected)s or c.service_goal <> r.goal) and (%(before)s = 0 or r.contact < %(before)s)
order by r.contact desc limit %(limit)s
"""
_COUNTED: Final = """
select r.goal, count(*), count(*) filter (where c.service_goal <> r.goal)
from contact_reading r join case_row c on c.id = r.case_id
where r.verdict = 'opens' and r.at >= %s group by r.goal
"""


class Version(msgspec.Struct, frozen=True):
    """A version of what was learned: what was measured when it was made, and whether it was rolled back."""

    name: Name
    number: int
    made_at: datetime
    figures: Mapping[str, Any]
    in_force: bool
    rolled_back: bool


class Opening(msgspec.Struct, frozen=True):
    """A case that the intake opened by itself: as which goal, how sure it was (in thousandths), and which goal the case
    has now.
    """

    contact: int
    case: int
    at: datetime
    model: str
    goal: str
    permille: int
    now: str

    @property
    def corrected(self) -> bool:
        return self.now != self.goal


class Opened(msgspec.Struct, frozen=True):
    """How many cases were opened by themselves, and how many of these somebody corrected."""

    cases: int = 0
    corrected: int = 0


def all_versions() -> list[Version]:
    """Those that are kept, by name, the newest first."""
    rows = LearnedModel.objects.defer("body").filter(name__in=NAMES).order_by("name", "-version")
    found: list[Version] = []
    for row in rows:
        force = row.state == "active" and not any(one.in_force and one.name == row.name for one in found)
        figures = msgspec.json.decode(row.figures)
        name = cast("Name", row.name)
        found.append(Version(name, row.version, row.made_at, figures, force, row.state != "active"))
    return found


def roll_back(access: Access, name: str) -> Version | Refused:
    """Take back the version in force, so that the one before is; it is recorded among the changes of settings."""
    refused = need(access, "publish library")
    if refused is not None:
        return refused
    if name not in NAMES:
        return Refused("not found", f"Nothing called “{name}” is learned. There are: {', '.join(NAMES)}.")
    with transaction.atomic():
        active = [one for one in all_versions() if one.name == name and not one.rolled_back]
        if len(active) < 2:
            return Refused(
                "wrong state",
                f"No earlier version of “{name}” is kept that could be gone back to.",
                next=(NextStep("Switch it off in the service goal: `learning:`"),),
            )
        versions.roll_back(name)
        before, after = active[0], active[1]
        Change.objects.create(
            actor=access.actor.id, record=f"learned {name}", field="version", before=str(before.number),
            after=str(after.number),
        )  # fmt: skip
    return msgspec.structs.replace(after, in_force=True)


def openings(access: Access, goal: str = "", corrected: bool = False, before: int = 0) -> list[Opening]:
    """What the intake opened by itself, the newest first, `PAGE` of them; only of a service goal, only what somebody
    corrected, only before a contact, where that is said. Cases that the actor does not see are left out.
    """
    if need(access, "publish library") is not None:
        return []
    values = {"goal": goal, "corrected": corrected, "before": before, "limit": PAGE, "hidden": list(access.hidden)}
    with psycopg.Cursor(store.raw_connection(), row_factory=class_row(Opening)) as cursor:
        cursor.execute(_OPENINGS, values)
        return cursor.fetchall()


def opened_since(since: datetime) -> dict[str, Opened]:
    """Service goal → what the intake opened as it since then."""
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        cursor.execute(_COUNTED, (since,))
        return {goal: Opened(cases, corrected) for goal, cases, corrected in cursor.fetchall()}
