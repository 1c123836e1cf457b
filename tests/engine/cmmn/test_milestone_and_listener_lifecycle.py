"""CMMN 1.1 §8.4.3: every state of a milestone and of an event listener times every transition."""

import pytest

from caseloom.engine.case.refusal import Refused
from tests.engine.cmmn.kit import Item
from tests.engine.cmmn.tables import MILESTONE_AND_LISTENER, POINT_STATES, POINT_TRANSITIONS

CELLS = [(state, transition) for state in POINT_STATES for transition in POINT_TRANSITIONS]
LEGAL = [cell for cell in CELLS if cell in MILESTONE_AND_LISTENER]
ILLEGAL = [cell for cell in CELLS if cell not in MILESTONE_AND_LISTENER]


@pytest.mark.parametrize("kind", ["milestone", "listener"])
@pytest.mark.parametrize(("state", "transition"), LEGAL, ids=lambda word: word.replace(" ", "-"))
def test_a_legal_transition_leads_to_the_state_of_the_table(kind: str, state: str, transition: str) -> None:
    """§8.4.3, event listener and milestone instance transitions."""
    item = Item(kind).be(state)
    outcome = item.do(transition)
    assert not isinstance(outcome, Refused), outcome
    assert item.transitions[-1] == transition
    assert item.status == MILESTONE_AND_LISTENER[state, transition]


@pytest.mark.parametrize("kind", ["milestone", "listener"])
@pytest.mark.parametrize(("state", "transition"), ILLEGAL, ids=lambda word: word.replace(" ", "-"))
def test_an_illegal_transition_does_not_come_about(kind: str, state: str, transition: str) -> None:
    """§8.4.3. What is asked for is refused with the legal transitions named."""
    item = Item(kind).be(state)
    before = list(item.transitions)
    outcome = item.do(transition)
    if isinstance(outcome, Refused) and state not in ("completed", "terminated"):
        assert {step.label for step in outcome.next} == {
            name for before_it, name in MILESTONE_AND_LISTENER if before_it == state
        }
    assert item.transitions == before
    assert item.status == state
