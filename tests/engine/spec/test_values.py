"""Values of facts: what people type becomes a value or a plain sentence, and the wire form loses nothing."""

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseloom.engine.spec.values import (
    SIMPLE_TYPES,
    Money,
    Value,
    ValueFault,
    YearsMonths,
    from_wire,
    is_type,
    parse_value,
    to_wire,
)

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=4)
zones = st.sampled_from([UTC, timezone(timedelta(hours=-5)), ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Tokyo")])
currencies = st.sampled_from(["EUR", "USD"])
moments = st.datetimes(timezones=zones, allow_imaginary=False)
simple: dict[str, st.SearchStrategy[Value]] = {
    "text": texts,
    "choice": texts,
    "number": numbers,
    "boolean": st.booleans(),
    "date": st.dates(),
    "time": st.times(timezones=st.none() | zones),
    "date and time": moments,
    "days and time duration": st.timedeltas(),
    "years and months duration": st.builds(YearsMonths, st.integers(-9999, 9999)),
    "money": st.builds(Money, numbers, currencies),
}
leaves = st.one_of(st.none(), *simple.values())
objects: st.SearchStrategy[Value] = st.dictionaries(
    texts, st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=8)
)


@st.composite
def typed_values(draw: st.DrawFn) -> tuple[str, Value]:
    name = draw(st.sampled_from(SIMPLE_TYPES))
    strategy = simple.get(name, objects)
    if draw(st.booleans()):
        return f"list of {name}", draw(st.lists(strategy, max_size=4))
    return name, draw(strategy)


@given(typed_values())
def test_a_value_comes_back_from_its_wire_form_through_json_and_messagepack(
    given_value: tuple[str, Value],
) -> None:
    type_name, value = given_value
    wire = to_wire(value)
    assert from_wire(type_name, json.loads(json.dumps(wire))) == value
    assert from_wire(type_name, msgspec.msgpack.decode(msgspec.msgpack.encode(wire))) == value


@given(moments)
def test_a_moment_keeps_its_zone_and_its_side_of_a_doubled_hour(moment: datetime) -> None:
    back = from_wire("date and time", to_wire(moment))
    assert isinstance(back, datetime)
    assert back.utcoffset() == moment.utcoffset()
    assert getattr(back.tzinfo, "key", None) == getattr(moment.tzinfo, "key", None)


@given(typed_values())
def test_a_value_that_is_one_already_is_taken_as_it_is(given_value: tuple[str, Value]) -> None:
    type_name, value = given_value
    if value is not None:
        assert parse_value(type_name, value) == value


@pytest.mark.parametrize(
    ("type_name", "raw", "value"),
    [
        ("text", " Zoë ", " Zoë "),
        ("number", "12.50", Decimal("12.50")),
        ("number", " -3 ", Decimal(-3)),
        ("number", 0.1, Decimal("0.1")),
        ("number", "1" * 40, Decimal("1" * 34 + "0" * 6)),
        ("boolean", "on", True),
        ("boolean", "no", False),
        ("date", "2026-03-31", date(2026, 3, 31)),
        ("time", "14:30", time(14, 30)),
        ("date and time", "2026-03-31T14:30:00Z", datetime(2026, 3, 31, 14, 30, tzinfo=UTC)),
        ("days and time duration", "P2DT4H", timedelta(days=2, hours=4)),
        ("days and time duration", "-PT0.5S", timedelta(seconds=-0.5)),
        ("years and months duration", "P1Y6M", YearsMonths(18)),
        ("money", "12.50 EUR", Money(Decimal("12.50"), "EUR")),
        ("money", "EUR 12", Money(Decimal(12), "EUR")),
        ("money", {"amount": "3", "currency": "USD"}, Money(Decimal(3), "USD")),
        ("money", ["3", "USD"], Money(Decimal(3), "USD")),
        ("object", {"n": 3, "who": ["Ada", None]}, {"n": Decimal(3), "who": ["Ada", None]}),
        ("list of number", ["1", 2], [Decimal(1), Decimal(2)]),
        ("list of list of date", [["2026-03-31"]], [[date(2026, 3, 31)]]),
    ],
)
def test_input_becomes_a_value(type_name: str, raw: object, value: Value) -> None:
    assert parse_value(type_name, raw) == value


@pytest.mark.parametrize(
    ("type_name", "raw", "words"),
    [
        ("text", "a\0b", "NUL"),
        ("text", "a\ud800b", "surrogate"),
        ("text", 5, "text is expected"),
        ("object", {"a": {"b\0": "c"}}, "NUL"),
        ("list of text", ["\udfff"], "surrogate"),
        ("number", "12,50", "such as 12 or 12.50"),
        ("number", "NaN", "number is expected"),
        ("number", "٣", "number is expected"),
        ("number", True, "number is expected"),
        ("number", float("inf"), "number is expected"),
        ("number", "1e9999", "too large"),
        ("number", "", "number is expected"),
        ("boolean", "maybe", "Yes or no"),
        ("date", "31.3.2026", "such as 2026-03-31"),
        ("date", "2026-02-30", "such as 2026-03-31"),
        ("date", datetime(2026, 1, 1, tzinfo=UTC), "date is expected"),
        ("time", "25:00", "time is expected"),
        ("date and time", "2026-03-31T14:30:00", "with its zone"),
        ("days and time duration", "P1Y", "P2D"),
        ("days and time duration", "P", "P2D"),
        ("days and time duration", "PT", "P2D"),
        ("days and time duration", "P99999999999999D", "P2D"),
        ("years and months duration", "P1D", "P1Y"),
        ("money", "12.50", "with its currency"),
        ("money", "12.50 €", "with its currency"),
        ("money", "EUR 12 EUR", "with its currency"),
        ("money", ["3", "euro"], "three capital letters"),
        ("object", [], "object is expected"),
        ("list of text", "a", "list is expected"),
        ("number", None, "number is expected"),
        ("colour", "red", "no type"),
    ],
)
def test_what_is_no_value_is_refused_with_what_was_expected(type_name: str, raw: object, words: str) -> None:
    with pytest.raises(ValueFault, match=words):
        parse_value(type_name, raw)


@given(st.sampled_from(SIMPLE_TYPES), st.text() | st.floats() | st.none() | st.lists(st.text()) | st.binary())
def test_whatever_comes_in_is_a_value_or_a_fault(type_name: str, raw: object) -> None:
    try:
        value = parse_value(type_name, raw)
    except ValueFault as fault:
        assert str(fault).endswith(".")
    else:
        assert from_wire(type_name, to_wire(value)) == value


def test_a_form_without_zone_is_completed_by_the_zone_of_the_person() -> None:
    moment = parse_value("date and time", "2026-07-01T09:00", zone="Europe/Berlin")
    assert moment == datetime(2026, 7, 1, 7, tzinfo=UTC)


def test_two_currencies_are_never_added_or_ordered() -> None:
    euro, dollar = Money(Decimal(5), "EUR"), Money(Decimal(5), "USD")
    for attempt in (
        lambda: euro + dollar,
        lambda: euro - dollar,
        lambda: euro < dollar,
        lambda: euro >= dollar,
    ):
        with pytest.raises(ValueFault, match="different currencies"):
            attempt()
    assert euro != dollar
    assert euro + euro == euro * Decimal(2)
    assert euro < euro + euro


def test_types_are_known_by_name_and_lists_nest() -> None:
    assert is_type("list of list of money")
    assert not is_type("list of")
    assert not is_type("list of colours")


def test_an_unknown_type_or_form_on_the_wire_is_a_fault() -> None:
    for type_name, wire in (("colour", "red"), ("list of text", "a"), ("date", "soon"), ("number", "x")):
        with pytest.raises(ValueFault):
            from_wire(type_name, wire)
