"""What Caseloom puts into a CMMN file beside the standard: the whole definition, from which nothing is lost.

Where a tool has changed an element since, the element has the last word on what CMMN can say.
"""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec
from lxml import etree

from caseloom.engine.rules.plan_items import AnySpec, entry_criteria
from caseloom.engine.spec.service_goal import ListenerSpec, SentrySpec, ServiceGoal
from caseloom.interchange.cmmn_names import OWN
from caseloom.interchange.cmmn_source import CmmnFault
from caseloom.interchange.hardened_xml import line_of

S = TypeVar("S", bound=AnySpec)
_SAID: Final = (
    "title",
    "required",
    "repeat",
    "manual",
    "blocking",
    "tasks",
    "auto_complete",
    "timer",
    "starts",
    "roles",
    "discretionary",
)
"""The fields that elements say as they are."""
_GROUPS: Final = ("tasks", "stages", "milestones", "listeners")


def own_definition(case: etree._Element) -> ServiceGoal | None:
    """The definition that the writer has put down; None where it has not. Raises `CmmnFault` for a damaged one."""
    found = case.find(f".//{{{OWN}}}definition")
    if found is None:
        return None
    try:
        return msgspec.json.decode((found.text or "").encode(), type=ServiceGoal)
    except (msgspec.DecodeError, msgspec.ValidationError) as fault:
        raise CmmnFault(f"The definition in the extension cannot be read: {fault}.", line_of(found)) from None


def merged(own: ServiceGoal, read: ServiceGoal, wrappers: frozenset[str]) -> ServiceGoal:
    """The definition as it was written, with what the elements say now. `wrappers` are the keys of the stages that
    stand for goals and options: those are in the definition alone.
    """
    groups: dict[str, Any] = {}
    for group in _GROUPS:
        before: Mapping[str, AnySpec] = getattr(own, group)
        now: Mapping[str, AnySpec] = getattr(read, group)
        # What no element refers to, such as a task that people add, is in the definition alone.
        kept = {key: spec for key, spec in before.items() if key not in now and not _was_written(own, key)}
        groups[group] = {key: _one(before.get(key), spec) for key, spec in now.items() if key not in wrappers} | kept
    order = [{key: made[key] for key in (*getattr(own, group), *made) if key in made} for group, made in groups.items()]
    return msgspec.structs.replace(own, title=read.title, **dict(zip(_GROUPS, order, strict=True)))


def _was_written(own: ServiceGoal, key: str) -> bool:
    """Whether an element was written for it: it stands in a stage, an option, or a planning table, or comes with the
    case and there is no case plan but the one that was made for the file.
    """
    held = {member for goal in own.goals.values() for option in goal.options.values() for member in option.tasks}
    for stage in own.stages.values():
        held |= {*stage.tasks, *(planned.item for planned in stage.discretionary)}
    for task in own.tasks.values():
        held |= {planned.item for planned in task.discretionary}
    if any(stage.case_plan for stage in own.stages.values()):
        return key in held
    return key in held or key in own.stages or key in own.milestones or key in own.listeners


def _one(before: AnySpec | None, now: AnySpec) -> AnySpec:
    if before is None or type(before) is not type(now):
        return now
    changed: dict[str, Any] = {
        name: getattr(now, name) for name in _SAID if hasattr(now, name) and getattr(now, name) != getattr(before, name)
    }
    if not isinstance(before, ListenerSpec) and _plain(entry_criteria(before)) != _plain(now.enter):
        changed |= {"after": (), "when": None, "enter": now.enter}
    if isinstance(before, ListenerSpec) and before.when != now.when:
        changed["when"] = now.when
    if _plain(before.exit) != _plain(now.exit):
        changed["exit"] = now.exit
    return msgspec.structs.replace(before, **changed) if changed else before


def _plain(sentries: tuple[SentrySpec, ...]) -> list[tuple[frozenset[str], str | None]]:
    return [(frozenset(sentry.after), sentry.when) for sentry in sentries]
