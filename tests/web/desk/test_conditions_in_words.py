"""The condition of a way that is not open now, in words."""

import pytest

from caseloom.engine.feel import compile
from caseloom.engine.spec.service_goal import FactSpec
from caseloom.web.desk.conditions import condition_words

FACTS = {
    "line test": FactSpec(type="choice", choices=("weak", "dead")),
    "restored": FactSpec(type="boolean", label="Line restored"),
    "fee": FactSpec(type="money", label="Fee"),
    "visits": FactSpec(type="number"),
}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('line test = "weak"', "Opens when Line test is “weak”"),
        (
            'line test = "weak" or line test = "dead" or restored = false',
            "Opens when Line test is “weak” or Line test is “dead” or Line restored is no",
        ),
        ("restored != null and visits >= 2", "Opens when Line restored is known and Visits is at least 2"),
        ("fee = null", "Opens when Fee is not known"),
        ("restored", "Opens when Line restored is yes"),
        ('fee <= money(50, "EUR")', "Opens when Fee is at most 50 EUR"),
        ('actor.kind = "customer"', "Opens when the customer chooses it"),
        ("restored and (visits > 1 or fee = null)", "Not open now; it depends on: Fee, Line restored, Visits"),
        ("count([visits]) > 1", "Not open now; it depends on: Visits"),
        ("today() > date(2026, 1, 1)", "Not open now"),
    ],
)
def test_a_condition_is_said_or_told_by_its_facts(text: str, words: str) -> None:
    assert condition_words(compile(text, FACTS), FACTS) == words
