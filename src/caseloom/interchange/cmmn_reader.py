"""CMMN 1.0 and 1.1 as XML to service goals (CMMN 1.1 clause 12), with what becomes of each part that is none of ours.

A case plan model becomes the outermost stage of the one automatic option of one required goal: the case is complete
when its plan is. What cannot be said in a definition stays in the file, and `cmmn_writer` puts it back.
"""

from collections.abc import Iterator
from typing import Final

import msgspec
from lxml import etree

from caseloom.engine.rules.plan import BUILT_IN
from caseloom.engine.spec.service_goal import FactSpec, GoalSpec, OptionSpec, ServiceGoal
from caseloom.interchange.cmmn_items import Items
from caseloom.interchange.cmmn_names import OWN, VENDORS, VERSION
from caseloom.interchange.cmmn_own import merged, own_definition
from caseloom.interchange.cmmn_source import CmmnFault, Finding, Source, key_from
from caseloom.interchange.hardened_xml import XmlFaulty, line_of, local_name, parse_xml

DONE: Final = "case plan done"
"""The key of the goal that is reached with the case plan."""
AS_PLANNED: Final = "as planned"
_TYPES: Final = {
    "string": "text",
    "boolean": "boolean",
    "integer": "number",
    "float": "number",
    "double": "number",
    "decimal": "number",
    "date": "date",
    "time": "time",
    "dateTime": "date and time",
    "duration": "days and time duration",
}


class CmmnCase(msgspec.Struct, frozen=True):
    """One case of a file. `keys` leads from the id of a plan item to its key in the definition, `facts` from that of a
    case file item to its fact; `roles` are those that the house has to know.
    """

    id: str
    line: int
    goal: ServiceGoal
    roles: dict[str, str]
    keys: dict[str, str]
    facts: dict[str, str]
    findings: tuple[Finding, ...]
    source: Source

    @property
    def invalid(self) -> tuple[Finding, ...]:
        """Why this is no valid case."""
        return tuple(one for one in self.findings if one.effect == "invalid")


class CmmnFile(msgspec.Struct, frozen=True):
    """A file, its cases, and its text, from which it is written again."""

    data: bytes
    version: str
    cases: tuple[CmmnCase, ...]


def read_cmmn(data: bytes, owner: str = "process owner", team: str = "service") -> CmmnFile:
    """The cases of a file, each as a service goal that belongs to `owner` and comes to `team`.

    Raises `CmmnFault` with the line for what is no CMMN.
    """
    try:
        root = parse_xml(data)
    except XmlFaulty as fault:
        raise CmmnFault(fault.message, fault.line) from None
    namespace = etree.QName(root).namespace or ""
    if local_name(root) != "definitions" or namespace not in VERSION:
        raise CmmnFault(
            f"<{local_name(root)}> is no <definitions> of CMMN 1.0 or 1.1; its namespace is {namespace!r}.",
            line_of(root),
        )
    cases = []
    for node in root.iterchildren(f"{{{namespace}}}case"):
        found = _Case(Source(root, node, namespace), owner, team).read()
        if found is not None:
            cases.append(found)
    return CmmnFile(data, VERSION[namespace], tuple(cases))


class _Case:
    def __init__(self, source: Source, owner: str, team: str) -> None:
        self.source, self.owner, self.team = source, owner, team

    def read(self) -> CmmnCase | None:
        source, node = self.source, self.source.case
        plan = source.child(node, "casePlanModel")
        if plan is None:
            return None
        roles = dict(self._roles())
        facts = dict(self._case_file())
        title = node.get("name") or plan.get("name") or node.get("id") or "case"
        items = Items(source, {number: name for number, (name, _) in facts.items()}, roles, {DONE})
        key = items.name_all(plan, plan.get(f"{{{OWN}}}key") or plan.get("name") or title)
        items.case_plan(plan, key)
        _no_effect(source)
        option = OptionSpec(title=title, tasks=(key,), automatic=True)
        own = own_definition(node)
        more = {spec.role: spec.role for spec in items.tasks.values() if spec.role}
        goal = ServiceGoal(
            service_goal=key_from(node.get("id"), title),
            title=title,
            customer_title=title,
            description=node.get("description") or "",
            owner=self.owner,
            team=self.team,
            facts={name: FactSpec(type=kind) for name, kind in self._all_facts(facts).items()},
            goals={DONE: GoalSpec(title=title, options={AS_PLANNED: option})},
            tasks=items.tasks,
            stages=items.stages,
            milestones=items.milestones,
            listeners=items.listeners,
            start_form=tuple(self._inputs(facts)),
        )
        return CmmnCase(
            node.get("id") or title,
            line_of(node),
            goal if own is None else merged(own, goal, items.wrappers),
            {**more, **{name: name for name in roles.values()}},
            items.keys,
            {number: name for number, (name, _) in facts.items()},
            tuple(source.findings),
            source,
        )

    def _all_facts(self, facts: dict[str, tuple[str, str]]) -> dict[str, str]:
        return {**dict(facts.values()), **self.source.facts}

    def _roles(self) -> Iterator[tuple[str, str]]:
        """CMMN 1.1 has the roles in `caseRoles`; in CMMN 1.0 `caseRoles` is the role itself."""
        source = self.source
        for holder in source.children(source.case, "caseRoles"):
            inside = list(source.children(holder, "role"))
            for role in inside or ([holder] if holder.get("id") else []):
                if role.get("id"):
                    yield str(role.get("id")), key_from(role.get("name"), role.get("id"))

    # -- the case file ---------------------------------------------------------------------------------------

    def _case_file(self) -> Iterator[tuple[str, tuple[str, str]]]:
        """Case file items (CMMN 1.1 §5.3): id → name and type of the fact. Each child is a fact of its own."""
        source = self.source
        taken = set(BUILT_IN)
        for node in source.case.iter(f"{{{source.namespace}}}caseFileItem"):
            number = node.get("id")
            if not number:
                source.find(node, "invalid", "It has no id.")
                continue
            name = key_from(node.get("name"), number).replace("-", "_")
            name = name if name not in taken else key_from(number).replace("-", "_")
            taken.add(name)
            kind = self._type(node)
            source.declared[name] = kind
            yield number, (name, kind)

    def _type(self, item: etree._Element) -> str:
        """Its properties make it an object; more than one of it make a list."""
        source = self.source
        reference = (item.get("definitionRef") or "").rpartition(":")[2]
        definition = next(
            (one for one in source.root.iterchildren("{*}caseFileItemDefinition") if one.get("id") == reference), None
        )
        properties = [] if definition is None else list(source.children(definition, "property"))
        simple = source.child(item, "children") is None and not properties
        kind = "text" if simple else "object"
        if simple and definition is not None:
            kind = _TYPES.get((definition.get("definitionType") or "").rpartition("/")[2], kind)
        many = item.get("multiplicity") in ("ZeroOrMore", "OneOrMore")
        return f"list of {kind}" if many else kind

    def _inputs(self, facts: dict[str, tuple[str, str]]) -> Iterator[str]:
        seen = set()
        for parameter in self.source.children(self.source.case, "input", "inputs"):
            bound = facts.get(parameter.get("bindingRef") or "")
            if bound is not None and bound[0] not in seen:
                seen.add(bound[0])
                yield bound[0]


# -- what has no effect ----------------------------------------------------------------------------------------

_MUTE: Final = {
    "parameterMapping": "What comes in and goes out stands in facts, without a mapping between.",
    "bindingRefinement": "A parameter is bound to the whole fact.",
}
_COSMETIC: Final = """
    initiatorVariableName candidateStarterGroups candidateStarterUsers formFieldValidation includeInStageOverview
    displayOrder historyTimeToLive historyLevel priority category owner async asyncLeave asyncLeaveExclusive exclusive
    sameDeployment fallbackToDefaultTenant userConstraints counterVariable typeRef caseTeamRef eventType jobCategory
    default-menu-navigation-size work-form-field-validation start-form-field-validation task-candidates-type
    startFormSameDeployment startformkey state-rendering static-case-key
"""
_READ: Final = """
    assignee candidateGroups formKey dueDate topic class delegateExpression expression type sentryRef variableName
    variableChangeType availableCondition variableOnPart variableEvent implementation
"""
_KNOWN: Final = frozenset((_COSMETIC + _READ).split())


def _no_effect(source: Source) -> None:
    """Tell of what stays in the file and does nothing here."""
    for node in source.case.iter(f"{{{source.namespace}}}*"):
        says = _MUTE.get(local_name(node))
        if says is not None and not _vendors_own(source, node):
            source.find(node, "no effect", says)
        for name in node.attrib:
            if etree.QName(name).namespace in VENDORS:
                _vendor_word(source, node, etree.QName(name).localname)
        for block in source.children(node, "extensionElements", "extensions"):
            for child in block.iterchildren("*"):
                if etree.QName(child).namespace in VENDORS:
                    _vendor_word(source, node, local_name(child))


def _vendors_own(source: Source, node: etree._Element) -> bool:
    """Whether an element without a prefix stands inside a vendor's own."""
    return any(etree.QName(above).namespace != source.namespace for above in node.iterancestors("*"))


def _vendor_word(source: Source, node: etree._Element, word: str) -> None:
    if word not in _KNOWN:
        source.find(node, "no effect", f"“{word}” of another engine does nothing here.")
