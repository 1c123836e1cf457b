"""Commands on the flows of a case: messages, work outside, and people who intervene."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from caseloom.engine.case import flow_commands as c
from caseloom.engine.case import flows
from caseloom.engine.case.command import Command
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.turn import Turn
from caseloom.engine.feel import Value
from caseloom.engine.flow import steps, waits
from caseloom.engine.flow.run import Run, set_all
from caseloom.engine.flow.state import ROOT
from caseloom.engine.spec.values import ValueFault

Doing = Callable[[Run], None]


def treat(turn: Turn, do: Doing) -> Refused | None:
    """Do something to the flows, or say why it cannot be done now."""
    try:
        do(flows.run_of(turn))
    except steps.StepRefused as refused:
        return Refused("wrong state", str(refused), next=(NextStep("Look at the steps that are active now"),))
    except waits.WaitFault as fault:
        return Refused("invalid", str(fault))
    except ValueFault as fault:
        return Refused("invalid", f"What was given is no value: {fault}")
    return None


def given(turn: Turn, raw: Mapping[str, Any]) -> dict[str, Value]:
    """Raw values as FEEL has them, those of facts by their type. Raises `ValueFault`."""
    return flows.values_of(turn, raw)


def correlate_message(turn: Turn, command: c.CorrelateMessage) -> Refused | None:
    told: list[bool] = []
    refused = treat(
        turn,
        lambda run: told.append(waits.deliver_message(run, command.name, command.key, given(turn, command.values))),
    )
    if refused is not None or told == [True]:
        return refused
    waiting = sorted({wait.name for one in _waits(turn) for wait in one if wait.kind == "message"})
    known = f"It waits for: {', '.join(waiting)}." if waiting else "No flow of it waits for a message."
    about = f" with the key “{command.key}”" if command.key else ""
    return Refused("wrong state", f"Nothing in this case waits for the message “{command.name}”{about}. {known}")


def _waits(turn: Turn) -> list[tuple[Any, ...]]:
    return [node.waits for flow in turn.state.flows.values() for node in flow.nodes.values()]


def broadcast_signal(turn: Turn, command: c.BroadcastSignal) -> Refused | None:
    told: list[int] = []
    refused = treat(turn, lambda run: told.append(waits.deliver_signal(run, command.name, given(turn, command.values))))
    if refused is not None or told != [0]:
        return refused
    return Refused("wrong state", f"Nothing in this case waits for the signal “{command.name}”.")


def lock_work(turn: Turn, command: c.LockWork) -> Refused | None:
    if command.until <= turn.now or not command.worker:
        return Refused("invalid", "A lock names its worker and ends at a moment that is still to come.")
    return treat(turn, lambda run: steps.lock_work(run, command.flow, command.node, command.worker, command.until))


def extend_work(turn: Turn, command: c.ExtendWork) -> Refused | None:
    if command.until <= turn.now:
        return Refused("invalid", "A lock ends at a moment that is still to come.")
    return treat(turn, lambda run: steps.extend_work(run, command.flow, command.node, command.worker, command.until))


def complete_work(turn: Turn, command: c.CompleteWork) -> Refused | None:
    return treat(
        turn,
        lambda run: steps.complete_work(run, command.flow, command.node, command.worker, given(turn, command.values)),
    )


def fail_work(turn: Turn, command: c.FailWork) -> Refused | None:
    return treat(
        turn,
        lambda run: steps.fail_work(
            run, command.flow, command.node, command.worker, command.message, command.retries, command.not_before
        ),
    )


def throw_from_work(turn: Turn, command: c.ThrowFromWork) -> Refused | None:
    return treat(
        turn,
        lambda run: steps.throw_from_work(
            run,
            command.flow,
            command.node,
            command.worker,
            command.kind,
            command.code,
            command.message,
            given(turn, command.values),
        ),
    )


def retry_step(turn: Turn, command: c.RetryStep) -> Refused | None:
    def do(run: Run) -> None:
        flow, _ = steps.find(run, command.flow, command.node)
        why = set_all(run, flow, ROOT, given(turn, command.values), "")
        if why:
            raise steps.StepRefused(why)
        steps.retry(run, command.flow, command.node, command.reason)

    return treat(turn, do)


def skip_step(turn: Turn, command: c.SkipStep) -> Refused | None:
    return _why(command.reason) or treat(turn, lambda run: steps.skip(run, command.flow, command.node, command.reason))


def move_step(turn: Turn, command: c.MoveStep) -> Refused | None:
    return _why(command.reason) or treat(
        turn, lambda run: steps.move(run, command.flow, command.node, command.to, command.reason)
    )


def repeat_step(turn: Turn, command: c.RepeatStep) -> Refused | None:
    return _why(command.reason) or treat(
        turn, lambda run: steps.repeat(run, command.flow, command.element, command.scope, command.reason)
    )


def _why(reason: str) -> Refused | None:
    return None if reason.strip() else Refused("invalid", "Say why: the history keeps the reason.")


def start_step(turn: Turn, command: c.StartStep) -> Refused | None:
    return treat(turn, lambda run: steps.start_ad_hoc(run, command.flow, command.node, command.element))


def finish_steps(turn: Turn, command: c.FinishSteps) -> Refused | None:
    return treat(turn, lambda run: steps.finish_ad_hoc(run, command.flow, command.node))


def timer_due(turn: Turn, name: str) -> None:
    """A timer of a flow has come."""
    steps.timer_due(flows.run_of(turn), name)


DECIDE: Final[dict[type[Command], Callable[[Turn, Any], Refused | None]]] = {
    c.CorrelateMessage: correlate_message,
    c.BroadcastSignal: broadcast_signal,
    c.LockWork: lock_work,
    c.ExtendWork: extend_work,
    c.CompleteWork: complete_work,
    c.FailWork: fail_work,
    c.ThrowFromWork: throw_from_work,
    c.RetryStep: retry_step,
    c.SkipStep: skip_step,
    c.MoveStep: move_step,
    c.RepeatStep: repeat_step,
    c.StartStep: start_step,
    c.FinishSteps: finish_steps,
}
