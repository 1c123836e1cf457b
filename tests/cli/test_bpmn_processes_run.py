"""Processes of other products run to their end under a driver that answers every wait."""

from pathlib import Path

import pytest

from caseloom.cli.bpmn import check_files, summary
from caseloom.cli.bpmn_run import run_process
from caseloom.interchange.bpmn_reader import read_bpmn
from tests.library.flows import BPMN

DATA = Path(__file__).parents[3] / "shared" / "data"


def test_a_process_is_run_until_every_element_was_entered() -> None:
    ran = run_process(read_bpmn(BPMN.encode()).model, "refund")
    assert ran.ok, ran
    assert ran.entered == set(read_bpmn(BPMN.encode()).model.processes["refund"].elements)


def test_what_never_ends_is_told_where_it_stays() -> None:
    endless = BPMN.replace('sourceRef="answer" targetRef="end"', 'sourceRef="answer" targetRef="answer"')
    ran = run_process(read_bpmn(endless.encode()).model, "refund", range(4))
    assert not ran.ok and ran.stuck


def test_what_cannot_be_published_is_told_why() -> None:
    empty = BPMN.replace('<signalEventDefinition signalRef="s"/>', "<timerEventDefinition/>")
    ran = run_process(read_bpmn(empty.encode()).model, "refund")
    assert "halt: a timer says when it comes" in ran.fault


@pytest.mark.parametrize("folder", ["bpmn-miwg", "bpmn-real"])
def test_the_models_at_hand_run(folder: str) -> None:
    if not (DATA / folder).is_dir():
        pytest.skip(f"the files are not in ../shared/data/{folder}")
    checked = check_files([DATA / folder])
    runs = [ran for one in checked for ran in one.runs]
    assert sum(ran.ok for ran in runs) >= 0.95 * len(runs) > 0, list(summary(checked))[-3:]
