"""The pages of the board: the figures of a period, and the cases behind each."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from caseloom.analytics import figures as fi
from caseloom.analytics.objectives import objectives
from caseloom.analytics.period import DAYS, Filter, Span, last
from caseloom.cases.queries import find_cases
from caseloom.customers.queries import names
from caseloom.foundation.clock import now
from caseloom.learning.queries import AtRisk, at_risk
from caseloom.library.plans import latest_versions, offered_goals
from caseloom.sdk.access import Access
from caseloom.web.board import show
from caseloom.web.desk.matter import CaseLine, case_lines
from caseloom.web.rights import needs, no_such
from caseloom.web.words import CHANNELS, FACES, channel_words, waits_words

FIRST_ROW: Final[tuple[fi.Name, ...]] = ("turnaround", "satisfaction", "complaints", "in time", "retention")
SECOND_ROW: Final[tuple[fi.Name, ...]] = ("in hand", "contacts", "hand-overs")
COLUMNS: Final[tuple[fi.Name, ...]] = ("turnaround", "satisfaction", "in time", "in hand", "contacts", "hand-overs")
SPANS: Final = {
    "week": gettext_lazy("7 days"),
    "month": gettext_lazy("30 days"),
    "quarter": gettext_lazy("91 days"),
    "year": gettext_lazy("a year"),
}
TITLED: Final = 120
RISKY: Final = 50
"""The chance of being late, in per cent, from which on a case is shown as probably late."""
RISKIEST: Final = 10


@require_GET
@needs("read figures")
def board(request: HttpRequest, access: Access) -> HttpResponse:
    """All figures of the period that the address names."""
    asked, chosen = _asked(request)
    counted = fi.figures(access, asked)
    trended = cast("fi.Name", request.GET.get("trend", "turnaround"))
    trended = trended if trended in fi.NAMES else "turnaround"
    points = fi.trend(access, trended, asked)
    risky = at_risk(access, RISKY, chosen["goal"], chosen["channel"])
    titles = {goal.service_goal: goal.title for goal in offered_goals()}
    context = {
        "risky": _amounts(
            {title: n for title, n in Counter(titles.get(r.service_goal, r.service_goal) for r in risky).most_common()},
            _("Probably late"),
        ),
        "riskiest": _titled(access, risky[:RISKIEST]),
        "first": [show.card(counted[name]) for name in FIRST_ROW],
        "second": [show.card(counted[name]) for name in SECOND_ROW],
        "trend": {
            "name": trended,
            "title": show.TITLES[trended],
            "unit": show.UNIT_WORDS[fi.UNITS[trended]],
            "options": show.line_chart(points, trended),
            "rows": [(show.day_words(p.since), show.value_words(fi.Figure(trended, p.value, 0))) for p in points],
            "choices": [(name, show.TITLES[name]) for name in fi.NAMES],
        },
        "ratings": _amounts({str(FACES[score]): n for score, n in fi.ratings(access, asked).items()}, _("Ratings")),
        "waiting": _amounts(
            {waits_words(who): n for who, n in sorted(fi.waiting(access, asked).items())}, _("Where it waits")
        ),
        "objectives": [(one, show.objective_words(one)) for one in objectives(access, asked)],
        "by_goal": _table(access, "service goal", asked),
        "by_channel": _table(access, "channel", asked),
        "by_team": _table(access, "team", asked),
        "columns": [show.TITLES[name] for name in COLUMNS],
    }
    return render(request, "board/board.html", context | _frame(request, chosen))


def _titled(access: Access, risky: Sequence[AtRisk]) -> list[tuple[CaseLine, str, int]]:
    """(case, customer, chance of being late) of those that the actor reaches."""
    chances = {one.case: one.risk for one in risky}
    rows = find_cases(access, list(chances))
    known = names(access, {row.customer for row in rows})
    lines = zip(case_lines(rows, now()), rows, strict=True)
    return sorted(((line, known.get(r.customer, ""), chances[r.id]) for line, r in lines), key=lambda one: -one[2])


def _asked(request: HttpRequest) -> tuple[Filter, dict[str, str]]:
    """The filter that stands in the address, and what of it was understood."""
    span = cast("Span", request.GET.get("span", "month"))
    span = span if span in DAYS else "month"
    keys = {key for key, (kind, _version) in latest_versions().items() if kind == "service goal"}
    goal = request.GET.get("goal", "")
    channel = request.GET.get("channel", "")
    chosen = {
        "span": str(span),
        "goal": goal if goal in keys else "",
        "channel": channel if channel in CHANNELS else "",
    }
    return last(span, now(), chosen["goal"], chosen["channel"]), chosen


def _frame(request: HttpRequest, chosen: dict[str, str]) -> dict[str, Any]:
    return {
        "asked": chosen,
        "query": urlencode({name: value for name, value in chosen.items() if value}),
        "spans": SPANS.items(),
        "goals": [(goal.service_goal, goal.title) for goal in offered_goals()],
        "channels": [(key, channel_words(key)) for key in CHANNELS],
        "titles": show.TITLES,
    }


def _amounts(values: dict[str, int], title: str) -> dict[str, Any]:
    return {"options": show.bar_chart(values, title), "rows": list(values.items()), "empty": not any(values.values())}


def _table(access: Access, by: fi.Grouping, asked: Filter) -> list[tuple[str, str, list[str]]]:
    """(key, title, values) for each group."""
    titles = {goal.service_goal: goal.title for goal in offered_goals()}
    rows = []
    for group in fi.groups(access, by, asked):
        title = channel_words(group.key) if by == "channel" else titles.get(group.key, group.key)
        values = [show.value_words(group.figures[name]) for name in COLUMNS]
        rows.append((group.key, title[:TITLED] or _("from nothing"), values))
    return rows


@require_GET
@needs("read figures")
def behind(request: HttpRequest, access: Access, figure: str) -> HttpResponse:
    """The cases behind a figure, newest first."""
    name = cast("fi.Name", figure.replace("_", " "))
    if name not in fi.NAMES:
        return no_such(request, "page")
    asked, chosen = _asked(request)
    below = request.GET.get("below", "")
    numbers = fi.cases_behind(access, name, asked, int(below) if below.isdecimal() and len(below) < 19 else 2**62)
    rows = find_cases(access, numbers)
    known = names(access, {row.customer for row in rows})
    context = {
        "figure": show.card(fi.figure(access, name, asked)),
        "name": figure,
        "cases": [(line, known.get(r.customer, "")) for line, r in zip(case_lines(rows, now()), rows, strict=True)],
        "hidden": len(numbers) - len(rows),
        "below": numbers[-1] if len(numbers) == fi.PAGE else None,
    }
    return render(request, "board/behind.html", context | _frame(request, chosen))
