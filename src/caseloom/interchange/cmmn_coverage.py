"""Which elements of a CMMN file had an effect in the lives of its cases. An element that only stays in the file did not
run.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from lxml import etree

from caseloom.engine.rules.plan_items import AnySpec
from caseloom.engine.spec.service_goal import StageSpec, TaskSpec
from caseloom.interchange.cmmn_names import DEFINITIONS, TIMERS
from caseloom.interchange.cmmn_reader import CmmnCase
from caseloom.interchange.cmmn_run import Life
from caseloom.interchange.cmmn_sentries import Sentries
from caseloom.interchange.cmmn_source import key_from
from caseloom.interchange.cmmn_writer import items_of
from caseloom.interchange.hardened_xml import line_of, local_name

_PARAMETERS: Final = ("input", "output", "inputs", "outputs")
_RULES: Final = ("requiredRule", "repetitionRule", "manualActivationRule")
_MUTE: Final = ("parameterMapping", "bindingRefinement")


class Covered(NamedTuple):
    """An element of the case that says how it behaves, and whether it had an effect."""

    name: str
    id: str
    line: int
    had_effect: bool


def coverage(case: CmmnCase, life: Life) -> Iterator[Covered]:
    """What the lives of a case (`Life.add`) have shown of its elements."""
    return _Coverage(case, life).elements()


class _Coverage:
    def __init__(self, case: CmmnCase, life: Life) -> None:
        self.case, self.life, self.source = case, life, case.source
        self.items: dict[str, AnySpec] = items_of(case.goal)
        self.sentries = Sentries(self.source, case.keys, case.facts)
        self.used = dict(self._uses())
        self.met = set(self._met())

    def elements(self) -> Iterator[Covered]:
        for node in self.source.case.iter(f"{{{self.source.namespace}}}*"):
            name = local_name(node)
            had = self._had_effect(name, node)
            if had is not None and not self._foreign(node):
                yield Covered(name, node.get("id") or "", line_of(node), had)

    def _foreign(self, node: etree._Element) -> bool:
        """Whether it stands in a vendor's block, where names are the vendor's."""
        return any(local_name(above) == "extensionElements" for above in node.iterancestors("*"))

    def _uses(self) -> Iterator[tuple[str, list[str]]]:
        """The id of a definition → the keys of the plan items that use it."""
        uses: dict[str, list[str]] = {}
        for node in self.source.case.iter(f"{{{self.source.namespace}}}*"):
            key = self.case.keys.get(node.get("id") or "")
            if key is not None and node.get("definitionRef"):
                uses.setdefault(str(node.get("definitionRef")), []).append(key)
        yield from uses.items()

    def _met(self) -> Iterator[str]:
        """The ids of the sentries that let something in or out."""
        for item in self.source.case.iter(f"{{{self.source.namespace}}}*"):
            key = self.case.keys.get(item.get("id") or "")
            for kind in ("entry", "exit") if key is not None else ():
                for criterion in self.source.children(item, f"{kind}Criterion"):
                    if self._criterion(key or "", kind, key_from(criterion.get("id"), criterion.get("name"))):
                        yield criterion.get("sentryRef") or self.source.vendor(criterion, "sentryRef")
                for sentry in (item.get(f"{kind}CriteriaRefs") or "").split():
                    if self._criterion(key or "", kind, key_from(sentry)):
                        yield sentry

    def _criterion(self, key: str, kind: str, name: str) -> bool:
        return (key, name) in self.life.criteria or (kind == "entry" and key in self.life.started_at_once)

    def _had_effect(self, name: str, node: etree._Element) -> bool | None:
        """Whether an element had an effect; None for one that only holds others."""
        life, number = self.life, node.get("id") or ""
        match name:
            case "case" | "casePlanModel":
                return life.ended
            case "planItem" | "discretionaryItem":
                # One that stands for a plan fragment only holds others.
                holds = self.source.by_id.get(node.get("definitionRef") or "")
                is_fragment = holds is not None and local_name(holds) == "planFragment"
                return None if is_fragment else self.case.keys.get(number) in life.created
            case "entryCriterion" | "exitCriterion":
                return self._let(node, name.removesuffix("Criterion"))
            case "sentry":
                return number in self.met
            case "ifPart":
                return (_above(node).get("id") or "") in self.met
            case "caseFileItem":
                return self.case.facts.get(number) in life.facts
            case "role" | "applicabilityRule" | "planningTable":
                return self._planned(name, node)
        return self._other(name, node)

    def _other(self, name: str, node: etree._Element) -> bool | None:
        if name.endswith(("OnPart", "StartTrigger")):
            return self._occurred(node)
        if name in DEFINITIONS:
            return self._definition(node) if name != "planFragment" else None
        if name == "timerExpression":
            return self._definition(_above(node))
        if name in _RULES:
            return self._rule(name, node)
        if name in _PARAMETERS:
            return self.case.facts.get(node.get("bindingRef") or "") in self.life.facts
        return False if name in _MUTE else None

    def _let(self, criterion: etree._Element, kind: str) -> bool:
        """Whether a criterion has let its item in or out."""
        key = self.case.keys.get(_above(criterion).get("id") or "", "")
        return self._criterion(key, kind, key_from(criterion.get("id"), criterion.get("name")))

    def _definition(self, node: etree._Element) -> bool:
        keys = self.used.get(node.get("id") or "", [])
        timed = local_name(node) in TIMERS
        return any(key in (self.life.occurrences if timed else self.life.entered) for key in keys)

    def _occurred(self, part: etree._Element) -> bool:
        holder = _above(part)
        what = "OnPart" if local_name(part).endswith("OnPart") else "StartTrigger"
        parts = self.source.children(holder, f"planItem{what}", f"caseFileItem{what}")
        found = dict(zip(parts, self.sentries.on_parts(holder, what), strict=False))
        return found.get(part) in self.life.occurrences

    def _rule(self, name: str, node: etree._Element) -> bool:
        number = _above(_above(node)).get("id") or ""
        keys = [self.case.keys[number]] if number in self.case.keys else self.used.get(number, [])
        seen = self.life.created if name == "requiredRule" else self.life.entered
        return any(key in seen for key in keys)

    def _planned(self, name: str, node: etree._Element) -> bool:
        tables = [spec for spec in self.items.values() if isinstance(spec, StageSpec | TaskSpec)]
        if name != "role":
            table = node if name == "planningTable" else _above(node)
            inside = table.iter("{*}discretionaryItem")
            return any(self.case.keys.get(item.get("id") or "") in self.life.created for item in inside)
        role = key_from(node.get("name"), node.get("id"))
        by_task = any(getattr(spec, "role", "") == role for spec in self.items.values())
        by_listener = any(role in getattr(spec, "roles", ()) for spec in self.items.values())
        return by_task or by_listener or any(role in one.roles for spec in tables for one in spec.discretionary)


def _above(node: etree._Element) -> etree._Element:
    """The element around this one; itself where there is none."""
    above = node.getparent()
    return node if above is None else above
