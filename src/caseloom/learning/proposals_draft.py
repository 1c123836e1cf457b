"""A proposal put into the text of a definition: the change that its owner tries and publishes, all else as its author
wrote it.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from caseloom.cases.drafting import key_of
from caseloom.engine.rules.fault import Path
from caseloom.interchange.yaml_patch import put, value_at
from caseloom.interchange.yaml_text import text_of
from caseloom.learning.ways_finding import OWN, Finding

SECTIONS: Final = ("tasks", "stages", "milestones", "goals")
HALF: Final = 0.5
"""What more than this share do becomes the rule; what fewer do is offered, and somebody starts it."""


class NoPlace(Exception):
    """The text has no such goal, option or step any more; the message names it."""


def changed(text: str, finding: Finding, titles: Mapping[str, str]) -> tuple[str, Path]:
    """The text with the change that a finding proposes, and the part to open.

    Raises:
        NoPlace: the text has moved on, and what is to be changed is gone, or stands there already.
        HandWritten, TextFaulty: as `yaml_patch.put`.
    """
    goal = ("goals", finding.goal)
    if not isinstance(value_at(text_of(text).value, goal), dict):
        raise NoPlace(f"The draft has no goal “{finding.goal}” any more.")
    if finding.kind == "whole way":
        return _with_way(text, finding, titles)
    return _with_step(text, finding, titles) if finding.kind == "adds" else _without_step(text, finding)


def _with_step(text: str, finding: Finding, titles: Mapping[str, str]) -> tuple[str, Path]:
    if not finding.options:
        return _with_way(text, finding, titles)
    places = [_option(text, option, finding) for option in finding.options]
    before = {place: _tasks(text, place) for place in places}
    behind = finding.after if all(finding.after in tasks for tasks in before.values()) else ""
    text, key = _task(text, finding.steps[0], titles, behind)
    lacking = [place for place in places if key not in before[place]]
    if not lacking:
        raise NoPlace("The draft has the step already.")
    if finding.steps[0].startswith(OWN) and not finding.helps and finding.share < HALF:
        text = put(text, ("tasks", key, "manual"), True)
    for place in lacking:
        tasks = before[place]
        at = tasks.index(behind) + 1 if behind else _place_of(finding.after, tasks)
        text = put(text, (*place, "tasks"), [*tasks[:at], key, *tasks[at:]])
    return text, lacking[0] if len(lacking) == 1 else ("tasks", key)


def _place_of(after: str, tasks: list[str]) -> int:
    return tasks.index(after) + 1 if after in tasks else 0


def _without_step(text: str, finding: Finding) -> tuple[str, Path]:
    place, key = _option(text, finding.options[0], finding), finding.steps[0]
    tasks = _tasks(text, place)
    if finding.share < HALF or key not in tasks:
        if not isinstance(value_at(text_of(text).value, ("tasks", key)), dict):
            raise NoPlace(f"The draft has no task “{key}” any more.")
        return put(text, ("tasks", key, "manual"), True), ("tasks", key)
    return put(text, (*place, "tasks"), [one for one in tasks if one != key]), place


def _with_way(text: str, finding: Finding, titles: Mapping[str, str]) -> tuple[str, Path]:
    keys: list[str] = []
    for name in finding.steps:
        text, key = _task(text, name, titles, keys[-1] if keys else "")
        keys.append(key)
    options = ("goals", finding.goal, "options")
    value = text_of(text).value
    called = [str(value_at(value, ("tasks", key, "title")) or key) for key in keys]
    title = called[0] if len(called) == 1 else f"{called[0]}, then {called[1][:1].lower()}{called[1][1:]}"
    place = (*options, _free(key_of(title), value_at(value, options) or {}))
    return put(text, place, {"title": title, "tasks": keys}), place


def _option(text: str, option: str, finding: Finding) -> Path:
    place = ("goals", finding.goal, "options", option)
    if not isinstance(value_at(text_of(text).value, place), dict):
        raise NoPlace(f"The draft has no option “{option}” any more.")
    return place


def _tasks(text: str, place: Path) -> list[str]:
    return [str(one) for one in value_at(text_of(text).value, (*place, "tasks")) or ()]


def _task(text: str, name: str, titles: Mapping[str, str], after: str) -> tuple[str, str]:
    """The text with a task of this name, and its key; one that it has already stays as it is."""
    if not name.startswith(OWN):
        return text, name
    value, title = text_of(text).value, " ".join(titles[name].split())
    for key, known in (value_at(value, ("tasks",)) or {}).items():
        if isinstance(known, dict) and str(known.get("title") or "").casefold() == title.casefold():
            return text, str(key)
    taken = [key for section in SECTIONS for key in value_at(value, (section,)) or {}]
    key = _free(key_of(title), taken)
    task: dict[str, Any] = {"title": title} | ({"after": [after]} if after else {})
    return put(text, ("tasks", key), task), key


def _free(key: str, taken: Iterable[str]) -> str:
    known = {str(one) for one in taken}
    return next(name for name in (key, *(f"{key[:76]} {number}" for number in range(2, 1000))) if name not in known)
