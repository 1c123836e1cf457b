"""CMMN's lifecycle of plan items as far as it is built: sentries, repetition, manual activation, stages, milestones."""

from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from tests.engine.case.kit import AGENT, LEAD, MARIA, Case


def keys(case: Case, status: str = "active") -> set[str]:
    return {item.key for item in case.state.items.values() if item.kind == "task" and item.status == status}


def test_an_entry_criterion_needs_all_its_on_parts_and_its_condition() -> None:
    """CMMN 1.1 §5.4.5."""
    text = """
facts: {ready: {type: boolean}}
goals: {done: {title: Done, options: {way: {title: Way, automatic: true, tasks: [one, two, three]}}}}
tasks: {one: {}, two: {}, three: {after: [one, two], when: ready}}
"""
    case = Case(text).open()
    case.complete("one")
    case.complete("two")
    assert keys(case, "available") == {"three"}
    case.accept(c.SetFacts(facts={"ready": True}))
    assert keys(case) == {"three"}


def test_work_that_was_done_before_counts_for_what_is_planned_later() -> None:
    text = """
goals: {done: {title: Done, options: {way: {title: Way, automatic: true, tasks: [one]}}}, late: {title: Late}}
tasks: {one: {}, two: {after: [one]}}
"""
    case = Case(text).open()
    case.complete("one")
    case.accept(c.CreateTask(key="two"))
    assert keys(case) == {"two"}


def test_a_manual_task_waits_until_somebody_starts_it() -> None:
    """CMMN 1.1 §5.4.11.1, manual activation rule."""
    text = """
goals: {done: {title: Done, options: {way: {title: Way, automatic: true, tasks: [one]}}}}
tasks: {one: {manual: true}}
"""
    case = Case(text).open()
    assert keys(case, "enabled") == {"one"}
    refused = case.refuse(c.CompleteTask(item=case.task("one").id))
    assert refused.code == "wrong state"
    assert "manual start" in [step.label for step in refused.next]
    case.accept(c.StartTask(item=case.task("one").id))
    case.complete("one")
    assert case.status() == "completed"


def test_a_repeating_task_occurs_again_while_its_rule_holds() -> None:
    """CMMN 1.1 §5.4.11.2, repetition rule."""
    text = """
facts: {tries: {type: number, initial: 0}}
goals: {done: {title: Done, reached when: tries >= 3, options: {way: {title: Way, automatic: true, tasks: [call]}}}}
tasks: {call: {sets: {tries: tries + 1}, repeat: tries < 3}}
"""
    case = Case(text).open()
    for _ in range(3):
        case.complete("call")
    assert case.status() == "completed"
    assert case.state.counters["call"].completed == 3


def test_a_stage_brings_its_members_and_ends_with_the_required_ones() -> None:
    """CMMN 1.1 §8.6.1, stage completion."""
    text = """
goals: {done: {title: Done, options: {way: {title: Way, automatic: true, tasks: [visit]}}}}
stages: {visit: {title: Visit, tasks: [drive, mend, chat]}}
tasks: {drive: {required: true}, mend: {required: true, after: [drive]}, chat: {manual: true}}
milestones: {mended: {title: Mended, after: [mend]}}
"""
    case = Case(text).open()
    case.complete("drive")
    assert keys(case) == {"mend"}
    case.complete("mend")
    assert [ev.transition for ev in case.told(e.ItemTransitioned) if ev.key == "mended"] == ["occur"]
    assert [ev.transition for ev in case.told(e.ItemTransitioned) if ev.key == "visit"] == ["complete"]
    assert case.status() == "completed"


def test_an_exit_criterion_ends_what_is_no_longer_needed() -> None:
    text = """
facts: {found: {type: boolean}}
goals: {done: {title: Done, options: {way: {title: Way, automatic: true, tasks: [search, tell]}}}}
tasks: {search: {exit: [{when: found}]}, tell: {}}
"""
    case = Case(text).open()
    case.accept(c.SetFacts(facts={"found": True}))
    assert keys(case) == {"tell"}


def test_a_finished_task_is_reset_as_a_new_one_and_its_history_stays() -> None:
    text = """
goals: {done: {title: Done, options: {way: {title: Way, automatic: true, tasks: [one, two]}}}}
tasks: {one: {}, two: {}}
"""
    case = Case(text).open()
    first = case.task("one").id
    case.complete("one")
    case.accept(c.ResetTask(item=first, reason="the form was unreadable"))
    assert keys(case) == {"one", "two"}
    assert case.task("one").id != first
    assert case.state.counters["one"].created == 2


def test_nested_goals_reach_their_parent_and_alternatives_end_each_other() -> None:
    text = """
goals:
  whole: {title: Whole}
  part one: {title: One, parent: whole}
  part two: {title: Two, parent: whole, need: optional}
  by phone: {title: By phone, need: alternative, group: talk}
  by mail: {title: By mail, need: alternative, group: talk}
"""
    case = Case(text).open()
    case.accept(c.ReachGoal(goal=case.goal("part one").id))
    assert case.goal("whole").status == "reached"
    assert case.status() == "active"
    case.accept(c.ReachGoal(goal=case.goal("by mail").id))
    assert [goal.status for goal in case.state.goals.values() if goal.key == "by phone"] == ["cancelled"]
    assert case.status() == "completed"


def test_a_boundary_rule_binds_every_actor_and_undoes_nothing_else() -> None:
    text = """
facts: {refund: {type: money}, approved: {type: boolean}}
goals: {paid: {title: Paid, options: {pay: {title: Pay, automatic: true, tasks: [pay refund]}}}}
tasks: {pay refund: {form: [refund]}}
boundary rules:
  - says: The refund must be at most 5000 EUR.
    require: refund <= money(5000, "EUR")
  - says: A refund above 500 EUR must be approved by a team lead before the refund is paid.
    require: refund <= money(500, "EUR") or approved = true
    guards: [complete pay refund]
    way on: Ask a team lead to approve it
  - says: Only a team lead may approve.
    require: list contains(actor.roles, "team lead")
    guards: [set approved]
"""
    case = Case(text).open()
    for actor in (AGENT, LEAD):
        assert (
            case.refuse(c.SetFacts(facts={"refund": "5000.01 EUR"}), actor).rule
            == "The refund must be at most 5000 EUR."
        )
    item = case.task("pay refund").id
    refused = case.refuse(c.CompleteTask(item=item, facts={"refund": "600 EUR"}))
    assert refused.next[0].label == "Ask a team lead to approve it"
    assert "refund" not in case.state.facts
    assert case.refuse(c.SetFacts(facts={"approved": True})).rule == "Only a team lead may approve."
    case.accept(c.SetFacts(facts={"approved": True}), LEAD)
    case.complete("pay refund", refund="600 EUR")
    assert case.status() == "completed"


def test_two_currencies_are_a_fault_and_never_pass_a_boundary() -> None:
    text = """
facts: {refund: {type: money}}
goals: {paid: {title: Paid}}
boundary rules: [{says: At most 10 EUR., require: 'refund <= money(10, "EUR")'}]
"""
    assert Case(text).open().refuse(c.SetFacts(facts={"refund": "5 USD"})).code == "boundary"


def test_a_complaint_is_not_closed_before_the_customer_has_answered() -> None:
    text = """
goals: {heard: {title: Heard}}
boundary rules:
  - says: A complaint must not be closed before the customer has answered.
    require: customer has confirmed
    guards: [close]
"""
    case = Case(text).open()
    case.accept(c.ReachGoal(goal=case.goal("heard").id))
    assert case.status() == "active"
    assert case.refuse(c.TerminateCase(reason="old")).code == "boundary"
    case.accept(c.ConfirmOutcome(), MARIA)
    assert case.status() == "completed"


def test_a_customer_does_only_what_is_theirs() -> None:
    text = """
facts: {secret: {}, answer: {}}
goals: {done: {title: Done, options: {way: {title: Way, automatic: true, tasks: [ours, theirs]}}}}
tasks: {ours: {form: [secret]}, theirs: {by customer: true, form: [answer]}}
"""
    case = Case(text).open()
    assert case.refuse(c.AddNote(text="hello"), MARIA).code == "rights"
    assert case.refuse(c.CompleteTask(item=case.task("ours").id), MARIA).code == "rights"
    theirs = case.task("theirs").id
    assert case.refuse(c.CompleteTask(item=theirs, facts={"secret": "x"}), MARIA).code == "rights"
    case.accept(c.CompleteTask(item=theirs, facts={"answer": "blue"}), MARIA)


def test_a_suspended_case_stands_still_and_gets_its_time_back() -> None:
    from datetime import timedelta

    case = Case("goals: {done: {title: Done, clock: {within: 3 days}}}").open()
    case.accept(c.SuspendCase(reason="the court decides"))
    case.pass_time(timedelta(days=30))
    assert not case.goal("done").late
    case.accept(c.ResumeCase())
    clock = case.goal("done").clock
    assert clock is not None
    assert clock.due == case.now + timedelta(days=3)


def test_the_time_of_now_is_the_commands() -> None:
    text = """
facts: {day: {type: date}}
goals: {done: {title: Done}}
data rules: [{says: The day must not lie in the past., require: day >= today()}]
"""
    case = Case(text).open()
    assert case.refuse(c.SetFacts(facts={"day": "2026-03-01"})).rule == "The day must not lie in the past."
    case.accept(c.SetFacts(facts={"day": "2026-03-02"}))
