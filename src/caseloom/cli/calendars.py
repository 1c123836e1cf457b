"""`caseloom calendar`: what a business calendar says of days, and when something is due by it."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from caseloom.cli.command import Command

if TYPE_CHECKING:  # the command line's help stays quick
    from caseloom.engine.calendar import BusinessCalendar

LONGEST = 3_660


def days_of(calendar: "BusinessCalendar", first: date, days: int) -> Iterator[str]:
    """A line for each day: when it is open on the wall, for how long in truth, and why it differs from its weekday."""
    from caseloom.engine.calendar import business_between

    there = ZoneInfo(calendar.zone)
    for number in range(days):
        day = first + timedelta(days=number)
        begin = datetime(day.year, day.month, day.day, tzinfo=there)
        end = begin + timedelta(days=1)
        span = business_between(calendar, begin, end)
        slots = ", ".join(f"{slot.opens:%H:%M}-{slot.closes:%H:%M}" for slot in calendar.slots(day)) or "closed"
        why = "exception" if day in calendar.exceptions else "public holiday" if day in calendar.holidays else ""
        if begin.utcoffset() != end.utcoffset():
            why = f"{why}, the clocks change".removeprefix(", ")
        hours = f"{span.total_seconds() / 3600:g} h" if span else ""
        yield f"{day:%a %Y-%m-%d}  {slots:28} {hours:8} {why}".rstrip()


def due_by(calendar: "BusinessCalendar", since: datetime, text: str) -> str:
    """When a term has run out. Raises `TermFault` for what is no term, `CalendarFault` where it never does."""
    from caseloom.engine.case.terms import later
    from caseloom.engine.spec.term import parse_term

    there = ZoneInfo(calendar.zone)
    begin = since if since.tzinfo is not None else since.replace(tzinfo=there)
    due = later(calendar, begin, parse_term(text))
    return f"{due.astimezone(there):%a %Y-%m-%d %H:%M} {calendar.zone}, {due:%Y-%m-%dT%H:%MZ}"


def _calendar(key: str) -> "BusinessCalendar":
    from caseloom.staff.calendars import business_calendar
    from caseloom.staff.models import Calendar

    known = sorted(Calendar.objects.values_list("key", flat=True))
    if key not in known:
        raise LookupError(f"There is no calendar “{key}”. Known are: {', '.join(known) or 'none'}.")
    return business_calendar(key)


def _show(options: Namespace) -> int:
    for line in days_of(_calendar(options.key), options.since, min(options.days, LONGEST)):
        print(line)
    return 0


def _due(options: Namespace) -> int:
    print(due_by(_calendar(options.key), options.since, options.within))
    return 0


def _run(options: Namespace) -> int:
    try:
        status: int = options.run(options)
    except (LookupError, ValueError) as fault:
        print(f"caseloom calendar: {fault}", file=sys.stderr)
        return 2
    return status


def _arguments(parser: ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    show = actions.add_parser("show", help="print when a calendar is open, day by day")
    show.add_argument("key", metavar="KEY")
    show.add_argument("--from", dest="since", type=date.fromisoformat, default=date.today(), metavar="DATE")  # noqa: DTZ011
    show.add_argument("--days", type=int, default=14, metavar="N")
    show.set_defaults(run=_show)
    due = actions.add_parser("due", help="print when a term has run out by a calendar")
    due.add_argument("key", metavar="KEY")
    due.add_argument("--from", dest="since", type=datetime.fromisoformat, required=True, metavar="MOMENT")
    due.add_argument("--within", required=True, metavar="TERM", help="such as “4 business hours”")
    due.set_defaults(run=_due)


COMMANDS = (Command("calendar", "what a business calendar says", _run, _arguments, needs="database"),)
