"""Advice on the case page: what may come next, why, and how it will probably go.

What is learned stands in a row that the learner writes. Here it is put in words, and each action is tried on the case
as it stands, with the rights of who looks: what a rule forbids is never shown.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from caseloom.cases.kind import moment
from caseloom.cases.models import CaseRow
from caseloom.cases.queries import CaseView
from caseloom.engine.case import commands as c
from caseloom.engine.case.decide import decide
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import CaseState
from caseloom.learning.advised import Advice, Advised, Foresight, Reason
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Context
from caseloom.streams.door import the_door
from caseloom.web.words import length

SHOWN: Final = 3
TRIED: Final = 10
"""Proposals that are tried on the case, the likeliest first."""
LEAST: Final = 0.03
"""What is less likely is no advice."""
PUT_OFF: Final = timedelta(hours=1)
RISKY: Final = 0.5
AT_RISK: Final = 0.8
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(CaseState).decode

SITUATIONS: Final[dict[str, "str | Promise"]] = {
    "any": gettext_lazy("all cases of this kind"),
    "last step": gettext_lazy("the same last step"),
    "done so far": gettext_lazy("the same work done so far"),
    "the whole way": gettext_lazy("the very same way up to here"),
    "actor": gettext_lazy("the same person at work"),
    "channel": gettext_lazy("the same channel"),
    "time of day": gettext_lazy("the same time of day"),
    "time since": gettext_lazy("as much time since"),
    "age": gettext_lazy("the same age"),
}


class WhyLine(msgspec.Struct, frozen=True):
    """A reason in words; `without` is what the probability would be without it, in per cent."""

    says: str
    without: str


class AdviceLine(msgspec.Struct, frozen=True):
    """An action that may come next. With a `command` one click does it; else it is done at the place `goes_to`."""

    action: str
    form: str
    rank: int
    says: str
    habit: str
    effect: str
    why: list[WhyLine]
    cases: list[tuple[int, str]]
    ended: str
    command: str
    fields: tuple[tuple[str, str], ...]
    goes_to: str


class ForesightWords(msgspec.Struct, frozen=True):
    """How it will probably go, in words; `tone` is that of a clock."""

    says: str
    tone: str
    time: str
    rated: str
    moves: list[str]


class AdviceView(msgspec.Struct, frozen=True):
    """Everything that is advised in a case."""

    model: str
    lines: list[AdviceLine]
    foresight: ForesightWords | None


def advice_view(access: Access, view: CaseView, advised: Advised | None, now: datetime) -> AdviceView | None:
    """The advice that stands for this case; None where nothing is known yet, or its owner wants none."""
    goal = view.plan.service_goal
    if advised is None or view.state.status != "active" or (goal is not None and not goal.learning.advice):
        return None
    # What was worked out for an earlier version may speak of work that is done: each action is tried anew.
    lines = list(legal_lines(view, advised, now, lambda command: tried(access, view, command, now)))
    named = _titles({case for line in lines for case, _title in line.cases})
    lines = [
        msgspec.structs.replace(line, cases=[(case, named[case]) for case, _title in line.cases if case in named])
        for line in lines
    ]
    foresight = _foresight(view, advised, now)
    return AdviceView(advised.model, lines, foresight) if lines or foresight is not None else None


def legal_lines(
    view: CaseView, advised: Advised, now: datetime, refusal: Callable[[c.Command], Refused | None]
) -> Iterator[AdviceLine]:
    """The first actions that may be done. `refusal` says why the case would refuse a command, or None."""
    shown = 0
    for one in advised.next[:TRIED]:
        if shown == SHOWN:
            return
        if one.habit < LEAST or _declined(view.state, one.action, now):
            continue
        built = _command(view, one.action)
        if built is None:
            continue
        says, command, goes_to = built
        refused = refusal(command) if command is not None else None
        if refused is not None and (refused.code != "data" or not goes_to):
            continue
        shown += 1
        sends = command is not None and refused is None
        yield AdviceLine(
            action=one.action,
            form=f"advice-{shown}",
            rank=shown,
            says=says,
            habit=f"{round(one.habit * 100)} %",
            effect=_effect(one),
            why=[WhyLine(_reason(reason), _without(reason)) for reason in one.reasons],
            cases=[(case, "") for case in one.cases],
            ended=_ended(one),
            command=type(command).__name__ if sends else "",
            fields=tuple(_fields(command)) if sends else (),
            goes_to="" if sends else goes_to,
        )


def _declined(state: CaseState, action: str, now: datetime) -> bool:
    answer, at = state.advice.get(action, ("", now))
    return answer == "declined" or (answer == "put off" and now - at < PUT_OFF)


def tried(access: Access, view: CaseView, command: c.Command, now: datetime) -> Refused | None:
    """Whether the case as it stands would refuse a command of this person; nothing happens."""
    state = _decode(_encode(view.state))
    around = moment(state, command, Context(now, access, the_door().ids))
    outcome = decide(state, command, around)
    return outcome if isinstance(outcome, Refused) else None


# --- actions ----------------------------------------------------------------------------------------------------------

Built = tuple[str, c.Command | None, str]
"""What is said, the command that does it, and the place on the page where it is done by hand."""


def _command(view: CaseView, action: str) -> Built | None:
    """The command behind an action, as the case stands; None where it is not ours to do now."""
    verb, _blank, what = action.partition(" ")
    build = _BUILD.get(verb)
    return build(view, what) if build is not None and what else None


def _complete(view: CaseView, key: str) -> Built | None:
    item = next(
        (i for i in view.state.items.values() if i.key == key and i.kind == "task" and i.status == "active"), None
    )
    if item is None or item.waits_for != "us":
        return None
    says = _("Do “%s”") % _title(view, key)
    return says, c.CompleteTask(item=item.id), f"#task-{item.id}"


def _choose(view: CaseView, option: str) -> Built | None:
    for goal in view.state.goals.values():
        plan = view.plan.goals.get(goal.key)
        found = plan.options.get(option) if plan is not None else None
        if goal.status == "active" and found is not None and goal.option != option:
            return (
                _("Choose the way “%s”") % (found.spec.title or option),
                c.ChooseOption(goal=goal.id, option=option),
                "",
            )
    return None


def _create(view: CaseView, key: str) -> Built | None:
    if view.plan.task(key) is None or any(item.key == key for item in view.state.items.values()):
        return None
    return _("Add the task “%s”") % _title(view, key), c.CreateTask(key=key), ""


def _send(view: CaseView, letter: str) -> Built | None:
    known = view.plan.letters.get(letter)
    return (_("Write the letter “%s”") % known.title, None, f"?letter={letter}#composer") if known is not None else None


def _hand_over(view: CaseView, what: str) -> Built | None:
    team = what.removeprefix("over to ")
    known = view.plan.house.teams.get(team)
    if known is None or team == view.state.team:
        return None
    return _("Hand over to “%s”") % known, c.HandOver(team=team), ""


def _reach(view: CaseView, key: str) -> Built | None:
    goal = view.state.goal_by_key(key)
    if goal is None or goal.status != "active":
        return None
    return _("Mark the goal “%s” as reached") % _goal(view, key), c.ReachGoal(goal=goal.id), ""


def _add(view: CaseView, key: str) -> Built | None:
    known, goal = view.plan.goals.get(key), view.state.goal_by_key(key)
    if known is None or (goal is not None and goal.status in ("available", "active")):
        return None
    return _("Add the goal “%s”") % _goal(view, key), c.AddGoal(key=key), ""


_BUILD: Final[Mapping[str, Callable[[CaseView, str], Built | None]]] = {
    "complete": _complete,
    "choose": _choose,
    "create": _create,
    "send": _send,
    "hand": _hand_over,
    "reach": _reach,
    "add": _add,
}


def action_words(view: CaseView, action: str) -> str:
    """An action in words, whether it can be done now or not."""
    verb, _blank, what = action.partition(" ")
    match verb:
        case "complete" | "create":
            return _title(view, what)
        case "send":
            letter = view.plan.letters.get(what)
            return letter.title if letter is not None else what
        case "customer":
            return str(_CUSTOMER.get(what, what))
        case "END":
            return _("Nothing more")
        case _:
            built = _command(view, action)
            return built[0] if built is not None else action


_CUSTOMER: Final[dict[str, "str | Promise"]] = {
    "writes": gettext_lazy("The customer writes"),
    "rates well": gettext_lazy("The customer is content"),
    "rates badly": gettext_lazy("The customer is not content"),
    "rates so-so": gettext_lazy("The customer is half content"),
    "is not content": gettext_lazy("The customer says that it is not solved"),
}


def _title(view: CaseView, key: str) -> str:
    plan = view.plan.items.get(key)
    return (plan.spec.title if plan is not None else "") or key


def _goal(view: CaseView, key: str) -> str:
    plan = view.plan.goals.get(key)
    return plan.spec.title if plan is not None else key


def _fields(command: c.Command | None) -> Iterator[tuple[str, str]]:
    for field in msgspec.structs.fields(type(command)) if command is not None else ():
        value: Any = getattr(command, field.name)
        if value != field.default and field.name != "facts":
            yield field.name, str(value)


# --- words ------------------------------------------------------------------------------------------------------------


def _reason(reason: Reason) -> str:
    same = _and([_situation(name) for name in reason.situation])
    return ngettext(
        "in %(taken)s of %(of)s case with %(same)s", "in %(taken)s of %(of)s cases with %(same)s", reason.of
    ) % {"taken": reason.taken, "of": reason.of, "same": same}


def _ended(one: Advice) -> str:
    if not one.ended:
        return ""
    says = ngettext(
        "%(ended)s case like this one that did it has ended, %(good)s of them well",
        "%(ended)s cases like this one that did it have ended, %(good)s of them well",
        one.ended,
    )
    return says % {"ended": one.ended, "good": one.good}


def _situation(name: str) -> str:
    known = SITUATIONS.get(name)
    if known is not None:
        return str(known)
    if name.endswith(" together"):
        return _("the same facts")
    if name.startswith("last ") and name.endswith(" steps"):
        return _("the same last %s steps") % name.split()[1]
    return _("the same “%s”") % name


def _and(parts: list[str]) -> str:
    return (
        parts[0]
        if len(parts) == 1
        else _("%(first)s and %(last)s")
        % {
            "first": ", ".join(parts[:-1]),
            "last": parts[-1],
        }
    )


def _without(reason: Reason) -> str:
    return "" if reason.without is None else f"{round(reason.without * 100)} %"


def _effect(one: Advice) -> str:
    """By how much the chance of a good end moves; nothing where the evidence does not say in which direction."""
    if one.effect is None:
        return ""
    middle, low, high = (round(part * 100) for part in one.effect)
    if low <= 0 <= high:
        return ""
    values = {"points": f"{middle:+d}", "low": f"{low:+d}", "high": f"{high:+d}"}
    return _("%(points)s points for a good end (%(low)s to %(high)s)") % values


def _foresight(view: CaseView, advised: Advised, now: datetime) -> ForesightWords | None:
    known = advised.foresight
    if known.remaining is None and known.in_time is None:
        return None
    timed = any(goal.clock is not None for goal in view.state.goals.values())
    chance = (known.in_time if timed else known.reached) if known.ended else None
    moves = [
        _("%(action)s: %(points)s points") % {"action": action_words(view, action), "points": f"{round(by * 100):+d}"}
        for action, by in advised.moves[:SHOWN]
    ]
    return ForesightWords(
        says=_chance_words(chance, timed),
        tone=tone_of(chance),
        time=_time_words(known, now),
        rated="" if known.rated_well is None else _("%s %% likely to be rated well") % round(known.rated_well * 100),
        moves=moves if chance is not None and chance < AT_RISK else [],
    )


def tone_of(chance: float | None) -> str:
    """How a chance is shown: calm where nobody knows."""
    return "calm" if chance is None else "good" if chance >= AT_RISK else "near" if chance >= RISKY else "late"


def _chance_words(chance: float | None, timed: bool) -> str:
    if chance is None:
        return ""
    share = min(max(round(chance * 100), 1), 99)
    if timed:
        return _("%s %% likely to be in time") % share
    return _("%s %% likely to reach its goals") % share


def _time_words(known: Foresight, now: datetime) -> str:
    """How long it still takes, from now; what has taken longer than usual already is said to."""
    if known.remaining is None:
        return ""
    passed = now.timestamp() - known.since if known.since else 0.0
    left = [part - passed for part in known.remaining]
    if left[0] <= 0:
        return _("it has taken longer than usual already")
    median, low, high = (length(timedelta(seconds=max(part, 0.0))) for part in left)
    return _("probably done in %(median)s (%(low)s to %(high)s)") % {"median": median, "low": low, "high": high}


def _titles(cases: set[int]) -> dict[int, str]:
    rows = CaseRow.objects.filter(pk__in=cases).values_list("id", "title", "service_goal") if cases else ()
    return {number: title or goal for number, title, goal in rows}
