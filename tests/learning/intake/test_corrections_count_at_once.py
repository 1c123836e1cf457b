"""A correction changes the very next like message, and no one person can turn the model."""

import pytest

from caseloom.learning.intake.example import Example
from caseloom.learning.intake.reader import Model, fit
from tests.learning.intake.kit import WordEncoder, examples

TEXT = "my parcel was sent back, where is the money for it"
LIKE = "where is the money, my parcel was sent back for it"
OTHERS = ("my card was stolen from my bag", "please change my address", "ich möchte meinen Vertrag kündigen")


@pytest.fixture(scope="module", params=["words", "vectors"])
def model(request: pytest.FixtureRequest) -> Model:
    return fit(examples(), WordEncoder() if request.param == "vectors" else None)


def first(model: Model, text: str) -> str:
    return model.read(text).goals[0][0]


def said(text: str, goal: str, actor: str = "agent:1", key: str = "") -> Example:
    return Example(text, (goal,), key=key, actor=actor, person="person X")


def test_the_next_like_message_is_read_as_corrected(model: Model) -> None:
    goal = "new address" if first(model, TEXT) != "new address" else "refund"
    corrected = model.correct(said(TEXT, goal))
    assert first(corrected, TEXT) == first(corrected, LIKE) == goal
    assert corrected.read(LIKE).corrected
    assert [first(corrected, text) for text in OTHERS] == [first(model, text) for text in OTHERS]


def test_a_goal_that_only_a_correction_names_can_be_read(model: Model) -> None:
    corrected = model.correct(said("the lift in our house is stuck", "lift repair"))
    assert first(corrected, "the lift in our house is stuck again") == "lift repair"
    assert "lift repair" in corrected.goals


def test_a_message_that_is_none_of_ours_is_so_from_then_on(model: Model) -> None:
    corrected = model.correct(Example(TEXT, (), actor="agent:1"))
    assert corrected.read(LIKE).out_of_scope >= 0.5
    assert corrected.read(LIKE).verdict == "reads"


def test_one_person_alone_opens_nothing_and_two_do(model: Model) -> None:
    once = model.correct(said(TEXT, "lift repair"))
    assert once.read(TEXT).verdict == "asks"
    assert once.correct(said(TEXT, "lift repair", key="again")).read(TEXT).verdict == "asks"
    assert once.correct(said(TEXT, "lift repair", "agent:2")).read(TEXT).opening == ("lift repair",)
    assert once.correct(said(TEXT, "refund", "agent:2")).read(TEXT).verdict != "opens"


def test_a_second_thought_on_a_message_replaces_the_first(model: Model) -> None:
    corrected = model.correct(said(TEXT, "lift repair", key="7")).correct(said(TEXT, "refund", key="7"))
    assert first(corrected, TEXT) == "refund"


@pytest.mark.parametrize("goal", ["lift repair", "refund"])
def test_who_corrects_everything_turns_nothing(model: Model, goal: str) -> None:
    poisoned = model
    others = [one for one in examples() if one.goals != (goal,)]
    for one in others:
        poisoned = poisoned.correct(said(one.text, goal, "agent:9", one.key))
    same = [first(poisoned, one.text) == first(model, one.text) for one in others]
    assert sum(same) / len(same) >= 0.95


def test_a_training_on_one_persons_nonsense_moves_few_readings() -> None:
    clean = examples()
    nonsense = [Example(one.text, ("refund",), key=f"bad {one.key}", actor="agent:9") for one in clean]
    honest, poisoned = fit(clean, WordEncoder()), fit([*clean, *nonsense], WordEncoder())
    same = [first(honest, one.text) == first(poisoned, one.text) for one in clean]
    assert sum(same) / len(same) >= 0.95


def test_in_a_house_of_one_agent_that_agent_is_believed() -> None:
    model = fit([Example(one.text, one.goals, actor="agent:1") for one in examples()])
    assert first(model, "my card was stolen") == "lost card"


def test_a_correction_outlives_the_next_training(model: Model) -> None:
    encoder = model.scorer.encoder
    again = fit([*examples(), said(TEXT, "lift repair", key="7")], encoder)
    assert first(again, LIKE) == "lift repair"
    assert [first(again, text) for text in OTHERS] == [first(model, text) for text in OTHERS]


def test_an_erased_persons_corrections_go(model: Model) -> None:
    corrected = model.correct(said(TEXT, "lift repair"))
    assert corrected.forget("person X").read(TEXT) == model.read(TEXT)
