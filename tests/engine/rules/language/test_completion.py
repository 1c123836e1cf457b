"""An editor completes as one types."""

import pytest

from caseloom.engine.rules.language.completion import Completion, complete
from caseloom.engine.rules.language.grammar import LANGUAGES
from caseloom.engine.rules.language.kinds import Kind, kinds
from caseloom.engine.rules.language.pieces import cut
from tests.engine.rules.language.sample import VOCABULARY


def texts(begun: str, language: str = "en") -> list[str]:
    return [completion.text for completion in complete(begun, language, VOCABULARY)]


def test_an_empty_text_may_begin_with_any_sentence() -> None:
    found = texts("")
    assert {"Only", "When", "The goal", "A refund", "The same person must not both"} <= set(found)


def test_what_goes_with_the_noun_comes_next() -> None:
    assert "paid" in texts("A refund must not be ")
    assert "closed" not in texts("A refund must not be ")


def test_a_begun_word_is_completed_in_its_place() -> None:
    assert complete("A refund must not be pa", "en", VOCABULARY) == (Completion("paid", 21, "an act"),)
    assert complete('Only a person with the skill "cr', "en", VOCABULARY) == (Completion('"credit"', 29, "a skill"),)
    assert texts("A refund must no") == sorted(text for text in texts("A refund must ") if text.startswith("must no"))


def test_a_begun_phrase_of_several_words_is_completed() -> None:
    assert complete("A refund must be paid by a team l", "en", VOCABULARY) == (Completion("a team lead", 25, "a role"),)


def test_literals_stand_as_samples() -> None:
    found = complete("The refund must be at most ", "en", VOCABULARY)
    assert Completion("500 EUR", 27, "a value") in found


def test_a_whole_sentence_may_end() -> None:
    assert Completion(".", 34, "end") in complete("The refund must be at most 500 EUR", "en", VOCABULARY)
    assert complete("The refund must be at most 500 EUR.", "en", VOCABULARY) == ()


def test_words_of_the_language_stand_first() -> None:
    ranks = [{"word": 0, "end": 0, "a value": 2}.get(one.kind, 1) for one in complete("If ", "en", VOCABULARY)]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize("text", ["Hello ", "A refund must not be payed ", "x\x00", "y" * 3000, "“"])
def test_nothing_comes_after_what_is_no_beginning(text: str) -> None:
    assert complete(text, "en", VOCABULARY) == ()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: f"{kind.group} {kind.id}")
def test_every_sentence_can_be_written_by_completing_it(kind: Kind, language: str) -> None:
    text = kind.de if language == "de" else kind.en
    for piece in cut(text)[:-1]:
        if piece.text[0].isalpha():
            begun = text[: piece.at + 1]
            assert _leads_on(begun, text, language), begun


def _leads_on(begun: str, text: str, language: str) -> bool:
    """Whether some completion of the beginning is a longer one of the text; inside quotation marks stand texts."""
    longer = [begun[: one.start] + one.text for one in complete(begun, language, VOCABULARY)]
    return any(text.startswith(one) and len(one) > len(begun) for one in longer) or begun.count('"') % 2 == 1


def test_a_begun_number_is_completed_by_its_unit() -> None:
    assert texts("A refund must be paid at most twice within 3 b") == [
        "3 business days",
        "3 business hours",
        "3 business minutes",
        "3 business weeks",
    ]
    assert texts("The refund must be at most 70 E") == ["70 EUR"]
    assert texts("Eine Erstattung darf höchstens 4 M", "de") == ["4 Mal"]
