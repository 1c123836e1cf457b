"""`caseloom bpmn check`: what it prints, and when it fails."""

from pathlib import Path

import pytest

from caseloom.cli.bpmn import COMMANDS
from caseloom.config.start import main
from tests.interchange.bpmn_kit import file_of

SOUND = file_of('<startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="x"/><task id="x"/>')
ODD = file_of(
    '<startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="x"><conditionExpression>${a.b(c)}'
    '</conditionExpression></sequenceFlow>\n<callActivity id="x" calledElement="gone"/><callActivity id="y"'
    ' calledElement="p"/>'
)


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, list[str], str]:
    status = main(["bpmn", *map(str, arguments)], COMMANDS)
    out, err = capsys.readouterr()
    return status, out.splitlines(), err


def test_files_are_read_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "sound.bpmn").write_bytes(SOUND)
    (tmp_path / "odd.bpmn20.xml").write_bytes(ODD)
    status, lines, _ = run(capsys, "check", "--read-only", tmp_path)
    assert status == 0
    assert lines[0].endswith("sound.bpmn: read; findings: none; written back the same")
    assert lines[1].endswith(
        "odd.bpmn20.xml: read; findings: 1 cannot run, 1 changed, 1 no effect; written back the same"
    )
    assert ["callActivity", "2", "2"] in [line.split() for line in lines]
    assert lines[-5:] == [
        "findings: 1 cannot run, 1 changed, 1 no effect",
        "expressions: 0 FEEL, 0 translated to FEEL, 1 not translatable",
        "processes: 2, executable 2",
        "written back the same: 2 of 2",
        "2 read, 0 failed",
    ]


def test_findings_are_printed_with_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "odd.bpmn"
    file.write_bytes(ODD)
    _, lines, _ = run(capsys, "check", "--read-only", "--findings", file)
    assert lines[1:4] == [
        f"{file}:5: f: In '${{a.b(c)}}': a.b(...) has no meaning in FEEL (it is a call into a program);"
        " the variable 'a_b' is read instead. [changed]",
        f"{file}:6: x: It calls the process 'gone', which is in none of the files. [cannot run]",
        f"{file}:6: y: No token ever comes here. [no effect]",
    ]


def test_a_file_that_cannot_be_read_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.bpmn").write_bytes(b"<a/>")
    (tmp_path / "b.bpmn").write_bytes(SOUND)
    status, lines, _ = run(capsys, "check", "--read-only", tmp_path, tmp_path / "gone.bpmn")
    assert status == 1
    assert "a.bpmn: Line 1: <a> is no <definitions> of BPMN 2.0" in lines[0]
    assert "gone.bpmn: [Errno 2] No such file" in lines[2]
    assert lines[-1] == "1 read, 2 failed"


def test_a_folder_without_files_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "check", "--read-only", tmp_path) == (2, [], "caseloom bpmn check: no .bpmn file was found\n")
