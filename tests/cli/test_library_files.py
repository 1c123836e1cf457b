"""`caseloom library`: faults with file, line and advice; what is published comes out again as it went in."""

from pathlib import Path

import pytest

from caseloom.cli.library import COMMANDS, check, export
from caseloom.config.start import build_parser
from caseloom.library.plans import latest
from tests.library.kit import DEFINITIONS

pytestmark = pytest.mark.django_db(transaction=True)
HOUSE = DEFINITIONS / "house.yaml"


def library(*arguments: str) -> int:
    options = build_parser(COMMANDS).parse_args(["library", *arguments])
    status: int = options.command.run(options)
    return status


def broken(folder: Path, old: str, new: str) -> Path:
    file = folder / "broken.yaml"
    text = (DEFINITIONS / "lost-card.yaml").read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    return file


def test_sound_files_pass(capsys: pytest.CaptureFixture[str]) -> None:
    assert library("check", *map(str, sorted(DEFINITIONS.glob("*.*")))) == 0
    said = capsys.readouterr().out.splitlines()
    assert [line for line in said if "not decided within the bound" not in line] == []


@pytest.mark.parametrize(
    ("old", "new", "line", "advice"),
    [
        ("    skill: cards", "    skill: card", "skill: cards", "did you mean “cards”?"),
        ("self service: true", "self servise: true", "self service", "did you mean “self service”?"),
        ("within: 6 business days", "within: soon", "within: 6 business days", "write it like “4 business hours”"),
        (
            'require: card status = "blocked"',
            'require: card statis = "blocked"',
            "guards: [complete order",
            "card statis",
        ),
    ],
)
def test_a_fault_is_told_with_file_line_and_advice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, line: str, advice: str
) -> None:
    file = broken(tmp_path, old, new)
    assert library("check", str(HOUSE), str(file)) == 1
    said = capsys.readouterr().out
    numbers = [int(fault.removeprefix(f"{file}:").partition(":")[0]) for fault in said.splitlines()]
    assert advice in said
    wanted = next(number for number, text in enumerate(file.read_text().splitlines(), 1) if new.strip() in text)
    assert wanted in numbers


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    assert "No such file" in "".join(check([tmp_path / "none.yaml"]))


def test_what_is_published_is_exported_as_it_was_written(tmp_path: Path) -> None:
    goal = DEFINITIONS / "lost-card.yaml"
    assert library("publish", str(goal), str(HOUSE)) == 0
    assert latest("lost card") == 1
    assert library("publish", str(goal)) == 0
    assert latest("lost card") == 1
    assert {file.name for file in export(tmp_path)} == {"house.yaml", "lost-card.yaml"}
    assert (tmp_path / "lost-card.yaml").read_text() == goal.read_text()


def test_what_is_faulty_is_not_published(tmp_path: Path) -> None:
    file = broken(tmp_path, "    skill: cards", "    skill: card")
    assert library("publish", str(HOUSE), str(file)) == 1
    assert latest("lost card") == 0


def test_a_decision_model_is_checked_published_and_exported_with_what_uses_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, goal = DEFINITIONS / "refund-limits.dmn", DEFINITIONS / "dispute-fee.yaml"
    assert library("check", "--quick", str(HOUSE), str(model), str(goal)) == 0
    assert library("publish", "--quick", str(goal), str(HOUSE), str(model)) == 0
    assert "decision model: refund limits: published" in capsys.readouterr().out
    assert {file.name for file in export(tmp_path)} == {"house.yaml", "refund-limits.dmn", "dispute-fee.yaml"}
    assert (tmp_path / "refund-limits.dmn").read_text() == model.read_text()


def test_a_decision_model_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert library("check", "--quick", str(HOUSE), str(DEFINITIONS / "dispute-fee.yaml")) == 1
    assert "there is no published decision model “refund limits”" in capsys.readouterr().out


def test_what_is_wrong_with_a_decision_model_is_told_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, sound = tmp_path / "broken.dmn", (DEFINITIONS / "refund-limits.dmn").read_text()
    file.write_text(sound.replace("<text>(25..50]</text>", "<text>(25..</text>"))
    line = next(number for number, text in enumerate(file.read_text().splitlines(), 1) if "(25..<" in text)
    assert library("check", str(file)) == 1
    assert f"{file}:{line}: decision 'who may refund'" in capsys.readouterr().out


def test_a_gap_in_a_decision_table_is_a_remark(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, sound = tmp_path / "gap.dmn", (DEFINITIONS / "refund-limits.dmn").read_text()
    file.write_text(sound.replace("<text>(25..50]</text>", "<text>(30..50]</text>"))
    assert library("check", str(file)) == 0
    assert "gap" in capsys.readouterr().out
