"""A definition's text as two sights: what the customer sees, and the tree of goals, options and tasks that leads there.

Both are made from the plain values of the text, so that they stand also while the text is faulty.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from caseloom.engine.rules.fault import Path
from caseloom.interchange.yaml_text import Place
from caseloom.web.studio.inputs import SECTIONS, Part, part_at

Icons = dict[Part, str]
ICONS: Final[Icons] = {
    "head": "flag", "house": "shield", "goal": "flag", "option": "right", "task": "check", "stage": "list",
    "milestone": "star", "fact": "note", "letter": "mail", "article": "form", "offer": "plus",
}  # fmt: skip
TITLES: Final[dict[str, "str | Promise"]] = {
    "stages": _("Stages"), "milestones": _("Milestones"), "facts": _("Facts"), "letters": _("Letters"),
    "knowledge": _("Knowledge"), "offers": _("Offers"), "tasks": _("Tasks that no option names"),
}  # fmt: skip
CHANNEL_TASKS: Final = {"letter": "mail", "flow": "right", "decision": "list", "wait": "hourglass"}


class Node(msgspec.Struct):
    """A part in the tree. `at` is its place as the address and forms name it; `adds` what may be added below it."""

    part: Part
    path: Path
    key: str
    title: str
    icon: str
    more: str = ""
    customer: bool = False
    faults: int = 0
    missing: bool = False
    children: list["Node"] = msgspec.field(default_factory=list)
    adds: tuple[tuple[str, "str | Promise"], ...] = ()

    @property
    def at(self) -> str:
        return place_of(self.path)

    @property
    def id(self) -> str:
        return "part-" + "-".join("".join(x if x.isalnum() else "_" for x in str(step)) for step in self.path)


class Branch(msgspec.Struct, frozen=True):
    """A section of the tree with its parts."""

    section: str
    title: "str | Promise"
    nodes: list[Node]
    add: "str | Promise" = ""


class Asked(msgspec.Struct, frozen=True):
    """A part that the customer meets: its words, empty where there are none yet."""

    at: str
    words: str
    instead: str
    more: tuple[str, ...] = ()


class Sight(msgspec.Struct, frozen=True):
    """What the customer sees of a service goal."""

    head: Asked
    self_service: bool
    questions: tuple[Asked, ...]
    goals: tuple[Asked, ...]
    tasks: tuple[Asked, ...]
    options: tuple[Asked, ...]
    letters: tuple[Asked, ...]
    perceptions: tuple[Asked, ...]
    confirm: str


def place_of(path: Path) -> str:
    """A path as it stands in addresses and forms."""
    return json.dumps(path, ensure_ascii=False, separators=(",", ":"))


def path_of(text: str) -> Path | None:
    """The path that an address or form names; None for what is none."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    sound = isinstance(found, list) and len(found) <= 6 and all(isinstance(one, str | int) for one in found)
    return tuple(found) if sound else None


def parts(value: Any, section: str) -> dict[str, dict[str, Any]]:
    """The parts of a section, as far as they can be read."""
    found = value.get(section) if isinstance(value, dict) else None
    named = found.items() if isinstance(found, dict) else ()
    return {key: one if isinstance(one, dict) else {} for key, one in named}


def words(value: Any) -> list[str]:
    """A list of texts, as far as it can be read."""
    return [str(one) for one in value] if isinstance(value, list) else []


class Tree:
    """The tree of a definition's plain values, with how many faults each part has."""

    def __init__(self, value: dict[str, Any], places: Iterable[Place]) -> None:
        self.value = value
        self._faulty = [tuple(place.path.split(" › ")) for place in places if place.path]
        self._used: set[str] = set()

    def branches(self) -> list[Branch]:
        """Goals first; then what no option names; then facts, letters and the rest."""
        goals = Branch("goals", _("Goals and the ways to them"), list(self._goals("")), _("Add a goal"))
        rest = [self._item("tasks", key) for key in parts(self.value, "tasks") if key not in self._used]
        found = [goals]
        if rest:
            found.append(Branch("tasks", TITLES["tasks"], rest))
        for section in ("stages", "milestones"):
            left = [self._item(section, key) for key in parts(self.value, section) if key not in self._used]
            if left:
                found.append(Branch(section, TITLES[section], left))
        for section, add in (
            ("facts", _("Add a fact")), ("letters", _("Add a letter")), ("knowledge", _("Add an article")),
            ("offers", _("Add an offer")),
        ):  # fmt: skip
            found.append(
                Branch(section, TITLES[section], [self._item(section, key) for key in parts(self.value, section)], add)
            )
        return found

    def _goals(self, parent: str) -> Iterator[Node]:
        goals = parts(self.value, "goals")
        for key, goal in goals.items():
            above = str(goal.get("parent") or "")
            if above == parent or (not parent and above not in goals):
                node = self._node(("goals", key), "goal", goal, more=str(goal.get("need") or ""))
                node.children = [self._option(key, name, one) for name, one in parts(goal, "options").items()]
                node.children += self._goals(key) if key != parent else ()
                node.adds = (("option", _("Add a way")),)
                yield node

    def _option(self, goal: str, key: str, option: dict[str, Any]) -> Node:
        node = self._node(("goals", goal, "options", key), "option", option, more=str(option.get("when") or ""))
        node.customer = option.get("for customer") is True
        node.children = [self._named(name, 0) for name in words(option.get("tasks"))]
        node.adds = (("task", _("Add a task")),)
        return node

    def _named(self, key: str, depth: int) -> Node:
        """The task, stage or milestone of a key that an option or stage names."""
        self._used.add(key)
        for section in ("tasks", "stages", "milestones"):
            if key in parts(self.value, section):
                node = self._item(section, key)
                if section == "stages" and depth < 6:
                    inside = words(parts(self.value, "stages")[key].get("tasks"))
                    node.children = [self._named(one, depth + 1) for one in inside]
                    node.adds = (("task", _("Add a task")),)
                return node
        return Node("task", ("tasks", key), key, key, ICONS["task"], missing=True)

    def _item(self, section: str, key: str) -> Node:
        value = parts(self.value, section)[key]
        part = SECTIONS[section]
        node = self._node((section, key), part, value)
        if part == "task":
            kind = str(value.get("kind") or "human")
            node.icon = "person" if value.get("by customer") is True else CHANNEL_TASKS.get(kind, node.icon)
            node.more = " · ".join(filter(None, (kind if kind != "human" else "", str(value.get("role") or ""))))
            node.customer = value.get("by customer") is True
        if part == "fact":
            node.more = str(value.get("type") or "text")
        return node

    def _node(self, path: Path, part: Part, value: Mapping[str, Any], more: str = "") -> Node:
        key = str(path[-1])
        title = str(value.get("title") or value.get("label") or value.get("subject") or key)
        return Node(part, path, key, title, ICONS[part], more, faults=self.faults(path))

    def faults(self, path: Path) -> int:
        """How many faults stand at this part; not those of the options inside a goal."""
        steps = tuple(map(str, path))
        inside = (one for one in self._faulty if one[: len(steps)] == steps)
        return sum(not (len(steps) == 2 and len(one) > 3 and one[2] == "options") for one in inside)


def sight(value: dict[str, Any]) -> Sight:
    """What the customer sees."""
    goals, tasks = parts(value, "goals"), parts(value, "tasks")
    facts = parts(value, "facts")
    shown = {key: goal for key, goal in goals.items() if goal.get("customer title")}
    theirs = {key: task for key, task in tasks.items() if task.get("by customer") is True}
    options = [
        (("goals", goal, "options", key), option)
        for goal, one in goals.items()
        for key, option in parts(one, "options").items()
        if option.get("for customer") is True
    ]
    return Sight(
        head=Asked(place_of(()), str(value.get("customer title") or ""), str(value.get("title") or "")),
        self_service=value.get("self service") is True,
        questions=tuple(_question(facts, name) for name in words(value.get("start form"))),
        goals=tuple(Asked(place_of(("goals", key)), str(goal["customer title"]), key) for key, goal in shown.items()),
        tasks=tuple(_their_task(key, task, facts) for key, task in theirs.items()),
        options=tuple(Asked(place_of(path), str(one.get("title") or path[-1]), str(path[-1])) for path, one in options),
        letters=tuple(
            Asked(place_of(("letters", key)), str(one.get("subject") or ""), key)
            for key, one in parts(value, "letters").items()
        ),
        perceptions=tuple(
            Asked(place_of(("goals", key)), str(goal["perception"]), key)
            for key, goal in goals.items()
            if goal.get("perception")
        ),
        confirm=str(value.get("confirm within") or ""),
    )


def _question(facts: Mapping[str, dict[str, Any]], name: str) -> Asked:
    fact = facts.get(name, {})
    return Asked(place_of(("facts", name)), str(fact.get("customer label") or fact.get("label") or ""), name)


def _their_task(key: str, task: dict[str, Any], facts: Mapping[str, dict[str, Any]]) -> Asked:
    asked = tuple(_question(facts, name).words or name for name in words(task.get("form")))
    return Asked(place_of(("tasks", key)), str(task.get("customer title") or ""), str(task.get("title") or key), asked)


def found_part(value: dict[str, Any], path: Path) -> Part | None:
    """The kind of part at a path that stands in the text; None where none does."""
    part = part_at(path, value)
    here: Any = value
    for step in path:
        if not isinstance(here, dict) or step not in here:
            return None
        here = here[step]
    return part
