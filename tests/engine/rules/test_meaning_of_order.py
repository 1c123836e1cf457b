"""Each kind of sentence on order and time against a plain reading of it, over all traces up to length 7."""

from collections.abc import Callable
from typing import Final, NamedTuple

import pytest

from caseloom.engine.rules.language.kinds import kinds
from tests.engine.rules.traces import History, Late, Reading, Step, Traces

APPROVE, PAY, REJECT = (f"complete {verb} the refund" for verb in ("approve", "pay", "reject"))
CHECK, SEND, BLOCK = "complete check the identity", "complete send the card", "complete block the card"
ANSWERED, HEARD, ANSWER, CLOSE, OPEN = "customer answers", "hear", "answer", "close", "open"
CREATED, CANCELLED = "create check the identity", "cancel check the identity"
DAY: Final = 24


def acts(*names: str) -> tuple[Step, ...]:
    return tuple(Step(name) for name in names)


def by(actors: tuple[str, ...], *names: str) -> tuple[Step, ...]:
    return tuple(Step(name, actor) for name in names for actor in actors)


def after(hours: tuple[int, ...], *names: str) -> tuple[Step, ...]:
    return tuple(Step(name, wait=wait) for name in names for wait in hours)


def count(history: History, act: str) -> int:
    return sum(step.act == act for step in history)


def happened(history: History, act: str) -> bool:
    return count(history, act) > 0


def last(history: History, *names: str) -> str:
    """The latest of these acts, or nothing."""
    return next((step.act for step in reversed(history) if step.act in names), "")


def hours_since(history: History, act: str, now: int) -> int | None:
    """The hours since the latest such act."""
    return next((now - step.hour for step in reversed(history) if step.act == act), None)


def who_did(history: History, act: str) -> set[str]:
    return {step.actor for step in history if step.act == act}


def only(act: str, holds: Callable[[History, Step], bool]) -> Reading:
    """A reading that speaks of one act: any other may always be done."""
    return lambda history, step: step.act != act or holds(history, step)


def not_small(step: Step, limit: int) -> bool:
    """Above the limit, or not known to be below it."""
    return step.amount is None or step.amount > limit


class Tried(NamedTuple):
    """The steps of which the traces are made, and what the sentence says of them."""

    steps: tuple[Step, ...]
    reading: Reading
    late: Late | None = None
    begun: History = ()


def _next(history: History, step: Step) -> bool:
    pending = last(history, APPROVE, PAY) == APPROVE
    return not pending or step.act in (PAY, HEARD)


def _by_turns(history: History, step: Step) -> bool:
    latest = last(history, APPROVE, PAY)
    return {APPROVE: latest != APPROVE, PAY: latest == APPROVE}.get(step.act, True)


def _in_order(history: History, step: Step) -> bool:
    names = [one.act for one in history]
    if step.act == APPROVE:
        return CHECK in names
    return step.act != PAY or (CHECK in names and APPROVE in names[names.index(CHECK) :])


def _one_only(*rivals: str) -> Reading:
    def reading(history: History, step: Step) -> bool:
        return step.act not in rivals or not any(happened(history, one) for one in rivals if one != step.act)

    return reading


def _pending_since(history: History, trigger: str, answer: str) -> int | None:
    """The hour of the first trigger that no answer followed."""
    since = None
    for step in history:
        if step.act == trigger and since is None:
            since = step.hour
        elif step.act == answer:
            since = None
    return since


def _answers_late(history: History, now: int) -> int:
    """The unanswered times of which more than 4 hours went by."""
    late, since = 0, None
    for step in (*history, Step(ANSWER, hour=now)):
        if step.act == HEARD and since is None:
            since = step.hour
        elif step.act == ANSWER:
            late += since is not None and step.hour - since > 4
            since = None
    return late


def _checked_late(history: History, now: int) -> int:
    checked = next((step.hour for step in history if step.act == CHECK), now)
    return int(checked > 2 * DAY)


def _anew(history: History, step: Step) -> bool:
    return last(history, APPROVE, PAY) == APPROVE


def _recent(history: History, act: str, now: int, hours: int) -> int:
    return sum(step.act == act and now - step.hour < hours for step in history)


def _nobody_else(act: str) -> Reading:
    return only(act, lambda history, step: who_did(history, act) <= {step.actor})


def _open(history: History) -> int:
    """How many of the tasks stand open."""
    standing = 0
    for step in history:
        standing = max(0, standing + {CREATED: 1, CHECK: -1, CANCELLED: -1}.get(step.act, 0))
    return standing


def _four_eyes(history: History, step: Step) -> bool:
    if step.act == APPROVE:
        return step.actor not in who_did(history, APPROVE)
    if step.act == PAY and not_small(step, 1000):
        return len(who_did(history, APPROVE)) >= 2
    return True


def _not_the_other(history: History, step: Step) -> bool:
    other = {APPROVE: PAY, PAY: APPROVE}.get(step.act, "")
    return step.actor not in who_did(history, other)


def _the_same(history: History, step: Step) -> bool:
    other = {APPROVE: PAY, PAY: APPROVE}.get(step.act, "")
    return who_did(history, other) <= {step.actor}


def _exactly_twice(history: History, step: Step) -> bool:
    if step.act == APPROVE:
        return happened(history, PAY) or count(history, APPROVE) < 2
    return step.act != PAY or happened(history, PAY) or count(history, APPROVE) == 2


AMOUNTS = (Step(PAY, amount=600), Step(PAY, amount=400), Step(PAY))
PERSONS = ("ann", "bob")
KINDS: dict[str, Tried] = {
    "before": Tried(
        (*acts(APPROVE), *AMOUNTS),
        only(PAY, lambda history, step: not not_small(step, 500) or happened(history, APPROVE)),
    ),
    "before_by": Tried(
        (*by(("lead", "ann"), APPROVE), *AMOUNTS[:2]),
        only(PAY, lambda history, step: not not_small(step, 500) or "lead" in who_did(history, APPROVE)),
    ),
    "before_if": Tried(
        (*acts(BLOCK), Step(SEND, status="lost"), Step(SEND, status="active"), Step(SEND)),
        only(SEND, lambda history, step: step.status == "active" or happened(history, BLOCK)),
    ),
    "not_before": Tried(acts(CLOSE, ANSWERED, HEARD), only(CLOSE, lambda history, step: happened(history, ANSWERED))),
    "not_until": Tried(acts(PAY, CHECK, SEND, CLOSE), only(PAY, lambda history, step: happened(history, CHECK))),
    "not_while_undone": Tried(acts(CLOSE, PAY, CHECK), only(CLOSE, lambda history, step: happened(history, PAY))),
    "only_after": Tried(acts(SEND, CHECK, PAY), only(SEND, lambda history, step: happened(history, CHECK))),
    "only_until": Tried(acts(REJECT, APPROVE, PAY), only(REJECT, lambda history, step: not happened(history, APPROVE))),
    "not_after": Tried(acts(REJECT, PAY, CHECK), only(REJECT, lambda history, step: not happened(history, PAY))),
    "never_again": Tried(acts(PAY, REJECT, CHECK), only(PAY, lambda history, step: not happened(history, REJECT))),
    "not_before_both": Tried(
        acts(PAY, CHECK, APPROVE),
        only(PAY, lambda history, step: happened(history, CHECK) and happened(history, APPROVE)),
    ),
    "not_before_either": Tried(
        acts(PAY, CHECK, APPROVE),
        only(PAY, lambda history, step: happened(history, CHECK) or happened(history, APPROVE)),
    ),
    "only_between": Tried(
        acts(SEND, CHECK, BLOCK), only(SEND, lambda history, step: last(history, CHECK, BLOCK) == CHECK)
    ),
    "not_between": Tried(
        acts(SEND, CHECK, BLOCK), only(SEND, lambda history, step: last(history, CHECK, BLOCK) != BLOCK)
    ),
    "each_anew": Tried(acts(PAY, APPROVE, CHECK), only(PAY, _anew)),
    "next": Tried(acts(APPROVE, PAY, CHECK, HEARD, CLOSE), _next),
    "by_turns": Tried(acts(APPROVE, PAY, CHECK), _by_turns),
    "in_order": Tried(acts(CHECK, APPROVE, PAY), _in_order),
    "not_both": Tried(acts(APPROVE, REJECT, CHECK), _one_only(APPROVE, REJECT)),
    "not_both_clauses": Tried(acts(PAY, SEND, CHECK), _one_only(PAY, SEND)),
    "one_of_three": Tried(acts(PAY, SEND, BLOCK), _one_only(PAY, SEND, BLOCK)),
    "sometime": Tried(acts(PAY, CHECK, CLOSE), only(CLOSE, lambda history, step: happened(history, PAY))),
    "together": Tried(
        acts(BLOCK, SEND, CLOSE),
        only(CLOSE, lambda history, step: happened(history, BLOCK) == happened(history, SEND)),
    ),
    "followed": Tried(acts(BLOCK, SEND, CLOSE), only(CLOSE, lambda history, step: last(history, BLOCK, SEND) != BLOCK)),
    "followed_within": Tried(
        (*after((0, 3), HEARD, ANSWER), *acts(CLOSE)),
        only(CLOSE, lambda history, step: _pending_since(history, HEARD, ANSWER) is None),
        _answers_late,
    ),
    "within_opening": Tried(
        after((0, DAY), CHECK, PAY, CLOSE),
        only(CLOSE, lambda history, step: happened(history, CHECK)),
        _checked_late,
        begun=acts(OPEN),
    ),
    "at_most_times": Tried(acts(PAY, CHECK, APPROVE), only(PAY, lambda history, step: count(history, PAY) < 2)),
    "at_most_times_within": Tried(
        after((0, DAY, 2 * DAY), PAY),
        only(PAY, lambda history, step: _recent(history, PAY, step.hour, 3 * DAY) < 2),
    ),
    "at_most_times_before": Tried(
        acts(REJECT, PAY, CHECK),
        only(REJECT, lambda history, step: happened(history, PAY) or count(history, REJECT) < 2),
    ),
    "at_least_times_before": Tried(
        acts(APPROVE, PAY, CHECK), only(PAY, lambda history, step: count(history, APPROVE) >= 2)
    ),
    "exactly_times_before": Tried(acts(APPROVE, PAY, CHECK), _exactly_twice),
    "not_again_within": Tried(
        after((0, DAY, 2 * DAY), PAY),
        only(PAY, lambda history, step: _recent(history, PAY, step.hour, 3 * DAY) == 0),
    ),
    "not_within": Tried(
        after((0, DAY), PAY, APPROVE),
        only(PAY, lambda history, step: _recent(history, APPROVE, step.hour, 2 * DAY) == 0),
    ),
    "not_later": Tried(
        after((0, DAY + 1), PAY, APPROVE),
        only(PAY, lambda history, step: (hours_since(history, APPROVE, step.hour) or 0) <= 2 * DAY),
    ),
    "not_while_open": Tried(
        acts(CREATED, CHECK, CANCELLED, CLOSE),
        only(CLOSE, lambda history, step: _open(history) == 0),
    ),
    "not_same_person": Tried(by(PERSONS, APPROVE, PAY), _not_the_other),
    "same_person": Tried(by(PERSONS, APPROVE, PAY), _the_same),
    "only_doer": Tried(
        by(PERSONS, APPROVE, PAY), only(PAY, lambda history, step: who_did(history, APPROVE) == {step.actor})
    ),
    "not_doer": Tried(
        by(PERSONS, APPROVE, PAY), only(PAY, lambda history, step: step.actor not in who_did(history, APPROVE))
    ),
    "another_each_time": Tried(
        (*by(("ann", "bob", "cleo"), APPROVE), *acts(PAY)),
        only(APPROVE, lambda history, step: step.actor not in who_did(history, APPROVE)),
    ),
    "always_same": Tried(by(("ann", "bob", "cleo"), APPROVE), _nobody_else(APPROVE)),
    "by_different_persons": Tried(
        (*by(("ann", "bob", "cleo"), APPROVE), Step(PAY, amount=2000), Step(PAY, amount=5)), _four_eyes
    ),
}
EXAMPLES = {kind.node: kind.en for kind in kinds() if kind.group == "order"}


def test_every_kind_on_order_is_tried() -> None:
    assert set(KINDS) == set(EXAMPLES)


@pytest.mark.parametrize("kind", KINDS)
def test_the_automaton_says_what_the_sentence_says(kind: str) -> None:
    tried = KINDS[kind]
    traces = Traces(EXAMPLES[kind], tried.steps, tried.reading, tried.late)
    traces.run(tried.begun)
    assert traces.refused > 0
    assert traces.happened > 20


APPROVE_CLAIM, PAY_CLAIM = "complete approve the claim", "complete pay the claim"
ON_TWO = (
    *(Step(act, claim=claim, amount=600) for act in (APPROVE_CLAIM, PAY_CLAIM) for claim in ("one", "two")),
    Step(PAY_CLAIM, "bob", claim="one", amount=600),
)


def on_same(history: History, act: str, step: Step) -> History:
    """The times that this was done to the object of the step."""
    return tuple(one for one in history if (one.act, one.claim) == (act, step.claim))


EACH: dict[str, Reading] = {
    "A claim above 500 EUR must be approved before the claim is paid.": only(
        PAY_CLAIM, lambda history, step: bool(on_same(history, APPROVE_CLAIM, step))
    ),
    "A claim must be paid at most once.": only(PAY_CLAIM, lambda history, step: not on_same(history, PAY_CLAIM, step)),
    "A claim must not be approved after the claim is paid.": only(
        APPROVE_CLAIM, lambda history, step: not on_same(history, PAY_CLAIM, step)
    ),
    "The person who approved the claim must not pay a claim.": only(
        PAY_CLAIM,
        lambda history, step: step.actor not in {one.actor for one in on_same(history, APPROVE_CLAIM, step)},
    ),
    "A claim must not be paid before the customer has answered.": only(
        PAY_CLAIM, lambda history, step: happened(history, ANSWERED)
    ),
    "Each time the claim is approved, a claim must be paid before the end.": only(
        CLOSE,
        lambda history, step: all(
            last(tuple(one for one in history if one.claim == claim), APPROVE_CLAIM, PAY_CLAIM) != APPROVE_CLAIM
            for claim in ("one", "two")
        ),
    ),
}


@pytest.mark.parametrize("sentence", EACH)
def test_a_rule_on_one_of_several_objects_tells_them_apart(sentence: str) -> None:
    about_none = acts(ANSWERED) if "customer" in sentence else acts(CLOSE)
    traces = Traces(sentence, (*ON_TWO, *about_none), EACH[sentence])
    assert (traces.spec.subject, traces.spec.each) == ("claims", "claim")
    traces.run()
    assert traces.refused > 100
