"""Event logs of an old system, as history to learn from: kept as plain steps, learned in the order of time."""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec

from caseloom.engine.rules.plan import Plan
from caseloom.foundation.clock import now
from caseloom.interchange.event_log import LoggedEvent
from caseloom.learning.models import ImportedLog
from caseloom.learning.steps.step import Step

UNKNOWN: Final = "log: "
"""Before an activity that is nothing that can be done in a case of ours: it is learned from, and never advised."""
LONGEST: Final = 60


class Row(msgspec.Struct, frozen=True, array_like=True):
    """A step of an imported log. `at` is in seconds since the epoch."""

    case: str
    action: str
    at: float
    actor: str
    facts: dict[str, str]


def actions_of(plan: Plan) -> dict[str, str]:
    """What activities may be called → the action that they are here: by key or title of a task, option or letter."""
    found: dict[str, str] = {}
    for key, letter in plan.letters.items():
        found |= dict.fromkeys(_names(key, letter.title), f"send {key}")
    for goal in plan.goals.values():
        for key, option in goal.options.items():
            found |= dict.fromkeys(_names(key, option.spec.title), f"choose {key}")
    for key, item in plan.items.items():
        if item.kind == "task":
            found |= dict.fromkeys(_names(key, item.spec.title), f"complete {key}")
    return found


def _names(key: str, title: str) -> tuple[str, ...]:
    return tuple(name.casefold() for name in (key, title) if name)


def rows_of(
    events: Iterable[LoggedEvent], actions: Mapping[str, str], facts: Iterable[str], named: Mapping[str, str]
) -> list[Row]:
    """The events of a log in the order of time. `actions` are those of the service goal, `named` what the importer says
    of single activities, `facts` those that tell; attributes of the same name become these.
    """
    wanted = {name.casefold(): name for name in facts}
    rows = [
        Row(
            one.case,
            named.get(one.activity) or actions.get(one.activity.casefold()) or UNKNOWN + one.activity[:LONGEST],
            one.moment.timestamp(),
            one.resource[:LONGEST],
            {
                wanted[name.casefold()]: str(value)[:LONGEST]
                for name, value in one.attributes.items()
                if name.casefold() in wanted
            },
        )
        for one in events
    ]
    return sorted(rows, key=lambda row: row.at)


def keep(name: str, service_goal: str, rows: list[Row]) -> ImportedLog:
    """Store a log; the learner takes it from there. Raises `ValueError` where one of this name is there."""
    if ImportedLog.objects.filter(name=name).exists():
        raise ValueError(f"A log named “{name}” was imported already. Name this one otherwise, or forget that one.")
    return ImportedLog.objects.create(
        name=name,
        service_goal=service_goal,
        made_at=now(),
        events=len(rows),
        cases=len({row.case for row in rows}),
        body=zlib.compress(msgspec.msgpack.encode(rows), 6),
    )


def forget(name: str) -> bool:
    """Ask the learner to take back what a log taught, and to drop it; whether there is one."""
    return bool(ImportedLog.objects.filter(name=name).update(state="to forget"))


def read(log: ImportedLog) -> list[Row]:
    """The rows of a stored log, in the order of time."""
    return msgspec.msgpack.decode(zlib.decompress(bytes(log.body)), type=list[Row])


def case_of(log: ImportedLog, row: Row) -> str:
    """The name of a case of the log, apart from all cases of ours."""
    return f"log {log.pk}: {row.case}"


def steps(log: ImportedLog) -> Iterator[tuple[str, Step, bool]]:
    """(case, step, whether it is the case's last) in the order of time."""
    rows = read(log)
    last = {row.case: number for number, row in enumerate(rows)}
    for number, row in enumerate(rows):
        at = datetime.fromtimestamp(row.at, UTC)
        yield case_of(log, row), Step(row.action, at, row.actor, row.facts), last[row.case] == number
