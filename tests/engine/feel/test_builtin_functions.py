"""The built-in functions of DMN 1.5 §10.3.4, each with its ordinary case and its edge."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest

from caseloom.engine.feel import NOW, Range, Value, compile
from caseloom.engine.feel.builtins import BUILTINS
from caseloom.engine.spec.values import Money, YearsMonths
from tests.engine.feel.asking import ask

D = Decimal
Examples = list[tuple[str, Value]]

CONVERSION: Examples = [
    ('date("2026-03-31")', date(2026, 3, 31)),
    ('date("2026-02-30")', None),
    ("date(2026, 3, 31)", date(2026, 3, 31)),
    ('date(date and time("2026-03-31T10:00:00"))', date(2026, 3, 31)),
    ('time("14:30:00+02:00")', time(14, 30, tzinfo=timezone(timedelta(hours=2)))),
    ("time(14, 30, 0)", time(14, 30)),
    ('date and time(date("2026-03-31"), time("10:00:00Z"))', datetime(2026, 3, 31, 10, tzinfo=UTC)),
    ('number("1 000,5", " ", ",")', D("1000.5")),
    ('number("abc")', None),
    ("string(1.50)", "1.5"),
    ('string([1, "a", null])', '[1, "a", null]'),
    ("string(null)", None),
    ('duration("P1Y")', YearsMonths(12)),
    ('years and months duration(date("2025-12-31"), date("2026-11-30"))', YearsMonths(10)),
    ('range("[1..5)")', Range(D(1), D(5), True, False)),
    ('range("1..5")', None),
    ('money(5, "EUR")', Money(D(5), "EUR")),
    ('money(5, "euro")', None),
]
TEXTS: Examples = [
    ('substring("foobar", 3)', "obar"),
    ('substring("foobar", -2, 1)', "a"),
    ('substring("foobar", 9)', None),
    ('substring(string: "foobar", start position: 3, length: 2)', "ob"),
    ('substring(text: "foobar", start position: 3)', None),
    ('string length("\U0001f40e")', D(1)),
    ('upper case("aß")', "ASS"),
    ('lower case("AB")', "ab"),
    ('substring before("foobar", "bar")', "foo"),
    ('substring after("foobar", "x")', ""),
    ('contains("foobar", "ob")', True),
    ('starts with("foobar", "")', True),
    ('ends with("foobar", "foo")', False),
    ('string join(["a", null, "c"], "-")', "a-c"),
    ('split("a;b;;c", ";")', ["a", "b", "", "c"]),
    ('matches("foobar", "^fo*b")', True),
    ('matches("FOO", "foo", "i")', True),
    ('matches("a b", "a\\\\sb")', True),
    ('matches("x", "[a-z-[x]]")', False),
    ('matches("x", "(")', None),
    ('matches("x", "x", "z")', None),
    ('replace("abracadabra", "a(.)", "<$1>")', "<b>r<c><d><b>ra"),
    ('replace("abc", "x?", "-")', None),
    ('replace("a.b", ".", "-", "q")', "a-b"),
]
NUMBERS: Examples = [
    ("decimal(2.5, 0)", D(2)),
    ("decimal(1/3, 2)", D("0.33")),
    ("floor(-1.5)", D(-2)),
    ("ceiling(-1.5)", D(-1)),
    ("round up(5.5, 0)", D(6)),
    ("round down(-5.5, 0)", D(-5)),
    ("round half up(-2.5, 0)", D(-3)),
    ("round half down(2.5, 0)", D(2)),
    ("round half up(1250, -2)", D(1300)),
    ("decimal(1, 9999)", None),
    ("abs(-3)", D(3)),
    ('abs(@"-P1D")', timedelta(days=1)),
    ("modulo(-12, 5)", D(3)),
    ("modulo(1, 0)", None),
    ("sqrt(16)", D(4)),
    ("sqrt(-1)", None),
    ("log(1)", D(0)),
    ("exp(0)", D(1)),
    ("odd(5)", True),
    ("even(5.5)", None),
]
LISTS: Examples = [
    ("list contains([1, null], null)", True),
    ("list replace([2, 4], 1, 9)", [D(9), D(4)]),
    ("list replace([2, 4], function(item, new) item < new, 3)", [D(3), D(4)]),
    ("count([1, 2])", D(2)),
    ("count(null)", None),
    ("min(3, 1, 2)", D(1)),
    ('max(["a", "c"])', "c"),
    ("max([])", None),
    ("sum([1, 2, 3])", D(6)),
    ("sum([])", None),
    ('sum([1, "a"])', None),
    ("product([2, 3])", D(6)),
    ("mean([1, 2])", D("1.5")),
    ("median([1, 4, 2, 3])", D("2.5")),
    ("stddev([2, 4, 7, 5])", D("2.081665999466132735282297706979931")),
    ("mode([6, 3, 9, 6, 6])", [D(6)]),
    ("all([true, null])", None),
    ("any([true, null])", True),
    ("sublist([1, 2, 3], 2)", [D(2), D(3)]),
    ("sublist([1, 2, 3], -1, 1)", [D(3)]),
    ("append([1], 2, 3)", [D(1), D(2), D(3)]),
    ("concatenate([1], [2])", [D(1), D(2)]),
    ("insert before([1, 3], 2, 2)", [D(1), D(2), D(3)]),
    ("remove([1, 2], 1)", [D(2)]),
    ("reverse([1, 2])", [D(2), D(1)]),
    ("index of([1, 2, 1], 1)", [D(1), D(3)]),
    ("union([1, 2], [2, 3])", [D(1), D(2), D(3)]),
    ("distinct values([1, 1.0, null, null])", [D(1), None]),
    ("flatten([[1, [2]], 3])", [D(1), D(2), D(3)]),
    ("sort([3, 1, 2])", [D(1), D(2), D(3)]),
    ('sort([1, "a"])', None),
]
CONTEXTS: Examples = [
    ('get value({a: 1}, "a")', D(1)),
    ('get value({a: {b: 1}}, ["a", "b"])', D(1)),
    ("get entries({a: 1})", [{"key": "a", "value": D(1)}]),
    ('context put({a: 1}, "b", 2)', {"a": D(1), "b": D(2)}),
    ('context put({a: {b: 1}}, ["a", "b"], 2)', {"a": {"b": D(2)}}),
    ("context merge([{a: 1}, {a: 2, b: 3}])", {"a": D(2), "b": D(3)}),
    ('context([{key: "a", value: 1}])', {"a": D(1)}),
]
TEMPORAL: Examples = [
    ('day of year(@"2026-02-01")', D(32)),
    ('day of week(@"2026-03-31")', "Tuesday"),
    ('month of year(@"2026-03-31")', "March"),
    ('week of year(@"2026-01-01")', D(1)),
    ('is(@"10:00:00", @"10:00:00")', True),
    ('is(@"2026-01-01T10:00:00Z", @"2026-01-01T11:00:00+01:00")', False),
    ("now()", None),
]
RANGES: Examples = [
    ("before(1, [2..3])", True),
    ("before([1..2), [2..3])", True),
    ("after(3, [1..3))", True),
    ("meets([1..2], [2..3])", True),
    ("met by([2..3], [1..2])", True),
    ("overlaps([1..3], [2..5])", True),
    ("overlaps before([1..3], [2..5])", True),
    ("overlaps after([2..5], [1..3])", True),
    ("finishes(5, [1..5])", True),
    ("finished by([1..5], 5)", True),
    ("includes([1..5], [2..3])", True),
    ("during(5, [1..5))", False),
    ("starts([1..3], [1..5])", True),
    ("started by([1..5], 1)", True),
    ("coincides([1..5], [1..5])", True),
]


@pytest.mark.parametrize(("text", "value"), CONVERSION + TEXTS + NUMBERS + LISTS + CONTEXTS + TEMPORAL + RANGES)
def test_a_function_gives_what_the_standard_says(text: str, value: Value) -> None:
    assert ask(text) == value


def test_every_function_is_shown_by_an_example() -> None:
    shown = " ".join(text for group in (CONVERSION, TEXTS, NUMBERS, LISTS, TEMPORAL, RANGES) for text, _ in group)
    shown += " ".join(text for text, _ in CONTEXTS) + " today() not()"
    assert {name for name in BUILTINS if f"{name}(" not in shown} == set()


def test_now_and_today_are_what_the_scope_says() -> None:
    moment = datetime(2026, 3, 31, 23, tzinfo=UTC)
    assert ask("now()", {NOW: moment}) == moment
    assert ask("today()", {NOW: moment}) == date(2026, 3, 31)
    assert compile("today() > due").reads == {NOW, "due"}


def test_a_function_can_be_passed_on_as_a_value() -> None:
    assert ask("(function(f) f([1, 2]))(count)") == D(2)
