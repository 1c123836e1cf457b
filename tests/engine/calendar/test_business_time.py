"""Business time against an oracle that walks minute by minute, and against examples worked by hand."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from caseloom.engine.calendar import (
    ALWAYS_OPEN,
    BusinessCalendar,
    CalendarFault,
    Slot,
    add_business,
    business_between,
    next_opening,
)

MINUTE = timedelta(minutes=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
BERLIN = ZoneInfo("Europe/Berlin")


def slot(text: str) -> Slot:
    opens, closes = text.split("-")
    return Slot(time.fromisoformat(opens), time.fromisoformat(closes))


OFFICE = (slot("09:00-12:00"), slot("13:00-17:00"))
WORKING_WEEK = dict.fromkeys(WEEKDAYS[:5], OFFICE)
OFFICE_HOURS = BusinessCalendar("Europe/Berlin", WORKING_WEEK)


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def is_open(calendar: BusinessCalendar, moment: datetime) -> bool:
    """The definition, asked of one minute."""
    local = moment.astimezone(ZoneInfo(calendar.zone))
    wall = local.time()
    if local.date() in calendar.exceptions:
        slots = calendar.exceptions[local.date()]
    elif local.date() in calendar.holidays:
        slots = ()
    else:
        slots = calendar.weekly.get(WEEKDAYS[local.weekday()], ())
    return any(s.opens <= wall and (wall < s.closes or s.closes == time(0)) for s in slots)


def oracle_add(calendar: BusinessCalendar, start: datetime, minutes: int, longest: int) -> datetime | None:
    moment, left = start, minutes
    for _ in range(longest):
        if left == 0:
            return moment
        left -= is_open(calendar, moment)
        moment += MINUTE
    return None


@st.composite
def slots(draw: st.DrawFn) -> tuple[Slot, ...]:
    chosen = []
    for _ in range(draw(st.integers(0, 3))):
        opens = draw(st.integers(0, 1439))
        closes = draw(st.integers(opens + 1, 1440))
        chosen.append(Slot(time(opens // 60, opens % 60), time(closes // 60 % 24, closes % 60)))
    return tuple(chosen)


# Around these days the clocks change: at 02:00/03:00, at midnight, by half an hour, and by a whole day.
CHANGES = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/Sao_Paulo", date(2018, 11, 4)),
    ("America/Sao_Paulo", date(2018, 2, 17)),
    ("America/Havana", date(2026, 3, 8)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Asia/Kolkata", date(2026, 5, 1)),
]


@st.composite
def calendars(draw: st.DrawFn) -> tuple[BusinessCalendar, datetime]:
    zone, day = draw(st.sampled_from(CHANGES))
    near = st.integers(-3, 3).map(lambda days: day + timedelta(days=days))
    calendar = BusinessCalendar(
        zone,
        draw(st.dictionaries(st.sampled_from(WEEKDAYS), slots(), max_size=7)),
        draw(st.frozensets(near, max_size=2)),
        draw(st.dictionaries(near, slots(), max_size=2)),
    )
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return calendar, midnight + timedelta(minutes=draw(st.integers(-2880, 2880)))


@settings(max_examples=150, deadline=None)
@given(calendars(), st.integers(1, 2000))
def test_adding_gives_the_moment_that_counting_minutes_gives(
    given_calendar: tuple[BusinessCalendar, datetime], minutes: int
) -> None:
    calendar, start = given_calendar
    expected = oracle_add(calendar, start, minutes, 6 * 1440)
    assume(expected is not None)
    assert add_business(calendar, start, timedelta(minutes=minutes)) == expected


@settings(max_examples=150, deadline=None)
@given(calendars(), st.integers(0, 5000))
def test_measuring_gives_the_sum_that_counting_minutes_gives(
    given_calendar: tuple[BusinessCalendar, datetime], minutes: int
) -> None:
    calendar, start = given_calendar
    opened = sum(is_open(calendar, start + n * MINUTE) for n in range(minutes))
    end = start + minutes * MINUTE
    assert business_between(calendar, start, end) == opened * MINUTE
    assert business_between(calendar, end, start) == -opened * MINUTE


@settings(max_examples=150, deadline=None)
@given(calendars())
def test_the_next_opening_is_the_first_open_minute(given_calendar: tuple[BusinessCalendar, datetime]) -> None:
    calendar, start = given_calendar
    minutes = (start + n * MINUTE for n in range(5 * 1440))
    expected = next((moment for moment in minutes if is_open(calendar, moment)), None)
    assume(expected is not None)
    assert next_opening(calendar, start) == expected


@settings(max_examples=100, deadline=None)
@given(calendars(), st.integers(1, 2000))
@example((OFFICE_HOURS, datetime(2026, 3, 30, tzinfo=UTC)), 600)
def test_going_back_is_the_mirror_of_going_forward(
    given_calendar: tuple[BusinessCalendar, datetime], minutes: int
) -> None:
    calendar, start = given_calendar
    assume(any(calendar.weekly.values()))
    amount = timedelta(minutes=minutes)
    back = add_business(calendar, start, -amount)
    assert back < start
    assert business_between(calendar, back, start) == amount
    assert business_between(calendar, back + MINUTE, start) == amount - MINUTE


def test_four_hours_from_friday_afternoon_end_on_monday_morning() -> None:
    due = add_business(OFFICE_HOURS, berlin("2026-06-12 15:30"), timedelta(hours=4))
    assert due == berlin("2026-06-15 11:30")
    assert due.tzinfo is UTC


def test_work_that_ends_with_the_slot_is_due_when_the_slot_closes() -> None:
    due = add_business(OFFICE_HOURS, berlin("2026-06-12 09:00"), timedelta(hours=3))
    assert due == berlin("2026-06-12 12:00")


def test_nothing_added_is_the_same_moment_even_when_closed() -> None:
    assert add_business(OFFICE_HOURS, berlin("2026-06-13 09:00"), timedelta()) == berlin("2026-06-13 09:00")


def test_a_holiday_is_closed_and_an_exception_wins_over_it() -> None:
    day = date(2026, 12, 24)
    closed = BusinessCalendar("Europe/Berlin", WORKING_WEEK, frozenset({day}))
    half = BusinessCalendar("Europe/Berlin", WORKING_WEEK, frozenset({day}), {day: (slot("10:00-11:00"),)})
    assert next_opening(closed, berlin("2026-12-24 09:00")) == berlin("2026-12-25 09:00")
    assert next_opening(half, berlin("2026-12-24 09:00")) == berlin("2026-12-24 10:00")
    assert add_business(half, berlin("2026-12-24 09:00"), timedelta(hours=2)) == berlin("2026-12-25 10:00")


def test_a_whole_day_is_an_hour_shorter_when_the_clocks_go_forward() -> None:
    sunday = BusinessCalendar("Europe/Berlin", {"sunday": (slot("00:00-00:00"),)})
    start, end = berlin("2026-03-29 00:00"), berlin("2026-03-30 00:00")
    assert business_between(sunday, start, end) == timedelta(hours=23)


def test_always_open_adds_plain_time() -> None:
    start = berlin("2026-03-28 12:00")
    year = timedelta(days=365)
    assert add_business(ALWAYS_OPEN, start, year) == start.astimezone(UTC) + year
    assert next_opening(ALWAYS_OPEN, start) == start


def test_a_calendar_without_a_slot_is_a_clear_error() -> None:
    never = BusinessCalendar("Europe/Berlin", {"monday": ()})
    with pytest.raises(CalendarFault, match="no open slot"):
        add_business(never, berlin("2026-06-12 09:00"), MINUTE)
    with pytest.raises(CalendarFault, match="no open slot"):
        next_opening(never, berlin("2026-06-12 09:00"))
    assert business_between(never, berlin("2026-06-12 09:00"), berlin("2026-07-12 09:00")) == timedelta()


def test_an_amount_beyond_a_hundred_years_is_a_clear_error() -> None:
    with pytest.raises(CalendarFault, match="hundred years"):
        add_business(OFFICE_HOURS, berlin("2026-06-12 09:00"), timedelta(days=40_000))
    with pytest.raises(CalendarFault, match="9999"):
        add_business(ALWAYS_OPEN, berlin("2026-06-12 09:00"), timedelta(days=4_000_000))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: BusinessCalendar("Mars/Olympus"), "IANA name"),
        (lambda: BusinessCalendar("UTC", {"Montag": OFFICE}), "no weekday"),
        (lambda: slot("12:00-09:00"), "closes before it opens"),
        (lambda: next_opening(OFFICE_HOURS, datetime(2026, 1, 1)), "time zone"),  # noqa: DTZ001
    ],
)
def test_what_cannot_be_used_is_refused_with_advice(make: Callable[[], object], words: str) -> None:
    with pytest.raises(CalendarFault, match=words):
        make()


def test_a_calendar_is_read_from_json_and_written_back_as_it_was() -> None:
    day = date(2026, 12, 24)
    short_day = {day: (slot("10:00-11:00"),)}
    calendar = BusinessCalendar("Europe/Berlin", WORKING_WEEK, frozenset({day}), short_day)
    assert msgspec.json.decode(msgspec.json.encode(calendar), type=BusinessCalendar) == calendar
