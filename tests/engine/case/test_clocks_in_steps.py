"""Clocks with several steps, in calendars of their own, that come again; and what a suspended case gets back."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from caseloom.engine.calendar import BusinessCalendar, Slot
from caseloom.engine.case import clock_events as k
from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case.actor import PROGRAM
from caseloom.engine.case.clocks import timers
from caseloom.engine.case.decide import decide
from caseloom.engine.case.evolve import Stamp
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import Clock
from caseloom.engine.case.terms import business_day
from caseloom.engine.case.turn import Moment
from caseloom.engine.rules.fault import DefinitionFaulty
from caseloom.engine.spec.history import Event
from tests.engine.case.kit import AGENT, MONDAY, OFFICE, Case
from tests.engine.flow.kit import el, process
from tests.engine.flow.parts import E, S, catch, timer

STEPS = """
goals:
  answer:
    title: An answer
    clock:
      within: 8 business hours
      warn: [2 business hours, 30 business minutes]
      escalate: [1 business hour, 1 business day]
tasks:
  call: {due: {within: 4 hours, warn: 1 hour, escalate: 2 hours}}
reactions:
  - {says: Hurry., after: [answer is warned], do: [{tell: team lead}]}
  - {says: A lead looks., after: [answer is late by 1 business hour], do: [{add task: call}]}
"""
MINUTES = timedelta(minutes=1)


def at(case: Case, kind: type[Event]) -> list[tuple[str, str]]:
    """Each event of a kind with its term and when it was told."""
    return [(getattr(one, "term", ""), f"{by.at:%a %H:%M}") for one, by in case.history if isinstance(one, kind)]


def test_a_clock_warns_and_escalates_step_by_step() -> None:
    case = Case(STEPS).open()
    case.pass_time(timedelta(days=2))
    assert at(case, e.GoalWarned) == [("2 business hours", "Mon 15:00"), ("30 business minutes", "Mon 16:30")]
    assert at(case, e.GoalBreached) == [("", "Mon 17:00")]
    assert at(case, k.GoalEscalated) == [("1 business hour", "Mon 18:00"), ("1 business day", "Tue 17:00")]
    assert len(case.told(e.Told)) == 2, "each warning is told"
    assert case.goal("answer").late and case.goal("answer").clock is None
    assert at(case, k.TaskWarned) == [("1 hour", "Mon 21:00")]
    assert at(case, e.TaskLate) == [("", "Mon 22:00")]
    assert at(case, k.TaskEscalated) == [("2 hours", "Tue 00:00")]


def test_a_task_that_is_soon_due_is_not_late() -> None:
    case = Case("goals: {g: {title: G}}\ntasks: {t: {due: {within: 2 days, warn: 1 day}}}").open()
    case.accept(c.CreateTask(key="t"))
    case.pass_time(timedelta(hours=25))
    assert at(case, k.TaskWarned) and not case.task("t").late
    case.pass_time(timedelta(hours=24))
    assert case.task("t").late


def test_steps_after_the_breach_wait_with_the_clock() -> None:
    case = Case(STEPS).open()
    case.pass_time(timedelta(hours=8, minutes=30))
    case.accept(c.SuspendCase(reason="strike"))
    assert case.goal("answer").clock == Clock(None, steps=case.goal("answer").clock.steps)  # type: ignore[union-attr]
    case.pass_time(timedelta(days=1))
    assert not at(case, k.GoalEscalated)
    case.accept(c.ResumeCase())
    case.pass_time(timedelta(hours=12))
    assert [term for term, _ in at(case, k.GoalEscalated)] == ["1 business hour"]
    assert at(case, k.GoalEscalated)[0][1] == "Tue 18:00"


def test_a_deadline_that_is_moved_warns_in_business_time() -> None:
    case = Case(STEPS).open()
    case.accept(c.ModifyGoal(goal=case.goal("answer").id, reason="so", due=MONDAY.replace(day=3, hour=9)))
    clock = case.goal("answer").clock
    assert clock is not None and clock.warn == MONDAY.replace(hour=17)
    assert [f"{step.at:%a %H:%M}" for step in clock.steps] == ["Mon 17:00", "Tue 08:30", "Tue 10:00", "Wed 09:00"]


def test_a_pause_never_brings_a_deadline_forward() -> None:
    case = Case(STEPS).open()
    sunday = MONDAY.replace(day=8, hour=12)
    case.accept(c.ModifyGoal(goal=case.goal("answer").id, reason="so", due=sunday))
    case.pass_time(timedelta(days=5))
    case.accept(c.SuspendCase(reason="a moment"))
    case.accept(c.ResumeCase())
    clock = case.goal("answer").clock
    assert clock is not None and clock.due == sunday


def test_a_suspended_task_with_a_new_deadline_stands_still() -> None:
    case = Case("goals: {g: {title: G}}\ntasks: {t: {due: {within: 2 days}}}").open()
    case.accept(c.CreateTask(key="t"))
    case.accept(c.TransitItem(item=case.task("t").id, transition="suspend"))
    case.accept(c.ModifyTask(item=case.task("t").id, reason="so", due=case.now + timedelta(hours=3)))
    clock = case.task("t").clock
    assert clock is not None and clock.is_paused and clock.left == 3 * 3600


def test_a_late_task_that_goes_on_gets_no_new_time() -> None:
    case = Case("goals: {g: {title: G}}\ntasks: {t: {due: {within: 1 day}}}").open()
    case.accept(c.CreateTask(key="t"))
    case.pass_time(timedelta(days=2))
    case.accept(c.SuspendCase(reason="so"))
    case.accept(c.ResumeCase())
    assert case.task("t").late and case.task("t").clock is None


# --- calendars --------------------------------------------------------------------------------------------------------

SHIFTS = BusinessCalendar("UTC", {"monday": (Slot(time(20), time(22)),), "tuesday": (Slot(time(20), time(0)),)})
CALENDARS = """
customer calendar: {zone: zone, hours: hours, region: region}
facts: {zone: {type: text}, hours: {type: text}, region: {type: text}}
goals:
  theirs: {title: Theirs, clock: {within: 2 business hours, calendar: customer}}
  late shift: {title: By shift, clock: {within: 3 business hours, calendar: shifts}}
  ours: {title: Ours, clock: {within: 2 business hours}}
"""


class Elsewhere(Case):
    """A case in a house with several calendars."""

    def do(self, command: c.Command, actor: Any = AGENT) -> tuple[Event, ...] | Refused:
        state = self.replay()
        moment = Moment(
            self.now, actor, lambda key, version, house: self.plans[key], OFFICE, self._ids, self.finished,
            {"shifts": SHIFTS}.__getitem__, lambda region: frozenset([date(2026, 3, 2)] if region == "AU" else []),
        )  # fmt: skip
        outcome = decide(state, command, moment)
        if not isinstance(outcome, Refused):
            self.history += [(event, Stamp(self.now, actor.id)) for event in outcome]
            self.state = state
        return outcome


def due(case: Case, key: str) -> datetime | None:
    clock = case.goal(key).clock
    return clock.due if clock is not None else None


def test_a_clock_runs_by_the_calendar_that_it_names() -> None:
    case = Elsewhere(CALENDARS).open()
    assert due(case, "ours") == MONDAY.replace(hour=11)
    assert due(case, "late shift") == MONDAY.replace(day=3, hour=21)
    assert due(case, "theirs") == due(case, "ours"), "nothing is known of the customer"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"zone": "America/New_York"}, datetime(2026, 3, 2, 15, tzinfo=UTC)),
        ({"hours": "Mo-Fr 10:00-11:30, 14:00-15:00"}, datetime(2026, 3, 2, 14, 30, tzinfo=UTC)),
        ({"zone": "Asia/Kathmandu", "hours": "Mon-Fri 09:00-16:00"}, datetime(2026, 3, 3, 4, 0, tzinfo=UTC)),
        ({"hours": "Tue 10:00-24:00", "region": "AU"}, datetime(2026, 3, 3, 12, tzinfo=UTC)),
        ({"region": "AU"}, datetime(2026, 3, 3, 10, tzinfo=UTC)),
        ({"zone": "nowhere", "hours": "whenever"}, datetime(2026, 3, 2, 11, tzinfo=UTC)),
    ],
)
def test_the_customers_own_calendar_is_read_from_their_facts(facts: dict[str, str], expected: datetime) -> None:
    assert due(Elsewhere(CALENDARS).open(facts=facts), "theirs") == expected


def test_a_paused_clock_goes_on_in_its_own_calendar() -> None:
    case = Elsewhere(CALENDARS).open()
    case.now = MONDAY.replace(hour=21)
    case.accept(c.SuspendCase(reason="so"))
    case.now = MONDAY.replace(day=3, hour=9)
    case.accept(c.ResumeCase())
    assert due(case, "late shift") == MONDAY.replace(day=3, hour=22)


def test_a_business_day_counts_what_two_slots_share_once() -> None:
    slots = (Slot(time(9), time(12)), Slot(time(11), time(17)), Slot(time(20), time(0)))
    assert business_day(BusinessCalendar("UTC", {"monday": slots})) == timedelta(hours=12)


# --- what is wrong is told --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clock", "words"),
    [
        ("{within: 1 day, warn: [soon]}", "no length of time"),
        ("{within: 1 day, escalate: [1 business day]}", "without “business”"),
        ("{within: 1 day, escalate: [1 day, 1 day]}", "said twice"),
        ("{within: 1 day, warn: [0 hours, 1 hour]}", "no time at all"),
        ("{within: 1 day, calendar: customer}", "customer calendar"),
        ("{within: 1 day, every: sometimes}", "when it comes again"),
        ("{within: 1 day, every: 1 week, since: contact}", "counted from its opening"),
    ],
)
def test_a_clock_that_cannot_run_says_why(clock: str, words: str) -> None:
    with pytest.raises(DefinitionFaulty, match=words):
        Case(f"goals: {{g: {{title: G, clock: {clock}}}}}")


def test_a_step_that_no_clock_has_cannot_be_waited_for() -> None:
    with pytest.raises(DefinitionFaulty, match="did you mean “answer is late by 1 business"):
        Case(STEPS.replace("answer is late by 1 business hour", "answer is late by 2 business hours"))


# --- what comes again -------------------------------------------------------------------------------------------------


def opened(case: Case, key: str) -> list[str]:
    mine = {goal.id for goal in case.state.goals.values() if goal.key == key}
    told = [(ev, stamp) for ev, stamp in case.history if isinstance(ev, e.GoalOpened)]
    return [f"{stamp.at:%d %b}" for ev, stamp in told if ev.goal in mine]


MONTHLY = """
goals:
  contract: {title: The contract runs}
  report: {title: A report, clock: {within: 2 business days, every: EVERY}}
"""


def test_a_goal_comes_again_each_month_until_the_case_ends() -> None:
    case = Case(MONTHLY.replace("EVERY", "P1M")).open()
    for _ in range(3):
        case.accept(c.ReachGoal(goal=case.goal("report").id))
        case.pass_time(timedelta(days=32))
    assert opened(case, "report") == ["02 Mar", "02 Apr", "02 May", "02 Jun"]
    last = case.goal("report")
    assert last.status == "active" and last.late, "that of June was due on the 4th"
    case.accept(c.ReachGoal(goal=last.id))
    case.accept(c.ReachGoal(goal=case.goal("contract").id))
    assert case.status() == "completed" and not timers(case.state)


def test_a_goal_that_is_not_done_yet_does_not_come_twice() -> None:
    case = Case(MONTHLY.replace("EVERY", "1 week")).open()
    case.pass_time(timedelta(days=15))
    assert len(opened(case, "report")) == 1 and case.goal("report").late
    case.accept(c.ReachGoal(goal=case.goal("report").id))
    case.pass_time(timedelta(days=7))
    assert opened(case, "report") == ["02 Mar", "23 Mar"]


def test_a_goal_comes_as_often_as_is_said() -> None:
    case = Case(MONTHLY.replace("EVERY", "R2/P1D")).open()
    for _ in range(5):
        if case.goal("report").status == "active":
            case.accept(c.ReachGoal(goal=case.goal("report").id))
        case.pass_time(timedelta(days=1))
    assert opened(case, "report") == ["02 Mar", "03 Mar", "04 Mar"]


@pytest.mark.parametrize(
    ("timer_text", "expected"),
    [
        ("R3/P1D", ["03 Mar 09:00", "04 Mar 09:00", "05 Mar 09:00"]),
        ("R2/1 business day", ["03 Mar 09:00", "04 Mar 09:00"]),
        ("0 7 * * mon", ["09 Mar 07:00"]),
        ("4 business hours", ["02 Mar 13:00"]),
    ],
)
def test_a_timer_listener_comes_again(timer_text: str, expected: list[str]) -> None:
    text = f"""
goals: {{g: {{title: G}}}}
listeners: {{tick: {{timer: '"{timer_text}"'}}}}
"""
    case = Case(text).open()
    case.pass_time(timedelta(days=10))
    ticks = [f"{by.at:%d %b %H:%M}" for ev, by in case.history if getattr(ev, "transition", "") == "occur"]
    assert ticks == expected


def test_a_listener_for_a_date_is_not_put_off() -> None:
    text = """
goals: {g: {title: G}}
listeners:
  day: {timer: '"2026-03-04T12:00:00Z"'}
  span: {timer: '"PT12H"'}
"""
    case = Case(text).open()
    case.accept(c.SuspendCase(reason="so"))
    case.pass_time(timedelta(days=1))
    case.accept(c.ResumeCase())
    clocks = {item.key: item.clock for item in case.state.items.values()}
    assert clocks["day"] is not None and clocks["day"].due == datetime(2026, 3, 4, 12, tzinfo=UTC)
    assert clocks["span"] is not None and clocks["span"].due == MONDAY + timedelta(hours=36)


# --- suspended time ---------------------------------------------------------------------------------------------------

EVERYWHERE = """
confirm within: 4 business hours
goals:
  answer:
    title: An answer
    clock: {within: 4 business hours}
    options: {way: {title: W, tasks: [work, run], automatic: true}}
tasks:
  work: {due: {within: 4 business hours}}
  run: {kind: flow, model: flows}
rules:
  - The task "work" must be done within 4 business hours of the opening.
reactions:
  - {says: We promise., after: [work is created], do: [{promise: Soon, within: 4 business hours}]}
"""


def everywhere(case: Case) -> dict[str, datetime]:
    """When each is due, by the first words of its timer."""
    words = {"goal": "goal", "item": "task", "prom": "promise", "flow": "flow", "rule": "rule"}
    return {words[name[:4]]: moment for name, moment in timers(case.state).items()}


@pytest.mark.parametrize("hours", [0, 3, 7, 8, 20, 60, 96])
def test_four_business_hours_are_the_same_everywhere(hours: int) -> None:
    flow = process(S, catch("later", timer("4 business hours")), E, flows="start > later > end")
    case = Case(EVERYWHERE, flows=[flow])
    case.now += timedelta(hours=hours)
    case.open()
    found = everywhere(case)
    assert set(found) == {"goal", "task", "promise", "flow", "rule"}
    assert len(set(found.values())) == 1, found


def test_all_get_the_suspended_time_back_but_the_promise() -> None:
    flow = process(S, catch("later", timer("4 business hours")), E, flows="start > later > end")
    case = Case(EVERYWHERE, flows=[flow]).open()
    case.pass_time(timedelta(hours=1))
    case.accept(c.SuspendCase(reason="strike"))
    assert set(everywhere(case)) == {"promise"}
    case.pass_time(timedelta(days=1, hours=10))
    assert not case.told(e.GoalBreached) and not case.told(e.RuleBroken) and case.state.flows
    case.accept(c.ResumeCase())
    # Three hours were left on Monday at 10:00; on Tuesday at 20:00 nobody works.
    assert everywhere(case) == dict.fromkeys(("goal", "task", "flow", "rule"), datetime(2026, 3, 4, 11, tzinfo=UTC))
    assert len(case.told(e.PromiseBroken)) == 1, "what was said to the customer stands"


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("date", "2026-03-03T12:00:00Z", datetime(2026, 3, 3, 12, tzinfo=UTC)),
        ("duration", "PT12H", MONDAY + timedelta(hours=36)),
        ("cycle", "R3/PT12H", MONDAY + timedelta(hours=36)),
        ("cycle", "0 6 * * *", datetime(2026, 3, 3, 6, tzinfo=UTC)),
        ("duration", "6 business hours", datetime(2026, 3, 3, 15, tzinfo=UTC)),
    ],
)
def test_timers_of_flows_stand_still_with_the_case(kind: str, value: str, expected: datetime) -> None:
    flow = process(S, catch("later", timer(value, kind)), E, flows="start > later > end")
    text = EVERYWHERE.replace("after: [work is created], ", "when: 'perception = 1', ")
    case = Case(text, flows=[flow]).open()
    case.accept(c.SuspendCase(reason="so"))
    case.pass_time(timedelta(days=1))
    case.accept(c.ResumeCase())
    assert everywhere(case)["flow"] == expected
    case.accept(c.FailCase(reason="broken"))
    assert not timers(case.state)


def test_the_customer_gets_their_time_to_confirm_back() -> None:
    case = Case("confirm within: 4 business hours\ngoals: {g: {title: G}}").open()
    case.accept(c.ReachGoal(goal=case.goal("g").id))
    assert timers(case.state) == {"confirm due": MONDAY.replace(hour=13)}
    case.accept(c.SuspendCase(reason="so"))
    case.pass_time(timedelta(days=1))
    assert not case.state.confirmed
    case.accept(c.ResumeCase())
    assert timers(case.state) == {"confirm due": MONDAY.replace(day=3, hour=13)}


def test_a_term_that_begins_while_the_case_is_suspended_is_whole_when_it_goes_on() -> None:
    text = """
facts: {asked: {type: boolean}}
goals: {g: {title: G}}
tasks: {t: {}}
rules:
  - Each time the fact "asked" is set, the task "t" must be done within 2 days.
"""
    case = Case(text).open()
    case.accept(c.SuspendCase(reason="so"))
    case.pass_time(timedelta(days=3))
    case.accept(c.SetFacts(facts={"asked": True}))
    case.pass_time(timedelta(days=3))
    case.accept(c.ResumeCase(), PROGRAM)
    assert list(timers(case.state).values()) == [case.now + timedelta(days=2)]


def test_the_due_date_of_a_step_in_a_flow_counts_in_business_time() -> None:
    flow = process(S, el("work", "userTask", name="Do it", due='"4 business hours"'), E, flows="start > work > end")
    text = """
goals: {g: {title: G, options: {way: {title: W, tasks: [run], automatic: true}}}}
tasks: {run: {kind: flow, model: flows}}
"""
    case = Case(text, flows=[flow]).open()
    case.pass_time(timedelta(hours=1))
    case.accept(c.SuspendCase(reason="so"))
    case.pass_time(timedelta(hours=9))
    case.accept(c.ResumeCase())
    clock = case.task("do it").clock
    assert clock is not None and clock.due == MONDAY.replace(day=3, hour=11)
