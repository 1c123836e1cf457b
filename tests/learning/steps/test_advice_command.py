"""`caseloom advice` over a log, and in a house whose truth is known."""

from argparse import ArgumentParser
from pathlib import Path

import pytest

from caseloom.cli.advice import COMMANDS
from tests.learning.steps.kit import histories

DATA = Path(__file__).parents[4] / "shared" / "data"


def ask(*words: str) -> int:
    (command,) = COMMANDS
    parser = ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args(words))


def figures(text: str) -> dict[str, float]:
    found = {}
    for line in text.splitlines():
        name, _, value = line.rpartition(": ")
        number = value.split()[0] if value else ""
        if number.replace(".", "").replace("-", "").isdigit():
            found[name] = float(number)
    return found


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("log") / "log.csv"
    rows = ["case,activity,time,user,product,enddate,outcome"]
    for case in histories(250):
        end = case.steps[-1].at.isoformat()
        outcome = "bad" if case.steps[-1].action == "Refuse" else "good"
        for one in case.steps:
            rows.append(
                f"{case.case},{one.action},{one.at.isoformat()},{one.actor},{one.facts['product']},{end},{outcome}"
            )
    file.write_text("\n".join(rows), encoding="utf-8")
    return file


def test_a_log_is_gone_through_and_figures_are_told(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask("evaluate", "--log", str(log), "--resource", "user", "--no-lightgbm") == 0
    told = capsys.readouterr().out
    found = figures(told)
    # What is known afterwards only (enddate, outcome) is not looked at.
    assert "attributes: product" in told.splitlines()
    assert found["events"] == sum(len(case.steps) for case in histories(250))
    assert found["next activity accuracy"] > 0.75  # a quarter of the loans' decisions are a coin's
    assert found["next activity accuracy to the counter ratio"] > 1.0
    assert found["next activity top 3"] > 0.9
    assert found["next activity calibration error"] < 0.05
    assert found["remaining time error ratio"] < 0.75


@pytest.mark.parametrize("split", ["chronological:0.8", "tax"])
def test_a_part_is_held_back_where_that_is_asked(split: str, log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask("evaluate", "--log", str(log), "--split", split) == 0
    found = figures(capsys.readouterr().out)
    assert 0 < found["events asked about"] < found["events"]
    assert found["next activity accuracy"] > 0.7


def test_lightgbm_stands_beside_it(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("lightgbm")
    assert ask("evaluate", "--log", str(log), "--attributes", "product") == 0
    assert figures(capsys.readouterr().out)["next activity accuracy of LightGBM, last 20 %"] > 0.6


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--case", "ticket"], "There is no column “ticket”"),
        (["--attributes", "colour"], "There is no attribute “colour”"),
        (["--service-class", "colour"], "“colour” is none of the attributes"),
        (["--attributes", ",".join("abcdefghijklm")], "12 at most"),
        (["--lifecycle"], "no column of the lifecycle"),
        (["--zone", "Nowhere"], "no time zone"),
    ],
)
def test_what_is_not_in_the_log_is_told(
    words: list[str], said: str, log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask("evaluate", "--log", str(log), *words) == 2
    assert said in capsys.readouterr().err


def test_a_log_that_is_not_there_or_empty_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask("evaluate", "--log", str(tmp_path / "none.csv")) == 2
    (tmp_path / "one.csv").write_text("case,activity,time\n1,Open,2026-01-01\n", encoding="utf-8")
    assert ask("evaluate", "--log", str(tmp_path / "one.csv")) == 2
    assert "fewer than two events" in capsys.readouterr().err


@pytest.mark.parametrize("split", ["chronological:2", "chronological:x", "random"])
def test_a_split_that_there_is_not_is_told(split: str, log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        ask("evaluate", "--log", str(log), "--split", split)
    assert "online, tax, and chronological:0.8" in capsys.readouterr().err


def test_a_house_is_simulated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask("simulate", "--seed", "3") == 0
    told = capsys.readouterr().out
    assert figures(told)["goals reached gain"] > 10
    assert figures(told)["satisfaction gain"] > 10
    assert "goals reached, own estimate" in told
    file = tmp_path / "small.yaml"
    file.write_text("logged: 2000\nadvised: 100\nsituations: 4\n", encoding="utf-8")
    assert ask("simulate", "--seed", "1", "--runs", "100", "--parameters", str(file)) == 0
    assert 85 <= figures(capsys.readouterr().out)["95 % intervals that cover the truth"] <= 100


def test_parameters_that_cannot_be_used_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text("actions: 1\n", encoding="utf-8")
    assert ask("simulate", "--parameters", str(file)) == 2
    assert f"{file}: Expected `int` >= 2" in capsys.readouterr().err
    assert ask("simulate", "--parameters", str(tmp_path / "none.yaml")) == 2


LOGS = {
    "helpdesk/events.csv.gz": ("--case", "case_id", "--activity", "activity", "--time", "timestamp"),
    "receipt/events.csv.gz": (),
    "bpic13_closed_problems/bpic13_closed_problems.xes.gz": (),
    "bpic20/request_for_payment.xes.gz": (),
    "bpic20/domestic_declarations.xes.gz": (),
    "bpic15_1/bpic15_1.xes.gz": (),
}


@pytest.mark.nightly
@pytest.mark.parametrize("name", LOGS)
def test_real_logs_are_advised_as_well_as_promised(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    if not (DATA / name).exists():
        pytest.skip(f"there is no {name} in ../shared/data")
    pytest.importorskip("lightgbm")
    assert ask("evaluate", "--log", str(DATA / name), *LOGS[name]) == 0
    found = figures(capsys.readouterr().out)
    assert found["next activity accuracy to the counter ratio"] >= 1.0
    assert found["next activity accuracy to LightGBM ratio"] >= 1.0
    assert found["next activity calibration error"] <= 0.03
    assert found["remaining time error ratio"] <= 1.0
    if name.startswith("helpdesk"):
        assert found["next activity top 3"] >= 0.97
        assert found["next activity accuracy, events 301 to 1300 ratio"] >= 0.97
        assert found["remaining time error ratio"] <= 0.6
