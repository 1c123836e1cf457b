"""Figures as they are shown: in words with their unit, their change, and as charts with the table behind."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caseloom.analytics.figures import Figure, Name, Point, Unit
from caseloom.analytics.objectives import Objective

TITLES: Final[dict[Name, "str | Promise"]] = {
    "turnaround": gettext_lazy("Turnaround"),
    "satisfaction": gettext_lazy("Satisfaction"),
    "complaints": gettext_lazy("Complaints"),
    "retention": gettext_lazy("Retention"),
    "in time": gettext_lazy("Goals in time"),
    "in hand": gettext_lazy("Work in hand"),
    "contacts": gettext_lazy("Moments of truth"),
    "hand-overs": gettext_lazy("Break points"),
}
MEANINGS: Final[dict[Name, "str | Promise"]] = {
    "turnaround": gettext_lazy("from the first contact to the confirmed outcome, half take less"),
    "satisfaction": gettext_lazy("mean of what customers said, from 1 to 5"),
    "complaints": gettext_lazy("complaints for 100 cases opened"),
    "retention": gettext_lazy("customers who stayed"),
    "in time": gettext_lazy("goals with a time limit that were reached within it"),
    "in hand": gettext_lazy("cases open at the end of the period"),
    "contacts": gettext_lazy("contacts a finished case"),
    "hand-overs": gettext_lazy("hand-overs a finished case"),
}
UNIT_WORDS: Final[dict[Unit, "str | Promise"]] = {
    "hours": gettext_lazy("hours"),
    "of 5": gettext_lazy("of 5"),
    "per 100 cases": gettext_lazy("for 100 cases"),
    "%": "%",
    "cases": gettext_lazy("cases"),
    "per case": gettext_lazy("a case"),
}
DAY: Final = 24.0


class Card(msgspec.Struct, frozen=True):
    """A figure for the first row: value and change in words, with the direction that is good."""

    name: Name
    title: str
    meaning: str
    value: str
    change: str
    tone: str
    of: int


def value_words(figure: Figure) -> str:
    """A figure with its unit."""
    value = figure.value
    if value is None:
        return "–"
    match figure.unit:
        case "hours":
            return _hours(value)
        case "%":
            return f"{number_format(round(value, 1))} %"
        case "cases":
            return number_format(round(value))
        case _:
            return number_format(round(value, 2))


def _hours(value: float) -> str:
    if value >= 2 * DAY:
        return _("%s days") % number_format(round(value / DAY, 1))
    return _("%s h") % number_format(round(value, 1)) if value >= 1 else _("%d min") % round(value * 60)


def card(figure: Figure) -> Card:
    """A figure for the first row."""
    return Card(
        name=figure.name,
        title=str(TITLES[figure.name]),
        meaning=str(MEANINGS[figure.name]),
        value=value_words(figure),
        change=_change(figure),
        tone={True: "good", False: "late", None: "calm"}[figure.better],
        of=figure.of,
    )


def _change(figure: Figure) -> str:
    moved = figure.change
    if moved is None:
        return _("nothing to compare with yet")
    if abs(moved) < 0.005:
        return _("as before")
    size = value_words(Figure(figure.name, abs(moved), 0))
    way = _("more than before") if moved > 0 else _("less than before")
    word = {True: _("better"), False: _("worse"), None: ""}[figure.better]
    return f"{'▲' if moved > 0 else '▼'} {size} {way}, {word}"


# --- charts -----------------------------------------------------------------------------------------------------------

INK: Final = {"accent": "#7c78e8", "quiet": "#8a8c9b"}
"""Seen on both grounds; the words of a chart take the page's colour by its style."""


def line_chart(points: Sequence[Point], name: Name) -> dict[str, Any]:
    """A trend as ECharts' options."""
    values = [None if point.value is None else round(point.value, 2) for point in points]
    return _options([day_words(point.since) for point in points], values, "line", str(TITLES[name]))


def bar_chart(values: Mapping[str, float | int], title: str) -> dict[str, Any]:
    """Amounts as ECharts' options."""
    return _options(list(values), list(values.values()), "bar", title)


def _options(names: list[str], values: Sequence[float | int | None], kind: str, title: str) -> dict[str, Any]:
    label = {"color": INK["quiet"], "fontFamily": "inherit", "fontSize": 12}
    # Each bar has its words, on a phone too; a trend leaves out those that do not fit.
    below = label if kind == "line" else label | {"interval": 0, "width": 68, "overflow": "break", "lineHeight": 16}
    series: dict[str, Any] = {"type": kind, "name": title, "data": list(values), "itemStyle": {"color": INK["accent"]}}
    if kind == "line":
        series |= {"lineStyle": {"width": 2.5}, "symbolSize": 6, "smooth": 0.2, "connectNulls": True}
        series["areaStyle"] = {"color": INK["accent"], "opacity": 0.08}
    else:
        series |= {"barMaxWidth": 44}
        series["itemStyle"]["borderRadius"] = [4, 4, 0, 0]
    return {
        "grid": {"left": 48, "right": 16, "top": 12, "bottom": 28 if kind == "line" else 56},
        "tooltip": {"trigger": "axis", "confine": True},
        "xAxis": {"type": "category", "data": names, "axisLabel": below, "axisTick": {"show": False}},
        "yAxis": {"type": "value", "axisLabel": label, "splitNumber": 3, "splitLine": {"lineStyle": {"opacity": 0.2}}},
        "series": [series],
    }


def day_words(moment: datetime) -> str:
    """A step of a trend."""
    return date_format(timezone.localtime(moment), "j M")


class ObjectiveWords(msgspec.Struct, frozen=True):
    """An objective for its line: shares in words, and how the bar stands."""

    share: str
    target: str
    verdict: str
    tone: str
    width: int


def objective_words(one: Objective) -> ObjectiveWords:
    """How far an objective was reached, in words; a target that is missed is said, not only coloured."""
    share = _("nothing yet") if one.share is None else f"{number_format(one.share, 0)} %"
    target = "" if one.target is None else _("target %s %%") % number_format(one.target, 0)
    verdict = "" if one.met is None else _("on target") if one.met else _("below target")
    tone = "" if one.met is None else "good" if one.met else "bad"
    return ObjectiveWords(share, target, verdict, tone, round(one.share or 0))
