"""A definition (service goal, house rules, decision or flow model) as a stream kind: drafted, published, versioned."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Final, Literal

import msgspec

from caseloom.engine.case.evolve import Stamp
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Context, Decided, Effect, Row, StreamKind, Table, folding
from caseloom.staff.access import need

DefinitionKind = Literal["service goal", "house rules", "decision model", "flow model"]


class Definition(msgspec.Struct, array_like=True):
    """The state: which definition it is, its latest version, and the draft that is worked on."""

    id: int = 0
    key: str = ""
    kind: DefinitionKind = "service goal"
    version: int = 0
    draft: str = ""
    offered: bool = True


class DefinitionEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The base of all events of a definition."""

    stored: ClassVar[str]


class DefinitionDrafted(DefinitionEvent, frozen=True, kw_only=True):
    stored = "definition_drafted.1"
    definition: int
    key: str
    kind: DefinitionKind
    text: str


class DefinitionPublished(DefinitionEvent, frozen=True, kw_only=True):
    """`text` is the YAML, or the XML of a model, as its author wrote it: the definition is a text (DESIGN §6).
    `models` are the versions of the decision and flow models that it uses (docs/adr/0009).
    """

    stored = "definition_published.1"
    version: int
    title: str
    text: str
    models: dict[str, int] = {}


class DefinitionWithdrawn(DefinitionEvent, frozen=True, kw_only=True):
    """No new case is opened from it; running ones go on."""

    stored = "definition_withdrawn.1"


DEFINITION_EVENTS: Final = (DefinitionDrafted, DefinitionPublished, DefinitionWithdrawn)


class DraftDefinition(msgspec.Struct, frozen=True, kw_only=True):
    definition: int
    key: str
    kind: DefinitionKind
    text: str


class PublishDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """Publish the draft. `title`, `faults` and the versions of its decision `models` come from the check, which the
    library makes before the command.
    """

    title: str
    faults: tuple[str, ...] = ()
    models: dict[str, int] = {}


class WithdrawDefinition(msgspec.Struct, frozen=True, kw_only=True):
    pass


DEFINITION_COMMANDS: Final = (DraftDefinition, PublishDefinition, WithdrawDefinition)


def decide(state: Definition, command: Any, context: Context) -> Refused | tuple[DefinitionEvent, ...]:
    """What a command does to a definition."""
    match command:
        case DraftDefinition():
            if state.id and command.key != state.key:
                return Refused("invalid", f"This definition is “{state.key}”; its key does not change.")
            if state.id and command.kind != state.kind:
                return Refused("invalid", f"“{state.key}” is a {state.kind}; it becomes no {command.kind}.")
            if command.text == state.draft:
                return ()
            return (
                DefinitionDrafted(definition=command.definition, key=command.key, kind=command.kind, text=command.text),
            )
        case _ if not state.id:
            return Refused("not found", "There is no such definition.")
        case PublishDefinition(faults=faults) if faults:
            return Refused("invalid", "\n".join(faults), next=(NextStep("Mend the draft, then publish it"),))
        case PublishDefinition(title=title, models=models):
            return (DefinitionPublished(version=state.version + 1, title=title, text=state.draft, models=models),)
        case _:
            return (DefinitionWithdrawn(),) if state.offered else ()


def evolve(state: Definition, event: DefinitionEvent, stamp: Stamp) -> None:
    """Fold one event into the state, in place."""
    _FOLDS[type(event)](state, event)


def _drafted(s: Definition, ev: DefinitionDrafted) -> None:
    s.id, s.key, s.kind, s.draft = ev.definition, ev.key, ev.kind, ev.text


def _published(s: Definition, ev: DefinitionPublished) -> None:
    s.version, s.offered = ev.version, True


def _withdrawn(s: Definition, ev: DefinitionWithdrawn) -> None:
    s.offered = False


_FOLDS: Final[dict[type[DefinitionEvent], Callable[[Definition, Any], None]]] = {
    DefinitionDrafted: _drafted,
    DefinitionPublished: _published,
    DefinitionWithdrawn: _withdrawn,
}

DEFINITION: Final = Table(
    "definition",
    {"id": "bigint"},
    {"key": "text", "kind": "text", "version": "integer", "draft": "text", "offered": "boolean"},
)
VERSION: Final = Table(
    "definition_version",
    {"definition": "bigint", "version": "integer"},
    {
        "key": "text",
        "kind": "text",
        "title": "text",
        "text": "text",
        "published_at": "timestamptz",
        "published_by": "text",
    },
)

PINNED: Final = Table(
    "definition_model",
    {"definition": "bigint", "version": "integer", "model": "text"},
    {"key": "text", "model_version": "integer"},
)


def project(decided: Decided) -> Iterable[Row]:
    """The definition's row, one for each published version, and one for each model that such a version decides by."""
    s: Definition = decided.state
    yield Row(DEFINITION, (s.id,), (s.key, s.kind, s.version, s.draft, s.offered))
    for event in decided.events:
        if isinstance(event, DefinitionPublished):
            values = (s.key, s.kind, event.title, event.text, decided.stamp.at, decided.stamp.actor)
            yield Row(VERSION, (s.id, event.version), values)
            for model, version in event.models.items():
                yield Row(PINNED, (s.id, event.version, model), (s.key, version))


def effects(decided: Decided) -> Iterable[Effect]:
    return ()


def admit(access: Access, state: Definition, command: Any) -> Refused | None:
    """Owners write; publishing binds everybody and asks for its own right."""
    return need(access, "write library" if isinstance(command, DraftDefinition) else "publish library")


DEFINITIONS: Final = StreamKind[Definition](
    name="definition",
    number=4,
    shape=1,
    state=Definition,
    events={event.stored: event for event in DEFINITION_EVENTS},
    commands=DEFINITION_COMMANDS,
    decide=folding(decide, evolve),
    evolve=evolve,
    person=lambda state: 0,
    admit=admit,
    project=project,
    tables=(DEFINITION, VERSION, PINNED),
    effects=effects,
)
