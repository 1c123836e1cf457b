"""What is often asked and nothing helps with, for those who can write an article about it."""

from datetime import date
from typing import Any, Final

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from caseloom.cases.queries import find_cases
from caseloom.foundation.clock import now
from caseloom.learning.knowledge import Gap, Gaps
from caseloom.learning.queries import gaps_by_goal
from caseloom.library.plans import offered_goals
from caseloom.sdk.access import Access
from caseloom.web.board import show
from caseloom.web.desk.matter import CaseLine, case_lines
from caseloom.web.rights import needs

SHOWN_CASES: Final = 5


class GapLine(msgspec.Struct, frozen=True):
    """A gap in words. `weeks` are (from, messages)."""

    words: str
    asked: int
    customers: int
    nothing_near: int
    did_not_help: int
    weeks: list[tuple[str, int]]
    cases: list[CaseLine]


class GoalGaps(msgspec.Struct, frozen=True):
    """The gaps of one service goal, with a chart of its messages without help, week by week."""

    key: str
    title: str
    read: int
    without: int
    lines: list[GapLine]
    chart: dict[str, Any]
    rows: list[tuple[str, int]]


@require_GET
@needs("read figures")
def gaps(request: HttpRequest, access: Access) -> HttpResponse:
    """All gaps by service goal; `goal` narrows it to one."""
    titles = {goal.service_goal: goal.title for goal in offered_goals()}
    wanted = request.GET.get("goal", "")
    known = {key: found for key, found in gaps_by_goal().items() if key in titles and wanted in ("", key)}
    lines = _case_lines(access, known)
    shown = [_goal(key, titles[key], found, lines) for key, found in known.items() if found.gaps]
    context = {
        "shown": sorted(shown, key=lambda one: (-sum(line.asked for line in one.lines), one.title)),
        "read": sum(found.read for found in known.values()),
        "goals": sorted(titles.items(), key=lambda pair: pair[1]),
        "chosen": wanted if wanted in titles else "",
        "writes": access.may("write library"),
    }
    return render(request, "board/knowledge.html", context)


def _case_lines(access: Access, known: dict[str, Gaps]) -> dict[int, CaseLine]:
    """The cases behind all gaps, of those that this person reaches."""
    numbers = {case for found in known.values() for gap in found.gaps for case in gap.cases}
    rows = find_cases(access, list(numbers)) if numbers else []
    return {line.id: line for line in case_lines(rows, now())}


def _goal(key: str, title: str, found: Gaps, lines: dict[int, CaseLine]) -> GoalGaps:
    weeks: dict[str, int] = {}
    for gap in found.gaps:
        for week, count in gap.weeks:
            weeks[week] = weeks.get(week, 0) + count
    rows = [(_day(week), weeks[week]) for week in sorted(weeks)]
    return GoalGaps(
        key=key,
        title=title,
        read=found.read,
        without=found.without,
        lines=[_line(gap, lines) for gap in found.gaps],
        chart=show.bar_chart(dict(rows), _("Messages without help")),
        rows=rows,
    )


def _line(gap: Gap, lines: dict[int, CaseLine]) -> GapLine:
    return GapLine(
        words=", ".join(gap.words),
        asked=gap.asked,
        customers=gap.customers,
        nothing_near=gap.nothing_near,
        did_not_help=gap.did_not_help,
        weeks=[(_day(week), count) for week, count in gap.weeks],
        cases=[lines[case] for case in gap.cases if case in lines][:SHOWN_CASES],
    )


def _day(week: str) -> str:
    return date_format(date.fromisoformat(week), "j M")
