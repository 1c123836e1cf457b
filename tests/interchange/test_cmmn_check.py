"""`caseloom cmmn check`: files are run to an end, and the figures say what did not."""

from pathlib import Path

import pytest

from caseloom.cli.cmmn import COMMANDS, check_file, plan_of
from caseloom.config.start import main
from caseloom.engine.case.evolve import Stamp, evolve
from caseloom.engine.case.state import CaseState
from caseloom.engine.spec.history import Event
from caseloom.interchange.cmmn_reader import read_cmmn
from caseloom.interchange.cmmn_run import live
from tests.interchange.cmmn_text import TASKS, TWO, condition, guarded, model

DATA = Path(__file__).parents[3] / "shared" / "data" / "cmmn"
ON_A = '<planItemOnPart sourceRef="a"><standardEvent>{}</standardEvent></planItemOnPart>'


def put(folder: Path, name: str, data: bytes) -> Path:
    file = folder / name
    file.write_bytes(data)
    return file


def test_a_sound_file_runs_to_an_end_with_all_its_elements(tmp_path: Path) -> None:
    checked = check_file(put(tmp_path, "a.cmmn", model(guarded(ON_A.format("complete")))))
    assert not (checked.fault or checked.why_not or checked.stuck or checked.round_trip)
    assert checked.idle == []
    assert checked.effects["planItemOnPart", True] == 1
    assert checked.effects["humanTask", True] == 2


def test_a_fault_is_tried_where_somebody_waits_for_it(tmp_path: Path) -> None:
    checked = check_file(put(tmp_path, "a.cmmn", model(guarded(ON_A.format("fault")))))
    assert checked.effects["entryCriterion", True] == 1


def test_an_element_without_effect_counts_as_not_run(tmp_path: Path) -> None:
    never = f"<ifPart>{condition('1 = 2')}</ifPart>"
    checked = check_file(put(tmp_path, "a.cmmn", model(guarded(never))))
    assert not checked.stuck
    assert checked.effects["ifPart", False] == 1
    assert checked.effects["humanTask", False] == 1
    assert any("<humanTask> tb" in one for one in checked.idle)


def test_what_cannot_be_run_by_the_standard_is_not_executable(tmp_path: Path) -> None:
    assert "is empty" in check_file(put(tmp_path, "a.cmmn", model(""))).why_not
    assert "no definition" in check_file(put(tmp_path, "b.cmmn", model('<planItem id="a" definitionRef="x"/>'))).why_not


def test_a_case_that_repeats_without_end_is_ended_by_hand(tmp_path: Path) -> None:
    rule = "<itemControl><repetitionRule/></itemControl>"
    checked = check_file(put(tmp_path, "a.cmmn", model(TWO.format(rule) + TASKS)))
    assert checked.by_hand
    assert not checked.stuck


def test_the_same_seed_leads_the_same_life() -> None:
    case = read_cmmn(model(guarded(f"{ON_A.format('complete')}<ifPart>{condition('${n > 3}')}</ifPart>"))).cases[0]
    assert live(plan_of(case), 5) == live(plan_of(case), 5)


def test_the_command_prints_the_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(tmp_path, "a.cmmn", model(guarded(ON_A.format("complete"))))
    put(tmp_path, "b.cmmn", model(""))
    assert main(["cmmn", "check", str(tmp_path)], COMMANDS) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2:] == ["2 read, 0 failed", "1 of 1 executable ran to an end (100.0%)"]
    assert any(line.startswith("b.cmmn: not executable") for line in lines)


def test_a_damaged_file_is_told_and_the_others_are_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(tmp_path, "a.cmmn", model(guarded(ON_A.format("complete"))))
    put(tmp_path, "b.cmmn", b'<definitions xmlns="http://www.omg.org/spec/CMMN/20151109/MODEL">')
    assert main(["cmmn", "check", str(tmp_path)], COMMANDS) == 1
    assert "1 read, 1 failed" in capsys.readouterr().out


def test_a_service_goal_goes_out_and_comes_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = put(tmp_path, "a.cmmn", model(guarded(ON_A.format("complete"))))
    assert main(["cmmn", "read", str(file)], COMMANDS) == 0
    text = put(tmp_path, "a.yaml", capsys.readouterr().out.encode())
    assert main(["cmmn", "write", str(text)], COMMANDS) == 0
    written = capsys.readouterr().out.encode()
    assert read_cmmn(written).cases[0].goal == read_cmmn(file.read_bytes()).cases[0].goal


def rebuilt(history: list[tuple[Event, Stamp]]) -> CaseState:
    state = CaseState()
    for event, stamp in history:
        evolve(state, event, stamp)
    state.rest()
    return state


@pytest.mark.skipif(not DATA.is_dir(), reason="the case models of other engines are not here")
@pytest.mark.parametrize("source", ["bpmn-cmmn-example", "camunda-7-code-examples", "casefabric", "cmmn-moddle"])
def test_the_events_alone_rebuild_the_state_of_every_life(source: str) -> None:
    for file in sorted((DATA / source).glob("*.*")):
        for case in read_cmmn(file.read_bytes()).cases:
            if not case.invalid:
                life = live(plan_of(case), 3)
                assert rebuilt(life.history) == life.state, file.name


@pytest.mark.skipif(not DATA.is_dir(), reason="the case models of other engines are not here")
def test_at_least_95_percent_of_the_executable_files_run_to_an_end() -> None:
    checked = [check_file(file, lives=1) for file in sorted(DATA.glob("*/*")) if file.suffix in (".cmmn", ".xml")]
    assert not [one.file.name for one in checked if one.fault or one.round_trip]
    executable = [one for one in checked if not one.why_not]
    assert len(executable) > 0.95 * len(checked)
    ended = [one for one in executable if not one.stuck]
    assert len(ended) >= 0.95 * len(executable), [one.stuck for one in executable if one.stuck]
