"""Cron lines: what they name, in which zone, and what is none."""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from caseloom.engine.calendar import CalendarFault, next_by_cron

BEGIN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday."""


def times(line: str, number: int, after: datetime = BEGIN, zone: str = "UTC") -> list[str]:
    found = []
    for _ in range(number):
        after = next_by_cron(line, after, zone)
        found.append(after.astimezone(ZoneInfo(zone)).strftime("%a %d %b %H:%M:%S"))
    return found


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("*/20 * * * *", ["Mon 02 Mar 09:20:00", "Mon 02 Mar 09:40:00", "Mon 02 Mar 10:00:00"]),
        ("0 8 * * mon-fri", ["Tue 03 Mar 08:00:00", "Wed 04 Mar 08:00:00", "Thu 05 Mar 08:00:00"]),
        ("30 6 * * 7", ["Sun 08 Mar 06:30:00", "Sun 15 Mar 06:30:00"]),
        ("0 0 1,15 * 1", ["Mon 09 Mar 00:00:00", "Sun 15 Mar 00:00:00", "Mon 16 Mar 00:00:00"]),
        ("0 0 31 * *", ["Tue 31 Mar 00:00:00", "Sun 31 May 00:00:00"]),
        ("0 12 29 2 *", ["Tue 29 Feb 12:00:00"]),
        ("15 10/6 * * *", ["Mon 02 Mar 10:15:00", "Mon 02 Mar 16:15:00", "Mon 02 Mar 22:15:00"]),
        ("@monthly", ["Wed 01 Apr 00:00:00", "Fri 01 May 00:00:00"]),
        ("30 0 9 * * ?", ["Mon 02 Mar 09:00:30", "Tue 03 Mar 09:00:30"]),
        ("0 0 9 ? * 2", ["Mon 09 Mar 09:00:00"]),
        ("0 0 9 ? * MON 2027", ["Mon 04 Jan 09:00:00"]),
    ],
)
def test_a_line_names_its_moments(line: str, expected: list[str]) -> None:
    assert times(line, len(expected)) == expected


def test_the_clock_on_the_wall_counts() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert next_by_cron("0 9 * * *", before, "Europe/Berlin") == datetime(2026, 3, 29, 7, tzinfo=UTC)
    assert next_by_cron("0 9 * * *", before, "America/New_York") == datetime(2026, 3, 28, 13, tzinfo=UTC)


def test_a_time_that_the_clocks_leave_out_is_passed_over() -> None:
    assert times("30 2 * * *", 2, datetime(2026, 3, 28, 0, tzinfo=UTC), "Europe/Berlin") == [
        "Sat 28 Mar 02:30:00",
        "Mon 30 Mar 02:30:00",
    ]
    # Lord Howe leaves out half an hour: 02:00 to 02:30.
    assert times("15 2 * * *", 2, datetime(2026, 10, 2, 0, tzinfo=UTC), "Australia/Lord_Howe") == [
        "Sat 03 Oct 02:15:00",
        "Mon 05 Oct 02:15:00",
    ]


def test_a_time_that_comes_twice_counts_once() -> None:
    found = times("30 2 * * *", 2, datetime(2026, 10, 24, 12, tzinfo=UTC), "Europe/Berlin")
    assert found == ["Sun 25 Oct 02:30:00", "Mon 26 Oct 02:30:00"]


def test_what_comes_next_is_what_looking_at_each_minute_finds() -> None:
    rng = Random(7)
    for _ in range(300):
        zone = rng.choice(("Europe/Berlin", "America/Santiago", "Asia/Kathmandu", "Africa/Cairo"))
        minutes = set(rng.sample(range(60), rng.choice((1, 2, 5))))
        hours = set(rng.sample(range(24), rng.choice((1, 3, 24))))
        days = set(rng.sample(range(7), rng.choice((1, 3, 7))))
        whole_week = len(days) == 7
        shown = "*" if whole_week else ",".join(map(str, sorted(days)))
        line = f"{','.join(map(str, sorted(minutes)))} {','.join(map(str, sorted(hours)))} * * {shown}"
        after = datetime(2026, rng.choice((3, 4, 9, 10)), 27, tzinfo=UTC) + timedelta(minutes=rng.randrange(4000))
        moment = after.replace(second=0)
        there = ZoneInfo(zone)
        for _ in range(8 * 1440):
            moment += timedelta(minutes=1)
            wall = moment.astimezone(there)
            named = wall.minute in minutes and wall.hour in hours and (wall.weekday() + 1) % 7 in days
            if named and not wall.fold:
                break
        assert next_by_cron(line, after, zone) == moment, (line, zone, after)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "five to seven fields"),
        ("* * *", "five to seven fields"),
        ("60 * * * *", "0 to 59"),
        ("* 24 * * *", "0 to 23"),
        ("*/0 * * * *", "no step"),
        ("30-10 * * * *", "ends before it begins"),
        ("* * * * moon", "moon"),
        ("0 0 0 L * ?", "l"),
        ("0 0 30 2 *", "no moment within five years"),
    ],
)
def test_what_is_no_cron_line_says_why(line: str, words: str) -> None:
    with pytest.raises(CalendarFault, match=words):
        next_by_cron(line, BEGIN)
