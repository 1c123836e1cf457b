"""The demo's library is whole: every service goal has what an agent and a customer need."""

import json
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from caseloom.cli.library import schema_text
from caseloom.engine.rules.compiler import compile_plan
from caseloom.interchange.yaml_text import read_house_rules, read_service_goal
from tests.library.kit import DEFINITIONS, demo_models

HOUSE = read_house_rules((DEFINITIONS / "house.yaml").read_text())
GOALS = sorted(file for file in DEFINITIONS.glob("*.yaml") if file.stem != "house")
SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "service-goal.schema.json"


@pytest.mark.parametrize("file", GOALS, ids=lambda file: file.stem)
def test_a_service_goal_is_complete(file: Path) -> None:
    goal = read_service_goal(file.read_text())
    plan = compile_plan(goal, HOUSE, demo_models())
    assert 2 <= len(goal.letters) <= 4
    assert goal.knowledge
    assert goal.boundary_rules or goal.rules
    assert goal.recognise.keywords
    assert any(one.perception for one in goal.goals.values())
    assert all(one.customer_title for one in goal.goals.values())
    assert any(one.script for one in goal.goals.values())
    assert any(one.clock and one.clock.warn for one in goal.goals.values())
    assert all(task.customer_title for task in goal.tasks.values() if task.by_customer)
    used = {key for one in plan.goals.values() for option in one.options.values() for key in option.spec.tasks}
    added = {action.add_task for rule in plan.reactions for action in rule.spec.do}
    assert set(goal.tasks) - used - added == set()


def test_there_are_eight_and_more() -> None:
    assert len(GOALS) >= 8


@pytest.mark.parametrize("file", sorted(DEFINITIONS.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_definition_fits_the_published_schema(file: Path) -> None:
    jsonschema.validate(yaml.safe_load(file.read_text()), json.loads(SCHEMA.read_text()))


def test_the_published_schema_is_the_one_of_the_types() -> None:
    assert SCHEMA.read_text() == schema_text()
