"""Parts of a definition as elements of CMMN 1.1 (clause 12): plan items, definitions, criteria, sentries, control."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from lxml import etree

from caseloom.engine.rules.plan_items import AnySpec, entry_criteria
from caseloom.engine.spec.occurrences import BY, OF_FACT, OF_ITEM, subject_of
from caseloom.engine.spec.service_goal import (
    DiscretionarySpec,
    ListenerSpec,
    MilestoneSpec,
    SentrySpec,
    StageSpec,
    TaskSpec,
)
from caseloom.interchange.cmmn_names import FEEL, OWN, TRANSITIONS
from caseloom.interchange.juel import has_juel

_EVENT_OF: Final = {OF_ITEM[ours]: theirs for theirs, ours in TRANSITIONS.items() if ours in OF_ITEM}
_FACT_EVENT: Final = {words: event for event, words in OF_FACT.items()}
_TAG: Final = {"human": "humanTask", "process": "processTask", "case": "caseTask", "external": "task"}
_CALLED: Final = {"process": "process", "case": "case"}
_TIMED: Final = re.compile(r'^"(-?P[0-9YMWDTHS.]+|\d{4}-\d\d-\d\dT[^"]*)"$')
_COUNTED: Final = re.compile(r"^index < (\d+)$")


class Elements:
    """Makes elements. `items` leads from a key to its definition, `place` from a key to the id of its plan item,
    `facts` from a fact to the id of its case file item, `roles` from a role to its id. `fresh` gives an id that is not
    in use.
    """

    def __init__(
        self,
        namespace: str,
        items: Mapping[str, AnySpec],
        place: Mapping[str, str],
        facts: Mapping[str, str],
        roles: Mapping[str, str],
        fresh: Callable[[str], str],
    ) -> None:
        self.namespace, self.items, self.place = namespace, items, place
        self.facts, self.roles, self.fresh = facts, roles, fresh
        self._placed: set[str] = set()

    def make(self, word: str, parent: etree._Element | None = None, /, **attributes: str) -> etree._Element:
        """An element of CMMN; attributes that are empty are left out."""
        given = {key: value for key, value in attributes.items() if value}
        tag = f"{{{self.namespace}}}{word}"
        return etree.Element(tag, given) if parent is None else etree.SubElement(parent, tag, given)

    def condition(self, parent: etree._Element, feel: str) -> None:
        node = self.make("condition", parent, language=FEEL)
        body = self.make("body", node)
        body.text = feel

    # -- plan items ------------------------------------------------------------------------------------------

    def plan_item(self, parent: etree._Element, key: str, definition: str, sentries: etree._Element) -> None:
        """The plan item of a key, with its criteria; their sentries go into the stage `sentries`."""
        node = self.make("planItem", parent, name=self.title(key), definitionRef=definition)
        node.set("id", self.fresh(f"item {key}") if key in self._placed else self.place[key])
        self._keep_key(node, key)
        self.dress(node, key, sentries)

    def title(self, key: str) -> str:
        return self.items[key].title or key

    def _keep_key(self, node: etree._Element, key: str) -> None:
        """A key that is not the name, or is in use, stands beside it."""
        if self.title(key) != key or key in self._placed:
            node.set(f"{{{OWN}}}key", key)
        self._placed.add(key)

    def dress(self, node: etree._Element, key: str, sentries: etree._Element) -> None:
        """Item control and criteria of a plan item, in the order of the schema."""
        spec = self.items[key]
        self._control(node, spec)
        # When it can hear is no entry criterion of a listener: `definition` says it.
        entries = () if isinstance(spec, ListenerSpec) else entry_criteria(spec)
        for kind, criteria in (("entry", entries), ("exit", spec.exit)):
            for sentry in criteria:
                self.criterion(node, kind, sentry, sentries)

    def criterion(self, node: etree._Element, kind: str, sentry: SentrySpec, sentries: etree._Element) -> None:
        name = sentry.name or self.fresh(f"{kind} criterion")
        made = self.fresh("sentry")
        self.make(f"{kind}Criterion", node, id=name, sentryRef=made)
        self._sentry(sentries, made, sentry)

    def _sentry(self, parent: etree._Element, number: str, sentry: SentrySpec) -> None:
        node = self.make("sentry", parent, id=number)
        beyond = [one for one in sentry.after if not self.on_part(node, one, "OnPart")]
        for occurrence in beyond:
            block = node.find(f"{{{self.namespace}}}extensionElements")
            if block is None:
                block = self.make("extensionElements")
                node.insert(0, block)
            etree.SubElement(block, f"{{{OWN}}}onPart", {"occurrence": occurrence})
        if sentry.when is not None:
            self.condition(self.make("ifPart", node), sentry.when)

    def on_part(self, node: etree._Element, occurrence: str, what: str) -> bool:
        """An on-part, or start trigger; False for an occurrence that CMMN has no word for."""
        key, says = (occurrence, "") if occurrence in self.place else subject_of(occurrence)
        if key in self.facts and says in _FACT_EVENT:
            part = self.make(f"caseFileItem{what}", node, sourceRef=self.facts[key])
            self.make("standardEvent", part).text = _FACT_EVENT[says]
            return True
        criterion = says.removeprefix(BY) if says.startswith(BY) else ""
        spec = self.items.get(key)
        event = _EVENT_OF.get(says) or ("exit" if criterion else "")
        if not says:
            event = "occur" if isinstance(spec, MilestoneSpec | ListenerSpec) else "complete"
        if key not in self.place or not event:
            return False
        part = self.make(f"planItem{what}", node, sourceRef=self.place[key], exitCriterionRef=criterion)
        self.make("standardEvent", part).text = event
        return True

    def _control(self, node: etree._Element, spec: AnySpec) -> None:
        manual = spec.manual if isinstance(spec, TaskSpec | StageSpec) else False
        timed = isinstance(spec, ListenerSpec) and spec.timer is not None
        repeat = None if timed and self._in_timer(spec) else spec.repeat
        if not (spec.required or repeat or manual):
            return
        control = self.make("itemControl", node)
        for name, rule in (
            ("repetitionRule", repeat),
            ("requiredRule", spec.required),
            ("manualActivationRule", manual),
        ):
            if rule:
                made = self.make(name, control)
                if isinstance(rule, str):
                    self.condition(made, rule)

    def _in_timer(self, spec: AnySpec) -> bool:
        """Whether a timer's repetition is said by its expression (`R3/PT1H`)."""
        fits = spec.repeat == "true" or (spec.repeat is not None and _COUNTED.match(spec.repeat) is not None)
        return isinstance(spec, ListenerSpec) and bool(spec.timer and _TIMED.match(spec.timer)) and fits

    # -- definitions -----------------------------------------------------------------------------------------

    def definition(self, parent: etree._Element, key: str, number: str) -> etree._Element:
        """The definition of a plan item; the members of a stage are put into it by who asks."""
        spec = self.items[key]
        name = spec.title or key
        match spec:
            case StageSpec():
                return self.make(
                    "stage", parent, id=number, name=name, autoComplete="true" if spec.auto_complete else "false"
                )
            case MilestoneSpec():
                return self.make("milestone", parent, id=number, name=name)
            case ListenerSpec():
                return self._listener(parent, spec, number, name)
        return self._task(parent, spec, number, name)

    def _task(self, parent: etree._Element, spec: TaskSpec, number: str, name: str) -> etree._Element:
        node = self.make(
            _TAG.get(spec.kind, "humanTask"),
            parent,
            id=number,
            name=name,
            isBlocking="" if spec.blocking else "false",
            performerRef=self.roles.get(spec.role, ""),
        )
        if spec.script:
            self.make("text", self.make("documentation", node, textFormat="text/plain")).text = spec.script
        if spec.calls and spec.kind in _CALLED:
            self._call(node, _CALLED[spec.kind], spec.calls)
        elif spec.calls:
            node.set(f"{{{OWN}}}calls", spec.calls)
        for fact in spec.form:
            if fact in self.facts:
                self.make("input", node, id=self.fresh("input"), name=fact, bindingRef=self.facts[fact])
        if node.tag.endswith("}task") and not spec.calls:
            node.set(f"{{{OWN}}}kind", spec.kind)
        return node

    def _call(self, node: etree._Element, what: str, called: str) -> None:
        if has_juel(called) or re.search(r"\s", called):
            self.make(f"{what}RefExpression", node).text = called
        else:
            node.set(f"{what}Ref", called)

    def _listener(self, parent: etree._Element, spec: ListenerSpec, number: str, name: str) -> etree._Element:
        tag = "userEventListener" if spec.timer is None else "timerEventListener"
        roles = " ".join(self.roles[role] for role in spec.roles if role in self.roles)
        node = self.make(tag, parent, id=number, name=name, authorizedRoleRefs=roles)
        if spec.when is not None:
            node.set(f"{{{OWN}}}availableCondition", spec.when)
        if spec.timer is not None:
            self.make("timerExpression", node).text = self._timed(spec)
        for occurrence in spec.starts:
            self.on_part(node, occurrence, "StartTrigger")
        return node

    def _timed(self, spec: ListenerSpec) -> str:
        plain = _TIMED.match(spec.timer or "")
        if plain is None or not self._in_timer(spec):
            return plain[1] if plain is not None and spec.repeat is None else (plain[1] if plain else spec.timer or "")
        counted = _COUNTED.match(spec.repeat or "")
        return f"R{counted[1] if counted else ''}/{plain[1]}"

    # -- planning tables -------------------------------------------------------------------------------------

    def table(
        self,
        holder: etree._Element,
        table: tuple[DiscretionarySpec, ...],
        define: Callable[[str], str],
        sentries: etree._Element,
    ) -> None:
        """The planning table of a stage or task; `define` gives the id of the definition of a key."""
        if not table:
            return
        node = self.make("planningTable", holder, id=self.fresh("planning table"))
        rules = []
        for planned in table:
            rule = self.fresh("applicability rule") if planned.when is not None else ""
            item = self.make(
                "discretionaryItem",
                node,
                id=self.fresh(f"item {planned.item}") if planned.item in self._placed else self.place[planned.item],
                name=self.title(planned.item),
                definitionRef=define(planned.item),
                applicabilityRuleRefs=rule,
                authorizedRoleRefs=" ".join(self.roles[role] for role in planned.roles if role in self.roles),
            )
            self._keep_key(item, planned.item)
            self.dress(item, planned.item, sentries)
            if planned.when is not None:
                rules.append((rule, planned.when))
        for rule, when in rules:
            self.condition(self.make("applicabilityRule", node, id=rule), when)


def members(spec: AnySpec) -> Iterator[str]:
    """The keys that come with a stage or can be planned into it."""
    if isinstance(spec, StageSpec):
        yield from spec.tasks
    if isinstance(spec, StageSpec | TaskSpec):
        yield from (planned.item for planned in spec.discretionary)
