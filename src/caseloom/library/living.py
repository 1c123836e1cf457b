"""A definition lived before it is published: what is wrong with it in use, each with its place in the text."""

from datetime import timedelta

import msgspec

from caseloom.engine.case.checking import DECISIONS, Concern, check
from caseloom.engine.rules.compiler import compile_plan
from caseloom.engine.rules.fault import Path
from caseloom.engine.rules.models import Used
from caseloom.engine.spec.service_goal import HouseRules, RuleSpec, ServiceGoal
from caseloom.foundation.clock import now
from caseloom.staff.calendars import calendar_of_goal

FATAL = ("contradiction", "unreachable goal")
"""What keeps a definition from being published; the rest is for its author to know."""


class Remark(msgspec.Struct, frozen=True):
    """What came up, where in the text, and whether it keeps the definition from being published."""

    path: Path
    message: str
    fatal: bool
    concern: Concern


def live(
    definition: ServiceGoal | HouseRules,
    house: HouseRules,
    models: Used | None = None,
    house_models: Used | None = None,
    decisions: int = DECISIONS,
) -> tuple[Remark, ...]:
    """Everything that is wrong with a sound definition in use (`engine.case.checking`). The models are those of
    `compile_plan`.
    """
    if isinstance(definition, ServiceGoal):
        goal, plan = definition, compile_plan(definition, house, models, house_models)
    else:
        goal, plan = None, compile_plan(None, definition, None, models)
    calendar = calendar_of_goal(goal)
    # The lives begin on a working morning, so that no term runs out over a week's end that nobody meant.
    morning = now().replace(hour=9, minute=0, second=0, microsecond=0)
    morning -= timedelta(days=morning.weekday())
    found = check(plan, calendar, morning, decisions)
    return tuple(
        Remark(_place(definition, concern), str(concern), concern.kind in FATAL, concern) for concern in found.concerns
    )


def _place(definition: ServiceGoal | HouseRules, concern: Concern) -> Path:
    """Where the concern stands in this text: its goal, or the first of its sentences; else the top."""
    if concern.kind == "unreachable goal" and concern.about in definition.goals:
        return ("goals", concern.about)
    for sentence in (*concern.rules, concern.about):
        for part, says in _sentences(definition):
            if says == sentence:
                return part
    return ()


def _sentences(definition: ServiceGoal | HouseRules) -> list[tuple[Path, str]]:
    found: list[tuple[Path, str]] = []
    for number, rule in enumerate(definition.rules):
        found.append((("rules", number), rule.rule if isinstance(rule, RuleSpec) else rule))
    found += [(("boundary rules", number), rule.says) for number, rule in enumerate(definition.boundary_rules)]
    found += [(("data rules", number), rule.says) for number, rule in enumerate(definition.data_rules)]
    found += [(("reactions", number), rule.says) for number, rule in enumerate(definition.reactions)]
    return found
