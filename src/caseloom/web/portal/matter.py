"""A matter as its customer sees it: what was wanted, what has happened, what happens now, what they can do."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec
from django.utils.translation import gettext as _

from caseloom.cases.queries import CaseView, case_history
from caseloom.channels.links import PLACEHOLDER
from caseloom.channels.mail.threading import case_number
from caseloom.channels.queries import contacts_of_case
from caseloom.engine.case import events as e
from caseloom.engine.case.state import Goal, Item
from caseloom.engine.feel import is_true
from caseloom.engine.rules.plan import OptionPlan
from caseloom.engine.spec.values import from_wire
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Recorded
from caseloom.web.words import length

STORY: Final = 400


class Happened(msgspec.Struct, frozen=True):
    """A line of the story. `kind` chooses its mark, `detail` are words said, `ours` tells who said them."""

    at: datetime
    says: str
    kind: str = "step"
    detail: str = ""
    ours: bool = True


class Step(msgspec.Struct, frozen=True):
    """A goal in the customer's words: `done`, `now` or `later`."""

    says: str
    state: str
    due: datetime | None = None
    late: bool = False


class Part(msgspec.Struct, frozen=True):
    """Something that the customer does: a task of theirs, or a way that they may choose."""

    title: str
    help: str
    item: int = 0
    goal: int = 0
    option: str = ""


class Matter(msgspec.Struct, frozen=True):
    """Everything that the page of a matter shows."""

    case: int
    number: str
    wanted: str
    status: str
    opened_at: datetime | None
    steps: tuple[Step, ...]
    now: str
    who: str
    parts: tuple[Part, ...]
    story: tuple[Happened, ...]
    promises: tuple[tuple[str, datetime], ...]
    asked: tuple[int, str] | None
    """The goal whose moment of truth is asked for, and the question."""
    awaits_confirmation: bool
    offers: tuple[tuple[str, str, str], ...]


def matter_of(access: Access, view: CaseView, now: datetime) -> Matter:
    """The matter for its customer."""
    state, plan = view.state, view.plan
    goal = plan.service_goal
    return Matter(
        case=state.id,
        number=case_number(state.id),
        wanted=(goal.customer_title if goal else "") or state.title or _("Your message to us"),
        status=state.status,
        opened_at=state.contact_at,
        steps=tuple(_steps(view)),
        now=_now(view, now),
        who=_who(view),
        parts=tuple(_parts(view)),
        story=tuple(_story(access, view)),
        promises=tuple((promise.text, promise.due) for promise in state.promises.values()),
        asked=_asked(view),
        awaits_confirmation=state.awaits_confirmation,
        offers=tuple(_offers(view)),
    )


def goal_words(view: CaseView, goal: Goal) -> str:
    """A goal in the customer's words; empty where it is ours alone, as is one that was made up for colleagues."""
    plan = view.plan.goals.get(goal.key)
    return plan.spec.customer_title if plan else ""


_STATES: Final = {"active": "now", "available": "later", "reached": "done", "waived": "done"}


def _steps(view: CaseView) -> Iterable[Step]:
    for goal in view.state.goals.values():
        says = goal_words(view, goal)
        if says and goal.status in _STATES:
            yield Step(says, _STATES[goal.status], goal.clock.due if goal.clock else None, goal.late)


def _now(view: CaseView, now: datetime) -> str:
    state = view.state
    if state.status == "completed":
        return _("This is done.")
    if state.status in ("terminated", "closed"):
        return _("This has been ended.")
    if state.awaits_confirmation:
        return _("We believe that this is done. Please tell us whether it is.")
    active = [goal for goal in state.goals.values() if goal.status == "active" and goal_words(view, goal)]
    if not active:
        return _("We are looking at your message.")
    first = min(active, key=lambda goal: (goal.clock is None or goal.clock.due is None, goal.id))
    due = first.clock.due if first.clock else None
    says = goal_words(view, first)
    if due is None:
        return says
    if due <= now:
        return _("%(goal)s. This takes longer than it should; we are on it.") % {"goal": says}
    return _("%(goal)s, within %(length)s.") % {"goal": says, "length": length(due - now)}


def _who(view: CaseView) -> str:
    if view.state.status in ("completed", "terminated", "closed"):
        return ""
    return {
        "us": _("It is our turn. You need not do anything."),
        "customer": _("It is your turn: see below what you can do."),
        "third": _("We are waiting for somebody outside our house, and keep an eye on it."),
    }[view.state.waits_for]


def _parts(view: CaseView) -> Iterable[Part]:
    for item in view.state.items.values():
        if item.kind == "task" and item.by_customer and item.status == "active":
            yield _task_part(view, item)
    for goal in view.state.goals.values():
        plan = view.plan.goals.get(goal.key)
        if goal.status != "active" or plan is None or goal.option_item in view.state.items:
            continue
        for key, option in plan.options.items():
            if option.spec.for_customer and _open(view, option):
                yield Part(option.spec.title, option.spec.help, goal=goal.id, option=key)


def _task_part(view: CaseView, item: Item) -> Part:
    spec = view.plan.task(item.key)
    title = (spec.customer_title or spec.title) if spec else item.title
    return Part(title, spec.customer_help if spec else "", item=item.id)


def _open(view: CaseView, option: OptionPlan) -> bool:
    if option.when is None:
        return True
    known = view.state.facts
    read = {name: from_wire(known[name].type, known[name].value) for name in option.when.reads if name in known}
    return is_true(option.when.evaluate(read))


def _asked(view: CaseView) -> tuple[int, str] | None:
    for number in view.state.asked:
        if number not in view.state.goals:
            continue
        plan = view.plan.goals.get(view.state.goals[number].key)
        return number, (plan.spec.perception if plan else "") or view.plan.house.perception
    return None


def _offers(view: CaseView) -> Iterable[tuple[str, str, str]]:
    for key, state in view.state.offers.items():
        plan = view.plan.offers.get(key)
        if state in ("made", "later") and plan is not None:
            yield key, plan.spec.title, plan.spec.text


# --- the story --------------------------------------------------------------------------------------------------------


def _story(access: Access, view: CaseView) -> Iterable[Happened]:
    said = {
        row.id: row.snippet.replace(PLACEHOLDER, _("(this page)")) for row in contacts_of_case(access, view.state.id)
    }
    for recorded in reversed(case_history(access, view.state.id, limit=STORY)):
        line = _line(view, recorded, said)
        if line is not None:
            yield line


def _line(view: CaseView, recorded: Recorded, said: dict[int, str]) -> Happened | None:
    at, event = recorded.at, recorded.event
    match event:
        case e.ContactLinked(direction="in", automatic=False):
            return Happened(at, _("You wrote to us"), "in", said.get(event.contact, ""), ours=False)
        case e.ContactLinked(direction="out"):
            return Happened(at, _("We wrote to you"), "out", said.get(event.contact, ""))
        case e.GoalReached():
            goal = view.state.goals.get(event.goal)
            words = goal_words(view, goal) if goal is not None else ""
            return Happened(at, words, "done") if words else None
        case e.PromiseMade():
            return Happened(at, _("We promised: %s") % event.private.text, "promise")
        case e.PerceptionRecorded():
            return Happened(at, _("You rated us: %d of 5") % event.score, "rated", event.private.text, ours=False)
        case _:
            return _plain_line(view, recorded)


def _plain_line(view: CaseView, recorded: Recorded) -> Happened | None:
    at, event = recorded.at, recorded.event
    match event:
        case e.CaseOpened():
            return Happened(at, _("We began to work on it"))
        case e.OutcomeConfirmed(by_silence=False):
            return Happened(at, _("You told us that it is done"), "done", ours=False)
        case e.OutcomeDenied():
            return Happened(at, _("You told us that it is not done yet"), "in", event.private.text, ours=False)
        case e.CaseCompleted():
            return Happened(at, _("Done"), "done")
        case e.CaseReopened():
            return Happened(at, _("We work on it again"))
        case e.ItemTransitioned(status="completed", kind="task"):
            spec = view.plan.task(event.key)
            mine = spec is not None and spec.by_customer
            return (
                Happened(at, (spec.customer_title or spec.title) if spec else "", "done", ours=False) if mine else None
            )
        case e.ItemTransitioned(status="completed", kind="milestone"):
            milestone = view.plan.items.get(event.key)
            words = getattr(milestone.spec, "customer_title", "") if milestone else ""
            return Happened(at, words, "done") if words else None
        case _:
            return None
