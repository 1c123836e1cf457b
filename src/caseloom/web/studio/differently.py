"""What people do differently than a service goal says: shown with its figures and cases, then drafted or declined."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from caseloom.cases.queries import find_cases
from caseloom.customers.queries import names
from caseloom.engine.case.refusal import Refused
from caseloom.engine.rules.plan import Plan
from caseloom.foundation.text import find_fault
from caseloom.interchange.rule_text import HandWritten
from caseloom.interchange.yaml_text import TextFaulty
from caseloom.learning.proposals import Decision, Proposal, decide, find_proposal, proposals_of
from caseloom.learning.proposals_draft import NoPlace, changed
from caseloom.learning.ways_finding import Effect, Finding, Month, Target
from caseloom.library.drafts import Draft, find_draft, save_draft
from caseloom.sdk.access import Access
from caseloom.web.desk.people import actor_name
from caseloom.web.rights import needs, no_such
from caseloom.web.studio.bench import head_context
from caseloom.web.studio.checked import says_of
from caseloom.web.studio.definitions import find_definition
from caseloom.web.studio.tree import place_of

TARGETS: Final[dict[Target, "str | Promise"]] = {
    "rated_well": gettext_lazy("Rated 4 or 5"),
    "in_time": gettext_lazy("Reached in time"),
}
INK: Final = {"accent": "#7c78e8", "quiet": "#8a8c9b"}
"""Seen on both grounds, as on the board."""


class EffectWords(msgspec.Struct, frozen=True):
    """What came of it: the plain shares, the difference like compared with like, and how sure that is."""

    target: "str | Promise"
    shares: str
    difference: str
    verdict: str
    tone: str


class Shown(msgspec.Struct, frozen=True):
    """A proposal in words. `cases` are (number, title) of those that the reader sees."""

    proposal: Proposal
    title: str
    says: str
    steps: tuple[str, ...]
    trend: str
    draft_says: str
    effects: tuple[EffectWords, ...]
    unknown: bool
    months: tuple[tuple[str, int, int, str], ...]
    chart: dict[str, Any]
    cases: tuple[tuple[int, str], ...]
    who: str

    @property
    def chart_id(self) -> str:
        return f"months-{self.proposal.id}"

    @property
    def is_open(self) -> bool:
        return self.proposal.state in ("new", "later")


@require_GET
@needs("publish library")
def differently(request: HttpRequest, access: Access, key: str) -> HttpResponseBase:
    """What people do differently in the cases of a service goal."""
    draft = find_draft(key)
    if draft is None or draft.kind != "service goal":
        return no_such(request, "definition")
    return _page(request, access, draft)


@require_POST
@needs("write library")
def make_draft(request: HttpRequest, access: Access, key: str, number: int) -> HttpResponseBase:
    """Put what is proposed into the draft, and open it there."""
    draft, proposal = find_draft(key), find_proposal(access, key, number)
    if draft is None or proposal is None:
        return no_such(request, "page")
    try:
        text, place = changed(draft.text, proposal.finding, proposal.titles)
    except (TextFaulty, HandWritten, NoPlace) as fault:
        says = str(fault) if isinstance(fault, NoPlace) else says_of(fault)
        return _page(request, access, draft, number, _("It could not be put into the draft: %s") % says)
    answer = save_draft(access, draft, text, draft.seen)
    refused = answer if isinstance(answer, Refused) else decide(access, proposal, "drafted")
    if refused is not None:
        return _page(request, access, draft, number, refused.message)
    return redirect(f"{reverse('studio:edit', args=(key,))}?at={place_of(place)}")


@require_POST
@needs("publish library")
def answer(request: HttpRequest, access: Access, key: str, number: int) -> HttpResponseBase:
    """Put a proposal off (`later`), or decline it (`declined`) with a reason."""
    draft, proposal = find_draft(key), find_proposal(access, key, number)
    asked, reason = request.POST.get("do", ""), request.POST.get("reason", "")
    decision: Decision | None = next((one for one in ("later", "declined") if one == asked), None)
    if draft is None or proposal is None or decision is None:
        return no_such(request, "page")
    fault = find_fault(reason)
    if fault is not None:
        return _page(request, access, draft, number, fault.reason)
    refused = decide(access, proposal, decision, reason)
    if refused is not None:
        return _page(request, access, draft, number, refused.message)
    return redirect("studio:differently", key=key)


def _page(request: HttpRequest, access: Access, draft: Draft, number: int = 0, fault: str = "") -> HttpResponse:
    found = find_definition(draft.key)
    shown = list(_shown(access, proposals_of(access, draft.key), found.plan)) if found is not None else []
    context = head_context(access, draft, "differently") | {
        "open": [one for one in shown if one.is_open],
        "decided": [one for one in shown if not one.is_open],
        "learns": found is not None and found.plan.service_goal is not None and found.plan.service_goal.learning.advice,
        "fault": fault,
        "fault_at": number,
        "typed": request.POST.get("reason", ""),
    }
    return render(request, "studio/differently.html", context, status=422 if fault else 200)


# --- in words ---------------------------------------------------------------------------------------------------------


def _shown(access: Access, proposals: Sequence[Proposal], plan: Plan) -> Iterator[Shown]:
    rows = find_cases(access, [case for one in proposals for case in one.finding.examples])
    known = names(access, {row.customer for row in rows})
    listed = {row.id: known.get(row.customer, "") or row.title or str(row.id) for row in rows}
    for one in proposals:
        finding = one.finding
        steps = tuple(_step(name, one, plan) for name in finding.steps)
        yield Shown(
            proposal=one,
            title=_title(finding, steps, plan),
            says=_says(finding, plan),
            steps=steps if finding.kind == "whole way" else (),
            trend=_trend(finding),
            draft_says=_draft_says(finding, one, plan),
            effects=tuple(
                effect_words(TARGETS[target], finding.effects[target])
                for target in TARGETS
                if target in finding.effects
            ),
            unknown=not finding.effects,
            months=tuple(_month(month) for month in finding.months),
            chart=_chart(finding.months),
            cases=tuple((case, listed[case]) for case in finding.examples if case in listed),
            who=actor_name(one.decided_by) if one.decided_by else "",
        )


def _step(name: str, proposal: Proposal, plan: Plan) -> str:
    task = plan.task(name)
    return proposal.titles.get(name) or (task.title if task is not None else "") or name


def _options(finding: Finding, plan: Plan) -> str:
    goal = plan.goals.get(finding.goal)
    known = goal.options if goal is not None else {}
    titles = [known[option].spec.title if option in known else option for option in finding.options]
    return ", ".join(f"“{title}”" for title in titles)


def _goal(finding: Finding, plan: Plan) -> str:
    goal = plan.goals.get(finding.goal)
    return goal.spec.title if goal is not None else finding.goal


def _title(finding: Finding, steps: Sequence[str], plan: Plan) -> str:
    if finding.kind == "adds":
        return _("They add “%s”") % steps[0]
    if finding.kind == "leaves out":
        return _("They leave out “%s”") % steps[0]
    return _("They reach “%s” in a way of their own") % _goal(finding, plan)


def _says(finding: Finding, plan: Plan) -> str:
    values = {
        "cases": finding.cases, "of": finding.of, "people": finding.people, "goal": _goal(finding, plan),
        "options": _options(finding, plan), "since": date_format(finding.since, "j F Y"),
    }  # fmt: skip
    if finding.kind == "whole way" or not finding.options:
        says = _("%(people)s people did so in %(cases)s of the last %(of)s cases for “%(goal)s”, since %(since)s.")
    elif finding.kind == "adds":
        says = _(
            "%(people)s people did so in %(cases)s of the last %(of)s cases for “%(goal)s”, since %(since)s, on "
            "the way %(options)s, which does not have the step."
        )
    else:
        says = _(
            "%(people)s people did so in %(cases)s of the last %(of)s cases that went the way %(options)s, since "
            "%(since)s; the goal was reached without it."
        )
    return says % values


def _trend(finding: Finding) -> str:
    if not finding.grows:
        return ""
    return _("It grows: more often of late than before.")


def _draft_says(finding: Finding, proposal: Proposal, plan: Plan) -> str:
    if finding.kind == "whole way" or not finding.options:
        return _("The draft gets it as a way of its own, which people may choose.")
    if finding.kind == "leaves out":
        if finding.share < 0.5:
            return _("In the draft the step comes only when somebody starts it.")
        return _("The draft leaves the step out of %s.") % _options(finding, plan)
    after = _step(finding.after, proposal, plan) if finding.after else ""
    behind = _(", behind “%s”") % after if after else ""
    return _("The draft has the step in %(options)s%(behind)s.") % {
        "options": _options(finding, plan),
        "behind": behind,
    }


def effect_words(target: "str | Promise", effect: Effect) -> EffectWords:
    """An effect in words, with its uncertainty."""
    verdict = _("better") if effect.low > 0 else _("worse") if effect.high < 0 else _("may be chance")
    return EffectWords(
        target,
        _("%(good)s %% of %(did)s cases so, %(usual)s %% of %(others)s otherwise")
        % {
            "good": number_format(round(100 * effect.good)),
            "usual": number_format(round(100 * effect.usual)),
            "did": effect.did,
            "others": effect.others,
        },
        _("Like compared with like: %(difference)s points (95 %%: %(low)s to %(high)s)")
        % {"difference": points(effect.difference), "low": points(effect.low), "high": points(effect.high)},
        verdict,
        "better" if effect.low > 0 else "worse" if effect.high < 0 else "",
    )


def points(share: float) -> str:
    """A difference of shares in points, with its sign."""
    whole = round(100 * share)
    return f"+{whole}" if whole > 0 else f"−{-whole}" if whole < 0 else "0"


# --- over time --------------------------------------------------------------------------------------------------------


def _month(month: Month) -> tuple[str, int, int, str]:
    share = month.share
    told = _("no case") if share is None else f"{number_format(round(100 * share))} %"
    return date_format(month.begins, "N Y"), month.cases, month.of, told


def _chart(months: Sequence[Month]) -> dict[str, Any]:
    values = [None if month.share is None else round(100 * month.share) for month in months]
    return share_chart([date_format(month.begins, "M") for month in months], values, _("Share of cases, %"))


def share_chart(labels: list[str], values: Sequence[int | None], title: str) -> dict[str, Any]:
    """Shares over time, in hundredths, as ECharts' options."""
    label = {"color": INK["quiet"], "fontFamily": "inherit", "fontSize": 12}
    axis = {
        "type": "value",
        "min": 0,
        "axisLabel": label,
        "splitNumber": 2,
        "splitLine": {"lineStyle": {"opacity": 0.2}},
    }
    bars = {"type": "bar", "name": title, "data": list(values), "barMaxWidth": 28}
    return {
        "grid": {"left": 40, "right": 8, "top": 10, "bottom": 24},
        "tooltip": {"trigger": "axis", "confine": True},
        "xAxis": {"type": "category", "data": labels, "axisLabel": label, "axisTick": {"show": False}},
        "yAxis": axis,
        "series": [bars | {"itemStyle": {"color": INK["accent"], "borderRadius": [3, 3, 0, 0]}}],
    }


def found_words(count: int) -> str:
    """How many proposals are new."""
    return ngettext("%d thing that people do differently", "%d things that people do differently", count) % count
