"""How often people go on as was advised, week by week: where it falls, the advice has lost touch with the work."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec
from django.db import connection

_ADD: Final = """
insert into advice_followed (service_goal, week, shown, first, among)
select * from unnest(%s::text[], %s::date[], %s::integer[], %s::integer[], %s::integer[])
on conflict (service_goal, week) do update set shown = advice_followed.shown + excluded.shown,
  first = advice_followed.first + excluded.first, among = advice_followed.among + excluded.among
"""


class Following:
    """What was advised in each open case, and what was done then. What is counted is written by `save`."""

    def __init__(self) -> None:
        self._advised: dict[int, tuple[str, ...]] = {}
        self._shown: Counter[tuple[str, date]] = Counter()
        self._first: Counter[tuple[str, date]] = Counter()
        self._among: Counter[tuple[str, date]] = Counter()

    def advised(self, case: int, actions: Sequence[str]) -> None:
        """These actions stand in the case from now on, the first on top."""
        self._advised[case] = tuple(actions)

    def done(self, case: int, service_goal: str, action: str, at: datetime) -> None:
        """Somebody who works here did this; it is held against what stood there, if anything did."""
        actions = self._advised.pop(case, ())
        if not actions:
            return
        place = (service_goal, week_of(at))
        self._shown[place] += 1
        self._first[place] += action == actions[0]
        self._among[place] += action in actions

    def forget(self, case: int) -> None:
        """The case has ended, or is another's now: nothing stands there."""
        self._advised.pop(case, None)

    def save(self) -> None:
        """Add what was counted since the last time."""
        places = list(self._shown)
        if not places:
            return
        columns: list[Any] = [
            [goal for goal, _ in places],
            [week for _, week in places],
            *([count[place] for place in places] for count in (self._shown, self._first, self._among)),
        ]
        with connection.cursor() as cursor:
            cursor.execute(_ADD, columns)
        for count in (self._shown, self._first, self._among):
            count.clear()


class Week(msgspec.Struct, frozen=True):
    """Of so many steps for which advice stood there, how many were what it named first, or at all."""

    begins: date
    shown: int
    first: int
    among: int


def week_of(moment: datetime) -> date:
    """The Monday of its week."""
    day = moment.date()
    return day - timedelta(days=day.weekday())


def weeks(since: date) -> dict[str, list[Week]]:
    """Service goal → its weeks, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select service_goal, week, shown, first, among from advice_followed where week >= %s order by 1, 2",
            (since,),
        )
        rows = cursor.fetchall()
    found: dict[str, list[Week]] = {}
    for service_goal, *week in rows:
        found.setdefault(service_goal, []).append(Week(*week))
    return found
