"""The API's types: those of commands are made from the commands, so that door and document cannot differ."""

from datetime import UTC, datetime
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import msgspec
from ninja import Schema
from pydantic import AwareDatetime, Field, create_model

from caseloom.engine.case.refusal import Refused
from caseloom.foundation.text import find_fault
from caseloom.web.api.problem import Problem


def schema_of(struct: type[msgspec.Struct], *without: str) -> type[Schema]:
    """A pydantic model with the struct's fields, but for those that the route itself knows."""
    hints = get_type_hints(struct)
    fields: dict[str, Any] = {}
    for field in msgspec.structs.fields(struct):
        if field.name not in without:
            fields[field.name] = (_of_api(hints[field.name]), _default(field))
    return create_model(struct.__name__, __base__=Schema, __doc__=struct.__doc__, **fields)


def _of_api(hint: Any) -> Any:
    """A moment in a body names its zone: without one nobody knows which is meant. Parts are models as the whole is."""
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return schema_of(hint)
    if get_origin(hint) is tuple:
        member = get_args(hint)[0]
        members = get_args(member) if get_origin(member) is UnionType else (member,)
        if any(isinstance(one, type) and issubclass(one, msgspec.Struct) for one in members):
            return list[Union[tuple(map(_of_api, members))]]  # type: ignore[misc]  # noqa: UP007
    return {datetime: AwareDatetime, datetime | None: AwareDatetime | None}.get(hint, hint)


def _default(field: msgspec.structs.FieldInfo) -> Any:
    if field.default_factory is not msgspec.NODEFAULT:
        return Field(default_factory=field.default_factory)
    return ... if field.default is msgspec.NODEFAULT else field.default


def command_of(struct: type[msgspec.Struct], body: Schema, **known: Any) -> Any:
    """The command that a body asks for.

    Raises:
        Problem: a text in it has a character that cannot be stored; the place is named.
    """
    given = {**body.dict(), **known}
    sound(given, "")
    return msgspec.convert(given, struct)


def sound(value: Any, place: str) -> None:
    """Refuse NUL, lone surrogates and the like wherever they stand (one validator at the edge)."""
    if isinstance(value, str):
        fault = find_fault(value)
        if fault is not None:
            raise Problem(Refused("invalid", f"{place.strip('/') or 'text'}: {fault.reason}", facts={"place": place}))
    elif isinstance(value, int) and not -BEYOND <= value < BEYOND:
        raise Problem(Refused("invalid", f"{place.strip('/')}: this number is too large", facts={"place": place}))
    elif isinstance(value, datetime) and not SOONEST <= value <= LATEST:
        raise Problem(Refused("invalid", f"{place.strip('/')}: give a year from 1900 to 2999", facts={"place": place}))
    elif isinstance(value, dict | list | tuple) and place.count("/") > DEEPEST:
        raise Problem(Refused("invalid", f"{place[:80].strip('/')}…: this is nested too deeply"))
    elif isinstance(value, dict):
        for name, part in value.items():
            sound(name, f"{place}/name")
            sound(part, f"{place}/{name}")
    elif isinstance(value, list | tuple):
        for number, part in enumerate(value):
            sound(part, f"{place}/{number}")


BEYOND: Final = 2**63
DEEPEST: Final = 32
SOONEST: Final = datetime(1900, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2999, 12, 31, tzinfo=UTC)


class Done(Schema):
    """An accepted command: the stream and the version it has now. `repeated` when its key had been accepted before."""

    id: int
    version: int
    repeated: bool
    events: list[dict[str, Any]]


class WorkLineOut(Schema):
    """A line of the worklist."""

    case: int
    want: str
    customer: int
    customer_name: str
    service_goal: str
    status: str
    channel: str
    team: str
    assignee: str
    waits_for: str
    due: datetime | None
    due_goal: str
    late: bool
    perception: int | None
    unanswered: int
    priority: str


class WorklistOut(Schema):
    """A page of the worklist; `next` is the cursor of the page after it."""

    cases: list[WorkLineOut]
    next: str | None


class GoalOut(Schema):
    """A goal of a case with the options that its definition offers."""

    id: int
    key: str
    title: str
    need: str
    status: str
    late: bool
    due: datetime | None
    paused: bool
    option: str | None
    options: list[str]
    priority: str
    parent: int | None


class TaskOut(Schema):
    """An open task; `form` names the facts that it asks for, `must` those that it needs."""

    id: int
    key: str
    title: str
    status: str
    goal: int | None
    team: str
    role: str
    assignee: str
    by_customer: bool
    form: list[str]
    must: list[str]
    late: bool


class FactOut(Schema):
    """A fact: its plain value, who said so, when."""

    type: str
    value: Any
    source: str
    at: datetime


class PromiseOut(Schema):
    id: int
    text: str
    due: datetime


class CaseOut(Schema):
    """A case as it stands."""

    id: int
    number: str
    version: int
    customer: int
    service_goal: str
    want: str
    status: str
    channel: str
    owner: str
    team: str
    opened_at: datetime | None
    ended_at: datetime | None
    waits_for: str
    perception: int | None
    confirmed: bool
    awaits_confirmation: bool
    unanswered: list[int]
    goals: list[GoalOut]
    tasks: list[TaskOut]
    facts: dict[str, FactOut]
    promises: list[PromiseOut]
    offers: dict[str, str]


class EventOut(Schema):
    """An event of a stream's history. Personal fields of erased persons are empty."""

    version: int
    type: str
    at: datetime
    actor: str
    data: dict[str, Any]


class HistoryOut(Schema):
    """A page of the history, newest page first, in order within; `next` is where the older page ends."""

    events: list[EventOut]
    next: int | None


class CustomerOut(Schema):
    """A customer's record."""

    id: int
    version: int
    name: str
    language: str
    segment: str
    identities: list[tuple[str, str]]
    facts: dict[str, Any]
    since: datetime | None
    left_at: datetime | None
    erased: bool


class FoundOut(Schema):
    """A stream that a search found."""

    id: int
    kind: str
    customer: int


class ServiceGoalOut(Schema):
    """An entry of the library."""

    key: str
    version: int
    title: str
    customer_title: str
    team: str
    owner: str
    channels: list[str]
    self_service: bool


class DefinitionIn(Schema):
    """A service goal or house rules as YAML, a decision model as DMN 1.1 to 1.5, or a flow model as BPMN 2.0."""

    text: str


class PlaceOut(Schema):
    line: int
    column: int
    path: str
    message: str


class CheckedOut(Schema):
    """What is wrong with a definition; nothing where `places` is empty."""

    sound: bool
    places: list[PlaceOut]


class DecisionInputOut(Schema):
    """What a decision is to be given, and its type where the model names one."""

    name: str
    type: str


class DecisionOut(Schema):
    """A decision, or decision service, of a model."""

    name: str
    inputs: list[DecisionInputOut]


class DecisionModelOut(Schema):
    """A published decision model."""

    key: str
    version: int
    decisions: list[DecisionOut]


class EvaluateIn(Schema):
    """Which decision is to be made with what. Dates, times and durations are texts (ISO 8601)."""

    decision: str
    inputs: dict[str, Any] = Field(default_factory=dict)
    version: int | None = Field(default=None, description="without it, the latest one", ge=1, le=2_147_483_647)


class NoteOut(Schema):
    """Why something is null: the element of the model, and line and column of the expression in it (0: unknown)."""

    where: str
    line: int
    column: int
    message: str


class EvaluatedOut(Schema):
    """What a decision came to, by which version, and why what is null is null."""

    key: str
    version: int
    decision: str
    result: Any
    notes: list[NoteOut]


class MeOut(Schema):
    """Who is calling, and what they may."""

    actor: str
    name: str
    roles: list[str]
    teams: list[str]
    skills: list[str]
    rights: list[str]
