"""A second reading of when a case must be closed (DESIGN §4), written apart from the engine, from its state alone."""

from collections.abc import Iterable

from caseloom.engine.case.state import CaseState, Goal

ENDED = ("reached", "waived")


def outcome_reached(state: CaseState) -> bool:
    """Whether what the customer wants is done: all required goals of the case, and one of each kind of alternative."""
    return enough([goal for goal in state.goals.values() if goal.parent is None])


def enough(level: Iterable[Goal]) -> bool:
    """Whether the goals of one level add up. A cancelled goal counts for nothing, and nothing at all is not enough."""
    required, optional, alternatives = [], [], dict[str, list[bool]]()
    for goal in level:
        if goal.status == "cancelled":
            continue
        done = goal.status in ENDED
        if goal.need == "required":
            required.append(done)
        elif goal.need == "optional":
            optional.append(done)
        else:
            alternatives.setdefault(goal.group, []).append(done)
    chosen = [any(group) for group in alternatives.values()]
    return all(required) and all(chosen) and any((*required, *optional, *chosen))


def must_be_closed(state: CaseState, asks: bool, held: bool = False) -> bool:
    """Whether the case is to be closed: `asks` says that the customer is asked to confirm, `held` that a rule of the
    house forbids it as yet.
    """
    return outcome_reached(state) and (state.confirmed or not asks) and not held


def faults(state: CaseState, asks: bool, held: bool = False) -> list[str]:
    """What of a case at rest contradicts the condition; none where all is well."""
    found = []
    due = must_be_closed(state, asks, held)
    if state.status == "active" and due:
        found.append("the goals are done, and the case is open")
    if state.status == "completed" and not due:
        found.append("the case is closed, and its goals are not done")
    if state.status == "completed" and state.items:
        found.append("the case is closed, and work stands open in it")
    if state.awaits_confirmation and not outcome_reached(state):
        found.append("the customer is asked to confirm what is not done")
    return found
