"""What is worked out for a plan is made once, and the oldest of it goes."""

from caseloom.engine.rules.compiler import compile_plan
from caseloom.engine.spec.service_goal import HouseRules
from caseloom.web.studio.kept import Kept

PLAN, OTHER = (compile_plan(None, HouseRules(house_rules="house", title=title)) for title in ("One", "Other"))


def test_a_value_is_made_once_for_a_plan_and_a_name() -> None:
    kept, made = Kept[object](9), []

    def make() -> object:
        made.append(object())
        return made[-1]

    found = [kept.get(plan, name, make) for plan in (PLAN, OTHER, PLAN) for name in ("a", "b")]
    assert found[:2] == found[4:]
    assert len(made) == 4


def test_what_was_not_asked_for_longest_goes_first() -> None:
    kept = Kept[str](2)
    for name in ("a", "b", "a", "c"):
        kept.get(PLAN, name, lambda: "first")
    assert [kept.get(PLAN, name, lambda: "again") for name in ("a", "c", "b")] == ["first", "first", "again"]
