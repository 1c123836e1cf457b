"""How the intake read the message that a case began with: what it may want, what said so, and what it names."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from caseloom.cases.queries import CaseView
from caseloom.channels.contact import CONTACTS, Contact
from caseloom.channels.models import ContactRow
from caseloom.channels.reading import Named, Reading
from caseloom.engine.spec.service_goal import FactSpec
from caseloom.engine.spec.values import ValueFault, parse_value
from caseloom.library.plans import latest
from caseloom.streams.door import the_door
from caseloom.streams.replay import read_state
from caseloom.web.desk.people import plan_of

SHOWN: Final = 3
KINDS: Final[dict[str, "str | Promise"]] = {
    "date": gettext_lazy("date"),
    "amount": gettext_lazy("amount"),
    "order number": gettext_lazy("order number"),
    "customer number": gettext_lazy("customer number"),
    "invoice number": gettext_lazy("invoice number"),
    "contract number": gettext_lazy("contract number"),
    "case number": gettext_lazy("case number"),
    "e-mail address": gettext_lazy("mail address"),
    "phone number": gettext_lazy("telephone number"),
    "IBAN": gettext_lazy("IBAN"),
    "postal address": gettext_lazy("postal address"),
}
TYPES: Final = {"date": ("date",), "amount": ("money", "number")}
"""Kinds of what is named → the types of facts that take it; all others are text."""
WORDS: Final = {
    "e-mail address": ("mail", "email"),
    "phone number": ("phone", "telephone", "mobile"),
    "postal address": ("address",),
}
"""Kinds → words by which the name or label of a fact is known to be meant; without an entry, the kind's own."""


class GuessLine(msgspec.Struct, frozen=True):
    """A service goal that the message may want; `key` is its key on the keyboard."""

    goal: str
    version: int
    title: str
    share: str
    key: str


class NamedLine(msgspec.Struct, frozen=True):
    """Something that the message names. With a `fact` one click takes it into the case."""

    kind: str
    text: str
    fact: str
    label: str
    value: str
    form: str


class ReadingView(msgspec.Struct, frozen=True):
    """A reading in words. `opened` says that the case was opened by it; `guesses` are what it may want instead."""

    contact: int
    opened: bool
    model: str
    share: str
    guesses: list[GuessLine]
    words: list[str]
    like: list[tuple[int, str]]
    outside: str
    wants: list[tuple[str, str]]
    """Service goals that it wants, too: key and title."""
    named: list[NamedLine]


def reading_view(view: CaseView, contact: int | None) -> ReadingView | None:
    """How the first message of a case was read; None where nothing read it."""
    stored = read_state(the_door(), CONTACTS, contact) if contact is not None else None
    if stored is None or contact is None:
        return None
    state: Contact = stored[0]
    return _view(view, contact, state.reading) if state.reading is not None else None


def _view(view: CaseView, contact: int, reading: Reading) -> ReadingView:
    goal = view.state.service_goal
    opened = bool(reading.wants) and reading.verdict == "opens" and goal in reading.wants
    guesses = [one for one in reading.guesses if one.goal != goal and latest(one.goal)]
    first = next((one.probability for one in reading.guesses if one.goal == goal), None)
    return ReadingView(
        contact=contact,
        opened=opened,
        model=reading.model,
        share="" if first is None else f"{min(round(first * 100), 99)} %",
        guesses=[
            GuessLine(one.goal, latest(one.goal), _title(one.goal), _share(one.probability), _key(number, goal))
            for number, one in enumerate(guesses[:SHOWN], 1)
        ],
        words=[word for word, _ in reading.private.words],
        like=_cases_like(view, reading),
        outside=f"{round(reading.outside * 100)} %" if reading.outside >= 0.5 else "",
        wants=[(one, _title(one)) for one in reading.wants if one != goal] if len(reading.wants) > 1 else [],
        named=list(_named(view, reading)),
    )


def _share(probability: float) -> str:
    """In per cent; what is hardly possible has no figure."""
    share = round(probability * 100)
    return f"{share} %" if share else ""


def _key(number: int, goal: str) -> str:
    """While the case has no goal, the guesses are 1 to 3; where it has one, the likeliest other is x."""
    if not goal:
        return str(number)
    return "x" if number == 1 else ""


def _title(goal: str) -> str:
    plan = plan_of(goal, latest(goal))
    return plan.service_goal.title if plan is not None and plan.service_goal is not None else goal


def _cases_like(view: CaseView, reading: Reading) -> list[tuple[int, str]]:
    rows = ContactRow.objects.filter(pk__in=reading.like).exclude(case_id=None).exclude(case_id=view.state.id)
    return [(case, subject) for case, subject in rows.values_list("case_id", "subject")[:SHOWN] if case is not None]


# --- what it names ----------------------------------------------------------------------------------------------------


def _named(view: CaseView, reading: Reading) -> Iterator[NamedLine]:
    """Facts that the text names, each with the fact of the case that waits for it, if one does."""
    taken: set[str] = set()
    for number, one in enumerate(reading.private.named):
        name = _fact_for(view, one, taken)
        if name:
            taken.add(name)
        spec = view.plan.facts.get(name)
        yield NamedLine(
            kind=str(KINDS.get(one.kind, one.kind)),
            text=one.text,
            fact=name,
            label=(spec.label or name) if spec is not None else "",
            value=one.value,
            form=f"named-{number}",
        )


def _fact_for(view: CaseView, one: Named, taken: set[str]) -> str:
    """The fact that it may be: not known yet, of a fitting type, and called so; a lone one of its type will do."""
    open_facts = {
        name: spec
        for name, spec in view.plan.facts.items()
        if name not in taken and _unknown(view, name) and _fits(spec, one)
    }
    words = WORDS.get(one.kind, (one.kind.lower(),))
    for name, spec in open_facts.items():
        if any(word in f"{name} {spec.label}".lower() for word in words):
            return name
    return next(iter(open_facts)) if one.kind in TYPES and len(open_facts) == 1 else ""


def _unknown(view: CaseView, name: str) -> bool:
    known = view.state.facts.get(name)
    return known is None or known.value is None


def _fits(spec: FactSpec, one: Named) -> bool:
    if spec.type not in TYPES.get(one.kind, ("text",)) or spec.choices:
        return False
    try:
        value: Any = parse_value(spec.type, one.value)
    except ValueFault:
        return False
    return value is not None
