"""Any commands in any order: the events rebuild the state of every step, and goals alone complete the case."""

from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case.actor import PROGRAM
from caseloom.engine.case.clocks import timers
from caseloom.engine.case.state import CaseState
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
  by phone: {title: By phone, need: alternative, group: talk}
  by mail: {title: By mail, need: alternative, group: talk}
  won back: {title: Won back, added only: true, perception: "Better now?"}
tasks:
  ask questions: {form: [identity checked], must: [identity checked]}
  pay: {form: [amount], repeat: amount < 100}
  tell: {after: [pay], role: team lead}
  write: {kind: letter, letter: note, automatic: true}
  wait: {kind: wait, after: [write], due: {within: 1 day}}
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
small = st.integers(min_value=0, max_value=24)
actors = st.sampled_from([AGENT, LEAD, MARIA])


def goals_say_done(state: CaseState) -> bool:
    """The rule of DESIGN §4, read apart from the engine: every required goal reached or waived, one of each
    alternative, and the customer's word, which this service goal asks for.
    """
    live = [goal for goal in state.goals.values() if goal.status != "cancelled"]
    required = all(goal.status in ("reached", "waived") for goal in live if goal.need == "required")
    talk = any(goal.status in ("reached", "waived") for goal in live if goal.need == "alternative")
    return required and talk and state.confirmed


class AnyLife(RuleBasedStateMachine):
    """Some twenty kinds of command, from three actors, with the clock turned in between."""

    @initialize(facts=st.sampled_from([{}, {"identity checked": True}, {"amount": 150}]))
    def open(self, facts: dict[str, Any]) -> None:
        self.case = Case(TEXT).open(facts=facts)
        self.contact = 900

    def send(self, command: c.Command, actor: Any = AGENT) -> None:
        self.case.do(command, actor)

    @rule(
        name=st.sampled_from(["identity checked", "amount", "name", "nothing"]),
        value=st.sampled_from([True, 0, 60, 120, 2000, "x"]),
    )
    def fact(self, name: str, value: Any) -> None:
        self.send(c.SetFacts(facts={name: value}))

    @rule(item=small, amount=st.sampled_from([10, 99, 100, 5000]), actor=actors)
    def complete(self, item: int, amount: int, actor: Any) -> None:
        known = self.case.state.items.get(item)
        facts = {"amount": amount} if known and known.key == "pay" else {"identity checked": True} if known else {}
        self.send(c.CompleteTask(item=item, facts=facts), actor)

    @rule(item=small, kind=st.sampled_from([c.CancelTask, c.ResetTask, c.StartTask]))
    def task(self, item: int, kind: Any) -> None:
        self.send(kind(item=item))

    @rule(item=small, assignee=st.sampled_from(["", "agent:1", "agent:9"]))
    def claim(self, item: int, assignee: str) -> None:
        self.send(c.ClaimTask(item=item, assignee=assignee))

    @rule(key=st.sampled_from(["", "pay", "tell", "wait"]), goal=small)
    def create(self, key: str, goal: int) -> None:
        self.send(c.CreateTask(key=key, title="Call them", goal=goal))

    @rule(goal=small, kind=st.sampled_from([c.ReachGoal, c.WaiveGoal, c.CancelGoal]), actor=actors)
    def goal(self, goal: int, kind: Any, actor: Any) -> None:
        self.send(kind(goal=goal) if kind is c.ReachGoal else kind(goal=goal, reason="because"), actor)

    @rule(key=st.sampled_from(["", "won back", "paid"]))
    def add(self, key: str) -> None:
        self.send(c.AddGoal(key=key, title="Something more", need="optional"))

    @rule(goal=small, option=st.sampled_from(["ask", "pay", "wait"]), actor=actors)
    def choose(self, goal: int, option: str, actor: Any) -> None:
        self.send(c.ChooseOption(goal=goal, option=option), actor)

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
        self.send(c.SendMessage(contact=self.contact, to="maria@example.org", subject="s", text="t", item=item))

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
        if self.case.state.status == "active":
            assert not goals_say_done(self.case.state)
        elif self.case.state.status == "completed":
            assert goals_say_done(self.case.state)
            assert self.case.state.items == {}

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


AnyLife.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestAnyLife = AnyLife.TestCase
