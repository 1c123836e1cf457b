"""The service centre of examples/: twelve documented flows of a real one, sound, complete, and true to their source."""

import json
import re
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from caseloom.cli.library import COMMANDS
from caseloom.config.start import build_parser
from caseloom.library.living import live
from caseloom.library.plans import latest_versions
from caseloom.library.publishing import check
from tests.library.examples import FILES, FOLDER, HOUSE, MODELS, ROOT, USED, goal_of

DATA = ROOT.parent / "shared" / "data" / "abcd" / "guidelines.json"
SCHEMA = json.loads((ROOT / "docs" / "reference" / "service-goal.schema.json").read_text())
SOURCE = re.compile(r"ABCD: (?P<flow>[^>]+) > (?P<subflows>[^.]+)\.")
BOUND = 1_000
"""How many commands a service goal is lived with here; at night it is lived as before it is published."""

each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def test_there_are_twelve_with_a_decision_and_a_flow() -> None:
    kinds = {task.kind for file in FILES for task in goal_of(file).tasks.values()}
    assert len(FILES) == 12 and {"decision", "flow", "letter", "human"} <= kinds


@each_file
def test_an_example_has_what_agent_and_customer_need(file: Path) -> None:
    jsonschema.validate(yaml.safe_load(file.read_text()), SCHEMA)
    goal = goal_of(file)
    assert goal.rules and not goal.boundary_rules, "rules are sentences"
    assert goal.letters and goal.knowledge and goal.recognise.keywords
    assert any(len(one.options) > 1 for one in goal.goals.values()) or goal.service_goal == "recover password"
    assert any(one.script for one in goal.goals.values()) and any(one.perception for one in goal.goals.values())
    assert all(one.customer_title and one.clock for one in goal.goals.values() if one.clock or one.perception)


@pytest.mark.parametrize("file", [FOLDER / "house.yaml", *FILES, *MODELS], ids=lambda file: file.name)
def test_an_example_is_sound(file: Path) -> None:
    _, places = check(file.read_text(), HOUSE, USED)
    assert list(map(str, places)) == []


@each_file
@pytest.mark.django_db
def test_an_example_can_be_lived(file: Path) -> None:
    remarks = live(goal_of(file), HOUSE, USED, USED, BOUND)
    assert [one.message for one in remarks if one.fatal] == []


def library(*arguments: str) -> int:
    files = map(str, (*FILES, *MODELS, FOLDER / "house.yaml"))
    options = build_parser(COMMANDS).parse_args(["library", *arguments, *files])
    status: int = options.command.run(options)
    return status


@pytest.mark.django_db(transaction=True)
def test_the_examples_are_published() -> None:
    assert library("publish", "--quick") == 0
    assert set(latest_versions()) >= {goal_of(file).service_goal for file in FILES}


@pytest.mark.nightly
@pytest.mark.django_db(transaction=True)
def test_the_examples_pass_the_check_of_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert library("check") == 0
    said = capsys.readouterr().out.splitlines()
    assert [line for line in said if "not decided within the bound" not in line] == []


def test_the_examples_stand_in_their_readme() -> None:
    text = (FOLDER / "README.md").read_text()
    assert [file.name for file in (*FILES, *MODELS) if f"`{file.name}`" not in text] == []


def test_each_example_is_a_flow_of_the_guidelines_and_all_ten_are_there() -> None:
    named = {file.stem: SOURCE.match(goal_of(file).description) for file in FILES}
    assert [stem for stem, found in named.items() if found is None] == []
    if not DATA.exists():
        pytest.skip("the guidelines are not here: ../shared/data/abcd/guidelines.json")
    guidelines = json.loads(DATA.read_text())
    flows = {found["flow"] for found in named.values() if found}
    assert flows == set(guidelines)
    for found in filter(None, named.values()):
        assert set(found["subflows"].split(", ")) <= set(guidelines[found["flow"]]["subflows"])
