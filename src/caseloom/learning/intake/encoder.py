"""The sentence encoder at work: a text becomes a vector of length one; like texts have like vectors."""

from pathlib import Path
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt

from caseloom.learning.intake.encoder_build import GRAPH, TOKENIZER, checked_manifest

WIDTH = 384
LONGEST = 192
"""Tokens of a text that are read, some 140 words; the rest of a longer one is left to the words (`features.py`)."""
MOST_CHARACTERS = 2_000
"""More would cost time for tokens that are cut off anyway."""

Vector = npt.NDArray[np.float32]


class Encoder(Protocol):
    """What makes vectors of texts. `fingerprint` names it: vectors of two encoders are not comparable."""

    fingerprint: str

    def vector(self, text: str) -> Vector:
        """The vector of one text, shape (width,), length one; zeros for a text without a word."""


class _Session(Protocol):
    def run(self, outputs: list[str], inputs: dict[str, npt.NDArray[np.int64]]) -> list[Vector]: ...


class SentenceEncoder:
    """all-MiniLM-L6-v2 in 8 bits, run on one core, one text at a time (about 1.5 ms a short message).

    Raises:
        EncoderFaulty: nothing was built in the folder, or it is not what was built.
        ImportError: the extra `encoder` is not installed.
    """

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer

        self.fingerprint = checked_manifest(folder).fingerprint
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._tokenizer.enable_truncation(LONGEST)
        self._session = _session(folder / GRAPH)

    def vector(self, text: str) -> Vector:
        """The text's vector, shape (384,), float32, length one; zeros where no word is left."""
        found = self._tokenizer.encode(text[:MOST_CHARACTERS]).ids
        if len(found) <= 2:  # its two marks of beginning and end alone
            return np.zeros(WIDTH, np.float32)
        return self._session.run(["vector"], {"tokens": np.array(found, np.int64)})[0]

    def length(self, text: str) -> int:
        """How many tokens of the text are read."""
        return len(self._tokenizer.encode(text[:MOST_CHARACTERS]).ids)


def _session(graph: Path) -> _Session:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    # The arena would keep the longest text's memory for good.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    return cast(_Session, onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"]))
