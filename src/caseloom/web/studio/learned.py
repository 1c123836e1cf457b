"""What is learned, for whoever answers for it: versions and going back, drift, what opened by itself, the switches."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from caseloom.engine.case.refusal import Refused
from caseloom.foundation.clock import now
from caseloom.learning import learned as queries
from caseloom.learning.following import Week, week_of, weeks
from caseloom.learning.learned import NAMES, Opened, Opening, Version
from caseloom.learning.rates import rate_of
from caseloom.library.plans import offered_goals
from caseloom.sdk.access import Access
from caseloom.web.rights import needs
from caseloom.web.studio.differently import share_chart

MONTH: Final = timedelta(days=30)
WEEKS: Final = 12
TITLES: Final[Mapping[str, "str | Promise"]] = {
    "intake": gettext_lazy("Intake: what a message wants"),
    "next step": gettext_lazy("The next step, and how it will end"),
}
FIGURES: Final[Mapping[str, "str | Promise"]] = {
    "examples": gettext_lazy("messages"),
    "goals": gettext_lazy("service goals"),
    "service goals": gettext_lazy("service goals"),
    "cases": gettext_lazy("open cases"),
    "seconds": gettext_lazy("seconds"),
    "encoder": gettext_lazy("sentence encoder"),
}


class Model(msgspec.Struct, frozen=True):
    """Something that is learned, with its versions and what was measured of each."""

    name: str
    title: "str | Promise"
    versions: tuple[tuple[Version, str], ...]
    can_go_back: bool


class Switches(msgspec.Struct, frozen=True):
    """What a service goal lets be learned, and what came of it in the last 30 days: the share of wrong openings that
    was promised, and the one that was seen.
    """

    key: str
    title: str
    opens: str
    advice: bool
    opened: Opened
    share: str
    promised: str
    broken: bool


@require_GET
@needs("publish library")
def learned(request: HttpRequest, access: Access) -> HttpResponse:
    """The versions in force, how they do, and the switches."""
    return _page(request, access)


@require_POST
@needs("publish library")
def roll_back(request: HttpRequest, access: Access) -> HttpResponseBase:
    """Go back to the version before."""
    answer = queries.roll_back(access, request.POST.get("name", ""))
    if isinstance(answer, Refused):
        return _page(request, access, " ".join((answer.message, *(f"{step.label}." for step in answer.next))))
    return redirect("studio:learned")


@require_GET
@needs("publish library")
def openings(request: HttpRequest, access: Access) -> HttpResponse:
    """Every case that the intake opened by itself, with whether somebody corrected it since."""
    goal, corrected = request.GET.get("goal", "")[:200].replace("\0", ""), request.GET.get("corrected") == "1"
    before = request.GET.get("before", "")
    titles = {one.service_goal: one.title for one in offered_goals()}
    found = queries.openings(access, goal, corrected, int(before) if before.isdecimal() and len(before) < 19 else 0)
    context = {
        "openings": [_opening(one, titles) for one in found],
        "goals": sorted(titles.items(), key=lambda one: one[1]),
        "goal": goal,
        "corrected": corrected,
        "before": before,
        "next": found[-1].contact if len(found) == queries.PAGE else 0,
        "may": access.rights,
    }
    return render(request, "studio/openings.html", context)


def _opening(one: Opening, titles: Mapping[str, str]) -> tuple[Opening, str, str, str]:
    """With the titles of the goal that it was opened as and of the present one, and how sure the intake was."""
    now_is = titles.get(one.now, one.now) or _("none")
    return one, titles.get(one.goal, one.goal), now_is, _tenths(one.permille / 10)


def _page(request: HttpRequest, access: Access, fault: str = "") -> HttpResponse:
    versions = queries.all_versions()
    opened = queries.opened_since(now() - MONTH)
    since = week_of(now() - timedelta(weeks=WEEKS - 1))
    by_goal = weeks(since)
    goals = sorted(offered_goals(), key=lambda one: one.title.casefold())
    context: dict[str, Any] = {
        "models": [_model(name, versions) for name in NAMES],
        "switches": [
            Switches(
                one.service_goal, one.title, one.learning.opens, one.learning.advice,
                opened.get(one.service_goal, Opened()), *_kept(opened.get(one.service_goal, Opened()), rate_of(one)),
            )
            for one in goals
        ],
        "followed": list(_followed(by_goal, {one.service_goal: one.title for one in goals})),
        "weeks": _weeks(by_goal),
        "fault": fault,
        "may": access.rights,
    }  # fmt: skip
    if context["weeks"]:
        names = [name for name, *_rest in context["weeks"]]
        shares = [_share(shown, first) for _name, shown, first, _among in context["weeks"]]
        context["chart"] = share_chart(names, shares, _("What was advised first was done, %"))
    return render(request, "studio/learned.html", context, status=422 if fault else 200)


def _model(name: str, versions: Sequence[Version]) -> Model:
    own = [one for one in versions if one.name == name]
    active = sum(not one.rolled_back for one in own)
    return Model(name, TITLES[name], tuple((one, _measured(one.figures)) for one in own), active > 1)


def _measured(figures: Mapping[str, Any]) -> str:
    told = []
    for name, value in figures.items():
        words = FIGURES.get(name, name)
        if isinstance(value, bool):
            told.append(_("with %s") % words if value else _("without %s") % words)
        else:
            told.append(f"{number_format(value) if isinstance(value, int | float) else value} {words}")
    return ", ".join(told)


def _kept(opened: Opened, rate: float) -> tuple[str, str, bool]:
    """The share that was corrected, the one promised, and whether it is surely above that."""
    promised = _("never opens") if not rate else _tenths(100 * rate)
    if not opened.cases:
        return "–", promised, False
    share = opened.corrected / opened.cases
    # Two more than promised of few cases may be chance.
    broken = opened.corrected > rate * opened.cases + 2 * (rate * opened.cases) ** 0.5 + 1
    return _tenths(100 * share), promised, broken


def _followed(by_goal: Mapping[str, Sequence[Week]], titles: Mapping[str, str]) -> Iterator[tuple[str, int, str, str]]:
    """(service goal, steps for which advice stood there, the share that it named first, the share that it named)"""
    for key, own in by_goal.items():
        shown = sum(one.shown for one in own)
        first, among = sum(one.first for one in own), sum(one.among for one in own)
        yield titles.get(key, key), shown, _percent(shown, first), _percent(shown, among)


def _weeks(by_goal: Mapping[str, Sequence[Week]]) -> list[tuple[str, int, int, int]]:
    """All service goals together, week by week."""
    found: dict[Any, list[int]] = {}
    for own in by_goal.values():
        for one in own:
            counts = found.setdefault(one.begins, [0, 0, 0])
            for place, count in enumerate((one.shown, one.first, one.among)):
                counts[place] += count
    return [(date_format(begins, "j M"), *found[begins]) for begins in sorted(found)]  # type: ignore[misc]


def _share(shown: int, first: int) -> int | None:
    return round(100 * first / shown) if shown else None


def _percent(of: int, count: int) -> str:
    return f"{number_format(round(100 * count / of))} %" if of else "–"


def _tenths(hundredths: float) -> str:
    """A share with one digit behind the point, where that says something."""
    value = round(hundredths, 1)
    return f"{number_format(value, 0 if value.is_integer() else 1)} %"
