"""Any commands in any order: the events rebuild the state of every step, goals alone complete the case, and what was
planned can be undone.
"""

import copy
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case import planned as p
from caseloom.engine.case.actor import PROGRAM
from caseloom.engine.case.clocks import timers
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import CaseState, WayStep
from caseloom.engine.rules.plan import Plan
from caseloom.engine.spec.history import Event
from tests.engine.case import goal_condition
from tests.engine.case.kit import AGENT, LEAD, MARIA, Case

TEXT = """
confirm within: 2 days
facts:
  identity checked: {type: boolean}
  amount: {type: number, initial: 0}
  name: {personal: true}
goals:
  identity known:
    title: Known
    reached when: identity checked = true
    clock: {within: 4 business hours, warn: 1 business hour}
    options: {ask: {title: Ask, tasks: [ask questions], automatic: true}}
  paid:
    title: Paid
    after: [identity known]
    reached when: amount >= 100
    clock: {within: 2 business days, pause: [customer, third]}
    options:
      pay: {title: Pay, tasks: [pay, tell]}
      wait: {title: Wait, tasks: [write, wait], when: amount < 50}
      look: {title: Look, tasks: [look]}
  by phone: {title: By phone, need: alternative, group: talk}
  by mail: {title: By mail, need: alternative, group: talk}
  won back: {title: Won back, added only: true, perception: "Better now?"}
tasks:
  ask questions: {form: [identity checked], must: [identity checked]}
  pay: {form: [amount], repeat: amount < 100}
  tell: {after: [pay], role: team lead}
  write: {kind: letter, letter: note, automatic: true}
  wait: {kind: wait, after: [write], due: {within: 1 day}}
stages:
  look: {tasks: [pay, wait]}
rules:
  - Each time the task "pay" is done, the task "tell" must be done within 2 days.
  - The task "pay" must be done at most twice.
  - The same person must not both do the task "pay" and do the task "tell".
boundary rules:
  - {says: At most 1000., require: amount <= 1000}
  - {says: Paid by a lead., require: 'list contains(actor.roles, "team lead")', guards: [waive paid]}
reactions:
  - says: A low rating brings a goal.
    when: perception < 3
    do: [{add goal: won back}, {tell: supervisor}, {promise: We call you, within: 1 business day}]
letters: {note: {subject: A note, text: 'Dear {{ name }}'}}
"""
CHIEF = LEAD
small = st.integers(min_value=0, max_value=24)
actors = st.sampled_from([AGENT, LEAD, MARIA])


APART = (
    "undo", "last", "planned", "teams", "promises", "offers", "messages", "contacts_in", "contacts_out", "ended",
    "kept",
)  # fmt: skip
"""What an undo leaves: numbers that were given, and what was said to somebody."""


def without(state: CaseState) -> dict[str, Any]:
    return {field: getattr(state, field) for field in CaseState.__struct_fields__ if field not in APART}


class AnyLife(RuleBasedStateMachine):
    """Some forty kinds of command, from three actors, with the clock turned and the machine killed in between."""

    @initialize(facts=st.sampled_from([{}, {"identity checked": True}, {"amount": 150}]))
    def open(self, facts: dict[str, Any]) -> None:
        self.case = Case(TEXT).open(facts=facts)
        self.contact = 900

    def send(self, command: c.Command, actor: Any = AGENT) -> None:
        before = self.case.replay()
        told = self.case.do(command, actor)
        if isinstance(command, c.PLANNING) and not isinstance(told, Refused):
            self.can_be_undone(before, told)

    def can_be_undone(self, before: CaseState, told: tuple[Event, ...]) -> None:
        """Tried on a copy: do and undo is as before; what left the house is to be corrected."""
        kept = [event for event in told if isinstance(event, p.UndoKept)]
        if self.case.state.status != before.status:
            assert not kept
            return
        assert len(kept) == 1
        twin = copy.copy(self.case)
        twin.history = [*self.case.history]
        undone = twin.do(c.UndoWork(), CHIEF)
        assert not isinstance(undone, Refused), undone
        sent = [event for event in told if isinstance(event, e.MessageRequested)]
        tasks = [event for event in undone if isinstance(event, e.ItemCreated)]
        assert len(tasks) == len(sent), "what has left the house is to be corrected, and nothing else comes"
        if not sent:
            assert without(twin.state) == without(before)
            assert list(twin.state.goals) == list(before.goals), "and in its order"
        assert twin.state == twin.replay()

    def item_of(self, number: int | None) -> Any:
        """One of the open items, or, now and then, none that there is."""
        return self.one_of(list(self.case.state.items), number)

    def stage_of(self, number: int | None) -> Any:
        stages = [item.id for item in self.case.state.items.values() if item.kind == "stage"]
        return self.one_of(stages, number)

    def goal_of(self, number: int | None) -> Any:
        return self.one_of(list(self.case.state.goals), number)

    def one_of(self, numbers: list[int], number: int | None) -> int | None:
        if number is None:
            return None
        return numbers[number % len(numbers)] if numbers and number < 24 else 99

    @rule()
    def crash(self) -> None:
        """The state is lost; a snapshot of before and the events bring it back."""
        snapshot = msgspec.msgpack.encode(self.case.state)
        self.case.state = msgspec.msgpack.decode(snapshot, type=CaseState)

    @rule(number=st.one_of(st.none(), small), actor=actors)
    def undo(self, number: int | None, actor: Any) -> None:
        self.case.do(c.UndoWork(number=number), actor)

    @rule(
        name=st.sampled_from(["identity checked", "amount", "name", "nothing"]),
        value=st.sampled_from([True, 0, 60, 120, 2000, "x"]),
    )
    def fact(self, name: str, value: Any) -> None:
        self.send(c.SetFacts(facts={name: value}))

    @rule(item=small, amount=st.sampled_from([10, 99, 100, 5000]), actor=actors)
    def complete(self, item: int, amount: int, actor: Any) -> None:
        known = self.case.state.items.get(self.item_of(item))
        facts = {"amount": amount} if known and known.key == "pay" else {"identity checked": True} if known else {}
        self.send(c.CompleteTask(item=self.item_of(item), facts=facts), actor)

    @rule(item=small, role=st.sampled_from([None, "", "team lead"]), place=st.one_of(st.none(), small))
    def change_task(self, item: int, role: str | None, place: int | None) -> None:
        due, of = self.case.now + timedelta(hours=3), self.item_of(item)
        goal, stage = self.goal_of(place), self.stage_of(place)
        self.send(c.ModifyTask(item=of, reason="so", title="Else", role=role, goal=goal, required=True, due=due))
        self.send(c.ModifyTask(item=of, reason="so", stage=stage, assignee="agent:2", without=("due",)), LEAD)

    @rule(goal=small, need=st.sampled_from(["required", "optional"]), parent=st.one_of(st.none(), small))
    def change_goal(self, goal: int, need: Any, parent: int | None) -> None:
        due = self.case.now + timedelta(hours=30)
        self.send(
            c.ModifyGoal(
                goal=self.goal_of(goal), reason="so", need=need, parent=self.goal_of(parent), priority="high", due=due
            )
        )

    @rule(what=small, kind=st.sampled_from([c.DeleteTask, c.DeleteStage, c.CancelStage, c.ResetStage]))
    def take_away(self, what: int, kind: Any) -> None:
        self.send(kind(item=self.item_of(what), reason="a mistake"))

    @rule(goal=small, kind=st.sampled_from([c.DeleteGoal, c.ResetGoal, c.CancelOption, c.ResetOption]))
    def plan_goal(self, goal: int, kind: Any) -> None:
        self.send(kind(goal=self.goal_of(goal), reason="a mistake"))

    @rule(key=st.sampled_from(["", "look"]), goal=st.one_of(st.none(), small), stage=st.one_of(st.none(), small))
    def stage(self, key: str, goal: int | None, stage: int | None) -> None:
        self.send(c.CreateStage(key=key, title="A stage", goal=self.goal_of(goal), stage=self.stage_of(stage)))
        self.send(c.CreateTask(title="Inside", stage=self.case.state.last, required=True))

    @rule(goal=small, steps=st.sampled_from([("pay",), ("write", "Ask Ben"), ("look", "tell")]))
    def way(self, goal: int, steps: tuple[str, ...]) -> None:
        self.send(c.CreateOption(goal=self.goal_of(goal), title="A way", steps=steps))

    @rule(goal=small, number=small)
    def made_up_way(self, goal: int, number: int) -> None:
        found = [(one.id, way.key) for one in self.case.state.goals.values() for way in one.ways] or [(goal, "way 1")]
        of, key = found[number % len(found)]
        self.send(
            c.DeleteOption(goal=of, option=key, reason="a mistake") if goal < 6 else c.ChooseOption(goal=of, option=key)
        )

    @rule(goal=small, key=st.sampled_from(["pay", "else"]))
    def reuse(self, goal: int, key: str) -> None:
        step = WayStep(key=key, title="As before")
        self.send(c.ReuseTask(from_case=9, step=step, goal=self.goal_of(goal)))
        self.send(c.ReuseWay(goal=self.goal_of(goal), from_case=9, title="As before", steps=(step,)))

    @rule(before=st.one_of(st.none(), small), number=st.sampled_from([1, 2]))
    def mirror(self, before: int | None, number: int) -> None:
        self.send(c.MirrorGoal(case=8, goal=number, title="The repair", before=self.goal_of(before), need="optional"))

    @rule(
        number=st.sampled_from([1, 2]),
        version=st.integers(min_value=1, max_value=9),
        status=st.sampled_from(["active", "reached", "waived", "cancelled"]),
    )
    def told_by_the_owner(self, number: int, version: int, status: Any) -> None:
        self.send(c.MoveMirror(case=8, goal=number, version=version, status=status), PROGRAM)

    @rule(item=small, kind=st.sampled_from([c.CancelTask, c.ResetTask, c.StartTask, c.DeleteTask]))
    def task(self, item: int, kind: Any) -> None:
        self.send(kind(item=self.item_of(item)) if kind is c.StartTask else kind(item=self.item_of(item), reason="so"))

    @rule(item=small)
    def reset_a_finished_task(self, item: int) -> None:
        self.send(c.ResetTask(item=self.one_of(list(self.case.finished), item) or 0, reason="again"))

    @rule(item=small, assignee=st.sampled_from(["", "agent:1", "agent:9"]))
    def claim(self, item: int, assignee: str) -> None:
        self.send(c.ClaimTask(item=self.item_of(item), assignee=assignee))

    @rule(key=st.sampled_from(["", "pay", "tell", "wait"]), goal=small)
    def create(self, key: str, goal: int) -> None:
        self.send(c.CreateTask(key=key, title="Call them", goal=self.goal_of(goal)))

    @rule(goal=small, kind=st.sampled_from([c.ReachGoal, c.WaiveGoal, c.CancelGoal]), actor=actors)
    def goal(self, goal: int, kind: Any, actor: Any) -> None:
        self.send(
            kind(goal=self.goal_of(goal)) if kind is c.ReachGoal else kind(goal=self.goal_of(goal), reason="because"),
            actor,
        )

    @rule(key=st.sampled_from(["", "won back", "paid"]))
    def add(self, key: str) -> None:
        self.send(c.AddGoal(key=key, title="Something more", need="optional"))

    @rule(parent=small, need=st.sampled_from(["required", "optional"]))
    def add_below(self, parent: int, need: Any) -> None:
        self.send(c.AddGoal(title="A part", need=need, parent=self.goal_of(parent)))

    @rule(goal=small, option=st.sampled_from(["ask", "pay", "wait", "look"]), actor=actors)
    def choose(self, goal: int, option: str, actor: Any) -> None:
        self.send(c.ChooseOption(goal=self.goal_of(goal), option=option), actor)

    @rule(direction=st.sampled_from(["in", "out"]), automatic=st.booleans())
    def contact_comes(self, direction: Any, automatic: bool) -> None:
        self.contact += 1
        link = c.LinkContact(
            contact=self.contact, channel="mail", direction=direction, at=self.case.now, customer=7, automatic=automatic
        )
        self.send(link, MARIA if direction == "in" else AGENT)

    @rule(item=st.one_of(st.none(), small))
    def message(self, item: int | None) -> None:
        self.contact += 1
        self.send(
            c.SendMessage(contact=self.contact, to="maria@example.org", subject="s", text="t", item=self.item_of(item))
        )

    @precondition(lambda self: bool(self.case.state.messages))
    @rule(status=st.sampled_from(["accepted", "rejected", "unknown"]))
    def settle(self, status: Any) -> None:
        self.send(c.SettleMessage(contact=next(iter(self.case.state.messages)), status=status), PROGRAM)

    @rule(score=st.integers(min_value=0, max_value=6))
    def rate(self, score: int) -> None:
        self.send(c.RecordPerception(score=score, words="hm"), MARIA)

    @rule(reached=st.booleans())
    def confirm(self, reached: bool) -> None:
        self.send(c.ConfirmOutcome(reached=reached), MARIA)

    @rule(
        command=st.sampled_from(
            [c.SuspendCase(reason="x"), c.ResumeCase(), c.ReopenCase(), c.HandOver(owner="agent:9")]
        )
    )
    def steer(self, command: c.Command) -> None:
        self.send(command)

    @rule(promise=small)
    def keep(self, promise: int) -> None:
        self.send(c.KeepPromise(promise=promise))

    @rule(hours=st.sampled_from([1, 5, 30, 200]))
    def wait(self, hours: int) -> None:
        self.case.pass_time(timedelta(hours=hours))

    @invariant()
    def the_events_rebuild_the_state(self) -> None:
        assert self.case.state == self.case.replay()
        snapshot = msgspec.msgpack.encode(self.case.state)
        assert msgspec.msgpack.decode(snapshot, type=CaseState) == self.case.state

    @invariant()
    def goals_alone_complete_the_case(self) -> None:
        assert goal_condition.faults(self.case.state, asks=True, held=self._owes()) == []

    def plan(self) -> Plan:
        return self.case.plans[self.case.key]

    def _owes(self) -> bool:
        """Whether a rule still waits for what has to follow: then the case may not be closed."""
        return any(
            memory.state in rule.spec.unfinished
            for rule in self.plan().orders
            for memory in self.case.state.orders.get(rule.spec.says, {}).values()
        )

    @invariant()
    def what_waits_has_a_timer_and_nothing_else_has(self) -> None:
        state = self.case.state
        clocks = [goal.clock for goal in state.goals.values() if goal.status == "active" and goal.clock is not None]
        assert all((clock.due is None) != (clock.left is None) for clock in clocks)
        if state.status in ("completed", "terminated"):
            assert [name for name in timers(state) if not name.startswith("promise")] == []

    @invariant()
    def every_event_names_a_fresh_item(self) -> None:
        created = [event.item for event, _ in self.case.history if isinstance(event, e.ItemCreated)]
        assert len(created) == len(set(created))


AnyLife.TestCase.settings = settings(max_examples=1_000, stateful_step_count=50, deadline=None)
TestAnyLife = AnyLife.TestCase


@pytest.mark.nightly
@pytest.mark.parametrize("part", range(10))
def test_any_life_for_a_night(part: int) -> None:
    """In parts: each keeps all that it has tried in memory, and they run beside each other."""
    run_state_machine_as_test(
        AnyLife, settings=settings(max_examples=2_000, stateful_step_count=50, deadline=None, derandomize=False)
    )
