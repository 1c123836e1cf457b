"""Plan items of a CMMN file and their definitions (CMMN 1.1 §5.4) to tasks, stages, milestones and listeners."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from lxml import etree

from caseloom.engine.feel.strings import quoted
from caseloom.engine.spec.occurrences import OF_FACT
from caseloom.engine.spec.service_goal import (
    DiscretionarySpec,
    ListenerSpec,
    MilestoneSpec,
    SentrySpec,
    StageSpec,
    TaskSpec,
)
from caseloom.interchange import cmmn_expressions as x
from caseloom.interchange.cmmn_names import DEFINITIONS, OWN, TASKS, TIMERS
from caseloom.interchange.cmmn_sentries import Sentries
from caseloom.interchange.cmmn_source import Source, key_from, text_of
from caseloom.interchange.hardened_xml import local_name
from caseloom.interchange.juel import has_juel

_REPEATS: Final = re.compile(r"^R(\d*)/(.+)$")
_LENGTH: Final = re.compile(r"^-?P[0-9YMWDTHS.]+$|^\d{4}-\d\d-\d\dT")
_KIND: Final = {"processTask": "process", "caseTask": "case", "decisionTask": "external"}
_CALLS: Final = {"processTask": "process", "caseTask": "case", "decisionTask": "decision"}
_WORK: Final = ("topic", "class", "delegateExpression", "expression", "type")


class Items:
    """The parts of the case plan, as they are read."""

    def __init__(self, source: Source, facts: Mapping[str, str], roles: Mapping[str, str], taken: set[str]) -> None:
        self.source, self.facts, self.roles, self._taken = source, facts, roles, taken
        self.keys: dict[str, str] = {}
        """The id of a plan item, discretionary item or the case plan model → its key."""
        self.tasks: dict[str, TaskSpec] = {}
        self.stages: dict[str, StageSpec] = {}
        self.milestones: dict[str, MilestoneSpec] = {}
        self.listeners: dict[str, ListenerSpec] = {}
        self._wrappers: set[str] = set()
        self._sentries = Sentries(source, self.keys, facts)
        self._read: set[str] = set()

    @property
    def wrappers(self) -> frozenset[str]:
        """The stages that stand for goals and options of a definition of our own, and the case plan around them."""
        return frozenset(self._wrappers)

    # -- keys first: sentries refer to what comes later ------------------------------------------------------

    def name_all(self, plan: etree._Element, title: str) -> str:
        """Give a key to every plan item; the key of the case plan model."""
        own = self._new_key(title or plan.get("name"), plan.get("id"))
        self.keys[plan.get("id") or "case plan"] = own
        for node, definition in self._reached(plan, {plan}):
            said = node.get(f"{{{OWN}}}key")
            # Several plan items may be one item of a definition of ours, which several options bring.
            key = said or self._new_key(node.get("name"), definition.get("name"), node.get("id"))
            self._taken.add(key)
            self.keys.setdefault(str(node.get("id")), key)
        return own

    def _reached(
        self, holder: etree._Element, seen: set[etree._Element]
    ) -> Iterator[tuple[etree._Element, etree._Element]]:
        """The plan items and discretionary items within the plan, each with its definition."""
        source = self.source
        for node in source.children(holder, "planItem", "discretionaryItem", "planningTable"):
            if source.name(node) == "planningTable":
                yield from self._reached(node, seen)
                continue
            definition = source.by_id.get(node.get("definitionRef") or "")
            kind = "" if definition is None else source.name(definition)
            if definition is None or kind not in DEFINITIONS or not self._comes_about(definition):
                continue
            if kind != "planFragment" and node.get("id"):
                yield node, definition
            if definition not in seen:
                seen.add(definition)
                yield from self._reached(definition, seen)

    def _comes_about(self, definition: etree._Element) -> bool:
        return self.source.vendor(definition, "eventType") != "reactivate"

    def _new_key(self, *names: str | None) -> str:
        key = key_from(*names)
        number, unique = 2, key
        while unique in self._taken:
            unique, number = f"{key} {number}", number + 1
        self._taken.add(unique)
        return unique

    # -- stages ----------------------------------------------------------------------------------------------

    def case_plan(self, plan: etree._Element, key: str) -> None:
        """The outermost stage, with all that is in it (CMMN 1.1 §5.2, casePlanModel)."""
        members, name = self._members(plan, (plan,)), plan.get("name") or ""
        if self._wrappers:
            self._wrappers.add(key)
        self.stages[key] = StageSpec(
            title=name if name != key else "",
            tasks=members,
            auto_complete=plan.get("autoComplete") == "true",
            case_plan=True,
            exit=self._sentries.criteria(plan, "exit"),
            discretionary=self._table(plan, (plan,)),
        )

    def _members(self, holder: etree._Element, around: tuple[etree._Element, ...]) -> tuple[str, ...]:
        return tuple(key for item in self.source.children(holder, "planItem") for key in self._plan_item(item, around))

    def _plan_item(self, item: etree._Element, around: tuple[etree._Element, ...]) -> Iterator[str]:
        source = self.source
        definition = source.refers(item, item.get("definitionRef"), "definition")
        if definition is None:
            return
        if source.name(definition) not in DEFINITIONS:
            source.find(item, "invalid", f"<{local_name(definition)}> is no definition of a plan item.")
        elif definition in around:
            source.find(item, "invalid", f"{definition.get('id')!r} stands inside itself.")
        elif source.name(definition) == "planFragment":
            yield from self._members(definition, (*around, definition))
        elif not self._comes_about(definition):
            source.find(
                definition, "no effect", "It listens for the reactivation of the case; reopen the case instead."
            )
        elif not item.get("id"):
            source.find(item, "invalid", "It has no id.")
        else:
            key = self.keys[str(item.get("id"))]
            yield key
            if key not in self._read:
                self._read.add(key)
                self._definition(key, item, definition, (*around, definition))

    def _table(self, holder: etree._Element, around: tuple[etree._Element, ...]) -> tuple[DiscretionarySpec, ...]:
        """The planning tables of a stage or human task, one within another (CMMN 1.1 §5.4.9)."""
        found: list[DiscretionarySpec] = []
        for table in self.source.children(holder, "planningTable"):
            for item in self.source.children(table, "discretionaryItem"):
                found += self._discretionary(table, item, around)
            found += self._table(table, around)
        return tuple(found)

    def _discretionary(
        self, table: etree._Element, item: etree._Element, around: tuple[etree._Element, ...]
    ) -> Iterator[DiscretionarySpec]:
        source = self.source
        rules = [
            found
            for reference in (item.get("applicabilityRuleRefs") or table.get("applicabilityRuleRefs") or "").split()
            if (found := source.refers(item, reference, "applicability rule")) is not None
        ]
        conditions = [feel for rule in rules if (feel := x.condition(source, rule))]
        when = conditions[0] if len(conditions) == 1 else " and ".join(f"({feel})" for feel in conditions)
        roles = self.role_names(item, item.get("authorizedRoleRefs") or table.get("authorizedRoleRefs"))
        for key in self._plan_item(item, around):
            yield DiscretionarySpec(item=key, when=when or None, roles=roles)

    # -- definitions -----------------------------------------------------------------------------------------

    def _definition(
        self, key: str, item: etree._Element, definition: etree._Element, around: tuple[etree._Element, ...]
    ) -> None:
        kind = self.source.name(definition)
        shared = self._shared(key, item, definition)
        if any(definition.get(f"{{{OWN}}}{mark}") for mark in ("goal", "option")):
            self._wrappers.add(key)
        if kind == "stage":
            self.stages[key] = StageSpec(
                **shared,
                tasks=self._members(definition, around),
                auto_complete=definition.get("autoComplete") == "true",
                manual=self._manual(item, definition),
                discretionary=self._table(definition, around),
            )
        elif kind == "milestone":
            if shared["repeat"] and not shared["enter"]:
                self.source.find(
                    item, "changed", "Without an entry criterion it would occur without end; it occurs once."
                )
                shared |= {"repeat": None, "repeat_on": "completed"}
            self.milestones[key] = MilestoneSpec(**shared)
        elif kind in TASKS:
            self.tasks[key] = self._task(kind, item, definition, shared, around)
        else:
            self._listener(key, kind, definition, shared)

    def _shared(self, key: str, item: etree._Element, definition: etree._Element) -> dict[str, Any]:
        """What all plan items have: title, criteria and item control (CMMN 1.1 §5.4.5, §5.4.11)."""
        title = item.get("name") or definition.get("name") or ""
        enter = self._sentries.criteria(item, "entry")
        repetition = self._control(item, definition, "repetitionRule")
        counter = self.source.vendor(repetition, "counterVariable") if repetition is not None else ""
        repeat = x.rule(self.source, repetition, counter)
        return {
            "title": title if title != key else "",
            "enter": enter,
            "exit": self._sentries.criteria(item, "exit"),
            "required": x.rule(self.source, self._control(item, definition, "requiredRule")),
            "repeat": repeat if isinstance(repeat, str) else "true" if repeat else None,
            "repeat_on": "completed" if not repeat else "entered" if enter else "ended",
        }

    def _control(self, item: etree._Element, definition: etree._Element, rule: str) -> etree._Element | None:
        """A rule of item control: the plan item's own, else the default of its definition."""
        for holder, name in ((item, "itemControl"), (definition, "defaultControl")):
            control = self.source.child(holder, name)
            found = self.source.child(control, rule) if control is not None else None
            if found is not None:
                return found
        return None

    def _manual(self, item: etree._Element, definition: etree._Element) -> bool | str:
        """CMMN 1.1 §5.4.11.1. In CMMN 1.0 an item without the rule is started by hand (CMMN 1.0, table 5.40)."""
        rule = self._control(item, definition, "manualActivationRule")
        return self.source.version == "1.0" if rule is None else x.rule(self.source, rule)

    def _task(
        self,
        kind: str,
        item: etree._Element,
        definition: etree._Element,
        shared: dict[str, Any],
        around: tuple[etree._Element, ...],
    ) -> TaskSpec:
        source = self.source
        work = next((value for name in _WORK if (value := source.vendor(definition, name))), "")
        work = definition.get(f"{{{OWN}}}calls") or work
        calls = self._called(kind, definition) if kind in _CALLS else work
        groups = source.vendor(definition, "candidateGroups")
        performer = definition.get("performerRef")
        role = next(iter(self.role_names(definition, performer)), "") if performer else ""
        if not role and groups and not has_juel(groups):
            role = key_from(groups.split(",")[0])
        return TaskSpec(
            **shared,
            kind=definition.get(f"{{{OWN}}}kind")  # type: ignore[arg-type]
            or _KIND.get(kind, "external" if kind == "task" and work else "human"),
            manual=self._manual(item, definition),
            blocking=definition.get("isBlocking") != "false",
            calls=calls[:1000],
            role=role,
            form=tuple(dict.fromkeys(self._bound(definition))),
            script=self._script(definition),
            discretionary=self._table(definition, around),
        )

    def _called(self, kind: str, definition: etree._Element) -> str:
        """The process, case or decision that a task calls, by the name that it is known by."""
        what = _CALLS[kind]
        text = definition.get(f"{what}Ref") or text_of(self.source.child(definition, f"{what}RefExpression"))
        if text and not has_juel(text):
            text = text.rpartition(":")[2]
        if kind == "decisionTask":
            self.source.find(definition, "changed", f"The decision {text!r} is made elsewhere and reported back.")
        return text

    def _bound(self, definition: etree._Element) -> Iterator[str]:
        """The facts that a task's parameters are bound to (CMMN 1.1 §5.4.10.1): its form."""
        for parameter in self.source.children(definition, "input", "inputs", "output", "outputs"):
            fact = self.facts.get(parameter.get("bindingRef") or "")
            if fact is not None:
                yield fact

    def _script(self, definition: etree._Element) -> str:
        documentation = self.source.child(definition, "documentation")
        said = [text_of(documentation) or definition.get("description") or ""]
        for name, words in (("formKey", "Form"), ("assignee", "Meant for"), ("dueDate", "Due")):
            value = self.source.vendor(definition, name)
            said += [f"{words}: {value}"] if value else []
        return "\n".join(one for one in said if one)

    # -- event listeners -------------------------------------------------------------------------------------

    def _listener(self, key: str, kind: str, definition: etree._Element, shared: dict[str, Any]) -> None:
        source = self.source
        if shared["enter"] or shared["exit"]:
            source.find(definition, "invalid", "An event listener has no criteria (CMMN 1.1 §5.4.5).")
            shared |= {"exit": ()}
        if source.vendor(definition, "eventType") == "variable":
            self._variable_listener(key, definition, shared)
            return
        available = definition.get(f"{{{OWN}}}availableCondition") or source.vendor(definition, "availableCondition")
        when = x.translated(source, definition, available, x.BOOLEAN) if available else None
        if kind in TIMERS:
            shared |= self._timer(definition)
        self.listeners[key] = ListenerSpec(
            **{**shared, "repeat_on": "ended" if shared["repeat"] and kind not in TIMERS else "completed"},
            when=when,
            roles=self.role_names(definition, definition.get("authorizedRoleRefs")),
        )

    def _variable_listener(self, key: str, definition: etree._Element, shared: dict[str, Any]) -> None:
        """What waits for a variable is a point that is reached when it changes: it lives as a milestone does."""
        name = self.source.vendor(definition, "variableName")
        change = self.source.vendor(definition, "variableChangeType") or "all"
        events = {"create": ("create",), "update": ("update",), "delete": ("delete",)}.get(
            change, ("create", "update", "delete")
        )
        self.source.facts.setdefault(name, x.BOOLEAN)
        repeats = {"repeat_on": "entered"} if shared["repeat"] else {}
        waits = tuple(SentrySpec(after=(name + OF_FACT[event],)) for event in events)
        self.milestones[key] = MilestoneSpec(**{**shared, **repeats, "enter": waits})

    def _timer(self, definition: etree._Element) -> dict[str, Any]:
        """The timer's expression (CMMN 1.1 §5.4.2.1): ISO 8601 as it is, with its repetition as a rule."""
        source = self.source
        node = source.child(definition, "timerExpression")
        text = " ".join(text_of(node).split())
        starts = tuple(one for one in self._sentries.on_parts(definition, "StartTrigger") if one)
        if node is None or not text:
            source.find(definition, "invalid", "It has no timer expression; it never occurs.")
            return {"timer": "null", "starts": starts}
        found = _REPEATS.match(text)
        more: dict[str, Any] = {}
        if found is not None:
            more = {"repeat": f"index < {found[1]}" if found[1] else "true"}
            text = found[2].rpartition("/")[2] if found[2].startswith("P") else found[2]
        if _LENGTH.match(text):
            return {"timer": quoted(text), "starts": starts, **more}
        if not has_juel(text) and re.fullmatch(r"[\d*?/,\- LW#A-Z]+", text):
            source.find(node, "cannot run", f"{text!r} is no moment or duration of ISO 8601.")
            return {"timer": "null", "starts": starts, **more}
        return {"timer": x.translated(source, node, text, "days and time duration"), "starts": starts, **more}

    def role_names(self, node: etree._Element, references: str | None) -> tuple[str, ...]:
        """The roles that an attribute refers to."""
        found = []
        for reference in (references or "").split():
            role = self.roles.get(reference)
            if role is None:
                self.source.find(node, "invalid", f"There is no role {reference!r} in this case.")
            else:
                found.append(role)
        return tuple(found)
