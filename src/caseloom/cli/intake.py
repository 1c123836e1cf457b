"""`caseloom intake evaluate`: how well the intake would read messages, learned from a file, tried on another."""

import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from caseloom.cli.encoder import encoder_folder

if TYPE_CHECKING:  # the command line's help stays quick
    from caseloom.learning.intake.encoder import SentenceEncoder, Vector
    from caseloom.learning.intake.evaluation import Figure
    from caseloom.learning.intake.labelled_file import Labelled
    from caseloom.learning.intake.reader import Model


def _evaluate(options: Namespace) -> int:
    from caseloom.learning.intake.encoder_build import EncoderFaulty
    from caseloom.learning.intake.labelled_file import FileFaulty, read_labelled

    columns = {"text": options.text, "label": options.label, "branch": options.by, "outside": options.out_of_scope}
    try:
        train = [row for file in options.train for row in read_labelled(file, **columns)]
        test = read_labelled(options.test, **columns)
        encoder, folder = _encoder(options)
    except (FileFaulty, EncoderFaulty) as fault:
        print(fault, file=sys.stderr)
        return 2
    except ImportError as fault:
        print(f"{fault}. Install the extra caseloom[encoder], or add --no-encoder.", file=sys.stderr)
        return 2
    _report(options, train, test, encoder, folder)
    return 0


def _encoder(options: Namespace) -> "tuple[SentenceEncoder | None, Path | None]":
    """The encoder and where it lies.

    Raises:
        EncoderFaulty: it was not built.
        ImportError: the extra is not installed.
    """
    if options.no_encoder:
        return None, None
    from caseloom.learning.intake.encoder import SentenceEncoder

    folder: Path = options.encoder or encoder_folder()
    return SentenceEncoder(folder), folder


def _report(
    options: Namespace,
    train: "list[Labelled]",
    test: "list[Labelled]",
    encoder: "SentenceEncoder | None",
    folder: Path | None,
) -> None:
    from caseloom.learning.intake.evaluation import (
        explanation_figures,
        figures,
        joined_figures,
        mean_figures,
        shots,
        tests_of,
        trained,
    )

    several = options.multi or any(len(row.goals) > 1 for row in train)
    vectors: dict[str, Vector] = {}
    groups: dict[str, list[Figure]] = {}
    for branch in dict.fromkeys(row.branch for row in test):
        lead = f"{branch}: " if branch else ""
        mine = [row for row in train if row.branch == branch]
        if options.shots:
            mine = shots(mine, options.shots, options.seed)
        tests = tests_of([row for row in test if row.branch == branch], mine)
        model, spent = trained(mine, encoder, vectors)
        groups[branch] = [*figures(model, tests, several=several), *joined_figures(model, tests.rows)]
        texts = [row.text for row in tests.rows]
        served = [] if options.quick else [*explanation_figures(model, tests.rows), *_served(model, folder, texts)]
        for figure in [*spent, *groups[branch], *served]:
            print(f"{lead}{figure}", flush=True)
    for figure in mean_figures(groups) if len(groups) > 1 else []:
        print(figure)


def _served(model: "Model", encoder: Path | None, texts: list[str]) -> "list[Figure]":
    from caseloom.learning.intake.saving import save_model
    from caseloom.learning.intake.serving import serving_figures

    with tempfile.TemporaryDirectory() as place:
        save_model(model, Path(place) / "model")
        return serving_figures(Path(place) / "model", encoder, texts)


def add_arguments(parser: ArgumentParser, take_mail: Callable[[Namespace], int]) -> None:
    """`caseloom intake` alone takes mail; with a word behind it, it does what the word says."""
    parser.set_defaults(part=take_mail)
    parts = parser.add_subparsers()
    evaluate = parts.add_parser("evaluate", help="learn from one file of messages, try it on another, print figures")
    evaluate.add_argument(
        "--train", type=Path, nargs="+", required=True, help="CSV (also .gz) to learn from; several are joined"
    )
    evaluate.add_argument("--test", type=Path, required=True, help="CSV (also .gz) to try it on")
    evaluate.add_argument("--shots", type=int, default=0, help="learn from so many messages a goal (all)")
    evaluate.add_argument("--seed", type=int, default=0, help="which ones (%(default)s)")
    evaluate.add_argument("--text", default="", help="the column of the text (text, utterance, …)")
    evaluate.add_argument("--label", default="", help="the column of the goal; several are parted by | (intent, …)")
    evaluate.add_argument("--by", default="", help="a column; each of its values is a model of its own")
    evaluate.add_argument("--out-of-scope", default="", help="the label that means: none of ours (oos)")
    evaluate.add_argument("--multi", action="store_true", help="report several wants in one message (found by itself)")
    evaluate.add_argument("--no-encoder", action="store_true", help="by words alone")
    evaluate.add_argument(
        "--encoder", type=Path, default=None, help="where the encoder lies (encoder in the data folder)"
    )
    evaluate.add_argument("--quick", action="store_true", help="without explanations, latency and memory")
    evaluate.set_defaults(part=_evaluate, needs="nothing")
