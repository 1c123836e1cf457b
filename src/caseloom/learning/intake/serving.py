"""What reading costs where it happens: a fresh process with a saved model, as the intake of an installation runs it."""

import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from caseloom.learning.intake.evaluation import Figure

LONG = 400
"""Words of the long mail."""
LONG_READ = 60
"""So often it is read, from other beginnings."""
_PATIENCE = 600.0


def serving_figures(model: Path, encoder: Path | None, texts: Sequence[str]) -> list[Figure]:
    """Latency and peak memory of a process that loads the model and reads the texts, one after the other.

    Raises:
        RuntimeError: the process ended without figures.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(theirs, model, encoder, list(texts)))
    process.start()
    theirs.close()
    try:
        if not ours.poll(_PATIENCE):
            raise RuntimeError("The reading process gave no figures.")
        found: list[tuple[str, float, str]] = ours.recv()
    except EOFError as fault:
        raise RuntimeError("The reading process ended without figures.") from fault
    finally:
        process.join(10)
        if process.is_alive():
            process.kill()
    return [Figure(*one) for one in found]


def _serve(channel: Connection, model: Path, encoder: Path | None, texts: list[str]) -> None:
    from caseloom.learning.intake.encoder import SentenceEncoder
    from caseloom.learning.intake.linear import one_core
    from caseloom.learning.intake.saving import load_model

    with one_core():
        reader = load_model(model, SentenceEncoder(encoder) if encoder is not None else None)
        for text in texts[:20]:
            reader.read(text)
        short = [_milliseconds(reader.read, text) for text in texts]
        long = [_milliseconds(reader.read, text) for text in long_mails(texts)]
    channel.send(
        [
            *_percentiles("", short),
            *_percentiles(f" of {LONG} words", long),
            ("memory of a reading process", _peak(), "MB"),
        ]
    )
    channel.close()


def _peak() -> float:
    """The process's own peak of resident memory, MB. Linux also keeps that of the parent in `ru_maxrss`, so it is
    read elsewhere."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _percentiles(of: str, spent: list[tuple[float, float]]) -> list[tuple[str, float, str]]:
    """Of the time on the wall, and of the processor's: the second holds on a busy machine too."""
    wall, processor = zip(*spent, strict=True)
    return [
        (f"latency p50{of}", float(np.percentile(wall, 50)), "ms"),
        (f"latency p95{of}", float(np.percentile(wall, 95)), "ms"),
        (f"CPU time p95{of}", float(np.percentile(processor, 95)), "ms"),
    ]


def _milliseconds(read: Callable[[str], object], text: str) -> tuple[float, float]:
    began, worked = time.perf_counter(), time.process_time()
    read(text)
    return (time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000


def long_mails(texts: Sequence[str]) -> list[str]:
    """Mails of `LONG` words, put together from the messages in their order."""
    words = [word for text in texts[:2_000] for word in [*text.split(), "\n"]] or ["hello"]
    while len(words) < 2 * LONG:
        words = words * 2
    starts = np.linspace(0, len(words) - LONG - 1, LONG_READ).astype(int).tolist()
    return [" ".join(words[start : start + LONG]) for start in starts]
