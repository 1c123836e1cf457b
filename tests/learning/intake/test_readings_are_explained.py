"""An explanation names words and earlier messages, and the probability falls as it says when the words are left out."""

import pytest

from caseloom.learning.intake.example import Example
from caseloom.learning.intake.explaining import explain, left_out
from caseloom.learning.intake.reader import Model, fit
from tests.learning.intake.kit import WordEncoder, examples


@pytest.fixture(scope="module", params=["words", "vectors"])
def model(request: pytest.FixtureRequest) -> Model:
    return fit(examples(), WordEncoder() if request.param == "vectors" else None)


TEXT = "yesterday evening in town my card was stolen and I was sad"


def test_the_words_that_carried_a_goal_are_named_with_their_place(model: Model) -> None:
    why = explain(model, TEXT)
    assert why.goal == "lost card"
    assert {word.word for word in why.words} & {"card", "stolen"}
    assert all(TEXT[word.start : word.end] == word.word for word in why.words)


def test_without_the_named_words_the_goal_is_as_much_less_probable_as_said(model: Model) -> None:
    texts = [one.text for one in examples()[::3]]
    held = 0
    for text in texts:
        why = explain(model, text)
        after = dict(model.read(left_out(text, [one.word for one in why.words])).goals).get(why.goal, 0.0)
        held += abs((why.probability - after) - why.together) < 0.02 if why.words else True
    assert held / len(texts) >= 0.9


def test_earlier_messages_of_the_same_goal_are_named(model: Model) -> None:
    found = explain(model, TEXT).neighbours
    assert found and all(one.key.startswith("lost card") for one in found)


def test_another_goal_can_be_asked_about_and_an_unknown_one_is_an_error(model: Model) -> None:
    assert explain(model, TEXT, "refund").goal == "refund"
    with pytest.raises(KeyError):
        explain(model, TEXT, "no such goal")


def test_a_correction_that_had_a_say_is_named(model: Model) -> None:
    corrected = model.correct(Example(TEXT, ("refund",), key="contact 9", actor="agent:1"))
    assert explain(corrected, TEXT).corrections == ("contact 9",)


def test_a_text_without_words_has_no_reasons(model: Model) -> None:
    assert explain(model, "…").words == ()
