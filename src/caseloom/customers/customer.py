"""The customer as a stream kind: identities, name, facts, relation to the house."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, ClassVar, Final, Literal

import msgspec

from caseloom.engine.case.evolve import Stamp
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.spec.history import Private
from caseloom.engine.spec.values import ValueFault, parse_text
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Context, Decided, Effect, Row, StreamKind, Table, folding
from caseloom.staff.access import need
from caseloom.streams.search import SEARCH, search_row

IdentityKind = Literal["mail", "phone", "number", "social"]
IDENTITY_KINDS: Final = ("mail", "phone", "number", "social")


class Customer(msgspec.Struct, array_like=True):
    """The state of a customer. `identities` are (kind, value), normalised; `facts` name → plain value."""

    id: int = 0
    name: str = ""
    language: str = ""
    segment: str = ""
    identities: tuple[tuple[str, str], ...] = ()
    facts: dict[str, Any] = {}
    fact_sources: dict[str, tuple[str, datetime]] = {}
    aliases: tuple[int, ...] = ()
    merged_into: int | None = None
    since: datetime | None = None
    left_at: datetime | None = None
    erased: bool = False


class CustomerEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The base of all events of a customer."""

    stored: ClassVar[str]


class NamePrivate(Private, frozen=True):
    name: str = ""


class IdentityPrivate(Private, frozen=True):
    value: str = ""


class FactPrivate(Private, frozen=True):
    value: Any = None


class CustomerCreated(CustomerEvent, frozen=True, kw_only=True):
    stored = "customer_created.1"
    customer: int
    language: str = ""
    segment: str = ""
    private: NamePrivate = NamePrivate()


class CustomerRenamed(CustomerEvent, frozen=True, kw_only=True):
    stored = "customer_renamed.1"
    private: NamePrivate = NamePrivate()


class IdentityAdded(CustomerEvent, frozen=True, kw_only=True):
    stored = "identity_added.1"
    kind: str
    private: IdentityPrivate = IdentityPrivate()


class IdentityRemoved(CustomerEvent, frozen=True, kw_only=True):
    stored = "identity_removed.1"
    kind: str
    private: IdentityPrivate = IdentityPrivate()


class CustomerFactSet(CustomerEvent, frozen=True, kw_only=True):
    stored = "customer_fact_set.1"
    name: str
    source: str
    private: FactPrivate = FactPrivate()


class RelationEnded(CustomerEvent, frozen=True, kw_only=True):
    """The customer has left: counted against retention."""

    stored = "relation_ended.1"


class CustomersMerged(CustomerEvent, frozen=True, kw_only=True):
    """Another record turned out to be the same customer: an alias, nothing is rewritten."""

    stored = "customers_merged.1"
    other: int


class MergedAway(CustomerEvent, frozen=True, kw_only=True):
    stored = "merged_away.1"
    into: int


class CustomerErased(CustomerEvent, frozen=True, kw_only=True):
    stored = "customer_erased.1"


CUSTOMER_EVENTS: Final = (
    CustomerCreated, CustomerRenamed, IdentityAdded, IdentityRemoved, CustomerFactSet, RelationEnded, CustomersMerged,
    MergedAway, CustomerErased,
)  # fmt: skip


class CustomerCommand(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The base of all commands to a customer."""


class CreateCustomer(CustomerCommand, frozen=True, kw_only=True):
    customer: int
    name: str = ""
    language: str = ""
    segment: str = ""
    identities: tuple[tuple[IdentityKind, str], ...] = ()
    facts: dict[str, Any] = {}


class RenameCustomer(CustomerCommand, frozen=True, kw_only=True):
    name: str


class AddIdentity(CustomerCommand, frozen=True, kw_only=True):
    kind: IdentityKind
    value: str


class RemoveIdentity(CustomerCommand, frozen=True, kw_only=True):
    kind: IdentityKind
    value: str


class SetCustomerFacts(CustomerCommand, frozen=True, kw_only=True):
    facts: dict[str, Any]
    source: str = ""


class EndRelation(CustomerCommand, frozen=True, kw_only=True):
    pass


class MergeCustomer(CustomerCommand, frozen=True, kw_only=True):
    """`other` is the same customer: from now on it is an alias of this one."""

    other: int


class MergeAway(CustomerCommand, frozen=True, kw_only=True):
    into: int


class EraseCustomer(CustomerCommand, frozen=True, kw_only=True):
    """The right to be forgotten (GDPR Art. 17). Cannot be undone."""


CUSTOMER_COMMANDS: Final = (
    CreateCustomer, RenameCustomer, AddIdentity, RemoveIdentity, SetCustomerFacts, EndRelation, MergeCustomer,
    MergeAway, EraseCustomer,
)  # fmt: skip


def facts_of(customer: Customer) -> dict[str, Any]:
    """What a case may copy from a customer's record (`from customer: NAME`): name, segment, the first identity of each
    kind, and all facts.
    """
    found: dict[str, Any] = {"name": customer.name, "segment": customer.segment}
    for kind, value in reversed(customer.identities):
        found[kind] = value
    return {name: value for name, value in (found | customer.facts).items() if value not in (None, "")}


def normalised(kind: str, value: str) -> str:
    """An identity in the one form in which it is compared: addresses in lower case, phones as digits."""
    text = value.strip()
    if kind == "mail":
        return text.casefold()
    if kind == "phone":
        digits = "".join(character for character in text if character.isdigit())
        return "+" + digits.removeprefix("00") if text.startswith(("+", "00")) else digits
    return text.upper() if kind == "number" else text


# --- decide
# -----------------------------------------------------------------------------------------------------------------

Events = list[CustomerEvent]


def decide(state: Customer, command: CustomerCommand, context: Context) -> Refused | tuple[CustomerEvent, ...]:
    """What a command does to a customer's record."""
    if state.id == 0 and not isinstance(command, CreateCustomer):
        return Refused("not found", "There is no such customer.")
    if state.erased:
        return Refused("closed", "This customer has been erased; nothing of theirs can be changed or brought back.")
    events = _decide(state, command, context)
    return events if isinstance(events, Refused) else tuple(events)


def _decide(state: Customer, command: CustomerCommand, context: Context) -> Refused | Events:
    match command:
        case CreateCustomer():
            return _create(state, command)
        case RenameCustomer(name=name):
            return [] if name == state.name else [CustomerRenamed(private=NamePrivate(name))]
        case AddIdentity(kind=kind, value=value):
            return _add_identity(state, kind, value)
        case RemoveIdentity(kind=kind, value=value):
            identity = (kind, normalised(kind, value))
            return (
                [IdentityRemoved(kind=kind, private=IdentityPrivate(identity[1]))]
                if identity in state.identities
                else []
            )
        case SetCustomerFacts(facts=facts, source=source):
            return _set_facts(state, facts, source or context.access.actor.id)
        case EndRelation():
            return [] if state.left_at else [RelationEnded()]
        case MergeCustomer(other=other):
            return [] if other in state.aliases else [CustomersMerged(other=other)]
        case MergeAway(into=into):
            return [] if state.merged_into == into else [MergedAway(into=into)]
        case _:
            return [CustomerErased()]


def _create(state: Customer, command: CreateCustomer) -> Refused | Events:
    if state.id:
        return Refused("duplicate", "This customer exists already.")
    created = CustomerCreated(
        customer=command.customer,
        language=command.language,
        segment=command.segment,
        private=NamePrivate(command.name),
    )
    events: Events = [created]
    for kind, value in command.identities:
        added = _add_identity(state, kind, value)
        if isinstance(added, Refused):
            return added
        events += added
    facts = _set_facts(state, command.facts, "created")
    return facts if isinstance(facts, Refused) else [*events, *facts]


def _add_identity(state: Customer, kind: str, value: str) -> Refused | Events:
    plain = normalised(kind, value)
    if not plain or (kind == "mail" and "@" not in plain):
        return Refused(
            "invalid",
            f"“{value}” is no {kind} to reach somebody by.",
            next=(NextStep("Check it for a slip"),),
        )
    return [] if (kind, plain) in state.identities else [IdentityAdded(kind=kind, private=IdentityPrivate(plain))]


def _set_facts(state: Customer, facts: dict[str, Any], source: str) -> Refused | Events:
    for name, value in facts.items():
        if isinstance(value, str):
            try:
                parse_text(value)
            except ValueFault as fault:
                return Refused("invalid", f"{name}: {fault}")
    changed = {name: value for name, value in facts.items() if state.facts.get(name) != value}
    return [CustomerFactSet(name=name, source=source, private=FactPrivate(value)) for name, value in changed.items()]


# --- evolve
# -----------------------------------------------------------------------------------------------------------------


def evolve(state: Customer, event: CustomerEvent, stamp: Stamp) -> None:
    """Fold one event into the state, in place."""
    _FOLDS[type(event)](state, event, stamp)


def _created(s: Customer, ev: CustomerCreated, stamp: Stamp) -> None:
    s.id, s.name, s.language, s.segment, s.since = (
        ev.customer,
        ev.private.name,
        ev.language,
        ev.segment,
        stamp.at,
    )


def _renamed(s: Customer, ev: CustomerRenamed, stamp: Stamp) -> None:
    s.name = ev.private.name


def _identity_added(s: Customer, ev: IdentityAdded, stamp: Stamp) -> None:
    s.identities = (*s.identities, (ev.kind, ev.private.value))


def _identity_removed(s: Customer, ev: IdentityRemoved, stamp: Stamp) -> None:
    s.identities = tuple(identity for identity in s.identities if identity != (ev.kind, ev.private.value))


def _fact_set(s: Customer, ev: CustomerFactSet, stamp: Stamp) -> None:
    s.facts[ev.name] = ev.private.value
    s.fact_sources[ev.name] = (ev.source, stamp.at)


def _relation_ended(s: Customer, ev: RelationEnded, stamp: Stamp) -> None:
    s.left_at = stamp.at


def _merged(s: Customer, ev: CustomersMerged, stamp: Stamp) -> None:
    s.aliases = (*s.aliases, ev.other)


def _merged_away(s: Customer, ev: MergedAway, stamp: Stamp) -> None:
    s.merged_into = ev.into


def _erased(s: Customer, ev: CustomerErased, stamp: Stamp) -> None:
    s.name, s.identities, s.facts, s.fact_sources, s.erased = "", (), {}, {}, True


_FOLDS: Final[dict[type[CustomerEvent], Callable[[Customer, Any, Stamp], None]]] = {
    CustomerCreated: _created,
    CustomerRenamed: _renamed,
    IdentityAdded: _identity_added,
    IdentityRemoved: _identity_removed,
    CustomerFactSet: _fact_set,
    RelationEnded: _relation_ended,
    CustomersMerged: _merged,
    MergedAway: _merged_away,
    CustomerErased: _erased,
}

# --- projections
# ------------------------------------------------------------------------------------------------------------

CUSTOMER: Final = Table(
    "customer",
    {"id": "bigint"},
    {
        "name": "text",
        "language": "text",
        "segment": "text",
        "since": "timestamptz",
        "left_at": "timestamptz",
        "merged_into": "bigint",
        "erased": "boolean",
    },
)
IDENTITY: Final = Table(
    "customer_identity",
    {"kind": "text", "value": "text"},
    {"customer": "bigint"},
    owner="customer",
    exclusive=True,
)


def project(decided: Decided) -> Iterable[Row]:
    """The customer's row, their identities (unique over all customers), and the words to find them by."""
    state: Customer = decided.state
    yield Row(
        CUSTOMER,
        (state.id,),
        (
            state.name,
            state.language,
            state.segment,
            state.since,
            state.left_at,
            state.merged_into,
            state.erased,
        ),
    )
    values = " ".join(value for _, value in state.identities)
    yield search_row(state.id, "customer", state.id, f"{state.name} {values}")
    standing = set(state.identities)
    for event in decided.events:
        if isinstance(event, IdentityAdded | IdentityRemoved) and event.private.value:
            identity = (event.kind, event.private.value)
            yield Row(IDENTITY, identity, (state.id,) if identity in standing else None)


def effects(decided: Decided) -> Iterable[Effect]:
    """An erasure is carried through all streams, files and search by its performer."""
    for number, event in enumerate(decided.events, decided.version + 1):
        if isinstance(event, CustomerErased):
            yield Effect("erase customer", number)


def admit(access: Access, state: Customer, command: CustomerCommand) -> Refused | None:
    """Who may do what to a customer's record."""
    if isinstance(command, EraseCustomer):
        return need(access, "erase customers")
    if access.customer is not None:
        return (
            None
            if access.customer == state.id and isinstance(command, SetCustomerFacts)
            else need(access, "work cases")
        )
    return need(access, "work cases")


CUSTOMERS: Final = StreamKind[Customer](
    name="customer",
    number=3,
    shape=1,
    state=Customer,
    events={event.stored: event for event in CUSTOMER_EVENTS},
    commands=CUSTOMER_COMMANDS,
    decide=folding(decide, evolve),
    evolve=evolve,
    person=lambda state: state.id,
    admit=admit,
    project=project,
    tables=(CUSTOMER, IDENTITY, SEARCH),
    effects=effects,
)
