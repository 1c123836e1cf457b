"""CMMN 1.1 §8.4.2: every state of a stage and of a task times every transition."""

import pytest

from caseloom.engine.case.refusal import Refused
from tests.engine.cmmn.kit import ASKED, Item
from tests.engine.cmmn.tables import STAGE_AND_TASK, SUSPENDED_FROM, WORK_STATES, WORK_TRANSITIONS

CELLS = [(state, transition) for state in WORK_STATES for transition in WORK_TRANSITIONS]
LEGAL = [cell for cell in CELLS if cell in STAGE_AND_TASK]
ILLEGAL = [cell for cell in CELLS if cell not in STAGE_AND_TASK]


@pytest.mark.parametrize("kind", ["task", "stage"])
@pytest.mark.parametrize(("state", "transition"), LEGAL, ids=lambda word: word.replace(" ", "-"))
def test_a_legal_transition_leads_to_the_state_of_the_table(kind: str, state: str, transition: str) -> None:
    """§8.4.2, stage and task instance transitions."""
    item = Item(kind).be(state)
    outcome = item.do(transition)
    assert not isinstance(outcome, Refused), outcome
    assert transition in item.transitions
    assert item.status == STAGE_AND_TASK[state, transition]


@pytest.mark.parametrize("kind", ["task", "stage"])
@pytest.mark.parametrize(("state", "transition"), ILLEGAL, ids=lambda word: word.replace(" ", "-"))
def test_an_illegal_transition_is_refused_with_the_legal_ones_named(kind: str, state: str, transition: str) -> None:
    """§8.4.2. A transition that follows from something else does not come about at all."""
    item = Item(kind).be(state)
    before = list(item.transitions)
    outcome = item.do(transition)
    if transition in ASKED:
        assert isinstance(outcome, Refused)
        assert outcome.code in ("wrong state", "not found")
        if state not in ("completed", "terminated") and not (kind == "task" and transition == "complete"):
            legal = {name for before_it, name in STAGE_AND_TASK if before_it == state}
            assert {step.label for step in outcome.next} == legal
        assert item.status == state
    assert transition not in item.transitions[len(before) :]


@pytest.mark.parametrize("kind", ["task", "stage"])
@pytest.mark.parametrize("state", SUSPENDED_FROM)
def test_parent_resume_leads_back_to_the_state_before(kind: str, state: str) -> None:
    """§8.4.2, parent suspend and parent resume."""
    item = Item(kind).be(state)
    item.do("parent suspend")
    assert item.status == "suspended"
    item.ask("resume", "whole")
    assert item.status == state
    assert item.transitions[-2:] == ["parent suspend", "parent resume"]


@pytest.mark.parametrize("kind", ["task", "stage"])
def test_it_is_created_available_while_a_criterion_is_not_met(kind: str) -> None:
    """§8.4.2, create."""
    assert Item(kind).status == "available"


@pytest.mark.parametrize("kind", ["task", "stage"])
def test_what_is_suspended_with_its_stage_is_not_resumed_without_it(kind: str) -> None:
    """§8.4.2: it would be active whatever its criteria say."""
    item = Item(kind).be("available")
    item.do("parent suspend")
    refused = item.ask("resume")
    assert isinstance(refused, Refused)
    assert refused.next[0].arguments == {"item": item.case.task("whole").id, "transition": "resume"}
    assert item.status == "suspended"
