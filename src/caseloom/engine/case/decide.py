"""Decide: what a command does to a case, or why it may not.

`decide` is pure: state, command and moment go in, events or a refusal come out, settled to rest. The state handed in
is folded on in place and is used up: after a refusal the caller throws it away and reads it anew.
"""

from collections.abc import Callable
from typing import Any, Final

from caseloom.engine.case import (
    advising,
    care,
    deleting,
    knowing,
    migrating,
    mirrors,
    modifying,
    options,
    planning,
    planning_table,
    reuse,
    stages,
    steps,
    subcases,
    timing,
    transitions,
    undo_record,
    undoing,
    work,
)
from caseloom.engine.case import commands as c
from caseloom.engine.case.boundaries import Crossed
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.settle import settle
from caseloom.engine.case.state import CaseState
from caseloom.engine.case.turn import Moment, Turn
from caseloom.engine.spec.history import Event

Decision = Refused | tuple[Event, ...]

CUSTOMER_MAY: Final[frozenset[type[c.Command]]] = frozenset((
    c.OpenCase, c.LinkContact, c.CompleteTask, c.ChooseOption, c.RecordPerception, c.ConfirmOutcome, c.AnswerOffer,
))  # fmt: skip
"""What a customer may do in their own case, each within narrower bounds (only tasks that are theirs, options meant for
them).
"""

OURS: Final[frozenset[type[c.Command]]] = frozenset((
    c.TimerDue, c.SettleMessage, c.SwitchHouseRules, c.MigrateCase, c.RevertMigration, c.SettleSubCase, c.MoveMirror,
))  # fmt: skip
"""What no person says."""

ON_ENDED: Final = (
    c.LinkContact,
    c.ReopenCase,
    c.AddNote,
    c.RecordPerception,
    c.SettleMessage,
    c.AnswerOffer,
    c.TimerDue,
    c.HandOver,
    c.MarkContactHandled,
    c.CloseCase,
    c.ShareGoal,
    c.MoveMirror,
)
ON_SUSPENDED: Final = (*ON_ENDED, c.SwitchHouseRules, c.ResumeCase, c.TerminateCase, c.SetFacts, c.ClaimTask)


ON_CLOSED: Final = (c.LinkContact, c.AddNote, c.SettleMessage, c.MarkContactHandled, c.MoveMirror)


def decide(state: CaseState, command: c.Command, moment: Moment) -> Decision:
    """The events that `command` leads to, with all that follows from them, or the refusal.

    Raises:
        KeyError: the plan that the case was opened with is not among the definitions; the library never forgets one.
    """
    plan = moment.plans(*_definition(state, command))
    turn = Turn(state, plan, moment, command.override)
    before = undo_record.Before.of(state, command)
    try:
        refused = _admit(turn, command) or _DECIDE[type(command)](turn, command)
        asked_for = len(turn.events)
        refused = refused or settle(turn)
        if refused is None and before is not None:
            undo_record.keep(turn, before, asked_for)
    except Crossed as crossed:
        return crossed.refused
    return refused if refused is not None else tuple(turn.events)


def _definition(state: CaseState, command: c.Command) -> tuple[str, int, int]:
    if isinstance(command, c.OpenCase):
        return command.service_goal, command.version, command.house_version
    return state.service_goal, state.version, state.house_version


def _admit(turn: Turn, command: c.Command) -> Refused | None:
    if isinstance(command, c.OpenCase):
        return None if turn.state.id == 0 else Refused("duplicate", f"Case {turn.state.id} is open already.")
    if turn.state.id == 0:
        return Refused("not found", "There is no such case.")
    kind, status = type(command), turn.state.status
    if kind in OURS and turn.actor.kind != "program":
        return Refused("rights", "Caseloom itself says this.")
    if turn.actor.kind == "customer" and kind not in CUSTOMER_MAY:
        return Refused(
            "rights",
            "This is for the people who work on the case.",
            next=(NextStep("Write to us", "LinkContact"),),
        )
    if status == "active":
        return None
    if status == "closed" and not isinstance(command, ON_CLOSED):
        return Refused("closed", "This case is closed for good; it is only read.", next=(NextStep("Open another one"),))
    if status in ("completed", "terminated", "failed") and not isinstance(command, ON_ENDED):
        return Refused("closed", f"This case is {status}.", next=(NextStep("Reopen the case", "ReopenCase"),))
    if status == "suspended" and not isinstance(command, ON_SUSPENDED):
        return Refused("wrong state", "This case is suspended.", next=(NextStep("Resume the case", "ResumeCase"),))
    return None


_DECIDE: Final[dict[type[c.Command], Callable[[Turn, Any], Refused | None]]] = {
    **steps.DECIDE,
    c.OpenCase: planning.open_case,
    c.ClassifyCase: planning.classify_case,
    c.AddGoal: planning.add_goal,
    c.ReachGoal: planning.reach_goal,
    c.WaiveGoal: planning.waive_goal,
    c.CancelGoal: planning.cancel_goal,
    c.ChooseOption: planning.choose_option,
    c.SuspendCase: planning.suspend_case,
    c.ResumeCase: planning.resume_case,
    c.TerminateCase: planning.terminate_case,
    c.ReopenCase: planning.reopen_case,
    c.SwitchHouseRules: planning.switch_house_rules,
    c.MigrateCase: migrating.migrate_case,
    c.RevertMigration: undoing.revert_migration,
    c.SettleSubCase: subcases.settle_sub_case,
    c.TimerDue: timing.timer_due,
    c.TransitItem: transitions.transit_item,
    c.PlanItem: planning_table.plan_item,
    c.FailCase: transitions.fail_case,
    c.CloseCase: transitions.close_case,
    c.SetFacts: work.correct_facts,
    c.CreateTask: work.create_task,
    c.ClaimTask: work.claim_task,
    c.StartTask: work.start_task,
    c.CompleteTask: work.complete_task,
    c.CancelTask: work.cancel_task,
    c.ResetTask: work.reset_task,
    c.HandOver: work.hand_over,
    c.AddNote: work.add_note,
    c.LinkContact: care.link_contact,
    c.MarkContactHandled: care.mark_contact_handled,
    c.SendMessage: care.send_message,
    c.SettleMessage: care.settle_message,
    c.MakePromise: care.make_promise,
    c.KeepPromise: care.keep_promise,
    c.RecordPerception: care.record_perception,
    c.ConfirmOutcome: care.confirm_outcome,
    c.AnswerOffer: care.answer_offer,
    c.AnswerAdvice: advising.answer_advice,
    c.RateKnowledge: knowing.rate_knowledge,
    c.UseKnowledge: knowing.use_knowledge,
    c.ModifyTask: modifying.modify_task,
    c.ModifyStage: modifying.modify_stage,
    c.ModifyGoal: modifying.modify_goal,
    c.DeleteTask: deleting.delete_task,
    c.DeleteStage: deleting.delete_stage,
    c.DeleteGoal: deleting.delete_goal,
    c.DeleteOption: options.delete_option,
    c.CreateStage: stages.create_stage,
    c.CancelStage: stages.cancel_stage,
    c.ResetStage: stages.reset_stage,
    c.ResetGoal: planning.reset_goal,
    c.CreateOption: options.create_option,
    c.CancelOption: options.cancel_option,
    c.ResetOption: options.reset_option,
    c.ReuseTask: reuse.reuse_task,
    c.ReuseWay: reuse.reuse_way,
    c.UndoWork: undoing.undo_work,
    c.ShareGoal: mirrors.share_goal,
    c.MirrorGoal: mirrors.mirror_goal,
    c.MoveMirror: mirrors.move_mirror,
}
