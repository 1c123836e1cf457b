"""Any case plan: it goes out as CMMN and comes in as it was, and lives to an end whose state its events rebuild."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from caseloom.engine.case.evolve import evolve
from caseloom.engine.case.state import CaseState
from caseloom.engine.rules.compiler import compile_plan
from caseloom.engine.spec.occurrences import OF_FACT, OF_ITEM
from caseloom.engine.spec.service_goal import (
    DiscretionarySpec,
    FactSpec,
    GoalSpec,
    HouseRules,
    ListenerSpec,
    MilestoneSpec,
    OptionSpec,
    SentrySpec,
    ServiceGoal,
    StageSpec,
    TaskSpec,
)
from caseloom.interchange.cmmn_reader import AS_PLANNED, DONE, read_cmmn
from caseloom.interchange.cmmn_run import LONGEST, live
from caseloom.interchange.cmmn_writer import items_of, write_cmmn
from tests.interchange.test_cmmn_writer import without_own

KEYS = ("a", "b", "c", "d", "e", "f")
FACTS = {"ok": FactSpec(type="boolean"), "n": FactSpec(type="number"), "papers": FactSpec(type="list of text")}
CONDITIONS = st.sampled_from(["ok", "n > 3", "not(ok)", "count(papers) > 1", "n = 2 or ok"])
WORK_WORDS = [ending for name, ending in OF_ITEM.items() if name != "parent terminate"]
ROLES = ("lead",)


def occurrences(keys: tuple[str, ...]) -> st.SearchStrategy[str]:
    items = st.builds(lambda key, ending: key + ending, st.sampled_from(keys), st.sampled_from(["", *WORK_WORDS]))
    facts = st.builds(lambda ending: "papers" + ending, st.sampled_from(list(OF_FACT.values())))
    return st.one_of(items, items, facts)


def sentries(keys: tuple[str, ...], name: str) -> st.SearchStrategy[tuple[SentrySpec, ...]]:
    made = st.builds(
        lambda after, when: SentrySpec(after=tuple(after), when=when, name=name),
        st.lists(occurrences(keys), max_size=2, unique=True),
        st.none() | CONDITIONS,
    ).filter(lambda sentry: bool(sentry.after or sentry.when))
    return made.map(lambda sentry: (sentry,)) | st.just(())


@st.composite
def plans(draw: st.DrawFn) -> ServiceGoal:
    """A case plan with up to six items, some of them stages that hold others."""
    keys = KEYS[: draw(st.integers(1, len(KEYS)))]
    inside: dict[str, list[str]] = {}
    for number, key in enumerate(keys):
        above = draw(st.sampled_from(["plan", *keys[:number]]))
        inside.setdefault(above, []).append(key)
    goal: dict[str, Any] = {"tasks": {}, "stages": {}, "milestones": {}, "listeners": {}}
    for key in keys:
        others = tuple(other for other in keys if other != key) or keys
        shared: dict[str, Any] = {"exit": draw(sentries(others, f"exit_{key}"))}
        enter = draw(sentries(others, f"enter_{key}"))
        required = draw(st.booleans() | CONDITIONS)
        manual = draw(st.booleans() | CONDITIONS)
        # What comes again is bounded, so that the plan has an end of its own.
        repeat = draw(st.none() | st.just("index < 3"))
        more: dict[str, Any] = {
            "repeat": repeat,
            "repeat_on": ("entered" if enter else "ended") if repeat else "completed",
        }
        if key in inside:
            goal["stages"][key] = StageSpec(
                tasks=tuple(inside[key]), auto_complete=draw(st.booleans()), manual=manual, enter=enter,
                required=required, **shared, **more,
            )  # fmt: skip
            continue
        match draw(st.sampled_from(["task", "task", "milestone", "user", "timer"])):
            case "task":
                goal["tasks"][key] = TaskSpec(
                    kind="human", enter=enter, manual=manual, required=required, blocking=draw(st.booleans()),
                    role=draw(st.sampled_from(["", "lead"])), **shared, **more,
                )  # fmt: skip
            case "milestone":
                entry = enter or (SentrySpec(when="ok", name=f"enter_{key}"),)
                goal["milestones"][key] = MilestoneSpec(enter=entry, required=required, **shared)
            case "user":
                goal["listeners"][key] = ListenerSpec(roles=draw(st.sampled_from([(), ("lead",)])))
            case "timer":
                goal["listeners"][key] = ListenerSpec(timer='"PT1H"', repeat=draw(st.none() | st.just("index < 3")))
    table = (DiscretionarySpec(item="extra", when=draw(st.none() | CONDITIONS)),) if draw(st.booleans()) else ()
    if table:
        goal["tasks"]["extra"] = TaskSpec()
    goal["stages"]["plan"] = StageSpec(
        tasks=tuple(inside["plan"]), auto_complete=draw(st.booleans()), case_plan=True, discretionary=table,
        exit=draw(sentries(keys, "exit_plan")),
    )  # fmt: skip
    option = OptionSpec(title="any", tasks=("plan",), automatic=True)
    return ServiceGoal(
        service_goal="any", title="any", customer_title="any", owner="process owner", team="service", facts=FACTS,
        goals={DONE: GoalSpec(title="any", options={AS_PLANNED: option})}, **goal,
    )  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(plans())
def test_a_plan_goes_out_and_comes_in_as_it_was(goal: ServiceGoal) -> None:
    written = write_cmmn(goal)
    assert read_cmmn(written).cases[0].goal == goal
    case = read_cmmn(without_own(written)).cases[0]
    assert items_of(case.goal) == items_of(goal)
    assert case.findings == ()


@settings(max_examples=100, deadline=None)
@given(plans(), st.integers(0, 50))
def test_a_plan_lives_to_an_end_and_its_events_rebuild_every_state(goal: ServiceGoal, seed: int) -> None:
    life = live(compile_plan(goal, HouseRules(house_rules="h", title="h", roles={"lead": "Lead"})), seed)
    state = CaseState()
    for event, stamp in life.history:
        evolve(state, event, stamp)
    state.rest()
    assert state == life.state
    assert life.ended or life.moves == LONGEST or "do not rest" in life.stuck, life.stuck
    if life.ended:
        assert not life.state.items
