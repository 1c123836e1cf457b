"""Means and ends: what the house wants (objectives) is made of the goals that customers' cases reach.

An objective counts each goal once, however many of the objectives below it name the goal too.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
import psycopg
from psycopg.rows import tuple_row

from caseloom.analytics.period import Filter
from caseloom.engine.spec.service_goal import ObjectiveSpec
from caseloom.library.plans import house_version, the_plans
from caseloom.sdk.access import Access
from caseloom.streams import store

Means = frozenset[tuple[str, str]]
"""(service goal, goal) pairs; an empty service goal stands for any."""
_COUNTED: Final = """
select count(*) filter (where g.status = 'reached' and g.ended_at >= %(since)s and g.ended_at < %(until)s),
  count(*) filter (where g.status = 'reached' and g.late and g.ended_at >= %(since)s and g.ended_at < %(until)s),
  count(*) filter (where g.status in ('waived', 'cancelled') and g.ended_at >= %(since)s and g.ended_at < %(until)s),
  count(*) filter (where g.opened_at < %(until)s and (g.ended_at is null or g.ended_at >= %(until)s))
from goal_row g join case_row c on c.id = g.case_id
where exists (select 1 from unnest(%(services)s::text[], %(goals)s::text[]) as means (service, goal)
  where means.goal = g.key and means.service in ('', c.service_goal))
  and (%(goal)s = '' or c.service_goal = %(goal)s) and (%(channel)s = '' or c.channel = %(channel)s)
"""


class Objective(msgspec.Struct, frozen=True):
    """What became of the goals behind an objective in a period: `reached` (of these `late` behind their time limit),
    `given_up` (waived or cancelled), and `open` at its end. `depth` is how many objectives stand above it.
    """

    key: str
    title: str
    depth: int
    target: float | None
    reached: int
    late: int
    given_up: int
    open: int

    @property
    def share(self) -> float | None:
        """Reached in time, of all that ended, in per cent; None where nothing has."""
        ended = self.reached + self.given_up
        return None if not ended else 100.0 * (self.reached - self.late) / ended

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without a target or without anything to count."""
        return None if self.target is None or self.share is None else self.share >= self.target


def objectives(access: Access, asked: Filter) -> list[Objective]:
    """The objectives of the house, each under the one above it. Without the right to read figures there are none."""
    if not access.may("read figures"):
        return []
    known = the_plans("", 0, house_version()).house.objectives
    return [_counted(key, known, depth, asked) for key, depth in _in_order(known, "", 0)]


def _in_order(known: Mapping[str, ObjectiveSpec], above: str, depth: int) -> Iterator[tuple[str, int]]:
    for key, spec in known.items():
        if spec.parent == above:
            yield key, depth
            yield from _in_order(known, key, depth + 1)


def means_of(key: str, known: Mapping[str, ObjectiveSpec]) -> Means:
    """The goals behind an objective, those of the objectives below it among them."""
    own = {tuple(text.split("/", 1)) if "/" in text else ("", text) for text in known[key].goals}
    below = [means_of(other, known) for other, spec in known.items() if spec.parent == key]
    return frozenset((service, goal) for service, goal in own).union(*below)


def _counted(key: str, known: Mapping[str, ObjectiveSpec], depth: int, asked: Filter) -> Objective:
    means = sorted(means_of(key, known))
    values: dict[str, Any] = {
        "since": asked.since,
        "until": asked.until,
        "goal": asked.service_goal,
        "channel": asked.channel,
        "services": [service for service, _ in means],
        "goals": [goal for _, goal in means],
    }
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        counts = cursor.execute(_COUNTED.encode(), values).fetchone() or (0, 0, 0, 0)
    return Objective(key, known[key].title, depth, known[key].target, *map(int, counts))
