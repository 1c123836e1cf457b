"""What can be undone in a case: the planning commands that it keeps, newest first, each tried on a copy."""

from datetime import datetime
from typing import Final

import msgspec
from django.utils.translation import gettext as _

from caseloom.cases.kind import moment
from caseloom.cases.queries import CaseView
from caseloom.engine.case import commands as c
from caseloom.engine.case.decide import decide
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import CaseState, Goal, Item, Undo
from caseloom.foundation.clock import now
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Context
from caseloom.streams.door import the_door
from caseloom.web.desk.goals import goal_title
from caseloom.web.desk.people import actor_name

MOST: Final = 3
"""Titles that stand beside what was done, at most."""
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(CaseState).decode


class UndoLine(msgspec.Struct, frozen=True):
    """A planning command that can be undone, or `why` not any more. `sent` says that something has left the house."""

    number: int
    form: str
    says: str
    about: str
    who: str
    at: datetime
    sent: bool
    why: str = ""


def last_undo(view: CaseView) -> UndoLine | None:
    """What the key for undo takes back: the latest planning command; None where there is none."""
    return _line(view, view.state.undo[-1]) if view.state.undo else None


def undo_lines(access: Access, view: CaseView) -> list[UndoLine]:
    """All that the case keeps, each with the reason where something has moved on since."""
    stored = _encode(view.state)
    return [
        msgspec.structs.replace(_line(view, record), why=_why_not(access, stored, record.number))
        for record in reversed(view.state.undo)
    ]


def _why_not(access: Access, stored: bytes, number: int) -> str:
    copy, command = _decode(stored), c.UndoWork(number=number, reason="?")
    decision = decide(copy, command, moment(copy, command, Context(now(), access, the_door().ids)))
    return decision.message if isinstance(decision, Refused) else ""


def _line(view: CaseView, record: Undo) -> UndoLine:
    return UndoLine(
        number=record.number,
        form=f"undo-{record.number}",
        says=undone_words(record.command),
        about=", ".join(_titles(view, record)[:MOST]),
        who=actor_name(record.actor),
        at=record.at,
        sent=bool(record.sent),
    )


def _titles(view: CaseView, record: Undo) -> list[str]:
    """What the command was about, by its titles: a goal where it was one, else the tasks and stages."""
    goals = [title for number, image in record.goals.items() if (title := _goal(view, number, image))]
    items = [title for number, image in record.items.items() if (title := _item(view, number, image))]
    found = goals if "Goal" in record.command or "Option" in record.command or "Way" in record.command else items
    return list(dict.fromkeys(found or items or goals))


def _goal(view: CaseView, number: int, image: Goal | None) -> str:
    return goal_title(view.plan, view.state.goals.get(number) or image)


def _item(view: CaseView, number: int, image: Item | None) -> str:
    item = view.state.items.get(number) or image
    known = view.plan.items.get(item.key) if item is not None else None
    return (item.title if item is not None else "") or (known.spec.title if known is not None else "")


def undone_words(command: str) -> str:
    """What was undone, in words."""
    return {
        "CreateTask": _("a task was added"),
        "ModifyTask": _("a task was changed"),
        "CancelTask": _("a task was cancelled"),
        "ResetTask": _("a task was begun anew"),
        "DeleteTask": _("a task was deleted"),
        "CreateStage": _("a stage was added"),
        "ModifyStage": _("a stage was changed"),
        "CancelStage": _("a stage was cancelled"),
        "ResetStage": _("a stage was begun anew"),
        "DeleteStage": _("a stage was deleted"),
        "AddGoal": _("a goal was added"),
        "ModifyGoal": _("a goal was changed"),
        "CancelGoal": _("a goal was cancelled"),
        "WaiveGoal": _("a goal was waived"),
        "ResetGoal": _("a goal was worked for again"),
        "DeleteGoal": _("a goal was deleted"),
        "CreateOption": _("a way was made up"),
        "ChooseOption": _("a way was chosen"),
        "CancelOption": _("a way was given up"),
        "ResetOption": _("a way was begun anew"),
        "DeleteOption": _("a way was deleted"),
        "ReuseTask": _("a task was brought over"),
        "ReuseWay": _("a way was brought over"),
    }.get(command, _("what was planned"))
