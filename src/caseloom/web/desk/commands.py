"""Every command of the desk comes through here: built from its form, sent to the door, answered for htmx or a page."""

import json
from typing import Any, Final
from uuid import uuid5

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from caseloom.cases.kind import STEERING
from caseloom.cases.queries import CaseView, read_case
from caseloom.cases.ways import with_way_on
from caseloom.engine.case import commands as c
from caseloom.engine.case import flow_commands as f
from caseloom.engine.case.advising import LONGEST
from caseloom.engine.case.refusal import OVERRIDE, NextStep, Refused
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Order
from caseloom.streams.door import the_door
from caseloom.web.desk.case import case_answer
from caseloom.web.desk.given import given
from caseloom.web.desk.matter import Asked
from caseloom.web.desk.people import actor_name
from caseloom.web.forms import FormFaulty, command_id, read_command
from caseloom.web.rights import needs, no_such

DONE: Final[dict[type[c.Command], "str | Promise"]] = {
    c.MarkContactHandled: _("Marked as needing no answer."),
    c.ClassifyCase: _("The case has its service goal."),
    c.SetFacts: _("Noted."),
    c.CreateTask: _("Task added."),
    c.ClaimTask: _("Task given."),
    c.StartTask: _("Task begun."),
    c.CompleteTask: _("Done."),
    c.CancelTask: _("Task cancelled."),
    c.ResetTask: _("The task begins anew."),
    c.AddGoal: _("Goal added."),
    c.ReachGoal: _("Goal reached."),
    c.WaiveGoal: _("Goal waived."),
    c.CancelGoal: _("Goal cancelled."),
    c.ChooseOption: _("Way chosen."),
    c.SendMessage: _("On its way."),
    c.MakePromise: _("Promise noted."),
    c.KeepPromise: _("Promise kept."),
    c.RecordPerception: _("Rating noted."),
    c.ConfirmOutcome: _("Noted."),
    c.AnswerOffer: _("Answer noted."),
    c.HandOver: _("The case has changed hands."),
    c.AddNote: _("Note added."),
    c.SuspendCase: _("Suspended."),
    c.ResumeCase: _("Resumed."),
    c.TerminateCase: _("Ended."),
    c.ReopenCase: _("Open again."),
    c.ModifyTask: _("Task changed."),
    c.DeleteTask: _("Task deleted."),
    c.CreateStage: _("Stage added."),
    c.ModifyStage: _("Stage changed."),
    c.CancelStage: _("Stage cancelled."),
    c.ResetStage: _("The stage begins anew."),
    c.DeleteStage: _("Stage deleted."),
    c.ModifyGoal: _("Goal changed."),
    c.ResetGoal: _("The goal is worked for again."),
    c.DeleteGoal: _("Goal deleted."),
    c.CreateOption: _("Way made up."),
    c.CancelOption: _("Way given up."),
    c.ResetOption: _("The way begins anew."),
    c.DeleteOption: _("Way deleted."),
    c.UndoWork: _("Undone."),
    c.AnswerAdvice: _("Noted: it is learned from."),
    c.RateKnowledge: _("Noted: what helps comes first next time."),
    c.ShareGoal: _("Other cases may share it."),
    c.MirrorGoal: _("The goal stands here, too. It is worked for in the other case."),
    c.TransitItem: _("Done."),
    c.PlanItem: _("Planned."),
    c.FailCase: _("The case cannot go on."),
    c.CloseCase: _("Closed for good."),
    f.CompleteWork: _("Done by hand."),
    f.RetryStep: _("The step is tried again."),
    f.SkipStep: _("Step left out."),
    f.MoveStep: _("It goes on there."),
    f.RepeatStep: _("The step is done once more."),
    f.StartStep: _("Begun."),
    f.FinishSteps: _("This part is done."),
    f.CorrelateMessage: _("Told to the step that waits for it."),
    f.BroadcastSignal: _("Signal given."),
}
"""What the desk may ask of a case, and what is said when it is done."""
MOVED: Final[dict[str, "str | Promise"]] = {
    "suspend": _("Suspended."),
    "resume": _("Resumed."),
    "complete": _("Complete."),
    "occur": _("Noted that it happened."),
    "disable": _("Put aside."),
    "reenable": _("Offered again."),
    "fault": _("Noted that it cannot be done."),
    "reactivate": _("Tried again."),
}
"""What is said when an item has taken a transition."""
USED: Final = 5
"""Articles of which one message may have words."""
SAID: Final = ("missing", "fact", "changed by")
"""Facts of a refusal that its sentence says already, in the words of the form."""
BY_NAME: Final = {command.__name__: command for command in DONE}


class WayOn(msgspec.Struct, frozen=True):
    """A next step as a button: what it sends, or only words where it is for a person to do; `reason` says that it has a
    field for the reason, which its command needs.
    """

    label: str
    command: str
    fields: tuple[tuple[str, str], ...]
    who: str
    reason: bool = False


@require_POST
@needs("work cases")
def do(request: HttpRequest, access: Access, case: int, command: str) -> HttpResponseBase:
    """Carry out one command of a case."""
    kind = BY_NAME.get(command)
    view = read_case(access, case)
    if kind is None or view is None:
        return no_such(request, "case")
    try:
        built = read_command(kind, request.POST, given(access, kind, request.POST, view))
    except FormFaulty as fault:
        return refusal(request, access, case, Refused("invalid", fault.says, facts={}))
    answer = the_door().handle(Order("case", case, built, command_id(request.POST), access))
    if isinstance(answer, Refused):
        return refusal(request, access, case, with_way_on(access, case, built, answer))
    _advice_taken(request, access, case)
    if kind is c.SendMessage:
        _knowledge_used(request, access, case)
    return accepted(request, access, case, said_of(built, view), kind in c.PLANNING)


def _advice_taken(request: HttpRequest, access: Access, case: int) -> None:
    """What was done because it was advised: that is learned from, too."""
    action = request.POST.get("advice", "")[:LONGEST]
    if not action:
        return
    rank, model = request.POST.get("advice_rank", ""), request.POST.get("advice_model", "")[:80]
    taken = c.AnswerAdvice(action=action, answer="taken", rank=int(rank) if rank.isdecimal() else 0, model=model)
    the_door().handle(Order("case", case, taken, uuid5(command_id(request.POST), "advice taken"), access))


def _knowledge_used(request: HttpRequest, access: Access, case: int) -> None:
    """The articles whose words were put into the message: no name has the mark that stands between them."""
    names = dict.fromkeys(name for name in request.POST.get("knowledge", "").split("#") if 0 < len(name) <= LONGEST)
    for name in list(names)[:USED]:
        used = uuid5(command_id(request.POST), f"used {name}")
        the_door().handle(Order("case", case, c.UseKnowledge(article=name), used, access))


def said_of(command: c.Command, before: CaseView) -> str:
    """What is said when a command was done to a case that stood so before."""
    if isinstance(command, c.TransitItem):
        return str(MOVED.get(command.transition, DONE[c.TransitItem]))
    if isinstance(command, c.UndoWork):
        records = [one for one in before.state.undo if command.number in (None, one.number)]
        if records and records[-1].sent:
            return gettext("Undone. What was sent stays sent: a task to correct it stands below.")
    return str(DONE[type(command)])


def accepted(request: HttpRequest, access: Access, case: int, says: str, planned: bool = False) -> HttpResponse:
    """The case as it stands now; a redirect where there is no htmx. What was `planned` can be undone at once."""
    if not request.headers.get("HX-Request"):
        return redirect("desk:case", case=case)
    answer = case_answer(request, access, case, Asked())
    answer.headers["HX-Trigger"] = json.dumps(
        {
            "caseloom:done": {
                "form": request.POST.get("form", "")[:80],
                "says": says,
                "undo": gettext("Undo") if planned else "",
                "way": "way" in request.POST,
            }
        }
    )
    return answer


def refusal(request: HttpRequest, access: Access, case: int, refused: Refused) -> HttpResponse:
    """The sentence, the facts, the way on; what was typed is kept."""
    typed = {name: value for name, value in request.POST.items() if isinstance(value, str)}
    form = typed.get("form", "")
    safe = "".join(letter for letter in form if letter.isalnum() or letter in "-_")
    told = refused_context(access, refused, case, safe)
    # A way on that was refused in turn is no form of its own, so there is nothing to send again.
    told["overrides"] = told["overrides"] and safe != "" and "way" not in typed
    told["why"] = typed.get("override", "")
    if not request.headers.get("HX-Request"):
        return case_answer(request, access, case, Asked(typed=typed, refused=refused, told=told), status=422)
    answer = render(request, "desk/part/refused.html", told, status=422)
    answer.headers["HX-Retarget"] = f"#answer-{safe}" if safe else "#answer"
    answer.headers["HX-Reswap"] = "innerHTML"
    answer.headers["HX-Push-Url"] = "false"
    return answer


def refused_context(access: Access, refused: Refused, case: int, form: str) -> dict[str, Any]:
    """What the words of a refusal need. `overrides` is whether this person may cross the rule with a reason; else the
    way on says who may.
    """
    overrides = any(_may_override(access, step) for step in refused.next)
    return {
        "refused": refused,
        "case": case,
        "form": form,
        "facts": [
            (name.replace("_", " "), _fact_words(value)) for name, value in refused.facts.items() if name not in SAID
        ],
        "ways": [_way_on(access, step) for step in refused.next if not (overrides and step.label == OVERRIDE)],
        "overrides": overrides,
        "stale": refused.code == "stale" and "fact" in refused.facts,
        "now": _fact_words(refused.facts.get("now")),
        "changed_by": actor_name(str(refused.facts.get("changed by", ""))),
    }


def _may_override(access: Access, step: NextStep) -> bool:
    return step.label == OVERRIDE and step.who in access.actor.roles


def _way_on(access: Access, step: NextStep) -> WayOn:
    """What somebody else has to do, or what takes more words than a reason, is said and no button."""
    kind = BY_NAME.get(step.command)
    if kind is None or step.who or "facts" in step.arguments:
        return WayOn(step.label, "", (), step.who)
    if kind in STEERING and not access.may("steer cases"):
        return WayOn(step.label, "", (), gettext("a supervisor"))
    lacking = {field.name for field in msgspec.structs.fields(kind) if field.required} - step.arguments.keys()
    if lacking - {"reason"}:
        return WayOn(step.label, "", (), step.who)
    values = tuple((name, str(value)) for name, value in step.arguments.items())
    return WayOn(step.label, step.command, values, step.who, "reason" in lacking)


def _fact_words(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    text = "" if value is None else str(value)
    return actor_name(text) if text.startswith(("agent:", "customer:", "program:")) else text
