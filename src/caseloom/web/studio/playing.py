"""Try it: a sandbox like a desk, with the customer's side and a clock to turn; also for newcomers to practise."""

from datetime import timedelta
from typing import Any, Final

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from caseloom.engine.case import commands as c
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.rules.fault import DefinitionFaulty
from caseloom.foundation.clock import now
from caseloom.interchange.yaml_text import TextFaulty
from caseloom.library.drafts import Draft, find_draft
from caseloom.sdk.access import Access
from caseloom.staff.calendars import calendar_of_goal
from caseloom.web.desk.goals import goal_ways, help_for, scope_of, track
from caseloom.web.desk.letters import composer
from caseloom.web.desk.matter import STATUS, known_facts
from caseloom.web.desk.story import Said, story
from caseloom.web.desk.tasks import TaskView, task_views
from caseloom.web.forms import FormFaulty, read_command
from caseloom.web.rights import needs, no_such
from caseloom.web.studio.bench import head_context
from caseloom.web.studio.candidates import Candidate, draft_candidate, published_candidate
from caseloom.web.studio.modelling import with_diagram
from caseloom.web.studio.sandbox import (
    CUSTOMER,
    DOES,
    MOST,
    NAME,
    Play,
    Script,
    Step,
    labels,
    told_by,
)

SESSION: Final = "trials"
KEPT: Final = 3
"""Trials that one person has open at once."""
TURNS: Final[dict[str, "str | Promise"]] = {
    "next": gettext_lazy("To the next deadline"),
    "hour": gettext_lazy("1 hour on"),
    "business day": gettext_lazy("1 business day on"),
    "week": gettext_lazy("1 week on"),
}


class Way(msgspec.Struct, frozen=True):
    """A way on from a refusal: what it sends, or only words."""

    label: str
    who: str
    does: str = ""
    hand: str = ""
    fields: str = ""


class Hint(msgspec.Struct, frozen=True):
    """What a newcomer may do next, and where on the page."""

    says: str
    at: str = ""


class FlowView(msgspec.Struct, frozen=True):
    """A flow of the case with its diagram, the steps that it waits at and those that it has passed."""

    id: int
    title: str
    xml: str
    active: list[str]
    passed: list[str]
    work: list[tuple[int, str, str]]
    waits: list[tuple[str, str, str]]

    @property
    def place(self) -> str:
        return f"flow-data-{self.id}"

    @property
    def drawn(self) -> dict[str, Any]:
        return {"xml": self.xml, "active": self.active, "passed": self.passed}


@require_GET
@needs("read library")
def play(request: HttpRequest, access: Access, key: str) -> HttpResponseBase:
    """The trial of a service goal as it stands; the way to begin one where there is none."""
    draft = find_draft(key)
    if draft is None or draft.kind != "service goal":
        return no_such(request, "definition")
    return _page(request, access, draft, _script(request, key))


@require_POST
@needs("read library")
def act(request: HttpRequest, access: Access, key: str) -> HttpResponseBase:
    """Begin, do something, turn the clock, go a step back, end."""
    draft = find_draft(key)
    if draft is None or draft.kind != "service goal":
        return no_such(request, "definition")
    form, script = request.POST, _script(request, key)
    does = form.get("do", "")
    if does == "begin":
        return _kept(request, access, draft, _begun(draft, access, form))
    if script is None:
        return redirect("studio:play", key=key)
    if does == "end":
        _keep(request, key, None)
        return redirect("studio:play", key=key)
    if does == "back":
        return _kept(request, access, draft, msgspec.structs.replace(script, steps=script.steps[:-1]))
    if does == "again":
        return _kept(request, access, draft, msgspec.structs.replace(script, steps=(), begun=_morning()))
    if does == "hand":
        return _kept(request, access, draft, msgspec.structs.replace(script, hand=form.get("hand", "")[:100]))
    return _done(request, access, draft, script)


def _done(request: HttpRequest, access: Access, draft: Draft, script: Script) -> HttpResponseBase:
    """One step more, unless it is refused: then the rule's words and the way on."""
    played = _played(draft, script, access)
    if isinstance(played, list):
        return _page(request, access, draft, script)
    _candidate, told = played
    try:
        step = _step(told, script, request.POST)
    except FormFaulty as fault:
        return _page(request, access, draft, script, Refused("invalid", fault.says), request.POST)
    if len(script.steps) >= MOST:
        full = Refused("invalid", _("A trial holds %(most)s steps. Begin anew to go on.") % {"most": MOST})
        return _page(request, access, draft, script, full, request.POST)
    refused = told.tell(step)
    if refused is not None:
        return _page(request, access, draft, script, told.way_on(step, refused), request.POST)
    steps = [one for number, one in enumerate(script.steps) if number not in {gone.number for gone in told.dropped}]
    return _kept(request, access, draft, msgspec.structs.replace(script, steps=(*steps, step)))


def _step(told: Play, script: Script, form: QueryDict) -> Step:
    """What a form of the page asks for. Raises `FormFaulty`."""
    does = form.get("do", "")
    if does == "turn":
        return Step(until=told.until(form.get("how", "")))
    kind = DOES.get(does)
    if kind is None:
        raise FormFaulty("do", _("This cannot be done in a trial."))
    hand = form.get("hand") or script.hand
    given: dict[str, Any] = {}
    way = form.get("way", "")
    if way:
        try:
            given = msgspec.json.decode(way.encode(), type=dict[str, Any])
        except msgspec.DecodeError as fault:
            raise FormFaulty("way", _("This cannot be done in a trial.")) from fault
    if kind is c.SendMessage:
        given |= {"contact": 10_000 + len(told.history), "to": "customer@example.org"}
    if kind is c.LinkContact:
        given |= {"contact": 10_000 + len(told.history), "at": told.now, "customer": 1, "channel": "mail"}
    command = read_command(kind, form, given)
    return Step(does, msgspec.to_builtins(command), hand)


# --- what is kept -----------------------------------------------------------------------------------------------------


def _script(request: HttpRequest, key: str) -> Script | None:
    stored = request.session.get(SESSION, {}).get(key)
    try:
        return msgspec.convert(stored, Script) if stored is not None else None
    except msgspec.ValidationError:
        return None


def _keep(request: HttpRequest, key: str, script: Script | None) -> None:
    """In the person's session, the newest last, a few at most."""
    kept = {one: stored for one, stored in request.session.get(SESSION, {}).items() if one != key}
    if script is not None:
        kept[key] = msgspec.to_builtins(script)
    request.session[SESSION] = dict(list(kept.items())[-KEPT:])


def _kept(request: HttpRequest, access: Access, draft: Draft, script: Script) -> HttpResponseBase:
    _keep(request, draft.key, script)
    if not request.headers.get("HX-Request"):
        return redirect("studio:play", key=draft.key)
    return _page(request, access, draft, script)


def _begun(draft: Draft, access: Access, form: QueryDict) -> Script:
    published = form.get("of") == "published" or (form.get("practice") == "1" and draft.version > 0)
    return Script(
        begun=_morning(),
        channel=form.get("channel", "phone")[:20],
        version=draft.version if published else 0,
        drafts=form.get("drafts") == "1",
        practice=form.get("practice") == "1",
        hand=access.actor.id,
    )


def _morning() -> Any:
    """A working morning: no term runs out over a week's end that nobody meant."""
    moment = now().replace(hour=9, minute=0, second=0, microsecond=0)
    return moment + timedelta(days=(7 - moment.weekday()) % 7)


# --- the page ---------------------------------------------------------------------------------------------------------


def _played(draft: Draft, script: Script, access: Access) -> tuple[Candidate, Play] | list[str]:
    """The case as it stands, or why the definition cannot be played."""
    try:
        found = (
            published_candidate(draft.key, script.version) if script.version else draft_candidate(draft, script.drafts)
        )
    except TextFaulty as faulty:
        return [str(place) for place in faulty.places]
    except DefinitionFaulty as faulty:
        return [fault.message for fault in faulty.faults]
    except KeyError as fault:
        return [str(fault)]
    goal = found.plan.service_goal
    calendar = calendar_of_goal(goal)
    return found, Play(script, found.plan, calendar, access.actor)


def _page(
    request: HttpRequest,
    access: Access,
    draft: Draft,
    script: Script | None,
    refused: Refused | None = None,
    typed: QueryDict | None = None,
) -> HttpResponse:
    context = head_context(access, draft, "play") | {"most": MOST, "turns": TURNS.items()}
    if script is not None:
        played = _played(draft, script, access)
        if isinstance(played, list):
            context |= {"cannot": played, "script": script}
        else:
            context |= _shown(played[0], played[1], access, script, refused, typed)
    part = request.headers.get("HX-Request") is not None
    page = "studio/part/play.html" if part else "studio/play.html"
    return render(request, page, context, status=422 if refused is not None else 200)


def _shown(
    found: Candidate, told: Play, access: Access, script: Script, refused: Refused | None, typed: QueryDict | None
) -> dict[str, Any]:
    view, actor = told.view, told.hand(script.hand).actor
    form = {name: str(value) for name, value in typed.items()} if typed is not None and refused is not None else {}
    scope = scope_of(view, actor, told.now)
    tasks = task_views(view, actor, told.now, form)
    me = access.actor.name or access.actor.id
    said = {one.event.contact: _said(one.event) for one in told.history if hasattr(one.event, "contact")}
    who = told_by(told, me)
    entries = [
        entry if entry.kind == "contact" else msgspec.structs.replace(entry, who=who.get(entry.version) or entry.who)
        for entry in story(view, told.history, NAME, said)
    ]
    goals = track(view, told.now)
    return {
        "script": script,
        "told": told,
        "state": told.state,
        "status": STATUS[told.state.status],
        "goals": goals,
        "ways": goal_ways(view, scope),
        "tasks": [task for task in tasks if not task.for_customer],
        "theirs": [task for task in tasks if task.for_customer],
        "letters_to_write": {
            task.id: composer(view, None, scope, task.letter, task.id, form) for task in tasks if task.letter
        },
        "facts": known_facts(view, form),
        "help": help_for(told.state, told.plan),
        "story": entries,
        "letters": list(reversed(told.letters)),
        "hands": list(labels(told, me)),
        "acting": told.hand(script.hand).actor.id,
        "customer_hand": CUSTOMER,
        "dues": told.dues()[:3],
        "flows": _flows(found, told),
        "options_for_customer": _customer_options(told),
        "hint": _hint(told, tasks) if script.practice else None,
        "reached": sum(goal.status == "reached" for goal in goals),
        "refused": refused,
        "ways_on": [_way(told, step) for step in refused.next] if refused is not None else [],
        "refused_facts": list(refused.facts.items()) if refused is not None else [],
        "over": told.state.status in ("completed", "terminated", "failed", "closed"),
        "asks_words": bool(told.state.asked) or told.state.awaits_confirmation,
        "scores": range(1, 6),
        "addable": [
            (key, item.spec.title or key) for key, item in told.plan.items.items() if item.kind == "task"
        ],
        "count": len(script.steps),
    }  # fmt: skip


def _said(event: Any) -> Said:
    words = getattr(event, "private", None)
    return Said(subject=getattr(words, "subject", ""), text=getattr(words, "text", ""))


def _customer_options(told: Play) -> list[tuple[int, str, str]]:
    """What the customer may choose on the portal now: goal, option, title."""
    actor = told.hand(CUSTOMER).actor
    view = told.view
    found = []
    for ways in goal_ways(view, scope_of(view, actor, told.now)):
        goal = told.state.goals[ways.goal]
        plan = told.plan.goals.get(goal.key)
        for option in ways.options:
            if plan is not None and option.open and plan.options[option.key].spec.for_customer:
                found.append((ways.goal, option.key, option.title))
    return found


def _flows(found: Candidate, told: Play) -> list[FlowView]:
    seen = []
    for number, flow in told.state.flows.items():
        plan = told.plan.flows.get(flow.process)
        steps = plan.steps if plan is not None else {}

        def title(element: str, steps: Any = steps) -> str:
            step = steps.get(element)
            return step.title if step is not None else element

        active, passed = told.marks(number)
        xml = with_diagram(next((text for text in found.flows.values() if f'"{flow.process}"' in text), ""))
        nodes = list(flow.nodes.values())
        work = [(node.id, title(node.element), node.work.topic) for node in nodes if node.work is not None]
        waits = [
            (str(wait.kind), wait.name, title(wait.element))
            for node in nodes
            for wait in node.waits
            if wait.kind in ("message", "signal")
        ]
        name = (plan.spec.name if plan is not None else "") or flow.process
        seen.append(FlowView(number, name, xml, active, passed, work, waits))
    return seen


def _way(told: Play, step: NextStep) -> Way:
    """A next step as a button, where everything that it needs is said."""
    kind = DOES.get(step.command)
    if kind is None:
        return Way(step.label, step.who)
    needed = [field.name for field in msgspec.structs.fields(kind) if field.required]
    if any(name not in step.arguments for name in needed):
        return Way(step.label, step.who)
    hand = next((key for key, one in told.hands.items() if step.who and one.who == step.who), "")
    return Way(step.label, step.who, step.command, hand, msgspec.json.encode(step.arguments).decode())


def _hint(told: Play, tasks: list[TaskView]) -> Hint | None:
    """What leads on from here, for somebody who does not know the way yet."""
    state = told.state
    if state.status != "active":
        return None
    view = told.view
    ours = next((task for task in tasks if not task.for_customer and task.kind != "wait" and not task.lacks), None)
    if ours is not None:
        return Hint(_("Do the task “%s”: fill in what it asks for, then press Done.") % ours.title, f"{ours.form}-card")
    lacking = next((task for task in tasks if task.lacks), None)
    if lacking is not None:
        said = {"task": lacking.title, "who": lacking.lacks}
        return Hint(_("“%(task)s” needs %(who)s: change above who you act as.") % said, "acting")
    for ways in goal_ways(view, scope_of(view, told.hand("").actor, told.now)):
        if not ways.chosen and any(option.open for option in ways.options):
            return Hint(_("Choose how to reach “%s”.") % ways.title, "ways")
    theirs = next((task for task in tasks if task.for_customer), None)
    if theirs is not None:
        return Hint(_("The customer does “%s” now: play their side.") % theirs.title, f"{theirs.form}-card")
    if state.awaits_confirmation:
        return Hint(_("The customer confirms the outcome: play their side."), "theirs")
    if told.dues():
        return Hint(_("Nothing is to be done now: turn the clock to the next deadline."), "clock")
    return Hint(_("Correct a fact below, or reach the goal by your word."), "facts")
