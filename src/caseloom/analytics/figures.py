"""The figures of a process, counted from the customer's side: end to end, from the first contact to the confirmed
outcome.

Each figure is one condition on cases (`_OF`) and one measure over them, so that the figure and the list of cases
behind it cannot differ. They read the projections of cases and customers in PostgreSQL, nothing else.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal

import msgspec
import psycopg
from psycopg.rows import tuple_row

from caseloom.analytics.period import Filter
from caseloom.library.plans import house_version, latest_versions, the_plans
from caseloom.sdk.access import Access
from caseloom.streams import store

Name = Literal["turnaround", "satisfaction", "complaints", "retention", "in time", "in hand", "contacts", "hand-overs"]
NAMES: Final[tuple[Name, ...]] = (
    "turnaround", "satisfaction", "complaints", "retention", "in time", "in hand", "contacts", "hand-overs",
)  # fmt: skip
Unit = Literal["hours", "of 5", "per 100 cases", "%", "cases", "per case"]
UNITS: Final[dict[Name, Unit]] = {
    "turnaround": "hours",
    "satisfaction": "of 5",
    "complaints": "per 100 cases",
    "retention": "%",
    "in time": "%",
    "in hand": "cases",
    "contacts": "per case",
    "hand-overs": "per case",
}
LESS_IS_BETTER: Final = ("turnaround", "complaints", "in hand", "contacts", "hand-overs")
PAGE: Final = 50


class Figure(msgspec.Struct, frozen=True):
    """A figure: its value (None where there is nothing to count yet), how many it was counted from, and the value
    before.
    """

    name: Name
    value: float | None
    of: int
    before: float | None = None

    @property
    def unit(self) -> Unit:
        return UNITS[self.name]

    @property
    def change(self) -> float | None:
        """By how much it moved against the period before."""
        return None if self.value is None or self.before is None else self.value - self.before

    @property
    def better(self) -> bool | None:
        """Whether it moved to the better; None where it did not move."""
        moved = self.change
        return None if not moved else (moved < 0) == (self.name in LESS_IS_BETTER)


class Group(msgspec.Struct, frozen=True):
    """The figures of one service goal, channel, team or waiting party."""

    key: str
    figures: Mapping[Name, Figure]


# --- what each figure is counted from
# -----------------------------------------------------------------------------------

_SCOPE: Final = "(%(goal)s = '' or c.service_goal = %(goal)s) and (%(channel)s = '' or c.channel = %(channel)s)"
_ENDED: Final = "c.ended_at >= %(since)s and c.ended_at < %(until)s"
_OF: Final[dict[Name, str]] = {
    "turnaround": f"{_ENDED} and c.status = 'completed'",
    "satisfaction": (
        "exists (select 1 from perception_row p where p.case_id = c.id and p.at >= %(since)s and p.at < %(until)s)"
    ),
    "complaints": "c.opened_at >= %(since)s and c.opened_at < %(until)s and c.service_goal = any(%(complaints)s)",
    "retention": (
        "exists (select 1 from customer k where k.id = c.customer and k.left_at >= %(since)s and k.left_at < %(until)s)"
    ),
    "in time": (
        "exists (select 1 from goal_row g where g.case_id = c.id and g.late "
        "and g.ended_at >= %(since)s and g.ended_at < %(until)s and g.status = 'reached')"
    ),
    "in hand": "c.opened_at < %(until)s and (c.ended_at is null or c.ended_at >= %(until)s)",
    "contacts": f"{_ENDED} and c.contacts_in + c.contacts_out > 1",
    "hand-overs": f"{_ENDED} and c.hand_overs > 0",
}
"""The cases behind a figure; for `in time` and `retention` those that spoil it, which is what one wants to look at."""

_MEASURES: Final[dict[Name, str]] = {
    "turnaround": (
        "select percentile_cont(0.5) within group (order by extract(epoch from c.ended_at - c.contact_at) / 3600.0), "
        f"count(*) from case_row c where {_OF['turnaround']} and {_SCOPE}"
    ),
    "satisfaction": (
        "select avg(p.score), count(*) from perception_row p join case_row c on c.id = p.case_id "
        f"where p.at >= %(since)s and p.at < %(until)s and {_SCOPE}"
    ),
    "complaints": (
        "select 100.0 * count(*) filter (where c.service_goal = any(%(complaints)s)) / nullif(count(*), 0), "
        "count(*) filter (where c.service_goal = any(%(complaints)s)) "
        "from case_row c where c.opened_at >= %(since)s and c.opened_at < %(until)s "
        "and (%(channel)s = '' or c.channel = %(channel)s)"
    ),
    "retention": (
        "select 100.0 * (1 - count(*) filter (where k.left_at >= %(since)s and k.left_at < %(until)s)::numeric "
        "/ nullif(count(*), 0)), count(*) from customer k "
        "where k.since < %(until)s and (k.left_at is null or k.left_at >= %(since)s) and k.merged_into is null"
    ),
    "in time": (
        "select 100.0 * count(*) filter (where not g.late) / nullif(count(*), 0), count(*) "
        "from goal_row g join case_row c on c.id = g.case_id where g.timed and g.status = 'reached' "
        f"and g.ended_at >= %(since)s and g.ended_at < %(until)s and {_SCOPE}"
    ),
    "in hand": f"select count(*), count(*) from case_row c where {_OF['in hand']} and {_SCOPE}",
    "contacts": (f"select avg(c.contacts_in + c.contacts_out), count(*) from case_row c where {_ENDED} and {_SCOPE}"),
    "hand-overs": f"select avg(c.hand_overs), count(*) from case_row c where {_ENDED} and {_SCOPE}",
}


def _values(asked: Filter) -> dict[str, Any]:
    return {
        "since": asked.since,
        "until": asked.until,
        "goal": asked.service_goal,
        "channel": asked.channel,
        "complaints": complaint_goals(),
    }


def complaint_goals() -> list[str]:
    """The service goals whose cases are complaints."""
    house = house_version()
    keys = []
    for key, (kind, version) in latest_versions().items():
        goal = the_plans(key, version, house).service_goal if kind == "service goal" else None
        if goal is not None and goal.complaint:
            keys.append(key)
    return keys


def _measure(name: Name, asked: Filter) -> tuple[float | None, int]:
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        cursor.execute(_MEASURES[name].encode(), _values(asked))
        value, count = cursor.fetchone() or (None, 0)
    return (None if value is None else float(value)), int(count)


def figure(access: Access, name: Name, asked: Filter) -> Figure:
    """One figure with the one before it. Without the right to read figures there is none."""
    if not access.may("read figures"):
        return Figure(name, None, 0)
    value, count = _measure(name, asked)
    return Figure(name, value, count, _measure(name, asked.before())[0])


def figures(access: Access, asked: Filter) -> dict[Name, Figure]:
    """All figures of a period."""
    return {name: figure(access, name, asked) for name in NAMES}


class Point(msgspec.Struct, frozen=True):
    """One step of a trend."""

    since: datetime
    value: float | None


def trend(access: Access, name: Name, asked: Filter) -> tuple[Point, ...]:
    """The figure over the steps of its period."""
    if not access.may("read figures"):
        return ()
    return tuple(Point(step.since, _measure(name, step)[0]) for step in asked.steps())


# --- groups
# -------------------------------------------------------------------------------------------------------------

Grouping = Literal["service goal", "channel", "team"]
_COLUMN: Final[dict[Grouping, str]] = {"service goal": "service_goal", "channel": "channel", "team": "team"}
_GROUPED: Final = """
select {column},
  percentile_cont(0.5) within group (order by extract(epoch from c.ended_at - c.contact_at) / 3600.0)
    filter (where c.status = 'completed' and {ended}),
  count(*) filter (where {ended} and c.status = 'completed'),
  avg(p.score), count(p.score),
  100.0 * sum(g.in_time) / nullif(sum(g.timed), 0), coalesce(sum(g.timed), 0),
  count(*) filter (where {in_hand}),
  avg(c.contacts_in + c.contacts_out) filter (where {ended}),
  avg(c.hand_overs) filter (where {ended}), count(*) filter (where {ended})
from case_row c
left join lateral (
  select avg(score) as score from perception_row where case_id = c.id and at >= %(since)s and at < %(until)s
) p on true
left join lateral (
  select count(*) filter (where not late) as in_time, count(*) as timed from goal_row
  where case_id = c.id and timed and status = 'reached' and ended_at >= %(since)s and ended_at < %(until)s
) g on true
where (({ended}) or ({in_hand})) and {scope}
group by {column} order by count(*) desc, {column}
"""


def groups(access: Access, by: Grouping, asked: Filter) -> list[Group]:
    """The figures apart, for each service goal, channel or team that had work in the period, busiest first."""
    if not access.may("read figures"):
        return []
    text = _GROUPED.format(column="c." + _COLUMN[by], ended=_ENDED, in_hand=_OF["in hand"], scope=_SCOPE)
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        cursor.execute(text.encode(), _values(asked))
        return [_group(row) for row in cursor.fetchall()]


def _group(row: tuple[Any, ...]) -> Group:
    key, turnaround, completed, score, rated, in_time, timed, in_hand, contacts, hand_overs, ended = row
    made: dict[Name, tuple[Any, int]] = {
        "turnaround": (turnaround, completed),
        "satisfaction": (score, rated),
        "in time": (in_time, timed),
        "in hand": (in_hand, in_hand),
        "contacts": (contacts, ended),
        "hand-overs": (hand_overs, ended),
    }
    return Group(key, {name: Figure(name, None if v is None else float(v), int(n)) for name, (v, n) in made.items()})


def waiting(access: Access, asked: Filter) -> dict[str, int]:
    """Open cases by who is waited for: where it waits now."""
    if not access.may("read figures"):
        return {}
    text = f"select c.waits_for, count(*) from case_row c where c.ended_at is null and {_SCOPE} group by 1"
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        cursor.execute(text.encode(), _values(asked))
        return dict(cursor.fetchall())


def ratings(access: Access, asked: Filter) -> dict[int, int]:
    """How often each rating from 1 to 5 was given."""
    if not access.may("read figures"):
        return {}
    text = (
        "select p.score, count(*) from perception_row p join case_row c on c.id = p.case_id "
        f"where p.at >= %(since)s and p.at < %(until)s and {_SCOPE} group by 1"
    )
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        cursor.execute(text.encode(), _values(asked))
        return dict.fromkeys(range(1, 6), 0) | dict(cursor.fetchall())


def cases_behind(access: Access, name: Name, asked: Filter, below: int = 2**62, limit: int = PAGE) -> list[int]:
    """The cases behind a figure, newest first; `below` is the last case of the page before."""
    if not access.may("read figures"):
        return []
    text = (
        f"select c.id from case_row c where {_OF[name]} and {_SCOPE} and c.id < %(below)s "
        "order by c.id desc limit %(limit)s"
    )
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        cursor.execute(text.encode(), _values(asked) | {"below": below, "limit": limit})
        return [row[0] for row in cursor.fetchall()]
