"""Histories recorded at each release lead to the same state and rows on the code of today."""

from pathlib import Path

import pytest

from caseloom.cli.golden import agrees, read, replayed

RECORDED = sorted((Path(__file__).parents[1] / "golden").glob("*/*.json"))


@pytest.mark.parametrize("file", RECORDED, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_recorded_history_replays(file: Path) -> None:
    recorded = read(file)
    state, rows = replayed(recorded.events)
    assert agrees(recorded.state, state)
    assert agrees(recorded.rows, rows)


def test_there_are_histories() -> None:
    assert len({file.stem.rsplit("-", 1)[0] for file in RECORDED}) >= 8


def test_a_history_that_says_otherwise_does_not_agree() -> None:
    recorded = read(RECORDED[0])
    state, _ = replayed(recorded.events[:-1])
    assert not agrees(recorded.state, state)
    assert agrees({"a": [1]}, {"a": [1, 2], "b": 3})
    assert not agrees({"a": [1, 2]}, {"a": [1]})
