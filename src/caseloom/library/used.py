"""The models that service goals and house rules use, decisions (DMN) and flows (BPMN) alike: told apart, found, pinned
to the versions of the day (docs/adr/0009).
"""

from collections.abc import Iterator, Mapping
from typing import Final

from caseloom.engine.decision.graph import DecisionModel
from caseloom.engine.decision.published import PublishedModel
from caseloom.engine.flow.published import PublishedFlow
from caseloom.engine.rules.models import Used, flows_in
from caseloom.engine.spec.flow import FlowModel, ProcessSpec
from caseloom.engine.spec.service_goal import HouseRules, ServiceGoal
from caseloom.library import decisions, flows
from caseloom.library.decisions import latest_models, the_models
from caseloom.library.definition import DefinitionKind
from caseloom.library.flows import latest_flows, the_flows
from caseloom.library.models import PinnedRow

KINDS: Final = (decisions.KIND, flows.KIND)
"""The kinds of definition that are XML; all others are YAML."""


def is_model(text: str) -> bool:
    """Whether a text is a model: XML, where all other definitions are YAML."""
    return text.lstrip("\ufeff \t\r\n").startswith("<")


def read_model(text: str) -> DecisionModel | FlowModel:
    """The decision or flow model of an XML text. Raises `TextFaulty`."""
    return flows.read_flow(text) if flows.is_flow(text) else decisions.read_model(text)


def key_of(model: DecisionModel | FlowModel) -> str:
    """The key of a model in the library."""
    return model.key if isinstance(model, FlowModel) else decisions.key_of(model)


def kind_of(model: DecisionModel | FlowModel) -> DefinitionKind:
    """Its kind of definition."""
    return "flow model" if isinstance(model, FlowModel) else "decision model"


def draft_of(model: DecisionModel | FlowModel) -> PublishedModel | PublishedFlow:
    """A model that is not published yet, as definitions would use it."""
    return PublishedFlow(0, model) if isinstance(model, FlowModel) else PublishedModel(0, model)


def pinned_models(key: str, version: int) -> Used:
    """The models of a published version of a service goal or the house rules, as they were when it was published."""
    rows = list(PinnedRow.objects.filter(key=key, version=version).values_list("model", "model_version"))
    return {model: _published(model, number) for model, number in rows}


def _published(model: str, number: int) -> PublishedModel | PublishedFlow:
    try:
        return the_models(model, number)
    except KeyError:
        return the_flows(model, number)


def offered_models() -> Used:
    """The latest versions of all models that are offered."""
    found: dict[str, PublishedModel | PublishedFlow] = {
        key: the_models(key, version) for key, version in latest_models().items()
    }
    return {**found, **{key: the_flows(key, version) for key, version in latest_flows().items()}}


def models_for(definition: ServiceGoal | HouseRules, offered: Used | None = None) -> Used:
    """The models that a definition may use: those that are `offered` (now, where it is not said), all of them, so that
    advice knows them. Nothing is read for a definition without a decision or flow task.
    """
    if not any(task.kind in ("decision", "flow") for task in definition.tasks.values()):
        return {}
    return offered_models() if offered is None else offered


def pins_of(definition: ServiceGoal | HouseRules, models: Used) -> Mapping[str, int]:
    """Model → the version that a definition is published with: of its own tasks, of the processes that these call, and
    of the decisions that are made in them.
    """
    tasks = definition.tasks.values()
    wanted = {task.model for task in tasks if task.kind == "decision"}
    ahead = [task.model for task in tasks if task.kind == "flow"]
    drawn = flows_in(models)
    while ahead:
        key = ahead.pop()
        if key in wanted or key not in drawn:
            continue
        wanted.add(key)
        for process in drawn[key].model.processes.values():
            ahead += _called(process, models)
            wanted |= set(_decided(process, models))
    return {key: models[key].version for key in sorted(wanted) if key in models}


def _called(process: ProcessSpec, models: Used) -> Iterator[str]:
    """The flow models that hold a process which this one calls; all, where it works out which."""
    for element in process.elements.values():
        if element.called is None:
            continue
        named = element.called.strip()
        for key, one in flows_in(models).items():
            if named[:1] != '"' or named.strip('"') in one.model.processes:
                yield key


def _decided(process: ProcessSpec, models: Used) -> Iterator[str]:
    for element in process.elements.values():
        if element.decision is None:
            continue
        for key, one in models.items():
            fits = element.decision.model in ("", key) and isinstance(one, PublishedModel)
            if fits and isinstance(one, PublishedModel) and one.model.named(element.decision.decision) is not None:
                yield key
                break
