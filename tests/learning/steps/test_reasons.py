"""What is named as a reason is one."""

from pathlib import Path

import msgspec
import pytest

from caseloom.interchange.event_log import read_event_log
from caseloom.learning.steps.evaluation import in_time_order
from caseloom.learning.steps.learner import Learner, OpenCase, Settings
from caseloom.learning.steps.reasons import chance_of, reasons, taken_away
from caseloom.learning.steps.telling import telling_attributes
from tests.learning.steps.kit import SETTINGS, histories, step, told

HELPDESK = Path(__file__).parents[4] / "shared" / "data" / "helpdesk" / "events.csv.gz"


def taught() -> Learner:
    return told(Learner(SETTINGS), histories(300))


def test_the_product_is_named_with_its_counts_and_cases() -> None:
    learner = taught()
    for place, action in enumerate(("Open", "Check")):
        learner.happened("new", step(action, 30_000.0 + place, product="card"), learn=False)
    found = reasons(learner, "new", "Send")
    named = next(each for each in found if "product" in each.parts)
    assert named.followed == named.cases > 100  # each card that was checked was sent
    assert len(named.links) == 3
    cases = {case.case: case for case in histories(300)}
    for link in named.links:
        assert [one.action for one in cases[link].steps][:3] == ["Open", "Check", "Send"]
    assert named.without < named.probability


def test_taking_a_reason_away_moves_the_probability_as_said() -> None:
    learner, as_said, asked = taught(), 0, 0
    for number, history in enumerate(histories(60, seed=5)):
        for place, one in enumerate(history.steps[:-1]):
            learner.happened(f"new {number}", one, learn=False)
            action = history.steps[place + 1].action
            for reason in reasons(learner, f"new {number}", action):
                without = taken_away(learner, learner.open[f"new {number}"], reason.parts)
                left = chance_of(learner.ranked(without), action) if without is not None else 0.0
                asked += 1
                as_said += left < reason.probability and abs(left - reason.without) < 1e-9
    assert asked > 50
    assert as_said / asked >= 0.9


def test_a_fact_that_is_blanked_lowers_what_it_was_the_reason_for() -> None:
    learner, lower, asked = taught(), 0, 0
    for number, history in enumerate(histories(60, seed=6)):
        steps = history.steps
        for name, product in ((f"as it is {number}", ""), (f"blank {number}", "never seen")):
            for one in steps[:2]:
                given = one.facts["product"]
                learner.happened(name, step(one.action, 30_000.0, one.actor, product or given), learn=False)
        action = steps[2].action
        named = [each for each in reasons(learner, f"as it is {number}", action) if each.parts == {"last 1", "product"}]
        if named:
            asked += 1
            lower += chance_of(learner.next(f"blank {number}"), action) < named[0].probability
    assert asked > 10
    assert lower / asked >= 0.9


def test_an_action_that_nobody_took_has_no_reason() -> None:
    learner = taught()
    learner.happened("new", step("Open", 30_000.0), learn=False)
    assert reasons(learner, "new", "Never heard of") == ()
    assert reasons(learner, "no such case", "Send") == ()


@pytest.mark.nightly
def test_reasons_on_a_real_log_are_reasons() -> None:
    """Blank a named fact in the case itself: the action gets less likely, in nine of ten cases."""
    if not HELPDESK.exists():
        pytest.skip("there is no helpdesk log in ../shared/data")
    with HELPDESK.open("rb") as stream:
        events = sorted(read_event_log(stream, HELPDESK.name), key=lambda event: event.moment)[:6000]
    facts = telling_attributes(events, 8)
    log = in_time_order(events, facts)
    learner = Learner(Settings(facts=facts, origin=log.steps[0].at.timestamp()))
    lower = asked = 0
    for place, (case, one) in enumerate(zip(log.cases, log.steps, strict=True)):
        learner.happened(case, one)
        best = learner.next(case).best
        if place > 3000 and not place % 5 and best is not None:
            for reason in reasons(learner, case, best.action):
                named = reason.parts & set(facts)
                if named:
                    asked += 1
                    lower += _blanked(learner, case, named, best.action) < reason.probability
        if log.follows[place] == place:
            learner.ended(case)
    assert asked > 100
    assert lower / asked >= 0.9


def _blanked(learner: Learner, case: str, named: frozenset[str], action: str) -> float:
    """The probability in the same case, were these facts of it not known."""
    found = learner.open[case]
    path = msgspec.structs.replace(
        found.path,
        facts=tuple(
            0 if name in named else value for name, value in zip(learner.settings.facts, found.path.facts, strict=True)
        ),
    )
    said = learner.say(OpenCase(path, learner.contexts.keys(path)))
    return chance_of(learner.ranked(said), action) if said is not None else 0.0
