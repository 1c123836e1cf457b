"""Plain arrays on disk; equal examples, equal models; without a person's messages it is as if they never came."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from caseloom.learning.intake.example import Example
from caseloom.learning.intake.features import Vocabulary
from caseloom.learning.intake.reader import fit
from caseloom.learning.intake.saving import ARRAYS, PLAIN, ModelFaulty, content_hash, load_model, save_model
from tests.learning.intake.kit import WordEncoder, examples

TEXTS = ("my card was stolen", "wie kann ich kündigen", "parcel late and money back", "")


@pytest.mark.parametrize("encoder", [None, WordEncoder()])
def test_a_saved_model_reads_as_before(tmp_path: Path, encoder: WordEncoder | None) -> None:
    model = fit(examples(), encoder, rates={"refund": 0.05}).correct(Example("the lift is stuck", ("lift",), actor="a"))
    digest = save_model(model, tmp_path / "model")
    again = load_model(tmp_path / "model", encoder)
    assert [again.read(text) for text in (*TEXTS, "the lift is stuck")] == [
        model.read(text) for text in (*TEXTS, "the lift is stuck")
    ]
    assert content_hash(again) == digest


def test_saving_replaces_what_stood_there(tmp_path: Path) -> None:
    save_model(fit(examples()), tmp_path / "model")
    digest = save_model(fit(examples(20)), tmp_path / "model")
    assert content_hash(load_model(tmp_path / "model")) == digest
    assert [entry.name for entry in tmp_path.iterdir()] == ["model"]


def test_a_model_made_with_an_encoder_reads_by_words_without_it(tmp_path: Path) -> None:
    save_model(fit(examples(), WordEncoder()), tmp_path / "model")
    assert load_model(tmp_path / "model").read("my card was stolen").goals[0][0] == "lost card"


def test_a_model_holds_no_text_and_no_pickle(tmp_path: Path) -> None:
    save_model(fit(examples(), WordEncoder()), tmp_path / "model")
    assert b"I lost my bank card" not in (tmp_path / "model" / PLAIN).read_bytes()
    with np.load(tmp_path / "model" / ARRAYS, allow_pickle=False) as stored:
        assert all(stored[name].dtype.kind in "fiub" for name in stored.files)


@pytest.mark.parametrize("file", [PLAIN, ARRAYS])
def test_a_damaged_model_is_refused_with_the_way_on(tmp_path: Path, file: str) -> None:
    save_model(fit(examples()), tmp_path / "model")
    body = bytearray((tmp_path / "model" / file).read_bytes())
    body[len(body) // 2] ^= 0xFF
    (tmp_path / "model" / file).write_bytes(bytes(body))
    with pytest.raises(ModelFaulty, match="Train it anew"):
        load_model(tmp_path / "model")


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelFaulty, match="is missing"):
        load_model(tmp_path / "nowhere")


def test_the_order_of_the_examples_does_not_matter() -> None:
    assert content_hash(fit(examples(), WordEncoder())) == content_hash(fit(examples()[::-1], WordEncoder()))


def test_without_a_persons_messages_the_model_never_had_them() -> None:
    strangers = [
        Example("my xylophone is lost", ("lost card",), key="x", person="gone", actor="agent:1"),
        Example("refund the zither", ("refund",), key="y", person="gone"),
        Example("something else altogether", (), key="z", person="gone"),
    ]
    kept: dict[str, npt.NDArray[np.float32]] = {}
    before = fit([*examples(), *strangers], WordEncoder(), vectors=kept)
    after = fit([one for one in [*strangers, *examples()] if one.person != "gone"], WordEncoder(), vectors=kept)
    assert content_hash(after) == content_hash(fit(examples(), WordEncoder())) != content_hash(before)


def test_numbers_and_mail_addresses_of_people_are_no_features() -> None:
    names = Vocabulary.of(["write to jane.doe@example.org about 4711-0815", "call 0171 2345678"]).names
    assert not [
        name for name in names if "jane" in name or "doe" in name or any(digit in name for digit in "123456789")
    ]
