"""Made-up cases whose way of working is known."""

import random
from datetime import UTC, datetime, timedelta

from caseloom.learning.steps.learner import History, Learner, Settings
from caseloom.learning.steps.step import Outcome, Step

BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)
SETTINGS = Settings(facts=("product",), service_class="product", origin=BEGAN.timestamp())


def step(action: str, minutes: float, actor: str = "ann", product: str = "card") -> Step:
    """A step so many minutes after all began."""
    return Step(action, BEGAN + timedelta(minutes=minutes), actor, {"product": product})


def histories(count: int, seed: int = 1) -> list[History]:
    """Cards are checked and sent within a day; loans are checked, weighed, and half of them refused after a week."""
    draw = random.Random(seed)
    found = []
    for number in range(1, count + 1):
        product = draw.choice(["card", "loan"])
        begun = number * 60.0
        actions = ["Open", "Check"]
        if product == "card":
            actions += ["Send"]
            long = 300.0
        else:
            actions += ["Weigh", draw.choice(["Grant", "Refuse"])]
            long = 3000.0
        steps = [
            step(action, begun + place * long, draw.choice(["ann", "bob"]), product)
            for place, action in enumerate(actions)
        ]
        found.append(History(number, steps, Outcome(reached=actions[-1] != "Refuse")))
    return found


def told(learner: Learner, cases: list[History]) -> Learner:
    """Tell the steps of all cases in the order of time."""
    steps = [(one.at, place, case) for case in cases for place, one in enumerate(case.steps)]
    for _, place, case in sorted(steps, key=lambda each: (each[0], each[2].case, each[1])):
        learner.happened(case.case, case.steps[place])
        if place == len(case.steps) - 1 and not case.open:
            learner.ended(case.case, case.outcome)
    return learner


def counts(learner: Learner) -> dict[str, object]:
    """All that is counted, by the names of actions, as codes are given in the order in which they come."""
    names = {code: name for name, code in learner.codes.items()} | {-1: "all"}
    plain = {key: learner.counters.counts(key) for key in learner.counters.table}
    return {
        "counters": {key: (each[0], {names[a]: n for a, n in each[1].items()}) for key, each in plain.items() if each},
        "recent": {key: {names[a]: n for a, n in each.items()} for key, each in learner.recent.table.items()},
        "times": learner.time.table,
        "endings": {name: each.table for name, each in learner.endings.items()},
        "choices": {key: {names[a]: n for a, n in each.items()} for key, each in learner.choices.table.items()},
    }
