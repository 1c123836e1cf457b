"""Service goals as CMMN 1.1 (clause 12). A file that came in is changed where its definition was, and nowhere else;
what CMMN has no word for stands in an extension, from which it is read again.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any, Final

import msgspec
from lxml import etree

from caseloom.engine.rules.plan_items import AnySpec
from caseloom.engine.spec.service_goal import GoalSpec, ServiceGoal, StageSpec
from caseloom.interchange.cmmn_elements import Elements, members
from caseloom.interchange.cmmn_names import MODEL, OWN
from caseloom.interchange.cmmn_reader import CmmnCase, CmmnFile
from caseloom.interchange.hardened_xml import parse_xml

_TYPE: Final = {
    "boolean": "boolean",
    "number": "decimal",
    "date": "date",
    "time": "time",
    "date and time": "dateTime",
    "days and time duration": "duration",
}
_DEFINITION_TYPE: Final = "http://www.omg.org/spec/CMMN/DefinitionType/"


def items_of(goal: ServiceGoal) -> dict[str, AnySpec]:
    """All plan items of a definition by their keys."""
    return {**goal.tasks, **goal.stages, **goal.milestones, **goal.listeners}


# -- a definition that did not come from a file ----------------------------------------------------------------


def write_cmmn(goal: ServiceGoal) -> bytes:
    """A definition as a file of its own."""
    return _Fresh(goal).file()


class _Fresh:
    def __init__(self, goal: ServiceGoal) -> None:
        self.goal = goal
        self.items: dict[str, AnySpec] = {**items_of(goal), **dict(_wrappers(goal))}
        self._used: set[str] = set()
        self._numbers = count(1)
        self.place = {key: self.fresh(f"item {key}") for key in self.items}
        self.definitions = {key: self.fresh(f"definition {key}") for key in self.items}
        self.facts = {name: self.fresh(f"fact {name}") for name in goal.facts}
        self.roles = {role: self.fresh(f"role {role}") for role in sorted(_roles(self.items.values()))}
        self.elements = Elements(MODEL["1.1"], self.items, self.place, self.facts, self.roles, self.fresh)

    def fresh(self, words: str) -> str:
        """An id of its own: a name of XML."""
        name = re.sub(r"[^\w.-]", "_", words)
        name = name if re.match(r"[^\W\d]", name) else f"_{name}"
        while name in self._used:
            name = f"{re.sub(r'_[0-9]+$', '', name)}_{next(self._numbers)}"
        self._used.add(name)
        return name

    def file(self) -> bytes:
        make = self.elements.make
        root = etree.Element(
            f"{{{MODEL['1.1']}}}definitions",
            {"targetNamespace": OWN, "exporter": "Caseloom"},
            nsmap=_PREFIXES,
        )
        for name, fact in self.goal.facts.items():
            simple = fact.type.removeprefix("list of ")
            kind = f"{_DEFINITION_TYPE}{_TYPE.get(simple, 'Unspecified')}"
            node = make("caseFileItemDefinition", root, id=f"{self.facts[name]}_type", name=name, definitionType=kind)
            if simple == "object":
                make("property", node, name="id")
        case = make("case", root, id=self.fresh(self.goal.service_goal), name=self.goal.title)
        self._definition(case)
        self._case_file(case)
        plan = self._plan(case)
        self._dress_plan(plan)
        holder = make("caseRoles", case)
        for role, number in self.roles.items():
            make("role", holder, id=number, name=role)
        for name in self.goal.start_form:
            make("input", case, id=self.fresh(f"input {name}"), name=name, bindingRef=self.facts[name])
        return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)

    def _definition(self, case: etree._Element) -> None:
        block = self.elements.make("extensionElements", case)
        node = etree.SubElement(block, f"{{{OWN}}}definition")
        node.text = msgspec.json.encode(self.goal).decode()

    def _case_file(self, case: etree._Element) -> None:
        model = self.elements.make("caseFileModel", case)
        for name, fact in self.goal.facts.items():
            self.elements.make(
                "caseFileItem",
                model,
                id=self.facts[name],
                name=name,
                multiplicity="ZeroOrMore" if fact.type.startswith("list of ") else "ZeroOrOne",
                definitionRef=f"{self.facts[name]}_type",
            )

    # -- the plan --------------------------------------------------------------------------------------------

    def _plan(self, case: etree._Element) -> etree._Element:
        own = next((key for key, spec in self.goal.stages.items() if spec.case_plan), None)
        if own is None:
            own = _PLAN
        spec = self._stage(own)
        node = self.elements.make(
            "casePlanModel",
            case,
            id=self.place[own],
            name=spec.title or own,
            autoComplete="true" if spec.auto_complete else "false",
        )
        if spec.title and spec.title != own:
            node.set(f"{{{OWN}}}key", own)
        self._fill(node, own)
        return node

    def _stage(self, key: str) -> StageSpec:
        spec = self.items[key]
        if not isinstance(spec, StageSpec):
            raise TypeError(f"{key!r} is no stage")
        return spec

    def _dress_plan(self, plan: etree._Element) -> None:
        key = next(key for key, number in self.place.items() if number == plan.get("id"))
        spec = self.items[key]
        for sentry in spec.exit:
            self.elements.criterion(plan, "exit", sentry, plan)

    def _fill(self, holder: etree._Element, key: str) -> None:
        """The members of a stage: plan items, then planning table, then their definitions."""
        spec = self._stage(key)
        for member in spec.tasks:
            self.elements.plan_item(holder, member, self.definitions[member], holder)
        self.elements.table(holder, spec.discretionary, lambda member: self.definitions[member], holder)
        for member in members(spec):
            self._define(holder, member)

    def _define(self, holder: etree._Element, key: str) -> None:
        if key in self._defined(holder):
            return
        node = self.elements.definition(holder, key, self.definitions[key])
        spec = self.items[key]
        if isinstance(spec, StageSpec):
            for mark, value in _marks(self.goal, key):
                node.set(f"{{{OWN}}}{mark}", value)
            self._fill(node, key)
        else:
            self.elements.table(
                node, getattr(spec, "discretionary", ()), lambda member: self.definitions[member], holder
            )
            for member in members(spec):
                self._define(holder, member)

    def _defined(self, holder: etree._Element) -> set[str]:
        root = holder.getroottree().getroot()
        numbers = {str(node.get("id")) for node in root.iter(f"{{{MODEL['1.1']}}}*") if node.get("id")}
        return {key for key, number in self.definitions.items() if number in numbers}


_PREFIXES: Final[Any] = {None: MODEL["1.1"], "caseloom": OWN}
_PLAN: Final = "case plan"


def _roles(specs: object) -> Iterator[str]:
    for spec in specs:  # type: ignore[attr-defined]
        if getattr(spec, "role", ""):
            yield spec.role
        yield from getattr(spec, "roles", ())
        for planned in getattr(spec, "discretionary", ()):
            yield from planned.roles


def _wrappers(goal: ServiceGoal) -> Iterator[tuple[str, StageSpec]]:
    """Goals and options as stages, for a definition whose goals are not one case plan: a goal's stage holds one stage
    for each of its options, which is started by hand unless it is chosen by itself.
    """
    if any(spec.case_plan for spec in goal.stages.values()):
        return
    top = [key for key, spec in goal.goals.items() if not spec.parent and not spec.added_only]
    for key, spec in goal.goals.items():
        for name, option in spec.options.items():
            yield f"{key}/{name}", StageSpec(title=option.title, tasks=option.tasks, manual=not option.automatic)
        inside = tuple(child for child, other in goal.goals.items() if other.parent == key and not other.added_only)
        yield (
            key,
            StageSpec(
                title=spec.title,
                after=spec.after,
                when=spec.when,
                required=spec.need == "required",
                tasks=(*inside, *(f"{key}/{name}" for name in spec.options)),
            ),
        )
    held = {member for spec in goal.stages.values() for member in members(spec)}
    held |= {member for spec in goal.goals.values() for option in spec.options.values() for member in option.tasks}
    loose = [key for key in (*goal.stages, *goal.milestones, *goal.listeners) if key not in held]
    yield _PLAN, StageSpec(title=goal.title, tasks=(*top, *loose), case_plan=True)


def _marks(goal: ServiceGoal, key: str) -> Iterator[tuple[str, str]]:
    """What tells a goal's stage and an option's from a real one."""
    if key in goal.stages:
        return
    name, slash, option = key.partition("/")
    if isinstance(goal.goals.get(name), GoalSpec):
        yield ("option", option) if slash else ("goal", name)


# -- a file that came in ---------------------------------------------------------------------------------------


def write_back(file: CmmnFile, goals: Mapping[str, ServiceGoal] | None = None) -> bytes:
    """The file with the definitions of its cases as they are now: case id → service goal; one that is not given is as
    it was. Diagrams, foreign elements and what has no effect here stay as they were written.
    """
    root = parse_xml(file.data)
    for case in file.cases:
        goal = (goals or {}).get(case.id)
        node = next((one for one in root.iter("{*}case") if one.get("id") == case.id), None)
        if goal is not None and goal != case.goal and node is not None:
            _Change(case, goal, node).make()
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")


class _Change:
    """What differs between the definition as it was read and as it is now, brought into the elements of its case."""

    def __init__(self, case: CmmnCase, goal: ServiceGoal, node: etree._Element) -> None:
        self.case, self.goal, self.node = case, goal, node
        self.namespace = etree.QName(node).namespace or MODEL["1.1"]
        self.before, self.items = items_of(case.goal), items_of(goal)
        self._numbers = count(1)
        self._ids = {str(one.get("id")) for one in node.getroottree().getroot().iter("*") if one.get("id")}
        self.place = {key: number for number, key in case.keys.items()}
        self.added = [key for key in self.items if key not in self.before]
        self.place |= {key: self.fresh(f"item {key}") for key in self.added}
        facts = {name: number for number, name in case.facts.items()}
        roles = {name: number for number, name in self._role_ids()}
        self.elements = Elements(self.namespace, self.items, self.place, facts, roles, self.fresh)

    def _role_ids(self) -> Iterator[tuple[str, str]]:
        for role in self.node.iter(f"{{{self.namespace}}}role"):
            if role.get("id"):
                yield str(role.get("id")), role.get("name") or str(role.get("id"))

    def fresh(self, words: str) -> str:
        name = f"{re.sub(r'[^a-zA-Z0-9]+', '_', words)}_{next(self._numbers)}"
        while name in self._ids:
            name = f"{re.sub(r'_[0-9]+$', '', name)}_{next(self._numbers)}"
        self._ids.add(name)
        return name

    def make(self) -> None:
        if self.goal.title != self.case.goal.title:
            self.node.set("name", self.goal.title)
        for key in self.before:
            if key not in self.items:
                self._remove(key)
        for key, spec in self.items.items():
            if key in self.before and spec != self.before[key]:
                self._alter(key, spec)
        for key in self.added:
            self._add(key)

    def _element(self, key: str) -> etree._Element | None:
        number = self.place.get(key)
        return next((one for one in self.node.iter("*") if one.get("id") == number), None)

    def _definition_of(self, item: etree._Element) -> etree._Element | None:
        if item.tag.endswith("}casePlanModel"):
            return item
        wanted = item.get("definitionRef")
        return next((one for one in self.node.iter("*") if one.get("id") == wanted), None)

    def _remove(self, key: str) -> None:
        element = self._element(key)
        parent = element.getparent() if element is not None else None
        if element is not None and parent is not None:
            parent.remove(element)

    def _alter(self, key: str, spec: AnySpec) -> None:
        """Item control and criteria anew; title, automatic completion and blocking where they differ."""
        item = self._element(key)
        definition = self._definition_of(item) if item is not None else None
        if item is None or definition is None:
            return
        if spec.title and spec.title != self.before[key].title:
            (definition if item is definition else item).set("name", spec.title)
        if isinstance(spec, StageSpec):
            definition.set("autoComplete", "true" if spec.auto_complete else "false")
        if hasattr(spec, "blocking"):
            definition.set("isBlocking", "true" if spec.blocking else "false")
        for child in list(item.iterchildren(*(f"{{{self.namespace}}}{name}" for name in _DRESS))):
            item.remove(child)
        sentries = item.getparent() if item is not definition else item
        if sentries is None:
            return
        if item is definition:
            for sentry in spec.exit:
                self.elements.criterion(item, "exit", sentry, item)
        else:
            _without_defaults(definition, self.namespace)
            self.elements.dress(item, key, sentries)

    def _add(self, key: str) -> None:
        """A new item goes into the stage that holds it now."""
        for holder_key, spec in self.items.items():
            if not isinstance(spec, StageSpec) or key not in spec.tasks:
                continue
            item = self._element(holder_key)
            holder = self._definition_of(item) if item is not None else None
            if holder is not None:
                number = self.fresh(f"definition {key}")
                self.elements.plan_item(holder, key, number, holder)
                self.elements.definition(holder, key, number)


_DRESS: Final = ("itemControl", "entryCriterion", "exitCriterion")


def _without_defaults(definition: etree._Element, namespace: str) -> None:
    """The item says its control itself from now on."""
    for control in list(definition.iterchildren(f"{{{namespace}}}defaultControl")):
        definition.remove(control)


def canonical(data: bytes) -> str:
    """A file as canonical XML, to compare: equal when nothing was lost, however it is laid out."""
    text: str = etree.canonicalize(etree.tostring(parse_xml(data)).decode(), strip_text=True, with_comments=True)
    return text
