"""Each kind of data rule, boundary rule on one act, condition and person against a plain reading, over all values."""

import itertools
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Final

import pytest

from caseloom.engine.feel import NOW, compile
from caseloom.engine.rules.language.kinds import Kind, kinds
from caseloom.engine.rules.language.reader import read
from caseloom.engine.rules.meaning import meaning
from caseloom.engine.spec.service_goal import BoundaryRuleSpec, DataRuleSpec
from caseloom.engine.spec.values import Money
from tests.engine.rules.language.sample import VOCABULARY
from tests.engine.rules.traces import MONDAY, NAMES

Values = Mapping[str, tuple[Any, ...]]
Reading = Callable[[SimpleNamespace], bool]

TODAY: Final = MONDAY.date()
DAYS = (None, TODAY - timedelta(1), TODAY, TODAY + timedelta(1), date(2026, 1, 31), date(2026, 2, 1), date(2027, 1, 1))
AMOUNTS = (None, 0, 1, 49, 50, 51, 200, 201, 500, 501, 1000, 1001, 5000, 5001)
STATUS = (None, "active", "blocked", "lost", "gone")
NUMBERS = (None, "", "1", "12345678", "123456789", "DE-45678", "AB12", "ab12", "12345X", "TEST 12345", "1234567890123")
QUANTITIES = (None, Decimal(0), Decimal(1), Decimal("1.5"), Decimal(99), Decimal(100))
TRUTHS = (None, True, False)
CLAIMS = (None, (), (400,), (600,), (500, 500), (1000, 1001), (1, 2, 3), (1, 2, 3, 4), (700, 700, 700))
PERSONS = {
    "lead": ("agent", {"team lead"}, {"law"}, {"billing"}),
    "chief": ("agent", {"supervisor"}, set(), {"care"}),
    "ann": ("agent", {"clerk"}, {"credit"}, set()),
    "robot": ("program", set(), set(), set()),
    "kim": ("customer", set(), set(), set()),
}
MOMENTS = tuple(
    MONDAY.replace(hour=0) + timedelta(hours=h, minutes=59) for h in (7, 8, 17, 18, 5 * 24 + 12, 6 * 24 + 12)
)
ALL: Values = {
    "refund": AMOUNTS,
    "credit_limit": AMOUNTS,
    "card_status": STATUS,
    "customer_number": NUMBERS,
    "quantity": QUANTITIES,
    "due_date": DAYS,
    "signing_date": DAYS,
    "travel_insurance": TRUTHS,
    "claims": CLAIMS,
    "perception": (None, Decimal(2), Decimal(3)),
    "confirmed": (True, False),
    "actor": tuple(PERSONS),
    "channel": ("phone", "web form", "letter"),
    "now": MOMENTS,
}


def known(name: str, holds: Callable[[Any], bool]) -> Reading:
    """Data that is unknown is valid."""
    return lambda of: getattr(of, name) is None or holds(getattr(of, name))


def above(value: int | None, limit: int) -> bool:
    """Above it, or not known to be below."""
    return value is None or value > limit


def has(of: SimpleNamespace, role: str) -> bool:
    return role in PERSONS[of.actor][1]


def _day(holds: Callable[[date], bool]) -> Reading:
    return lambda of: of.due_date is not None and holds(of.due_date)


DATA: dict[str, Reading] = {
    "must at_most": known("refund", lambda refund: refund <= 5000),
    "must at_least": known("quantity", lambda quantity: quantity >= 1),
    "must above": known("refund", lambda refund: refund > 0),
    "must below": known("quantity", lambda quantity: quantity < 100),
    "must between": known("refund", lambda refund: 1 <= refund <= 5000),
    "must exactly": known("card_status", lambda status: status == "active"),
    "must_not exactly": known("card_status", lambda status: status != "lost"),
    "must one_of": known("card_status", lambda status: status in ("active", "blocked", "lost")),
    "must_not one_of": known("card_status", lambda status: status not in ("blocked", "lost")),
    "must earlier": lambda of: not (of.signing_date and of.due_date) or of.signing_date < of.due_date,
    "must later": known("due_date", lambda due: due > date(2026, 1, 31)),
    "must_be_past": known("signing_date", lambda day: day < TODAY),
    "must_be_future": known("due_date", lambda day: day > TODAY),
    "must_not_be_past": known("due_date", lambda day: day >= TODAY),
    "must_not_be_future": known("signing_date", lambda day: day <= TODAY),
    "must_be_known": lambda of: of.customer_number is not None,
    "must_be_known_if": lambda of: of.customer_number is not None or (of.refund is not None and of.refund <= 500),
    "must_if at_most": lambda of: of.card_status != "blocked" or of.refund is None or of.refund <= 50,
    "must_be_whole": known("quantity", lambda quantity: quantity == int(quantity)),
    "must_have_digits": known("customer_number", lambda text: re.fullmatch("[0-9]{8}", text) is not None),
    "must_have_characters": known("customer_number", lambda text: len(text) == 8),
    "must_have_at_most_characters": known("customer_number", lambda text: len(text) <= 12),
    "must_have_at_least_characters": known("customer_number", lambda text: len(text) >= 6),
    "must_match": known("customer_number", lambda text: re.fullmatch("[A-Z]{2}[0-9]+", text) is not None),
    "must_begin_with": known("customer_number", lambda text: text.startswith("DE")),
    "must_end_with": known("customer_number", lambda text: text.endswith("X")),
    "must_contain": known("customer_number", lambda text: "-" in text),
    "must_not_contain": known("customer_number", lambda text: " " not in text),
    "must_all_differ": known("claims", lambda claims: len(set(claims)) == len(claims)),
    "each_must at_most": known("claims", lambda claims: all(claim <= 500 for claim in claims)),
    "must of a sum": known("claims", lambda claims: sum(claims) <= 2000),
    "must of a number": known("claims", lambda claims: len(claims) <= 3),
}
BOUNDARY: dict[str, Reading] = {
    "never": lambda of: False,
    "never with a limit": lambda of: not above(of.refund, 5000),
    "by": lambda of: not above(of.refund, 500) or has(of, "team lead"),
    "not_by": lambda of: of.actor != "robot",
    "only_by": lambda of: of.actor == "ann",
    "only_by_if": lambda of: not above(of.refund, 1000) or has(of, "team lead") or has(of, "supervisor"),
    "only_if": lambda of: of.card_status == "blocked" and of.confirmed,
    "not_if": lambda of: of.travel_insurance is True,
    "only_by_channel": lambda of: of.channel == "phone",
    "not_by_channel": lambda of: of.channel != "web form",
    "not_on_weekends": lambda of: of.now.weekday() < 5,
    "only_between_times": lambda of: 8 <= of.now.hour < 18,
    "not_before_date": lambda of: of.due_date is not None and of.now.date() >= of.due_date,
    "not_after_date": lambda of: True,
    "known_before": lambda of: of.customer_number is not None,
    "must_when": lambda of: of.refund is not None and of.refund <= 200,
}
CONDITIONS: dict[str, Reading] = {
    "is": lambda of: not above(of.refund, 500),
    "is_not": lambda of: of.card_status == "blocked",
    "is_known": lambda of: of.customer_number is not None,
    "is_unknown": lambda of: of.customer_number is not None,
    "is_past": _day(lambda day: day >= TODAY),
    "is_future": _day(lambda day: day <= TODAY),
    "contains": lambda of: of.customer_number is not None and "TEST" not in of.customer_number,
    "begins_with": lambda of: of.customer_number is not None and of.customer_number.startswith("DE"),
    "has": lambda of: of.travel_insurance is False,
    "has_no": lambda of: bool(of.claims),
    "confirmed": lambda of: of.confirmed,
    "not_confirmed": lambda of: of.confirmed,
    "actor_is": lambda of: of.actor != "robot",
    "actor_is_not": lambda of: has(of, "team lead"),
    "came_by": lambda of: of.channel != "letter",
    "came_not_by": lambda of: of.channel == "phone",
    "is_weekend": lambda of: of.now.weekday() < 5,
    "is_no_weekend": lambda of: of.now.weekday() >= 5,
    "all_of": lambda of: of.card_status == "blocked" and of.confirmed and of.refund is not None and of.refund < 50,
    "any_of": lambda of: of.card_status == "blocked" or of.confirmed,
    "either": lambda of: (of.card_status == "blocked" or of.confirmed) and of.refund is not None and of.refund < 50,
    "both": lambda of: (of.card_status == "blocked" and of.confirmed) or (of.refund is not None and of.refund < 50),
}
WHO: dict[str, Reading] = {
    "role": lambda of: has(of, "team lead"),
    "skill": lambda of: of.actor == "ann",
    "team": lambda of: of.actor == "lead",
    "kind": lambda of: of.actor in ("lead", "chief", "ann"),
    "any_who": lambda of: of.actor in ("lead", "chief", "ann"),
}
READ_BY = {
    "refund": ("refund",),
    "credit limit": ("credit_limit",),
    "card status": ("card_status",),
    "customer number": ("customer_number",),
    "quantity": ("quantity",),
    "due date": ("due_date",),
    "signing date": ("signing_date",),
    "travel insurance": ("travel_insurance",),
    "claims": ("claims",),
    "perception": ("perception",),
    "customer has confirmed": ("confirmed",),
    "actor": ("actor",),
    "case": ("channel",),
    NOW: ("now",),
}


def of_group(group: str) -> dict[str, Kind]:
    return {kind.id: kind for kind in kinds() if kind.group == group}


def scope(of: SimpleNamespace) -> dict[str, Any]:
    """The values under their FEEL names."""
    kind, roles, skills, teams = PERSONS[of.actor]
    return {
        "refund": _money(of.refund),
        "credit limit": _money(of.credit_limit),
        "card status": of.card_status,
        "customer number": of.customer_number,
        "quantity": of.quantity,
        "due date": of.due_date,
        "signing date": of.signing_date,
        "travel insurance": of.travel_insurance,
        "claims": None if of.claims is None else [{"amount": _money(claim)} for claim in of.claims],
        "perception": of.perception,
        "customer has confirmed": of.confirmed,
        "actor": {"kind": kind, "roles": sorted(roles), "skills": sorted(skills), "teams": sorted(teams)},
        "case": {"channel": of.channel},
        NOW: of.now,
    }


def _money(amount: int | None) -> Money | None:
    return None if amount is None else Money(Decimal(amount), "EUR")


def situations(reads: Iterable[str]) -> Iterable[SimpleNamespace]:
    """All values of what is read, with all else at its first value; today unless the time is asked."""
    wanted = {name for read_ in reads for name in READ_BY[read_]}
    for extra in ({"now": (MONDAY,)} if _days(wanted) else {}, {}):
        lists = [extra.get(name, values) if name in wanted else values[:1] for name, values in ALL.items()]
        for chosen in itertools.product(*lists):
            yield SimpleNamespace(**dict(zip(ALL, chosen, strict=True)))
        if extra or not _days(wanted):
            return


def _days(wanted: set[str]) -> bool:
    return "now" in wanted and bool(wanted & {"due_date", "signing_date"})


def compare(sentence: str, reading: Reading) -> None:
    (part,) = meaning(read(sentence, "en", VOCABULARY), VOCABULARY)
    assert isinstance(part, DataRuleSpec | BoundaryRuleSpec)
    expression = compile(part.require, NAMES)
    verdicts = set()
    for of in situations(expression.reads):
        value = expression.evaluate(scope(of))
        # An act that is guarded must be known to be right; data must not be known to be wrong.
        allowed = value is True if isinstance(part, BoundaryRuleSpec) else value is not False
        assert allowed == reading(of), (part.require, of, value)
        verdicts.add(allowed)
    assert False in verdicts or "2026-12-31" in sentence


@pytest.mark.parametrize("kind", DATA)
def test_a_data_rule_says_what_the_sentence_says(kind: str) -> None:
    compare(of_group("data")[kind].en, DATA[kind])


@pytest.mark.parametrize("kind", BOUNDARY)
def test_a_boundary_rule_says_what_the_sentence_says(kind: str) -> None:
    compare(of_group("boundary")[kind].en, BOUNDARY[kind])


@pytest.mark.parametrize("kind", CONDITIONS)
def test_a_condition_says_what_the_sentence_says(kind: str) -> None:
    compare(of_group("condition")[kind].en, CONDITIONS[kind])


@pytest.mark.parametrize("kind", WHO)
def test_a_person_is_who_the_sentence_says(kind: str) -> None:
    compare(of_group("person")[kind].en, WHO[kind])


def test_every_kind_is_tried() -> None:
    tried = {"data": DATA, "boundary": BOUNDARY, "condition": CONDITIONS, "person": WHO}
    assert {group: set(of_group(group)) for group in tried} == {group: set(one) for group, one in tried.items()}
