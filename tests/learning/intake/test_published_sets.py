"""The figures that the intake promises, on published messages: run at night where the data and the encoder lie."""

from pathlib import Path

import pytest

from caseloom.learning.intake.encoder import SentenceEncoder, Vector
from caseloom.learning.intake.encoder_build import manifest_of
from caseloom.learning.intake.evaluation import figures, trained
from caseloom.learning.intake.evaluation import tests_of as held_out
from caseloom.learning.intake.labelled_file import read_labelled

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
# Where `make encoder` builds it: the tests' own data folder is empty.
ENCODER = Path(__file__).parents[3] / ".caseloom" / "encoder"
BANKING, CLINC = DATA / "banking77", DATA / "clinc150"

pytestmark = pytest.mark.nightly


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    if manifest_of(ENCODER) is None:
        pytest.skip(f"no encoder in {ENCODER}: caseloom encoder build")
    return SentenceEncoder(ENCODER)


@pytest.fixture(scope="module")
def vectors() -> dict[str, Vector]:
    return {}


def measured(train: Path, test: Path, encoder: SentenceEncoder | None, vectors: dict[str, Vector]) -> dict[str, float]:
    if not train.is_file():
        pytest.skip(f"no data in {train.parent}")
    rows = read_labelled(train)
    model, spent = trained(rows, encoder, vectors)
    found = figures(model, held_out(read_labelled(test), rows), several=False)
    return {figure.name: figure.value for figure in (*spent, *found)}


def test_banking77_with_the_encoder(encoder: SentenceEncoder, vectors: dict[str, Vector]) -> None:
    found = measured(BANKING / "train.csv", BANKING / "dev.csv", encoder, vectors)
    assert found["accuracy"] >= 0.925
    assert found["coverage at 99 % precision"] >= 0.72
    assert found["opened by itself, precision"] >= 0.985
    assert found["calibration error"] <= 0.03
    assert found["fit time"] < 15


def test_banking77_by_words_alone(vectors: dict[str, Vector]) -> None:
    assert measured(BANKING / "train.csv", BANKING / "dev.csv", None, vectors)["accuracy"] >= 0.905


@pytest.mark.parametrize(("shots", "least"), [("10shot", 0.85), ("5shot", 0.785)])
def test_banking77_from_few(encoder: SentenceEncoder, vectors: dict[str, Vector], shots: str, least: float) -> None:
    found = measured(BANKING / f"train_{shots}.csv", BANKING / "dev.csv", encoder, vectors)
    assert found["accuracy"] >= least


def test_clinc150_knows_what_is_none_of_ours(encoder: SentenceEncoder, vectors: dict[str, Vector]) -> None:
    found = measured(CLINC / "train.csv.gz", CLINC / "dev.csv.gz", encoder, vectors)
    assert found["accuracy"] >= 0.95
    assert found["in-scope accuracy with reject"] >= 0.93
    assert found["out-of-scope recall"] >= 0.8
