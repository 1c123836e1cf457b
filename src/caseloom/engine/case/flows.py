"""The flows of a case: what `engine.flow` needs of it, and what becomes of the tasks in between."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from caseloom.engine.case import boundaries, clocks, items, terms
from caseloom.engine.case import events as e
from caseloom.engine.case.boundaries import forbidden
from caseloom.engine.case.facts import record
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import Clock, Item
from caseloom.engine.case.turn import Turn
from caseloom.engine.feel import Fault, Value
from caseloom.engine.flow import steps
from caseloom.engine.flow.activities import start_flow
from caseloom.engine.flow.advance import advance, at_rest
from caseloom.engine.flow.events import FlowStarted
from caseloom.engine.flow.evolve import FOLDS
from caseloom.engine.flow.host import TaskGiven
from caseloom.engine.flow.plan import FlowPlan, Step
from caseloom.engine.flow.run import Run, end_flow, set_all
from caseloom.engine.flow.state import ROOT, Flow, FlowStatus
from caseloom.engine.spec.history import Event
from caseloom.engine.spec.service_goal import TaskSpec
from caseloom.engine.spec.values import ValueFault, parse_value


def run_of(turn: Turn) -> Run:
    """The flows of this turn."""
    if turn.flows is None:
        turn.flows = Run(CaseHost(turn))
    return turn.flows


def settle(turn: Turn) -> bool:
    """Begin, go on with and end flows whose tasks have moved, and let their tokens run; whether anything was to do."""
    if turn.flow_items:
        item, status = turn.flow_items.popleft()
        _moved(turn, item, status)
        return True
    if turn.flow_names:
        run_of(turn).names.update(turn.flow_names)
        turn.flow_names.clear()
    if turn.flows is None or at_rest(turn.flows):
        return False
    advance(turn.flows)
    return True


def _moved(turn: Turn, item: Item, status: str) -> None:
    run = run_of(turn)
    if status == "entered":
        plan = turn.plan.items[item.key]
        if start_flow(run, plan.process, item=item.id) is None:
            items.transition(turn, item, "fault", f"There is no process “{plan.process}”.")
    elif item.node:
        steps.task_done(run, item.flow, item.node, status)
    else:
        running = turn.state.flows.get(item.flow)
        if running is not None:
            end_flow(run, running, "terminated")


def give(turn: Turn, item: Item, raw: Mapping[str, Any]) -> Refused | None:
    """Give variables to the flow that a task is a step of."""
    flow = turn.state.flows.get(item.flow)
    if flow is None or not raw:
        return None
    try:
        why = set_all(run_of(turn), flow, ROOT, values_of(turn, raw), "")
    except ValueFault as fault:
        return Refused("invalid", f"What was given is no value: {fault}")
    return Refused("invalid", why) if why else None


class CaseHost:
    """The case of a turn, as its flows see it (`engine.flow.host.Host`)."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self.now = boundaries.stands_at(turn)
        self.flows = turn.state.flows

        self.tell = turn.events.append
        self.waiting = (turn.pending, turn.flow_items)

    @property
    def scope(self) -> Mapping[str, Value]:
        return self._turn.scope

    def emit(self, event: Event) -> None:
        if type(event) is FlowStarted:
            self._turn.tell(event)
            return
        # As the case's own evolve does for these events: no rule asks about them.
        FOLDS[type(event)](self.flows, event)
        self.tell(event)

    def plan(self, process: str) -> FlowPlan | None:
        return self._turn.plan.flows.get(process)

    def next_flow(self) -> int:
        return self._turn.next_id()

    def declares(self, name: str) -> bool:
        return name in self._turn.plan.facts

    def record(self, name: str, value: Value, element: str) -> str:
        if isinstance(value, Fault):
            return f"“{name}” could not be set: {value.message}"
        refused = forbidden(self._turn, f"set {name}")
        if refused is not None:
            return refused.message
        record(self._turn, name, self._turn.plan.facts[name], value, f"step: {element}")
        return ""

    def open_task(self, flow: Flow, node: int, step: Step, given: TaskGiven) -> int:
        turn, spec = self._turn, self._turn.plan.task(step.task) or TaskSpec(title=step.title)
        clock = Clock(given.due, business=given.business) if given.due is not None else clocks.start(turn, spec.due)
        holder = turn.state.items.get(self._item_of(flow))
        team, role = self._who(spec, given.groups)
        number = turn.next_id()
        turn.emit(
            e.ItemCreated(
                item=number,
                key=step.task,
                kind="task",
                status="active",
                parent=holder.parent if holder is not None else None,
                goal=holder.goal if holder is not None else None,
                form=spec.form,
                team=team,
                role=role,
                assignee=given.assignee if ":" in given.assignee else "",
                waits_for=items.waits_for(spec),
                by_customer=spec.by_customer,
                clock=clock,
                flow=flow.id,
                node=node,
            )
        )
        for name, value in given.values.items():
            known = turn.state.facts.get(name)
            if name in turn.plan.facts and (known is None or known.value is None):
                self.record(name, value, step.id)
        return number

    def _item_of(self, flow: Flow) -> int:
        while not flow.item and flow.caller in self.flows:
            flow = self.flows[flow.caller]
        return flow.item

    def _who(self, spec: TaskSpec, groups: tuple[str, ...]) -> tuple[str, str]:
        """Team and role of a task: those of the definition, else the candidate groups that the house knows."""
        house = self._turn.plan.house
        team = spec.team or next((group for group in groups if group in house.teams), "")
        role = spec.role or next((group for group in groups if group in house.roles), "")
        return team, role

    def close_task(self, item: int) -> None:
        found = self._turn.state.items.get(item)
        if found is not None:
            items.transition(self._turn, found, "exit")

    def is_open(self, item: int) -> bool:
        return item in self._turn.state.items

    @property
    def zone(self) -> str:
        return self._turn.moment.calendar.zone

    def business_later(self, since: datetime, term: str) -> datetime:
        return terms.later(self._turn.moment.calendar, since, terms.term_of(term))

    def ended(self, flow: Flow, status: FlowStatus) -> None:
        holder = self._turn.state.items.get(flow.item)
        if holder is None:
            return
        if status == "completed" and forbidden(self._turn, f"complete {holder.key}") is None:
            items.transition(self._turn, holder, "complete")
        elif status != "terminated":
            items.transition(self._turn, holder, "fault", "The flow has ended with an error.")


def values_of(turn: Turn, raw: Mapping[str, Any]) -> dict[str, Value]:
    """What a worker or a message brings, as FEEL has it: facts by their type. Raises `ValueFault` for what is none."""
    found: dict[str, Any] = {}
    for name, given in raw.items():
        spec = turn.plan.facts.get(name)
        if spec is not None and given is not None:
            found[name] = parse_value(spec.type, given)
        else:
            found.update(cast("dict[str, Any]", parse_value("object", {name: given})))
    return found
