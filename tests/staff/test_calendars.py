"""Calendars as people keep them: holidays of a region, of a team, what cannot be used, and what support sees."""

from argparse import ArgumentParser
from datetime import date, datetime, time
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from caseloom.cli.calendars import COMMANDS, days_of, due_by
from caseloom.engine.calendar import ALWAYS_OPEN, CalendarFault, Slot, read_hours
from caseloom.library.publishing import check
from caseloom.staff.calendars import (
    business_calendar,
    calendar_from,
    calendar_of_team,
    known_holidays,
    public_holidays,
)
from caseloom.staff.models import Calendar, Team

WEEK = {day: [["08:00", "12:00"], ["13:00", "17:00"]] for day in ("monday", "tuesday", "thursday", "friday")}


def forget() -> None:
    """Nothing that an earlier test has read is remembered."""
    business_calendar.forget()  # type: ignore[attr-defined]
    calendar_of_team.forget()  # type: ignore[attr-defined]


# --- holidays ---------------------------------------------------------------------------------------------------------


def test_a_part_of_a_country_has_holidays_of_its_own() -> None:
    epiphany = date(2026, 1, 6)
    assert epiphany in public_holidays("DE-BY", (2026,))
    assert epiphany not in public_holidays("DE", (2026,)) and epiphany not in public_holidays("DE-BE", (2026,))
    assert date(2026, 10, 3) in public_holidays("DE", (2026,)) & public_holidays("DE-BY", (2026,))
    assert public_holidays("", (2026,)) == frozenset()


@pytest.mark.parametrize(("region", "words"), [("DE-XX", "parts of DE are: BB, BE"), ("Bavaria", "DE or DE-BY")])
def test_a_region_that_nobody_knows_says_what_there_is(region: str, words: str) -> None:
    with pytest.raises(CalendarFault, match=words):
        public_holidays(region, (2026,))
    assert known_holidays(region) == frozenset(), "of a customer it is passed over"


# --- what cannot be used ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"zone": "Berlin"}, "IANA name"),
        ({"weekly": {"Montag": []}}, "no weekday"),
        ({"weekly": {"monday": [["08:00"]]}}, "monday: slots are written like"),
        ({"weekly": {"monday": [["8 Uhr", "12:00"]]}}, "monday: slots are written like"),
        ({"weekly": {"monday": [["18:00", "08:00"]]}}, "monday: The slot 18:00–08:00 closes before it opens"),
        ({"exceptions": {"24.12.2026": []}}, "is no date"),
        ({"region": "XX"}, "no region"),
    ],
)
def test_a_bad_calendar_says_what_to_change(given: dict[str, Any], words: str) -> None:
    with pytest.raises(CalendarFault, match=words):
        calendar_from(**{"zone": "Europe/Berlin", "weekly": WEEK, **given})
    with pytest.raises(ValidationError, match=words):
        Calendar(key="house", **{"weekly": WEEK, **given}).clean()


def test_a_calendar_that_never_opens_is_refused() -> None:
    with pytest.raises(ValidationError, match="never opens"):
        Calendar(key="house", weekly={"monday": []}).clean()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mon-Fri", "says no hours"),
        ("Mondays 09:00-17:00", "no weekday"),
        ("Mon 9-17", "no span of hours"),
        ("Mon 25:00-26:00", "they end at 23"),
        ("Mon 17:00-09:00", "closes before it opens"),
        ("Mon 09:00-17:00; " * 40, "at most 400"),
    ],
)
def test_opening_hours_that_say_nothing_are_refused(text: str, words: str) -> None:
    with pytest.raises(CalendarFault, match=words):
        read_hours(text)


def test_opening_hours_are_read_as_people_write_them() -> None:
    morning, noon = Slot(time(9), time(12)), Slot(time(13), time(17))
    assert read_hours("Mo–Mi 09:00-12:00, 13:00-17:00") == dict.fromkeys(
        ("monday", "tuesday", "wednesday"), (morning, noon)
    )
    assert read_hours("Sat, Sun 22:00-24:00") == dict.fromkeys(("saturday", "sunday"), (Slot(time(22), time(0)),))
    assert list(read_hours("Fri-Mon 09:00-12:00")) == ["friday", "saturday", "sunday", "monday"]
    assert read_hours("Monday 09:00-12:00; mon 13:00-17:00") == {"monday": (morning, noon)}


# --- kept -------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_team_works_by_its_calendar() -> None:
    forget()
    Calendar(key="field", zone="Europe/Berlin", weekly={"monday": [["20:00", "24:00"]]}, region="DE-BY").save()
    Team(key="field", title="Field", calendar="field").save()
    assert calendar_of_team("field") == "field" and calendar_of_team("nobody") == "office"
    calendar = business_calendar("field")
    assert calendar.slots(date(2026, 3, 2)) == (Slot(time(20), time(0)),)
    assert calendar.slots(date(2026, 4, 6)) == (), "Easter Monday"
    assert business_calendar("none") == ALWAYS_OPEN
    with pytest.raises(ValidationError, match="no calendar “filed”"):
        Team(key="other", title="Other", calendar="filed").clean()


@pytest.mark.django_db
def test_support_asks_a_calendar(capsys: pytest.CaptureFixture[str]) -> None:
    forget()
    Calendar(key="office", weekly=WEEK, region="DE", exceptions={"2026-03-04": [["10:00", "11:00"]]}).save()
    assert run(capsys, "show", "office", "--from", "2026-03-02", "--days", "3") == [
        "Mon 2026-03-02  08:00-12:00, 13:00-17:00     8 h",
        "Tue 2026-03-03  08:00-12:00, 13:00-17:00     8 h",
        "Wed 2026-03-04  10:00-11:00                  1 h      exception",
    ]
    assert run(capsys, "due", "office", "--from", "2026-03-03T15:00", "--within", "4 business hours") == [
        "Thu 2026-03-05 09:00 Europe/Berlin, 2026-03-05T08:00Z"
    ]


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    [command] = COMMANDS
    parser = ArgumentParser()
    command.add_arguments(parser)
    assert command.run(parser.parse_args(arguments)) == 0
    return capsys.readouterr().out.splitlines()


@pytest.mark.django_db
def test_a_calendar_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    [command] = COMMANDS
    parser = ArgumentParser()
    command.add_arguments(parser)
    assert command.run(parser.parse_args(["show", "ofice"])) == 2
    assert "There is no calendar “ofice”. Known are:" in capsys.readouterr().err


def test_a_day_on_which_the_clocks_change_says_so() -> None:
    calendar = calendar_from("Europe/Berlin", {"sunday": [["00:00", "24:00"]]})
    assert list(days_of(calendar, date(2026, 3, 29), 1)) == [
        "Sun 2026-03-29  00:00-00:00                  23 h     the clocks change"
    ]
    assert due_by(calendar, datetime(2026, 3, 29), "1 business day").startswith("Sun 2026-04-05 01:00")  # noqa: DTZ001


@pytest.mark.django_db
def test_a_definition_names_calendars_that_are_kept() -> None:
    text = """
service goal: test
title: A test
customer title: My test
owner: process owner
team: service
calendar: filed
goals: {g: {title: G, clock: {within: 1 day, calendar: shift}}}
"""
    house = "house rules: house\ntitle: The house\n"
    assert check(house)[1] == ()
    assert not [place for place in check(text)[1] if "calendar" in place.message], "a house without calendars"
    Calendar(key="field", weekly=WEEK).save()
    found = [str(place) for place in check(text)[1]]
    assert any("no calendar “filed”; known are: field" in one for one in found), found
    assert any("no calendar “shift”" in one for one in found), found
