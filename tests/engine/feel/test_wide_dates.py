"""Years to ±999999999 and nanoseconds: they reckon and compare as usual dates do."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseloom.engine.feel import Value
from caseloom.engine.feel.arithmetic import add_months
from caseloom.engine.feel.wide import WideDate, date_of, from_ordinal, moment_of, ordinal, shifted
from tests.engine.feel.asking import ask


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('string(date("-0044-03-15"))', "-0044-03-15"),
        ('string(date("999999999-12-31"))', "999999999-12-31"),
        ('date("1000000000-01-01")', None),
        ('date("01211-12-31")', None),
        ('date("+12026-01-01")', None),
        ("string(date(-5, 2, 29))", None),
        ("string(date(-4, 2, 29))", "-0004-02-29"),
        ('string(date("9999-12-31") + duration("P1D"))', "10000-01-01"),
        ('string(date("10000-01-01") - duration("P1D"))', "9999-12-31"),
        ('string(date("0001-01-01") - duration("P1D"))', "0000-12-31"),
        ('date("10000-01-01") = date("9999-12-31") + duration("P1D")', True),
        ('date("-0044-03-15") < date("0001-01-01")', True),
        ('date("12026-01-01") in [date("2026-01-01")..date("20000-01-01")]', True),
        ('string(date("12026-03-01") - date("12026-02-01"))', "P28D"),
        ('string(date("12026-01-31") + duration("P1M"))', "12026-02-28"),
        ('date("12026-01-01").year', Decimal(12026)),
        ('day of week(date("12026-01-01"))', "Thursday"),
        ('day of week(date("2026-01-01"))', "Thursday"),
        ('count(for d in date("9999-12-30")..date("10000-01-02") return d)', Decimal(4)),
        (
            'string(date and time("-2021-01-01T10:10:10@Australia/Melbourne") + @"PT1H")',
            "-2021-01-01T11:10:10@Australia/Melbourne",
        ),
        ('string(date and time("99999-12-31T23:59:59Z") + @"PT1S")', "100000-01-01T00:00:00Z"),
        ('date and time("12026-01-01T00:00:00Z") = date and time("12026-01-01T01:00:00+01:00")', True),
        ('date and time("12026-01-01T00:00:00Z") < date and time("12026-01-01T00:00:00-01:00")', True),
        ('date and time("12026-01-01T00:00:00Z") < date and time("12026-01-01T00:00:00")', None),
        ('string(date and time("2026-12-31T24:00:00"))', "2027-01-01T00:00:00"),
        ('string(time("10:11:12.123456789"))', "10:11:12.123456789"),
        ('string(time("10:11:12.500"))', "10:11:12.5"),
        ('time("10:11:12.123456789") = time("10:11:12.123456788")', False),
        ('time("10:11:12.123456789") > time("10:11:12.123456788")', True),
        ('string(date and time(date("2026-01-01"), time("10:11:12.123456789Z")))', "2026-01-01T10:11:12.123456789Z"),
        ('string(time("10:11:12.123456789") + @"PT1S")', "10:11:13.123456789"),
        ('string(date and time("2026-01-01T10:11:12.123456789") + @"P1D")', "2026-01-02T10:11:12.123456789"),
        ('date("999999999-12-31") + duration("P1D")', None),
        ('date("999999999-12-31") - date("-999999999-01-01")', None),
    ],
)
def test_beyond_the_usual_years(text: str, value: Value) -> None:
    assert ask(text) == value


@given(st.dates(), st.integers(-3, 3))
def test_a_cycle_of_years_later_the_days_are_the_same(day: date, cycles: int) -> None:
    wide = date_of(day.year + 400 * cycles, day.month, day.day)
    assert ordinal(wide) == day.toordinal() + 146_097 * cycles
    assert from_ordinal(ordinal(wide)) == wide
    assert wide.isoweekday() == day.isoweekday()


@given(st.dates(date(5, 1, 1), date(9990, 1, 1)), st.timedeltas(timedelta(-1000), timedelta(1000)))
def test_a_wide_date_and_time_moves_as_one_of_python_does(day: date, length: timedelta) -> None:
    usual = datetime(day.year, day.month, day.day, 7, 8, 9)  # noqa: DTZ001
    wide = moment_of(date_of(day.year + 4_000_000, day.month, day.day), usual.time())
    moved, expected = shifted(wide, length), usual + length
    assert (moved.year - 4_000_000, moved.month, moved.day, moved.hour) == (
        expected.year,
        expected.month,
        expected.day,
        expected.hour,
    )


@given(st.integers(-999_999_998, 999_999_998), st.integers(1, 12), st.integers(-11, 11))
def test_months_are_added_over_all_years(year: int, month: int, months: int) -> None:
    found = add_months(date_of(year, month, 1), months)
    assert (found.year * 12 + found.month) - (year * 12 + month) == months
    assert isinstance(found, WideDate) is not (1 <= found.year <= 9999)
