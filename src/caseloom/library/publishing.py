"""Checking and publishing definitions: what is wrong is told with line and advice, what is sound becomes a version."""

from collections.abc import Iterator
from uuid import NAMESPACE_OID, uuid4, uuid5

from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.decision.graph import DecisionModel
from caseloom.engine.rules.clock_checks import CUSTOMER, clocks_of
from caseloom.engine.rules.compiler import compile_plan
from caseloom.engine.rules.fault import DefinitionFaulty, Fault, Path
from caseloom.engine.rules.models import Used
from caseloom.engine.spec.flow import FlowModel
from caseloom.engine.spec.service_goal import HouseRules, ServiceGoal
from caseloom.interchange.yaml_text import (
    Place,
    TextFaulty,
    located,
    read_house_rules,
    read_service_goal,
    text_of,
)
from caseloom.library import decisions, flows
from caseloom.library.definition import DefinitionKind, DraftDefinition, PublishDefinition
from caseloom.library.living import live
from caseloom.library.models import DefinitionRow, PinnedRow, VersionRow
from caseloom.library.plans import HOUSE, house_version, latest, latest_versions, offered_goals, the_plans
from caseloom.library.used import (
    is_model,
    key_of,
    kind_of,
    models_for,
    offered_models,
    pinned_models,
    pins_of,
    read_model,
)
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Answer, Order
from caseloom.staff.access import need
from caseloom.staff.calendars import calendar_keys
from caseloom.streams.door import the_door

Checked = ServiceGoal | HouseRules | DecisionModel | FlowModel


def read_definition(text: str) -> ServiceGoal | HouseRules:
    """A service goal or house rules, told apart by the first word.

    Raises:
        TextFaulty: with every fault and its line.
    """
    value = text_of(text).value
    if isinstance(value, dict) and "house rules" in value:
        return read_house_rules(text)
    return read_service_goal(text)


def check(
    text: str, house: HouseRules | None = None, offered: Used | None = None
) -> tuple[Checked | None, tuple[Place, ...]]:
    """The definition, and everything that is wrong with it; under the published house rules, and with the published
    decision models, where none are given.
    """
    try:
        definition = read_model(text) if is_model(text) else read_definition(text)
    except TextFaulty as error:
        return None, error.places
    if isinstance(definition, DecisionModel | FlowModel):
        return definition, ()
    faults = [*_misnamed(definition), *_faults(definition, *_around(definition, house, offered))]
    if house is None:
        faults += _no_calendars(definition)
    if isinstance(definition, HouseRules) and house is None and not faults:
        faults += _misfits(definition)
    return definition, located(text, tuple(faults))


def _no_calendars(definition: ServiceGoal | HouseRules) -> Iterator[Fault]:
    """The calendars that it names and nobody keeps: its clocks would run around the clock. A house that keeps none at
    all works so.
    """
    known = calendar_keys()
    named: list[tuple[Path, str]] = [
        ((*path, "calendar"), clock.calendar) for path, clock in clocks_of(definition.goals, definition.tasks)
    ]
    if isinstance(definition, ServiceGoal):
        named.append((("calendar",), definition.calendar))
    for path, key in named if known else ():
        if key and key not in known and (key != CUSTOMER or len(path) == 1):
            yield Fault(path, f"there is no calendar “{key}”; known are: {', '.join(known)}")


Around = tuple[HouseRules, Used, Used]
"""The house rules, the models of the definition, and those of the house, that a definition is compiled with."""


def _around(definition: ServiceGoal | HouseRules, house: HouseRules | None, offered: Used | None) -> Around:
    models = models_for(definition, offered)
    if house is not None:
        return house, models, models_for(house, offered)
    version = house_version()
    return the_plans("", 0, version).house, models, pinned_models(HOUSE, version)


def _faults(
    definition: ServiceGoal | HouseRules, house: HouseRules, models: Used, house_models: Used
) -> tuple[Fault, ...]:
    try:
        if isinstance(definition, HouseRules):
            compile_plan(None, definition, None, models)
        else:
            compile_plan(definition, house, models, house_models)
    except DefinitionFaulty as error:
        return error.faults
    return ()


def _misnamed(definition: ServiceGoal | HouseRules) -> Iterator[Fault]:
    if isinstance(definition, HouseRules) and definition.house_rules != HOUSE:
        yield Fault(("house rules",), f"there is one house, and its rules are called “{HOUSE}”")
    if isinstance(definition, ServiceGoal) and definition.service_goal == HOUSE:
        yield Fault(("service goal",), f"“{HOUSE}” is the key of the house rules; give the service goal another")


def _misfits(house: HouseRules) -> Iterator[Fault]:
    """Service goals that are offered and would not stand under these house rules."""
    for goal in offered_goals():
        models = pinned_models(goal.service_goal, latest(goal.service_goal))
        for fault in _faults(goal, house, models, models_for(house)):
            says = f"the service goal “{goal.service_goal}”, which is offered, would not fit: {fault.message}"
            yield Fault((), f"{says}. Change the service goal first, then take this away")


def lived(
    definition: Checked, text: str, house: HouseRules | None = None, offered: Used | None = None
) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    """What is wrong with a sound definition in use: what keeps it from being published, and what its author is to know.

    It takes some seconds: everything that people could do is tried.
    """
    if isinstance(definition, DecisionModel):
        return (), decisions.remarks(definition)
    if isinstance(definition, FlowModel):
        return (), flows.remarks(text)
    found = live(definition, *_around(definition, house, offered))
    fatal = tuple(Fault(remark.path, remark.message) for remark in found if remark.fatal)
    others = tuple(Fault(remark.path, remark.message) for remark in found if not remark.fatal)
    return located(text, fatal), located(text, others)


def publish(access: Access, text: str, thorough: bool = True) -> Answer | Refused:
    """Draft and publish a definition, unless it is faulty or the same as what is published already. A `thorough` check
    lives it first.
    """
    refused = need(access, "publish library")
    if refused is not None:
        return refused
    # Read once: what is checked and lived with is what the definition is pinned to.
    offered = offered_models()
    definition, places = check(text, offered=offered)
    if definition is not None and not places and thorough:
        places, _ = lived(definition, text, offered=offered)
    if definition is None or places:
        way_on = NextStep("Mend these places, then publish it again")
        return Refused("invalid", "\n".join(map(str, places)), facts={"faults": len(places)}, next=(way_on,))
    key, kind, title = named(definition)
    pins = {} if isinstance(definition, DecisionModel | FlowModel) else dict(pins_of(definition, offered))
    door = the_door()
    known = DefinitionRow.objects.filter(key=key).first()
    if known is not None and _is_published(known, text, pins):
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
    command = PublishDefinition(title=title, models=pins)
    published = door.handle(Order("definition", stream, command, step, access))
    forget_latest()
    return published


def forget_latest() -> None:
    """What is offered has changed: this process sees it at once, others within a second."""
    latest_versions.forget()  # type: ignore[attr-defined]
    decisions.latest_models.forget()  # type: ignore[attr-defined]
    flows.latest_flows.forget()  # type: ignore[attr-defined]


def named(definition: Checked) -> tuple[str, DefinitionKind, str]:
    """Key, kind and title."""
    match definition:
        case DecisionModel() | FlowModel():
            return key_of(definition), kind_of(definition), key_of(definition)
        case HouseRules():
            return definition.house_rules, "house rules", definition.title
        case _:
            return definition.service_goal, "service goal", definition.title


def _is_published(known: DefinitionRow, text: str, pins: dict[str, int]) -> bool:
    """Whether this very text is in force, deciding by the same models; a draft of before that got no further is not."""
    versions = VersionRow.objects.filter(definition=known.id, version=known.version, text=text)
    rows = PinnedRow.objects.filter(definition=known.id, version=known.version).values_list("model", "model_version")
    return known.offered and versions.exists() and dict(rows) == pins


def in_order(texts: list[str]) -> list[str]:
    """The order in which definitions are published: models first, which the others use, then the house rules,
    which bind the service goals.
    """
    return sorted(texts, key=lambda text: (not is_model(text), not text.lstrip().startswith("house rules")))
