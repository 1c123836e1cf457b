"""`caseloom intake evaluate` prints one plain line a figure; files that cannot be used are named with the way on."""

import csv
import gzip
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from caseloom.config.start import main
from caseloom.learning.intake.labelled_file import FileFaulty, read_labelled
from tests.learning.intake.kit import examples


def written(file: Path, rows: Sequence[Sequence[str]]) -> Path:
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return file


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    rows = [[one.text, one.goals[0], "north"] for one in examples()]
    odd = [
        [f"sing a song about {thing}", "oos", "north"]
        for thing in ("trains", "cars", "ships", "bikes", "planes", "boats")
    ]
    header = [["text", "intent", "branch"]]
    train = written(tmp_path / "train.csv", [*header, *rows[::2], *odd[:3]])
    return train, written(tmp_path / "test.csv", [*header, *rows[1::2], rows[0], *odd[3:]])


def figures(printed: str) -> dict[str, float]:
    found = re.findall(r"^([^:\n]+(?:: [^:\n]+)?): ([\d.,]+)(?: [\w ]+)?$", printed, re.M)
    return {name: float(value.replace(",", "")) for name, value in found}


def test_the_figures_are_printed(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    train, test = files
    assert main(["intake", "evaluate", "--train", str(train), "--test", str(test), "--no-encoder"]) == 0
    found = figures(capsys.readouterr().out)
    assert found["accuracy"] > 0.9
    assert found["macro-F1"] > 0.9
    assert found["test messages that stand in the training file"] == 1
    assert found["explanations that hold"] >= 0.9
    assert found["memory of a reading process"] < 300
    assert {"coverage at 99 % precision", "calibration error", "fit time", "latency p95", "out-of-scope recall"} <= set(
        found
    )


def test_shots_take_so_many_of_each_goal(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    train, test = files
    command = ["intake", "evaluate", "--train", str(train), "--test", str(test), "--no-encoder", "--quick"]
    assert main([*command, "--shots", "3"]) == 0
    assert figures(capsys.readouterr().out)["training messages"] == 3 * 5 + 3


def test_each_branch_has_a_model_of_its_own(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    train, test = files
    command = ["intake", "evaluate", "--train", str(train), "--test", str(test), "--no-encoder", "--quick"]
    assert main([*command, "--by", "branch", "--multi"]) == 0
    found = figures(capsys.readouterr().out)
    assert any(name.startswith("north: ") for name in found)


def test_without_an_encoder_the_command_says_how_to_build_it(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train, test = files
    assert main(["intake", "evaluate", "--train", str(train), "--test", str(test), "--encoder", str(tmp_path)]) == 2
    assert "caseloom encoder build" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"words,intent\nhello,a\n", r":1: no column text .* it has words, intent\. Name the column with --text"),
        (b"text,intent\nhello\n", r"row 2 has 1 columns, not 2"),
        (b"text,intent\nhello,a\nh\xe4llo,b\n", r":3: not UTF-8"),
        (b"text,intent\nhe\0llo,a\n", r":2: a NUL character"),
        (b'text,intent\n"hello,a\n', r"Write it as CSV"),
        (b"text,intent\nhello,\n", r"no message with a label"),
        (b"", r":1: no column text"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_the_way_on(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "messages.csv"
    file.write_bytes(content)
    with pytest.raises(FileFaulty, match=said):
        read_labelled(file)


def test_a_missing_file_ends_the_command_with_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "missing.csv")
    assert main(["intake", "evaluate", "--train", missing, "--test", missing, "--no-encoder"]) == 2
    assert missing in capsys.readouterr().err


def test_broken_gzip_is_named(tmp_path: Path) -> None:
    file = tmp_path / "messages.csv.gz"
    file.write_bytes(gzip.compress(b"text,intent\nhello,a\n" * 1000)[:-20])
    with pytest.raises(FileFaulty, match="broken"):
        read_labelled(file)


def test_a_very_long_message_and_several_labels_are_read(tmp_path: Path) -> None:
    file = written(tmp_path / "m.csv", [["utterance", "intents"], ["word " * 200_000, "a|b"], ["hi", "oos"]])
    found = read_labelled(file)
    assert [one.goals for one in found] == [("a", "b"), ()]
    assert len(found[0].text) == 1_000_000
