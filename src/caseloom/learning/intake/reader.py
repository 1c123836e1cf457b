"""The intake's one door: `fit` learns from examples, a `Model` reads messages, takes corrections, explains itself.

    model = fit(examples, encoder)
    reading = model.read(text, known_cases)
    model = model.correct(example)

Pure: no clock, no database; a model never changes, `correct` and `with_rates` give another one that shares all arrays.
"""

from collections.abc import Mapping, MutableMapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from caseloom.learning.intake.encoder import Encoder, Vector
from caseloom.learning.intake.example import Example
from caseloom.learning.intake.facts import NamedFact, named_facts
from caseloom.learning.intake.message_text import language_of
from caseloom.learning.intake.model import Learned, Scorer, Scores, Signs
from caseloom.learning.intake.neighbours import BORNE_OUT, MOST_CORRECTIONS, Correction, Neighbour, nearness
from caseloom.learning.intake.training import learn
from caseloom.learning.intake.wants import Want, wants

MOST_GOALS = 5
OFFERED = 3
"""So many goals an agent picks from."""
ENOUGH = 0.5
"""The probability that the offered goals must have together; below, a person reads the message."""
AGREED = 1.8
"""Votes of two people, about, after which corrections open a case without the model."""

Verdict = Literal["opens", "asks", "reads"]


class KnownCase(msgspec.Struct, frozen=True):
    """An open case of the customer: its id, its service goal, and the numbers by which a message may name it."""

    case: str
    goal: str
    numbers: tuple[str, ...] = ()


class Reading(msgspec.Struct, frozen=True):
    """What a message wants, as far as the model can tell.

    goals: the likeliest with their calibrated probabilities, best first. out_of_scope: how surely it fits none of our
    goals; from 0.5 on the verdict is never to open. wants: each want with its place in the text; several where the
    message wants several things. verdict: `opens` those of `opening` without asking (other wants are proposed in the
    case), `asks` which of the first three, or a person `reads` it. cases: the customer's open cases that it may be
    about: 1 for one named by number, else the probability of the case's goal. facts: what the text names. language:
    `en`, `de`, `other`, "" for a text that does not say. corrected: whether corrections of like messages had a say.
    """

    goals: tuple[tuple[str, float], ...]
    out_of_scope: float
    wants: tuple[Want, ...]
    verdict: Verdict
    opening: tuple[str, ...]
    cases: tuple[tuple[str, float], ...]
    facts: tuple[NamedFact, ...]
    language: str
    corrected: bool


class Model:
    """What the intake knows. Make one with `fit` or `saving.load_model`."""

    def __init__(
        self,
        learned: Learned,
        encoder: Encoder | None = None,
        rates: Mapping[str, float] | None = None,
        corrections: Sequence[Correction] = (),
    ) -> None:
        self.scorer = Scorer(learned, encoder, rates or {}, corrections)

    @property
    def goals(self) -> tuple[str, ...]:
        """The service goals that it knows, sorted; behind them those that only corrections name."""
        return self.scorer.names

    def read(
        self,
        text: str,
        known_cases: Sequence[KnownCase] = (),
        *,
        moment: datetime | None = None,
        language: str = "",
    ) -> Reading:
        """Read a message (subject, text and attachments' text, joined by blank lines).

        moment: when it came; without it, words such as "tomorrow" are no dates. language: where it is known; guessed
        otherwise. Any text can be read; of a very long one the beginning counts.
        """
        facts = named_facts(text, moment)
        spoken = language or language_of(text)
        if not self.goals or not text.strip():
            return Reading((), 1.0, (), "reads", (), _named(facts, known_cases), facts, spoken, False)
        signs = self.scorer.signs(text, spoken)
        scores = self.scorer.scores(signs)
        order = (-scores.chances).argsort(kind="stable")[:MOST_GOALS].tolist()
        goals = tuple((self.goals[place], round(float(scores.chances[place]), 4)) for place in order)
        found = wants(self.scorer, text, signs, scores)
        opening = self._opening(signs, scores, found, known_cases)
        verdict: Verdict = "opens" if opening else "asks" if self._worth_asking(goals, scores) else "reads"
        cases = _cases(dict(zip(self.goals, scores.chances.tolist(), strict=True)), known_cases, facts)
        says = bool(scores.votes.weights)
        return Reading(goals, round(scores.outside, 4), found, verdict, opening, cases, facts, spoken, says)

    def correct(self, example: Example) -> "Model":
        """A model that knows what an agent said of one message; it counts from the next like message on.

        A later correction of the same message (`key`) by the same actor replaces the former; the newest
        `MOST_CORRECTIONS` count until the next `fit`.
        """
        scorer = self.scorer
        signs = scorer.signs(example.text, example.language)
        one = Correction(
            example.key,
            example.person,
            example.actor,
            example.goals,
            signs.sparse,
            signs.vector,
            self._borne_out(example, signs),
        )
        kept = [old for old in scorer.corrections if not one.key or (old.key, old.actor) != (one.key, one.actor)]
        return Model(scorer.learned, scorer.encoder, scorer.rates, (*kept, one)[-MOST_CORRECTIONS:])

    def with_rates(self, rates: Mapping[str, float]) -> "Model":
        """A model whose goals open at most the given share of cases wrongly (0.01 where none is given; 0 never
        opens)."""
        return Model(self.scorer.learned, self.scorer.encoder, rates, self.scorer.corrections)

    def forget(self, person: str) -> "Model":
        """A model without the person's corrections. What was learned of their messages goes with the next `fit`
        without them."""
        kept = [one for one in self.scorer.corrections if one.person != person]
        return Model(self.scorer.learned, self.scorer.encoder, self.scorer.rates, kept)

    def nearest(self, text: str, language: str = "") -> tuple[Neighbour, ...]:
        """The earlier messages that are most like a text, best first."""
        signs = self.scorer.signs(text, language)
        kept = self.scorer.learned.neighbours
        return kept.nearest(kept.likeness(signs.sparse, signs.vector))

    def _borne_out(self, example: Example, signs: Signs) -> bool:
        """Whether anything but this one person speaks for what the example says."""
        for other in self.scorer.corrections:
            same = other.goals == example.goals and other.actor != example.actor
            if same and nearness(other, signs.sparse, signs.vector) >= 1:
                return True
        if not self.scorer.learned.goals:
            return False
        scores = self.scorer.scores(signs)
        if not example.goals:
            return scores.outside >= ENOUGH
        own = dict(zip(self.goals, scores.own.tolist(), strict=True))
        return all(own.get(goal, 0.0) >= BORNE_OUT for goal in example.goals)

    def _worth_asking(self, goals: tuple[tuple[str, float], ...], scores: Scores) -> bool:
        return scores.outside < ENOUGH and sum(chance for _, chance in goals[:OFFERED]) >= ENOUGH

    def _opening(
        self, signs: Signs, scores: Scores, found: tuple[Want, ...], known_cases: Sequence[KnownCase]
    ) -> tuple[str, ...]:
        """The goals that open without asking: the first, where it is sure enough, and others that are so and firm.

        Nothing opens that would double an open case, or that corrections speak against.
        """
        if scores.outside >= ENOUGH:
            return ()
        agreed = self._agreed(scores)
        if scores.votes.weights and not agreed:
            return ()
        sure = dict(zip(self.goals, self.scorer.safe_from(signs).tolist(), strict=True))
        opening = tuple(
            one.goal for one in found if one.firm and (one.goal in agreed or one.probability >= sure[one.goal])
        )
        doubled = any(case.goal in opening for case in known_cases)
        return opening if found and found[0].goal in opening and not doubled else ()

    def _agreed(self, scores: Scores) -> frozenset[str]:
        """The goals of like messages' corrections, where two people at least stand behind each and nobody says
        anything else."""
        said = scores.votes
        alone = any(said.people[goal] < 2 or weight < AGREED for goal, weight in said.weights.items())
        return frozenset() if alone or "" in said.weights or len(said.weights) != 1 else frozenset(said.weights)


def fit(
    examples: Sequence[Example],
    encoder: Encoder | None = None,
    *,
    rates: Mapping[str, float] | None = None,
    vectors: MutableMapping[str, Vector] | None = None,
) -> Model:
    """Learn from examples; the same ones in any order give the same model.

    rates: per service goal the share of wrong openings that its owner bears (0.01 otherwise). vectors: those of
    texts from earlier calls with the same encoder, by text; new ones are added, so a refit need not encode again.
    """
    learned, corrections = learn(examples, encoder, vectors)
    return Model(learned, encoder, rates, corrections)


def _named(facts: tuple[NamedFact, ...], known_cases: Sequence[KnownCase]) -> tuple[tuple[str, float], ...]:
    numbers = {str(fact.value) for fact in facts if fact.kind.endswith("number")}
    return tuple((case.case, 1.0) for case in known_cases if numbers & set(case.numbers))


def _cases(
    chances: Mapping[str, float], known_cases: Sequence[KnownCase], facts: tuple[NamedFact, ...]
) -> tuple[tuple[str, float], ...]:
    named = dict(_named(facts, known_cases))
    found = {case.case: named.get(case.case) or round(chances.get(case.goal, 0.0), 4) for case in known_cases}
    return tuple(sorted(found.items(), key=lambda item: (item[0] not in named, -item[1], item[0])))
