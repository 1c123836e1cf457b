"""What goal rules and reactions compile to."""

import contextlib
import random

import pytest

from caseloom.engine.feel import compile
from caseloom.engine.rules.language.fault import SentenceFault
from caseloom.engine.rules.language.kinds import Kind, kinds
from caseloom.engine.rules.language.reader import read
from caseloom.engine.rules.meaning import GoalRuleSpec, Part, meaning
from caseloom.engine.rules.order import Automaton, OrderSpec
from caseloom.engine.spec.service_goal import ActionSpec, BoundaryRuleSpec, ClockSpec, DataRuleSpec, ReactionSpec
from tests.engine.rules.language.derivations import Derivations
from tests.engine.rules.language.sample import VOCABULARY
from tests.engine.rules.traces import NAMES


def means(sentence: str, way_on: str = "") -> Part:
    (part,) = meaning(read(sentence, "en", VOCABULARY), VOCABULARY, way_on)
    return part


def test_a_goal_is_reached_when_its_condition_holds() -> None:
    sentence = 'The goal "card works" is reached when the card status is "active" and the customer has confirmed.'
    assert means(sentence) == GoalRuleSpec(
        says=sentence, goal="card works", reached_when='(card status = "active" and customer has confirmed)'
    )


@pytest.mark.parametrize(
    ("rest", "clock"),
    [
        ("4 business hours of the contact", ClockSpec(within="4 business hours", since="contact")),
        ("10 days of the opening", ClockSpec(within="10 days", since="case")),
        ("2 weeks of its start", ClockSpec(within="2 weeks", since="goal")),
        (
            "2 days of the contact, with a warning 3 hours before",
            ClockSpec(within="2 days", since="contact", warn="3 hours"),
        ),
        ("30 minutes of the contact, whoever waits", ClockSpec(within="30 minutes", since="contact", pause=())),
    ],
)
def test_a_goal_is_late_when_its_term_has_run_out(rest: str, clock: ClockSpec) -> None:
    sentence = f'The goal "card works" must be reached within {rest}.'
    assert means(sentence) == GoalRuleSpec(says=sentence, goal="card works", clock=clock)


@pytest.mark.parametrize(
    ("cause", "when", "after"),
    [
        ("the perception is below 3", "perception < 3", ()),
        ("the refund is paid", None, ("pay the refund",)),
        ("the goal is reached", None, ("any goal",)),
        ('the goal "card works" is reached', None, ("card works",)),
        ('the goal "first answer" is late', None, ("first answer is late",)),
        ('the task "call back" is cancelled', None, ("call back is cancelled",)),
        ('the goal "win the customer back" is added', None, ("win the customer back is added",)),
        ("the customer writes", None, ("any contact",)),
        ("the customer is answered", None, ("any answer",)),
        ("the customer has rated", None, ("any perception",)),
        ("the complaint is closed", None, ("case closed",)),
        ("the refund is approved and the identity is checked", None, ("approve the refund", "check the identity")),
        ("the refund is paid and the customer has confirmed", "customer has confirmed", ("pay the refund",)),
        ('the refund is paid and the card status is not "lost"', "", ("pay the refund",)),
    ],
)
def test_a_reaction_waits_for_what_its_sentence_names(cause: str, when: str | None, after: tuple[str, ...]) -> None:
    part = means(f"When {cause}, tell the supervisor.")
    assert isinstance(part, ReactionSpec)
    assert part.after == after
    assert part.when == when or when == ""
    assert part.do == (ActionSpec(tell="supervisor"),)


@pytest.mark.parametrize(
    ("said", "action"),
    [
        ('add the goal "win the customer back"', ActionSpec(add_goal="win the customer back")),
        ('add the task "call back"', ActionSpec(add_task="call back")),
        ("tell the team lead", ActionSpec(tell="team lead")),
        ('tell the team "care"', ActionSpec(tell="care")),
        ('set the card status to "active"', ActionSpec(set_fact="card status", to='"active"')),
        ("set the refund to 5 EUR", ActionSpec(set_fact="refund", to='money(5, "EUR")')),
        ("set the refund to the credit limit", ActionSpec(set_fact="refund", to="credit limit")),
        ("set the due date to today", ActionSpec(set_fact="due date", to="today()")),
        ("set the travel insurance to true", ActionSpec(set_fact="travel insurance", to="true")),
        ('promise "We call" within 2 days', ActionSpec(promise="We call", within="2 days")),
        ('offer "travel insurance plus"', ActionSpec(offer="travel insurance plus")),
    ],
)
def test_a_reaction_does_what_its_sentence_says(said: str, action: ActionSpec) -> None:
    part = means(f"When the refund is rejected, {said}.")
    assert isinstance(part, ReactionSpec)
    assert part.do == (action,)


def test_actions_keep_their_order() -> None:
    part = means(
        'When the refund is rejected, tell the team lead and add the task "call back" and tell the supervisor.'
    )
    assert isinstance(part, ReactionSpec)
    assert part.do == (
        ActionSpec(tell="team lead"),
        ActionSpec(add_task="call back"),
        ActionSpec(tell="supervisor"),
    )


def test_who_may_override_and_the_way_on_come_with_the_part() -> None:
    rest = "unless overridden by a team lead or a supervisor."
    for sentence in (f"A refund must never be paid {rest}", f"A refund must be paid at most once {rest}"):
        part = means(sentence, "Ask a colleague")
        assert isinstance(part, BoundaryRuleSpec | OrderSpec)
        assert (part.override, part.way_on, part.says) == (("team lead", "supervisor"), "Ask a colleague", sentence)


def test_a_rule_on_any_goal_guards_each() -> None:
    part = means("A complaint must not be closed before the goal is reached.")
    assert isinstance(part, OrderSpec)
    assert part.letters[1].acts == tuple(f"reach {goal}" for goal in VOCABULARY.goals)


def test_a_rule_says_its_sentence_in_its_own_language() -> None:
    german = "Eine Erstattung darf niemals gezahlt werden."
    (part,) = meaning(read(german, "de", VOCABULARY), VOCABULARY)
    assert isinstance(part, BoundaryRuleSpec)
    assert part.says == german


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: f"{kind.group} {kind.id}")
def test_all_feel_that_a_sentence_gives_compiles(kind: Kind) -> None:
    part = means(kind.en)
    all_feel_compiles(part)


def test_all_feel_of_sentences_made_by_chance_compiles() -> None:
    found = 0
    for seed in range(400):
        sentence = Derivations(random.Random(seed), VOCABULARY).sentence()
        with contextlib.suppress(SentenceFault):
            for part in meaning(sentence, VOCABULARY):
                all_feel_compiles(part)
                found += 1
    assert found > 50


def all_feel_compiles(part: Part) -> None:
    if isinstance(part, OrderSpec):
        Automaton(part)
    known = NAMES | ({part.each} if isinstance(part, OrderSpec | BoundaryRuleSpec) and part.each else set())
    for text in _feel(part):
        assert compile(text, known).reads <= known


def _feel(part: Part) -> list[str]:
    if isinstance(part, OrderSpec):
        return [letter.when for letter in part.letters if letter.when]
    if isinstance(part, DataRuleSpec | BoundaryRuleSpec):
        return [part.require]
    if isinstance(part, ReactionSpec):
        return [text for text in (part.when, *(action.to for action in part.do)) if text]
    return [part.reached_when] if part.reached_when else []
