"""Money: amounts of one currency reckon and compare; two currencies are a fault that nothing hides."""

from decimal import Decimal

import pytest

from caseloom.engine.feel import Fault, Value, compile, is_true
from caseloom.engine.spec.values import Money
from tests.engine.feel.asking import ask, passes

EURO, DOLLAR = Money(Decimal(500), "EUR"), Money(Decimal(500), "USD")
SCOPE: dict[str, Value] = {"refund": {"amount": EURO}, "fee": DOLLAR, "broken": Fault("No rate.", 3, 4)}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('refund.amount > money(400, "EUR")', True),
        ('refund.amount = money(500.00, "EUR")', True),
        ('refund.amount + money(1, "EUR")', Money(Decimal(501), "EUR")),
        ('refund.amount - money(1, "EUR")', Money(Decimal(499), "EUR")),
        ("refund.amount * 2", Money(Decimal(1000), "EUR")),
        ("0.5 * refund.amount", Money(Decimal(250), "EUR")),
        ("refund.amount / 2", Money(Decimal(250), "EUR")),
        ("refund.amount / refund.amount", Decimal(1)),
        ("-refund.amount", Money(Decimal(-500), "EUR")),
        ("refund.amount.currency", "EUR"),
        ("refund.amount.amount", Decimal(500)),
        ('refund.amount in [money(1, "EUR")..money(500, "EUR")]', True),
        ("sum([refund.amount, refund.amount])", Money(Decimal(1000), "EUR")),
        ("max([refund.amount])", EURO),
        ("refund.amount > 400", None),
        ("refund.amount instance of money", True),
        ("string(refund.amount)", "500 EUR"),
    ],
)
def test_money_of_one_currency_reckons_and_compares(text: str, value: Value) -> None:
    assert ask(text, SCOPE) == value


@pytest.mark.parametrize(
    "text",
    [
        "refund.amount > fee",
        "refund.amount = fee",
        "refund.amount + fee",
        "refund.amount - fee",
        "refund.amount / fee",
        "sum([refund.amount, fee])",
        "max(refund.amount, fee)",
        "fee in [refund.amount..refund.amount]",
        "true and (refund.amount > fee or true)",
        "if refund.amount < fee then 1 else 2",
        "[1, refund.amount + fee]",
    ],
)
def test_two_currencies_are_a_fault_whatever_stands_around_them(text: str) -> None:
    fault = ask(text, SCOPE)
    assert isinstance(fault, Fault)
    assert "different currencies" in fault.message
    assert not is_true(fault)


def test_a_fault_in_the_scope_comes_out_as_it_went_in() -> None:
    assert ask("1 + broken", SCOPE) == Fault("No rate.", 3, 4)
    assert passes("> 5", Fault("No rate.", 3, 4)) == Fault("No rate.", 3, 4)


def test_a_fault_names_its_place() -> None:
    fault = compile("1 = 1 and\n  refund.amount > fee").evaluate(SCOPE)
    assert isinstance(fault, Fault)
    assert (fault.line, fault.column) == (2, 17)
