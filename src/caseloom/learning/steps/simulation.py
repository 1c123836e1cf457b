"""A house whose truth is known: does advice that seeks good ends beat advice that follows habit, and does it know
what it is worth?

In each of its situations each action has a true chance of reaching the goal and of a good rating. People choose by
habits of which the learner is not told. From their choices it learns a policy (`outcomes`) and says what that is
worth; then the truth is looked up.
"""

from pathlib import Path
from typing import Annotated, Final

import msgspec
import numpy as np
import yaml
from numpy.random import Generator

from caseloom.interchange.yaml_text import plain_value
from caseloom.learning.steps.outcomes import Choices, Codes, Numbers, Worth, doubly_robust, habits, policy_from

_LEARNED_FROM: Final = 0.6
_MILLION: Final = 1_000_000
Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]


DEFAULT: Final = Path(__file__).with_name("simulation.yaml")


class ParametersFaulty(ValueError):
    """A file of parameters that cannot be used, and why."""


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file says; `simulation.yaml` tells each."""

    situations: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 30
    actions: Annotated[int, msgspec.Meta(ge=2, le=100)] = 5
    logged: Annotated[int, msgspec.Meta(ge=50, le=_MILLION)] = 20_000
    advised: Annotated[int, msgspec.Meta(ge=1, le=_MILLION)] = 20_000
    overlap: Annotated[float, msgspec.Meta(ge=0.05, le=1.0)] = 0.2
    habit: Annotated[float, msgspec.Meta(ge=0.0, le=10.0)] = 1.5
    skill: Share = 0.1
    agreement: Share = 0.9
    least: Share = 0.1
    most: Share = 0.95

    def __post_init__(self) -> None:
        if self.least >= self.most:
            raise ValueError("`least` must be below `most`")


def parameters_of(text: str) -> Parameters:
    """The parameters of a YAML (or JSON) text; what is not named is as in `Parameters`.

    Raises:
        ParametersFaulty: it is no such text, or a value is out of bounds.
    """
    try:
        found = plain_value(text)
    except (yaml.YAMLError, RecursionError) as why:
        raise ParametersFaulty(f"This is no YAML: {' '.join(str(why).split())}.") from None
    try:
        return msgspec.convert(found if found is not None else {}, type=Parameters)
    except msgspec.ValidationError as why:
        names = ", ".join(Parameters.__struct_fields__)
        raise ParametersFaulty(f"{why}. The parameters are {names}; {DEFAULT.name} tells each.") from None


class House(msgspec.Struct):
    """The truth: how often each situation comes, and for each action the chance of choosing it, the goal, a good
    rating."""

    often: Numbers
    habit: Numbers
    reached: Numbers
    satisfied: Numbers


class Run(msgspec.Struct, frozen=True):
    """One run; shares. `goal` and `rating` are what it said that its own policy is worth, `true_…` what it is worth."""

    reached_by_habit: float
    reached: float
    satisfied_by_habit: float
    satisfied: float
    goal: Worth
    rating: Worth
    true_goal: float
    true_rating: float


def house(parameters: Parameters, random: Generator) -> House:
    """A house as the parameters describe it."""
    shape = (parameters.situations, parameters.actions)
    truth, apart, taste = random.random(shape), random.random(shape), random.normal(size=shape)
    wide = parameters.most - parameters.least
    mixed = parameters.agreement * truth + (1.0 - parameters.agreement) * apart
    drawn = parameters.skill * (truth - 0.5) * 3.5 + (1.0 - parameters.skill) * taste
    weights = np.exp(parameters.habit * drawn)
    habit = (1.0 - parameters.overlap) * weights / weights.sum(axis=1, keepdims=True) + parameters.overlap / shape[1]
    often = random.dirichlet(np.full(parameters.situations, 5.0))
    return House(often, habit, parameters.least + wide * truth, parameters.least + wide * mixed)


def run(parameters: Parameters, seed: int) -> Run:
    """Draw a house, log what people do, learn, and look at the truth. The same seed gives the same run."""
    random = np.random.default_rng(seed)
    truth = house(parameters, random)
    situations = random.choice(parameters.situations, size=parameters.logged, p=truth.often)
    actions = _chosen(truth.habit[situations], random)
    reached = (random.random(parameters.logged) < truth.reached[situations, actions]).astype(float)
    satisfied = (random.random(parameters.logged) < truth.satisfied[situations, actions]).astype(float)
    taught = np.arange(parameters.logged) < int(_LEARNED_FROM * parameters.logged)
    both = Choices(situations, actions, (reached + satisfied) / 2.0)
    size = (parameters.situations, parameters.actions)
    policy = policy_from(both.part(taught), *size)
    usual = habits(both, *size)
    goal, rating = (
        doubly_robust(Choices(situations, actions, good).part(~taught), policy, parameters.actions)
        for good in (reached, satisfied)
    )
    came = random.choice(parameters.situations, size=parameters.advised, p=truth.often)
    luck = random.random((2, parameters.advised))

    def lived(which: int, table: Numbers, chosen: Codes) -> float:
        return float((luck[which] < table[came, chosen[came]]).mean())

    places = np.arange(parameters.situations)
    true_goal, true_rating = (float(truth.often @ table[places, policy]) for table in (truth.reached, truth.satisfied))
    return Run(
        reached_by_habit=lived(0, truth.reached, usual),
        reached=lived(0, truth.reached, policy),
        satisfied_by_habit=lived(1, truth.satisfied, usual),
        satisfied=lived(1, truth.satisfied, policy),
        goal=goal,
        rating=rating,
        true_goal=true_goal,
        true_rating=true_rating,
    )


def _chosen(chances: Numbers, random: Generator) -> Codes:
    steps = chances.cumsum(axis=1)
    steps[:, -1] = 1.0
    found: Codes = (random.random(len(chances))[:, None] > steps).sum(axis=1).astype(np.intp)
    return found
