"""`caseloom dmn`: test suites, one decision, and what is wrong with a model."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from caseloom.cli.dmn import COMMANDS
from caseloom.config.start import main
from caseloom.interchange.dmn_writer import write_dmn
from tests.engine.decision.models import of_table, with_inputs

KIT = Path(__file__).parents[3] / "shared" / "data" / "dmn-tck"

SUITE = """<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <modelName>fee.dmn</modelName>
  <testCase id="young">
    <inputNode name="x"><value xsi:type="xsd:decimal">5</value></inputNode>
    <resultNode name="d"><expected><value xsi:type="xsd:decimal">1.000000001</value></expected></resultNode>
  </testCase>
  <testCase id="none">
    <resultNode name="d" errorResult="true"><expected><value xsi:nil="true"/></expected></resultNode>
  </testCase>
  <testCase id="wrong">
    <inputNode name="x"><value xsi:type="xsd:decimal">30</value></inputNode>
    <resultNode name="d"><expected><value xsi:type="xsd:decimal">3</value></expected></resultNode>
  </testCase>
</testCases>"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    table = of_table([(["< 18"], ["1"]), ([">= 20"], ["2"])])
    (tmp_path / "fee.dmn").write_bytes(write_dmn(with_inputs(table, "x")))
    (tmp_path / "fee-test.xml").write_text(SUITE)
    return tmp_path


def ask(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, list[str], str]:
    status = main(["dmn", *map(str, arguments)], COMMANDS)
    printed = capsys.readouterr()
    return status, printed.out.splitlines(), printed.err


def test_a_suite_is_counted_and_value_tests_apart(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, lines, _ = ask(capsys, "test", folder)
    assert status == 1
    assert lines[0] == f"{folder.name}: 2 passed, 1 failed"
    assert lines[1] == "value tests: 1 of 2 passed (50.00%)"
    assert lines[-1] == "2 passed, 1 failed"


def test_failures_are_shown_on_request(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, lines, _ = ask(capsys, "test", "--failures", folder)
    assert lines[0] == f"{folder.name}: wrong d: expected 3, got 2"


def test_all_cases_fail_whose_model_cannot_be_used(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "fee.dmn").unlink()
    status, lines, _ = ask(capsys, "test", "--failures", folder)
    assert status == 1
    assert "There is no model 'fee.dmn' beside the suite" in lines[0]
    assert lines[-1] == "0 passed, 3 failed"


def test_a_folder_without_suites_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, error = ask(capsys, "test", tmp_path)
    assert (status, error) == (2, "caseloom dmn test: no test case was found\n")


def test_a_decision_is_run_and_its_null_explained(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = folder / "fee.dmn"
    assert ask(capsys, "run", model, "--decision", "d", "--input", '{"x": 5.0}')[:2] == (0, ["1"])
    status, lines, error = ask(capsys, "run", model, "--decision", "d", "--input", '{"x": 19}')
    assert (status, lines) == (0, ["null"])
    assert error == "decision 'd': No rule matches.\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--decision", "e"], "there is no decision 'e'; there are 'd'."),
        (["--decision", "d", "--input", '{"z": 1}'], "The model has no input 'z'. Its inputs are: 'x'."),
        (["--decision", "d", "--input", "[1]"], "The input is a JSON object"),
        (["--decision", "d", "--input", "{"], "Expecting property name"),
        (["--decision", "d", "--input", '{"x": 1e999999}'], "beyond what decimal128 holds"),
        (["--decision", "d", "--input", '{"x": NaN}'], "is no number"),
        (["--decision", "d", "--input", "@/nowhere.json"], "No such file"),
    ],
)
def test_bad_input_is_a_sentence(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: Sequence[str], words: str
) -> None:
    status, lines, error = ask(capsys, "run", folder / "fee.dmn", *arguments)
    assert (status, lines) == (2, [])
    assert words in error


def test_texts_become_dates_where_the_input_is_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="m">'
        '<inputData id="i" name="since"><variable name="since" typeRef="date"/></inputData>'
        '<decision id="d" name="due"><informationRequirement><requiredInput href="#i"/></informationRequirement>'
        '<literalExpression><text>{due: since + duration("P1M"), n: 1.50, far: date("12026-01-01")}</text>'
        "</literalExpression></decision></definitions>"
    )
    (tmp_path / "m.dmn").write_text(text)
    _, lines, _ = ask(capsys, "run", tmp_path / "m.dmn", "--decision", "due", "--input", '{"since": "2026-01-31"}')
    assert json.loads(lines[0]) == {"due": "2026-02-28", "n": 1.5, "far": "12026-01-01"}


def test_lint_names_file_line_and_example(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, lines, error = ask(capsys, "lint", folder / "fee.dmn")
    assert status == 1
    assert lines[0].endswith("decision 'd': gap: No rule matches. Example: x = 18.")
    assert error == "1 models, 1 findings\n"


@pytest.mark.skipif(not KIT.is_dir(), reason="the test kit is not in ../shared/data/dmn-tck")
def test_the_kit_passes_at_least_as_far_as_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    _, lines, _ = ask(capsys, "test", KIT / "cl2", KIT / "cl3")
    values, last = lines[-3].split(), lines[-1].split()
    passed, total = int(last[0]), int(last[0]) + int(last[2])
    assert total == 2522
    assert passed / total >= 0.994
    assert int(values[4]) == 1207
    assert int(values[2]) / 1207 >= 0.988
