"""Checking and publishing definitions: what is wrong is told with line and advice, what is sound becomes a version."""

from collections.abc import Iterator
from uuid import NAMESPACE_OID, uuid4, uuid5

from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.rules.compiler import compile_plan
from caseloom.engine.rules.fault import DefinitionFaulty, Fault
from caseloom.engine.spec.service_goal import HouseRules, ServiceGoal
from caseloom.interchange.yaml_text import (
    Place,
    Text,
    TextFaulty,
    located,
    read_house_rules,
    read_service_goal,
)
from caseloom.library.definition import DefinitionKind, DraftDefinition, PublishDefinition
from caseloom.library.living import live
from caseloom.library.models import DefinitionRow, VersionRow
from caseloom.library.plans import HOUSE, house_version, latest_versions, offered_goals, the_plans
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Answer, Order
from caseloom.staff.access import need
from caseloom.streams.door import the_door

Checked = ServiceGoal | HouseRules


def read_definition(text: str) -> Checked:
    """A definition of either kind, told apart by its first word.

    Raises:
        TextFaulty: with every fault and its line.
    """
    value = Text(text).value
    if isinstance(value, dict) and "house rules" in value:
        return read_house_rules(text)
    return read_service_goal(text)


def check(text: str, house: HouseRules | None = None) -> tuple[Checked | None, tuple[Place, ...]]:
    """The definition, and everything that is wrong with it; under the published house rules where none are given."""
    try:
        definition = read_definition(text)
    except TextFaulty as error:
        return None, error.places
    faults = [*_misnamed(definition), *_faults(definition, house or the_plans("", 0, house_version()).house)]
    if isinstance(definition, HouseRules) and house is None and not faults:
        faults += _misfits(definition)
    return definition, located(text, tuple(faults))


def _faults(definition: Checked, house: HouseRules) -> tuple[Fault, ...]:
    try:
        if isinstance(definition, HouseRules):
            compile_plan(None, definition)
        else:
            compile_plan(definition, house)
    except DefinitionFaulty as error:
        return error.faults
    return ()


def _misnamed(definition: Checked) -> Iterator[Fault]:
    if isinstance(definition, HouseRules) and definition.house_rules != HOUSE:
        yield Fault(("house rules",), f"there is one house, and its rules are called “{HOUSE}”")
    if isinstance(definition, ServiceGoal) and definition.service_goal == HOUSE:
        yield Fault(("service goal",), f"“{HOUSE}” is the key of the house rules; give the service goal another")


def _misfits(house: HouseRules) -> Iterator[Fault]:
    """Service goals that are offered and would not stand under these house rules."""
    for goal in offered_goals():
        for fault in _faults(goal, house):
            says = f"the service goal “{goal.service_goal}”, which is offered, would not fit: {fault.message}"
            yield Fault((), f"{says}. Change the service goal first, then take this away")


def lived(
    definition: Checked, text: str, house: HouseRules | None = None
) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    """What is wrong with a sound definition in use: what keeps it from being published, and what its author should know.

    It takes some seconds: everything that people could do is tried.
    """
    remarks = live(definition, house or the_plans("", 0, house_version()).house)
    fatal = tuple(Fault(remark.path, remark.message) for remark in remarks if remark.fatal)
    others = tuple(Fault(remark.path, remark.message) for remark in remarks if not remark.fatal)
    return located(text, fatal), located(text, others)


def publish(access: Access, text: str, thorough: bool = True) -> Answer | Refused:
    """Draft and publish a definition, unless it is faulty or the same as what is published already. A `thorough` check
    lives it first.
    """
    refused = need(access, "publish library")
    if refused is not None:
        return refused
    definition, places = check(text)
    if definition is not None and not places and thorough:
        places, _ = lived(definition, text)
    if definition is None or places:
        way_on = NextStep("Mend these places, then publish it again")
        return Refused("invalid", "\n".join(map(str, places)), facts={"faults": len(places)}, next=(way_on,))
    key = definition.house_rules if isinstance(definition, HouseRules) else definition.service_goal
    kind: DefinitionKind = "house rules" if isinstance(definition, HouseRules) else "service goal"
    door = the_door()
    known = DefinitionRow.objects.filter(key=key).first()
    if known is not None and _is_published(known, text):
        return Answer(known.id, known.version, repeated=True)
    stream = known.id if known is not None else next(door.ids)
    drafted = door.handle(
        Order(
            "definition",
            stream,
            DraftDefinition(definition=stream, key=key, kind=kind, text=text),
            uuid4(),
            access,
        )
    )
    if isinstance(drafted, Refused):
        return drafted
    step = uuid5(NAMESPACE_OID, f"publish {stream} {drafted.version}")
    published = door.handle(Order("definition", stream, PublishDefinition(title=definition.title), step, access))
    latest_versions.forget()  # type: ignore[attr-defined]
    return published


def _is_published(known: DefinitionRow, text: str) -> bool:
    """Whether this very text is in force; a draft of before that got no further is not."""
    versions = VersionRow.objects.filter(definition=known.id, version=known.version, text=text)
    return known.offered and versions.exists()


def house_first(texts: list[str]) -> list[str]:
    """The order in which definitions are published: house rules bind the service goals, so they come first."""
    return sorted(texts, key=lambda text: not text.lstrip().startswith("house rules"))
