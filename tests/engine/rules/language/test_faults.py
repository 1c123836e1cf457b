"""A text that is no rule: the fault names the place, what was expected, and what was probably meant."""

import random
import time

import pytest

from caseloom.engine.rules.language.completion import complete
from caseloom.engine.rules.language.fault import SentenceFault
from caseloom.engine.rules.language.kinds import kinds
from caseloom.engine.rules.language.printer import write
from caseloom.engine.rules.language.reader import read
from caseloom.engine.rules.language.vocabulary import Vocabulary
from caseloom.engine.rules.meaning import meaning
from caseloom.engine.spec.service_goal import FactSpec, GoalSpec, HouseRules, ServiceGoal, TaskSpec, WordSpec
from tests.engine.rules.language.sample import HOUSE, VOCABULARY


def fault(text: str, language: str = "en", vocabulary: Vocabulary = VOCABULARY) -> SentenceFault:
    with pytest.raises(SentenceFault) as raised:
        meaning(read(text, language, vocabulary), vocabulary)
    return raised.value


def test_it_names_the_word_at_which_it_stopped_and_what_it_expected() -> None:
    found = fault("A refund must not be payed.")
    assert (found.at, found.word, found.suggestion) == (21, "payed", "paid")
    assert str(found).startswith(
        "After “must not be” I expected one of: an act such as “approved”, “paid”, “rejected”; a fact such as"
    )
    assert str(found).endswith("I read “payed”. Did you mean “paid”?")


@pytest.mark.parametrize(
    ("text", "word", "suggestion"),
    [
        ("The refnd must be at most 5 EUR.", "refnd", "refund"),
        ("A refund must be approved by a team leed before the refund is paid.", "leed", "lead"),
        ('Only a person with the skill "credt" may decide a credit limit.', '"credt"', '"credit"'),
        ("A refund must not be paid befor the customer has answered.", "befor", "before"),
        ("A refund must be at most 5,00 EUR.", "5,00", ""),
        ('When the perception is below 3, ad the goal "card works".', "ad", "add the goal"),
        ("Hello.", "Hello", ""),
    ],
)
def test_it_says_what_was_probably_meant(text: str, word: str, suggestion: str) -> None:
    found = fault(text)
    assert found.word == word
    assert text[found.at :].startswith(word)
    assert found.suggestion == suggestion or not suggestion
    assert found.expected


def test_in_german_it_expects_german_words() -> None:
    found = fault("Eine Erstattung darf nicht gezalt werden.", "de")
    assert (found.word, found.suggestion) == ("gezalt", "gezahlt")


def test_a_sentence_that_ends_too_early_says_what_is_missing() -> None:
    found = fault("A complaint must not be closed before")
    assert (found.at, found.word) == (37, "")
    assert "I read the end of the sentence" in str(found)


def test_only_acts_that_are_done_to_the_noun_are_expected() -> None:
    found = fault("A complaint must be paid.")
    assert found.expected == ("an act such as “classified”, “closed”, “handed over”",)


def test_nothing_is_no_rule() -> None:
    for text in ("", "   ", "."):
        assert "Here stands nothing" in str(fault(text))


def test_and_with_or_is_refused_with_both_ways_to_write_it() -> None:
    found = fault(
        "A refund must only be paid if the refund is known or the customer has confirmed and the actor is a clerk."
    )
    assert found.word == "and"
    assert len(found.expected) == 2
    first, second = (read(text, "en", VOCABULARY) for text in found.expected)
    assert first != second
    assert "if either the refund is known or the customer has confirmed and" in str(found)
    assert "or both the customer has confirmed and the actor is a clerk" in str(found)


def test_and_with_or_is_refused_in_german_too() -> None:
    found = fault(
        "Eine Karte darf nur gesendet werden, wenn der Kunde bestätigt hat und die Menge bekannt ist oder heute "
        "Wochenende ist.",
        "de",
    )
    assert "wenn sowohl der Kunde bestätigt hat als auch die Menge bekannt ist oder" in str(found)
    assert "und entweder die Menge bekannt ist oder heute Wochenende ist" in str(found)


def _two_of_a_name() -> Vocabulary:
    goal = ServiceGoal(
        service_goal="s",
        title="t",
        customer_title="c",
        owner="o",
        team="t",
        facts={"limit": FactSpec(type="money"), "bound": FactSpec(type="money")},
        goals={"done": GoalSpec(title="Done")},
        tasks={"pay the fee": TaskSpec(), "send the money": TaskSpec()},
        words={
            "send the money": WordSpec(done="the fee is paid"),
            "bound": WordSpec(synonyms=("limit",)),
        },
    )
    return Vocabulary.of(goal, HOUSE)


def test_a_word_for_two_things_is_refused_with_both_readings() -> None:
    found = fault("The limit must be known.", vocabulary=_two_of_a_name())
    assert set(found.expected) == {'the fact "limit" must be known', 'the fact "bound" must be known'}
    for text in found.expected:
        read(text, "en", _two_of_a_name())


def test_halves_that_name_two_acts_are_refused() -> None:
    found = fault("A fee must never be paid.", vocabulary=_two_of_a_name())
    assert "“complete pay the fee” or “complete send the money”" in str(found)
    read('The task "pay the fee" must never be done.', "en", _two_of_a_name())


@pytest.mark.parametrize("text", ["a " * 500_000, "x" * 1_000_000, '"' * 999_999, "(" * 1_000_000])
def test_a_sentence_of_a_megabyte_is_refused_at_once(text: str) -> None:
    begun = time.process_time()
    assert "at most 2000 characters" in str(fault(text))
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize(
    "text",
    [
        "the refund and " * 130,
        "A refund must only be paid if " + "the refund is known and " * 60 + "the refund is known",
        "A refund must only be paid if " + "either the refund is known or " * 60 + "the refund is nown",
        '"a" ' * 400,
    ],
)
def test_the_longest_sentences_end_soon(text: str) -> None:
    begun = time.process_time()
    try:
        meaning(read(text, "en", VOCABULARY), VOCABULARY)
    except SentenceFault as found:
        assert str(found)
    assert time.process_time() - begun < 2


def _broken(text: str, chance: random.Random) -> str:
    """A sentence with some words left out, doubled, swapped or from another."""
    pieces = text.split(" ")
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(pieces))
        other = chance.choice(chance.choice(kinds()).en.split(" "))
        pieces[at : at + 1] = chance.choice(
            [[], [pieces[at], pieces[at]], [other], [pieces[at], other], pieces[at:][:1]]
        )
        pieces = pieces or [other]
    return " ".join(pieces)[: chance.choice([20, 500])]


def test_whatever_is_typed_there_is_a_rule_or_a_fault() -> None:
    chance = random.Random(7)
    for kind in kinds() * 3:
        text = _broken(kind.en, chance)
        complete(text, "en", VOCABULARY)
        try:
            read(text, "en", VOCABULARY)
        except SentenceFault as found:
            assert 0 <= found.at <= len(text)
            assert str(found)
            assert found.suggestion != found.word or not found.word


@pytest.mark.parametrize("sign", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\u2028", "\ud800"])
def test_control_characters_are_named(sign: str) -> None:
    found = fault(f"The refund{sign} must be known.")
    assert (found.at, found.word) == (10, sign)
    assert "At character 11 stands a control character" in str(found)


def test_quotation_marks_that_do_not_close_or_are_curly_are_named() -> None:
    assert fault('The goal "card works is reached.').at == 9
    assert "straight quotation marks" in str(fault("The goal “card works” is reached when the refund is known."))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("The refund must be at most 5000.", "write an amount and a currency"),
        ("The quantity must be at most 5 EUR.", "write a number"),
        ("The customer number must be above 5.", "write it in quotation marks"),
        ('The card status must be "actve".', "did you mean “active”?"),
        ('The card status must be above "active".', "has no order"),
        ("The quantity must be before 2026-01-01.", "write a number"),
        ("The quantity must be before 5.", "are for dates"),
        ("The refund must be a whole number.", "only a number can be whole"),
        ("The refund must have 5 characters.", "only a text has characters"),
        ("The quantity must be in the past.", "is no date"),
        ('The customer number must match "[".', "no regular expression"),
        ("The customer number must have 1.5 digits.", "whole number"),
        ("An identity above 5 EUR must never be checked.", "no fact"),
        ("A claim must be approved before the complaint is closed.", "“close” is about none of “claims” alone"),
        ("A claim must be paid before the end.", "“close” is about none of “claims” alone"),
        ("A refund must not be paid before the refund is paid.", "names “complete pay the refund” twice"),
        ("The refund must be known unless overridden by a team lead.", None),
        ("The refund must be at most 5 EUR unless overridden by a team lead.", "can be overridden"),
        ("Once the refund is paid, the customer must never be answered again.", "comes from outside"),
        ("A refund must only be paid between 18:00 and 08:00.", "earlier than the second"),
        ("A refund must be approved by 1 different persons before the refund is paid.", "from 2 to 50"),
        ("When the refund is approved by a team lead, tell the supervisor.", "whoever did it"),
        ("When the case is reopened, tell the supervisor.", "cannot wait for “reopen”"),
        ("When the refund is paid, set the perception to 5.", "is no fact of the case"),
        ("When the refund is paid, set the refund to 5.", "write an amount and a currency"),
        ('A task "call back" must not be done.', None),
        ('The task "call back" must not be done while the task "call back" is open.', "could never be done"),
        ('The goal "card works" must be reached within 0 days of the contact, whoever waits.', None),
    ],
)
def test_a_sentence_that_means_nothing_says_why(text: str, says: str | None) -> None:
    if says is not None:
        assert says in str(fault(text))


def test_what_is_to_blame_has_its_place() -> None:
    found = fault('A card must not be sent if the card status is "actve".')
    assert (found.at, found.word, found.suggestion) == (47, "actve", "active")
    assert fault("The refund must be at most 5000.").at == 27


def test_a_limit_on_one_of_a_list_needs_a_task_that_is_about_one() -> None:
    goal = ServiceGoal(
        service_goal="s",
        title="t",
        customer_title="c",
        owner="o",
        team="t",
        facts={"claims": FactSpec(type="list of object")},
        tasks={"pay the claim": TaskSpec()},
    )
    found = fault("A claim above 5 EUR must never be paid.", vocabulary=Vocabulary.of(goal, HOUSE))
    assert "give the task “pay the claim” `about: claims`" in str(found)


def test_a_case_from_nothing_has_a_vocabulary_too() -> None:
    bare = Vocabulary.of(None, HouseRules(house_rules="h", title="h"))
    sentence = "A case must not be closed before the customer has answered."
    assert write(read(sentence, "en", bare), "en", bare) == sentence
