"""What expressions give, by clause of DMN 1.5 §10.3.2."""

import operator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseloom.engine.feel import Value
from caseloom.engine.spec.values import DECIMAL128, YearsMonths
from tests.engine.feel.asking import ask, notes_of

D = Decimal
SCOPE: dict[str, Value] = {
    "a": D(3),
    "b": D(4),
    "nothing": None,
    "name": "Ada",
    "first name": "Ada",
    "profit and loss": D(7),
    "a-b": D(100),
    "order": {"total": D(12), "ship to": {"city": "Ulm"}},
    "orders": [{"n": D(1), "tags": ["x"]}, {"n": D(2), "tags": []}, {"n": D(3)}],
    "numbers": [D(1), D(2), D(3), D(4)],
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # arithmetic, §10.3.2.10
        ("1 + 2 * 3", D(7)),
        ("(1 + 2) * 3", D(9)),
        ("0.1 + 0.2 = 0.3", True),
        ("1 / 3", D("0.3333333333333333333333333333333333")),
        ("2 ** 10", D(1024)),
        ("-3 ** 2", D(9)),
        ("10 - 2 - 3", D(5)),
        ("1 / 0", None),
        ("10 ** 7000", None),
        ('"foo" + "bar"', "foobar"),
        ('1 + "a"', None),
        ("1 + null", None),
        (".5 + 1e2", D("100.5")),
        # comparison, §10.3.2.13
        ("1 = 1.0", True),
        ('1 = "1"', None),
        ("null = null", True),
        ("1 != null", True),
        ('"a" < "b"', True),
        ('1 < "b"', None),
        ("[1, 2] = [1, 2.0]", True),
        ("{a: 1, b: 2} = {b: 2, a: 1}", True),
        ("3 between 1 and 3", True),
        ("3 between 4 and 9", False),
        # three-valued logic, §10.3.2.12
        ("true and null", None),
        ("false and null", False),
        ("true or null", True),
        ("false or null", None),
        ("true and 1", None),
        ("a = 3 or 1 / 0 = 1", True),
        ("not(true)", False),
        ("not(null)", None),
        # if, for, some, every, §10.3.2.9
        ("if a > 2 then 1 else 2", D(1)),
        ("if null then 1 else 2", D(2)),
        ("for i in 1..3 return i * i", [D(1), D(4), D(9)]),
        ("for i in 3..1 return i", [D(3), D(2), D(1)]),
        ("for i in [1..3) return i", [D(1), D(2)]),
        ("for i in [1, 2], j in [10, i] return i * j", [D(10), D(1), D(20), D(4)]),
        ("for i in 1..4 return if i = 1 then 1 else partial[-1] * i", [D(1), D(2), D(6), D(24)]),
        ('for d in @"2026-02-28"..@"2026-03-01" return d.day', [D(28), D(1)]),
        ("some n in numbers satisfies n > 3", True),
        ("some n in [] satisfies n > 3", False),
        ("every n in numbers satisfies n > 3", False),
        ("every n in [] satisfies n > 3", True),
        ("some n in [1, null] satisfies n > 3", None),
        # in and ranges, §10.3.2.7
        ("a in [3..5]", True),
        ("a in (3..5]", False),
        ("a in ]2..3[", False),
        ("a in (< 2, 3)", True),
        ("a in (> 2)", True),
        ("a in [1, 2]", False),
        ("a in < 2", False),
        ("[1..5].end included", True),
        ("(1..5].start included", False),
        ("[5..1]", None),
        # lists and filters, §10.3.2.5
        ("numbers[1]", D(1)),
        ("numbers[-1]", D(4)),
        ("numbers[5]", None),
        ("numbers[0]", None),
        ("numbers[item > 2]", [D(3), D(4)]),
        ("orders[n > 1].n", [D(2), D(3)]),
        ("orders[n > a]", []),
        ("orders.tags", [["x"], [], None]),
        ("orders[count(tags) = 1][1].n", D(1)),
        ("[][1]", None),
        ("5[1]", D(5)),
        # contexts and paths, §10.3.2.6
        ("order.total", D(12)),
        ("order.ship to.city", "Ulm"),
        ("order.nowhere", None),
        ("order.nowhere.city", None),
        ("{x: 1, y: x + 1}.y", D(2)),
        ('{"a b": 1, c: a b + 1}.c', D(2)),
        ("{x: 1, x: 2}", None),
        # names with spaces, operators and keywords, §10.3.1.4
        ("first name", "Ada"),
        ("profit and loss + 1", D(8)),
        ("a-b", D(100)),
        ("a - b", D(100)),
        ("(a)-(b)", D(-1)),
        ("for each one in numbers return each one * 2", [D(2), D(4), D(6), D(8)]),
        # functions, §10.3.2.13.2
        ("(function(x, y) x - y)(5, 3)", D(2)),
        ("(function(x, y) x - y)(y: 5, x: 3)", D(-2)),
        ('(function(x: number) x)("a")', None),
        ("{k: 2, f: function(x) x * k}.f(4)", D(8)),
        ("(function(x) x)(1, 2)", None),
        ("sort(numbers, function(x, y) x > y)", [D(4), D(3), D(2), D(1)]),
        # types, §10.3.2.9.3
        ("a instance of number", True),
        ("a instance of string", False),
        ("nothing instance of Any", False),
        ("numbers instance of list<number>", True),
        ("order instance of context<total: string>", False),
        ("[1..2] instance of range<number>", True),
        ('@"P1D" instance of days and time duration', True),
        ("(function(x) x) instance of function<number> -> number", True),
    ],
)
def test_an_expression_has_the_value_that_the_standard_gives_it(text: str, value: Value) -> None:
    got = ask(text, SCOPE)
    assert got == value
    assert type(got) is type(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('@"2026-03-31"', date(2026, 3, 31)),
        ('@"14:30:00"', time(14, 30)),
        ('@"2026-03-31T14:30:00Z"', datetime(2026, 3, 31, 14, 30, tzinfo=UTC)),
        ('@"P1Y2M"', YearsMonths(14)),
        ('@"P1DT2H"', timedelta(days=1, hours=2)),
        ('@"tomorrow"', None),
        ('@"2026-01-31" + @"P1M"', date(2026, 2, 28)),
        ('@"2026-01-31" + @"PT36H"', date(2026, 2, 1)),
        ('@"2026-03-31" - @"2026-03-01"', timedelta(days=30)),
        ('@"2026-03-31T00:00:00Z" - @"2026-03-30T22:00:00-02:00"', timedelta()),
        ('@"2026-03-31T00:00:00Z" - @"2026-03-31T00:00:00"', None),
        ('@"P1D" * 1.5', timedelta(hours=36)),
        ('@"P1D" / @"PT1H"', D(24)),
        ('@"P1Y" / 5', YearsMonths(2)),
        ('@"P1Y" + @"P1D"', None),
        ('string(@"9999-12-31" + @"P1D")', "10000-01-01"),
        ('@"23:00:00" + @"PT2H"', time(1)),
        ('@"2026-03-31".weekday', D(2)),
        ('@"-P1DT2H".hours', D(-2)),
        ('@"2026-07-01T12:00:00@Europe/Berlin".time offset', timedelta(hours=2)),
        ('@"2026-07-01T12:00:00@Europe/Berlin".timezone', "Europe/Berlin"),
        ('@"2026-07-01T12:00:00@Europe/Berlin" = @"2026-07-01T10:00:00Z"', True),
        # A day passes on the line of time, though the clocks went forward in between.
        (
            'string(@"2026-03-28T12:00:00@Europe/Berlin" + @"P1D")',
            "2026-03-29T13:00:00@Europe/Berlin",
        ),
        ('@"2026-01-01" < @"2026-01-02"', True),
        ('@"2026-01-01" < @"2026-01-02T00:00:00"', None),
    ],
)
def test_dates_times_and_durations_reckon_as_the_standard_says(text: str, value: Value) -> None:
    assert ask(text) == value


numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20)


@given(numbers, numbers, st.sampled_from(["+", "-", "*", "/"]))
def test_arithmetic_is_that_of_decimals_of_34_digits(left: Decimal, right: Decimal, sign: str) -> None:
    with localcontext(DECIMAL128):
        operation = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}[sign]
        expected = None if sign == "/" and not right else operation(left, right)
    assert ask(f"left {sign} right", {"left": left, "right": right}) == expected


@given(numbers, numbers)
def test_order_and_equality_are_those_of_numbers(left: Decimal, right: Decimal) -> None:
    scope: dict[str, Value] = {"left": left, "right": right}
    assert ask("left < right", scope) is (left < right)
    assert ask("left >= right", scope) is (left >= right)
    assert ask("left = right", scope) is (left == right)
    assert ask("left != right", scope) is (left != right)


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("1 + nowhere", 5, "no 'nowhere'"),
        ("1 + true", 3, "number + a boolean"),
        ("1 / 0", 3, "division by zero"),
        ("order.x", 7, "no 'x'"),
        ("numbers[9]", 1, "4 items, none at 9"),
        ("substring(1, 2)", 1, "does not take a number, a number"),
        ('1 < "a"', 3, "no order between a number and a string"),
        ("a(1)", 1, "no function"),
    ],
)
def test_a_null_says_where_and_why(text: str, column: int, words: str) -> None:
    note = notes_of(text, SCOPE)[0]
    assert (note.line, note.column) == (1, column)
    assert words in note.message


def test_a_property_is_never_an_attribute_of_python() -> None:
    for text in (
        "a.real",
        "name.upper",
        "order.keys",
        "numbers.append",
        '@"2026-01-01".isoformat',
        "a.__class__",
    ):
        value = ask(text, SCOPE)
        assert value is None or value == [None] * 4
