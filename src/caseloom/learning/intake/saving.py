"""A model on disk: plain arrays (NumPy's npz) and plain data (MessagePack), with a version and a hash; never a pickle.

folder/model.msgpack   names, calibration, keys of the earlier messages
folder/arrays.npz      weights, vectors, features
"""

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from caseloom.learning.intake.calibration import Mix, Scope, Trials
from caseloom.learning.intake.encoder import Encoder
from caseloom.learning.intake.features import Sparse, Vocabulary
from caseloom.learning.intake.linear import Head
from caseloom.learning.intake.model import Learned, Route
from caseloom.learning.intake.neighbours import Correction, Neighbours
from caseloom.learning.intake.presence import Presence
from caseloom.learning.intake.reader import Model

FORM = 1
PLAIN = "model.msgpack"
ARRAYS = "arrays.npz"

Arrays = dict[str, npt.NDArray[np.generic]]


class ModelFaulty(ValueError):
    """What lies in the folder is no model that this version can use; the message says what to do."""


class _Route(msgspec.Struct, frozen=True):
    mix: Mix
    scope: Scope
    presence: Presence | None


class _Correction(msgspec.Struct, frozen=True):
    key: str
    person: str
    actor: str
    goals: tuple[str, ...]
    borne_out: bool


class _Plain(msgspec.Struct, frozen=True):
    form: int
    digest: str
    goals: tuple[str, ...]
    names: list[str]
    split: int
    by_words: _Route
    by_vectors: _Route | None
    keys: list[str]
    key_goals: list[tuple[str, ...]]
    main: str
    encoder: str
    examples: int
    rates: dict[str, float]
    corrections: list[_Correction]


def content_hash(model: Model) -> str:
    """The SHA-256 of all that was learned and corrected, in hexadecimal digits: equal for equal models, on disk or
    not."""
    return _packed(model)[0].digest


def save_model(model: Model, folder: Path) -> str:
    """Write the model into the folder, which is replaced in one step; its content hash."""
    plain, arrays = _packed(model)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".model-") as workshop:
        made = Path(workshop) / "made"
        made.mkdir(mode=0o755)
        (made / PLAIN).write_bytes(msgspec.msgpack.encode(plain))
        with (made / ARRAYS).open("wb") as stream:
            np.savez(stream, allow_pickle=False, **arrays)
            stream.flush()
            os.fsync(stream.fileno())
        if folder.exists():
            folder.rename(Path(workshop) / "old")
        made.rename(folder)
        shutil.rmtree(Path(workshop) / "old", ignore_errors=True)
    return plain.digest


def load_model(folder: Path, encoder: Encoder | None = None) -> Model:
    """The model of the folder. Made with an encoder and loaded without it (or with another), it reads by words alone.

    Raises:
        ModelFaulty: there is none, it is of another form, or not what was saved.
    """
    try:
        plain = msgspec.msgpack.decode((folder / PLAIN).read_bytes(), type=_Plain)
        with np.load(folder / ARRAYS, allow_pickle=False) as stored:
            arrays: Arrays = {name: stored[name] for name in stored.files}
    except FileNotFoundError as fault:
        raise ModelFaulty(f"{fault.filename} is missing: there is no model in {folder}. Train one.") from fault
    except (msgspec.MsgspecError, ValueError, KeyError, zipfile.BadZipFile, EOFError) as fault:
        raise ModelFaulty(f"The model in {folder} cannot be read ({fault}). Train it anew.") from fault
    if plain.form != FORM:
        raise ModelFaulty(f"The model in {folder} has form {plain.form}, this version reads {FORM}. Train it anew.")
    if _digest(plain, arrays) != plain.digest:
        raise ModelFaulty(f"The model in {folder} is not what was saved. Train it anew.")
    return _unpacked(plain, arrays, encoder)


def _packed(model: Model) -> tuple[_Plain, Arrays]:
    scorer = model.scorer
    learned = scorer.learned
    arrays: Arrays = {"rarity": learned.vocabulary.rarity}
    _pack_head(arrays, "words", learned.words)
    if learned.vectors is not None:
        _pack_head(arrays, "vectors", learned.vectors)
    _pack_rows(arrays, "kept", learned.neighbours.words)
    if learned.neighbours.vectors is not None:
        arrays["kept.vectors"] = learned.neighbours.vectors
    for number, one in enumerate(scorer.corrections):
        arrays[f"correction.{number}.places"] = one.sparse.places
        arrays[f"correction.{number}.amounts"] = one.sparse.amounts
        if one.vector is not None:
            arrays[f"correction.{number}.vector"] = one.vector
    plain = _Plain(
        FORM,
        "",
        learned.goals,
        learned.vocabulary.names,
        learned.vocabulary.split,
        _pack_route(arrays, "by_words", learned.by_words),
        _pack_route(arrays, "by_vectors", learned.by_vectors) if learned.by_vectors else None,
        learned.neighbours.keys,
        learned.neighbours.goals,
        learned.main,
        learned.encoder,
        learned.examples,
        dict(sorted(scorer.rates.items())),
        [_Correction(one.key, one.person, one.actor, one.goals, one.borne_out) for one in scorer.corrections],
    )
    return msgspec.structs.replace(plain, digest=_digest(plain, arrays)), arrays


def _digest(plain: _Plain, arrays: Mapping[str, npt.NDArray[np.generic]]) -> str:
    digest = hashlib.sha256(msgspec.msgpack.encode(msgspec.structs.replace(plain, digest="")))
    for name, array in sorted(arrays.items()):
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def _pack_head(arrays: Arrays, name: str, head: Head) -> None:
    arrays[f"{name}.weights"], arrays[f"{name}.constants"] = head.weights, head.constants


def _pack_rows(arrays: Arrays, name: str, rows: csr_matrix) -> None:
    arrays[f"{name}.data"], arrays[f"{name}.places"], arrays[f"{name}.ends"] = rows.data, rows.indices, rows.indptr


def _pack_route(arrays: Arrays, name: str, route: Route) -> _Route:
    trials = route.trials
    arrays[f"{name}.goal"], arrays[f"{name}.chance"] = trials.goal, trials.chance
    arrays[f"{name}.right"], arrays[f"{name}.count"] = trials.right, trials.count
    return _Route(route.mix, route.scope, route.presence)


def _unpacked(plain: _Plain, arrays: Arrays, encoder: Encoder | None) -> Model:
    def floats(name: str) -> npt.NDArray[np.float32]:
        return arrays[name].astype(np.float32, copy=False)

    def head(name: str) -> Head:
        return Head(floats(f"{name}.weights"), floats(f"{name}.constants"))

    def route(name: str, kept: _Route) -> Route:
        whole = arrays[f"{name}.goal"].astype(np.int64, copy=False)
        right = arrays[f"{name}.right"].astype(np.bool_, copy=False)
        trials = Trials(whole, floats(f"{name}.chance"), right, floats(f"{name}.count"))
        return Route(kept.mix, trials, kept.scope, kept.presence)

    def correction(number: int, kept: _Correction) -> Correction:
        name = f"correction.{number}"
        sparse = Sparse(arrays[f"{name}.places"].astype(np.int32, copy=False), floats(f"{name}.amounts"))
        vector = floats(f"{name}.vector") if f"{name}.vector" in arrays else None
        return Correction(kept.key, kept.person, kept.actor, kept.goals, sparse, vector, kept.borne_out)

    shape = (len(plain.keys), len(plain.names))
    rows = csr_matrix((floats("kept.data"), arrays["kept.places"], arrays["kept.ends"]), shape=shape)
    learned = Learned(
        plain.goals,
        Vocabulary(plain.names, plain.split, floats("rarity")),
        head("words"),
        head("vectors") if "vectors.weights" in arrays else None,
        route("by_words", plain.by_words),
        route("by_vectors", plain.by_vectors) if plain.by_vectors else None,
        Neighbours(plain.keys, plain.key_goals, floats("kept.vectors") if "kept.vectors" in arrays else None, rows),
        plain.main,
        plain.encoder,
        plain.examples,
    )
    corrections = [correction(number, kept) for number, kept in enumerate(plain.corrections)]
    return Model(learned, encoder, plain.rates, corrections)
