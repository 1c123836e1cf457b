"""Figures over the API: what the board shows, with the same filters."""

from datetime import datetime
from typing import Any

import msgspec
from django.http import HttpRequest
from ninja import Router, Schema

from caseloom.analytics import figures as fi
from caseloom.analytics.objectives import objectives
from caseloom.analytics.period import Span, last
from caseloom.foundation.clock import now
from caseloom.web.api import schema as s
from caseloom.web.api.route import access_of, route

router = Router(tags=["figures"])


class FigureOut(Schema):
    """A figure of the period: `value` is null where there is nothing to count yet, `of` is how many it was counted
    from; `before` is the period of the same length that came before it, `change` what has moved since, and `better`
    whether it moved to the better (null where it did not move).
    """

    name: fi.Name
    unit: fi.Unit
    value: float | None
    of: int
    before: float | None
    change: float | None
    better: bool | None


class GroupOut(Schema):
    """The figures of one service goal, channel or team that had work in the period."""

    key: str
    figures: list[FigureOut]


class FiguresOut(Schema):
    """All figures of a period. `ratings` counts the marks 1 to 5 that were given, `waiting` the open cases by who is
    waited for.
    """

    since: datetime
    until: datetime
    goal: str
    channel: str
    figures: list[FigureOut]
    ratings: dict[int, int]
    waiting: dict[str, int]
    by_goal: list[GroupOut]
    by_channel: list[GroupOut]
    by_team: list[GroupOut]


@route(router, "get", "/figures", "read figures", response=FiguresOut)
def get_figures(request: HttpRequest, span: Span = "month", goal: str = "", channel: str = "") -> FiguresOut:
    """The figures of the last week, month, quarter or year: of all cases, or of one service goal or channel."""
    s.sound(goal, "goal")
    s.sound(channel, "channel")
    access, asked = access_of(request), last(span, now(), goal, channel)
    grouped: dict[str, Any] = {
        f"by_{name}": [
            GroupOut(key=group.key, figures=_figures(group.figures)) for group in fi.groups(access, by, asked)
        ]
        for name, by in _GROUPINGS.items()
    }
    return FiguresOut(
        since=asked.since,
        until=asked.until,
        goal=goal,
        channel=channel,
        figures=_figures(fi.figures(access, asked)),
        ratings=fi.ratings(access, asked),
        waiting=fi.waiting(access, asked),
        **grouped,
    )


class ObjectiveOut(Schema):
    """What became of the goals behind an objective: `share` is what was reached in time of all that ended, in per cent,
    `met` whether that is the target. `depth` is how many objectives stand above it.
    """

    key: str
    title: str
    depth: int
    target: float | None
    reached: int
    late: int
    given_up: int
    open: int
    share: float | None
    met: bool | None


@route(router, "get", "/objectives", "read figures", response=list[ObjectiveOut])
def get_objectives(request: HttpRequest, span: Span = "month", goal: str = "", channel: str = "") -> list[ObjectiveOut]:
    """The objectives of the house and how far the goals of its cases have reached them."""
    s.sound(goal, "goal")
    s.sound(channel, "channel")
    found = objectives(access_of(request), last(span, now(), goal, channel))
    return [ObjectiveOut(**msgspec.structs.asdict(one), share=one.share, met=one.met) for one in found]


_GROUPINGS: dict[str, fi.Grouping] = {"goal": "service goal", "channel": "channel", "team": "team"}


def _figures(counted: Any) -> list[FigureOut]:
    return [
        FigureOut(
            name=one.name,
            unit=one.unit,
            value=one.value,
            of=one.of,
            before=one.before,
            change=one.change,
            better=one.better,
        )
        for one in counted.values()
    ]
