"""The learner of one house: hears each step as it happens, and says what is next, how long it takes, and how likely it
ends well.

    learner = Learner(Settings(facts=("product", "channel")))
    learner.happened(7, Step("Take in charge", at, "ann", {"product": "P3"}))
    learner.next(7)          Ranking: actions with probabilities, the first three of them most often right
    learner.remaining(7)     seconds to the end: median and 80 % interval
    learner.foresight(7)     goal reached, in time, rated well
    learner.ended(7, Outcome(reached=True))
    learner.worths(7)        what each action was worth in such a situation, by how the cases ended
    learner.answered(7, "Resolve", "bob", taken=False)
    learner.forget(history)  erasure: the counters are then as if the case had never been
    reasons.reasons(learner, 7, "Resolve"), state.dump(learner), state.load(data)

What is learned of a person's case are whole numbers that are added, and taken back from the case's history alone.
Weights and scales (how situations are weighed against each other, how said probabilities came true) are a few thousand
numbers about the method; they hold no case, and stay.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from caseloom.learning.steps.answers import Answers
from caseloom.learning.steps.chance import Chance, Ending, Guess
from caseloom.learning.steps.contexts import Contexts
from caseloom.learning.steps.counters import Counters, RecentCounters
from caseloom.learning.steps.evidence import Evidence
from caseloom.learning.steps.mixing import Mixture, Said
from caseloom.learning.steps.outcomes import ChoiceCounts, Worth
from caseloom.learning.steps.remaining import Estimate, Remaining, RemainingTime
from caseloom.learning.steps.scale import Scale
from caseloom.learning.steps.step import END, Case, Outcome, Path, Step, hash_of, mixed

TARGETS: Final = ("reached", "in_time", "rated_well")
FACTS_AT_MOST: Final = 12
_KEPT: Final = 64
_SAID_AT_MOST: Final = 2000


class Settings(msgspec.Struct, frozen=True):
    """What is set once. `facts` are the declared ones; another list begins a new learner.

    `service_class` is the fact by which the plain median of the remaining time is told apart. `half_life` is in days.
    `origin` (seconds since the epoch) is a moment before all steps. `situations` bounds the memory: about 300 bytes
    each.
    """

    facts: tuple[str, ...] = ()
    service_class: str = ""
    half_life: float = 20.0
    origin: float = 1_262_304_000.0
    situations: int = 700_000


class Proposal(msgspec.Struct, frozen=True):
    """One action with its probability; `END` is that nothing follows.

    `worth` is 1, or less where people declined it: the order is that of the product.
    """

    action: str
    probability: float
    worth: float = 1.0


class Ranking(msgspec.Struct, frozen=True):
    """What may follow, the most likely first. Empty where nothing was ever learned: no advice rather than a bad one."""

    proposals: tuple[Proposal, ...] = ()

    @property
    def best(self) -> Proposal | None:
        """The most likely."""
        return self.proposals[0] if self.proposals else None


class History(msgspec.Struct, frozen=True):
    """All steps of a case in the order in which they were told, and how it ended; `open` where it has not ended."""

    case: Case
    steps: Sequence[Step]
    outcome: Outcome = Outcome()
    open: bool = False


class Kept(msgspec.Struct):
    """What was said at one step about the end, until it is known."""

    length: int
    estimate: Estimate
    guesses: list[Guess | None]


class OpenCase(msgspec.Struct):
    """A case that has not ended: its way, the situations of its last step, and what was said at its steps."""

    path: Path
    keys: list[int] = []
    kept: list[Kept] = msgspec.field(default_factory=list)
    chosen: list[tuple[int, int]] = []


class Learner:
    """See the module. Not for several threads at once."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        if len(self.settings.facts) > FACTS_AT_MOST:
            raise ValueError(f"At most {FACTS_AT_MOST} facts can be declared as telling.")
        self.contexts = Contexts(self.settings.facts)
        limit = self.settings.situations
        self.actions: list[str] = []
        self.codes: dict[str, int] = {}
        self.counters = Counters(limit)
        self.recent = RecentCounters(self.settings.half_life * 86400.0, self.settings.origin, max(limit // 8, 1000))
        self.mixture = Mixture(len(self.contexts.all) + len(self.contexts.recent))
        self.scale = Scale()
        timed = len(self.contexts.timed) + 1
        self.time = RemainingTime(timed, max(limit // 8, 1000))
        self.endings = {target: Ending(timed, max(limit // 4, 1000)) for target in TARGETS}
        self.choices = ChoiceCounts(max(limit // 8, 1000))
        self.answers = Answers(max(limit // 8, 1000))
        self.evidence = Evidence(max(limit // 4, 1000))
        self.open: dict[Case, OpenCase] = {}
        self._said: dict[Case, Said | None] = {}
        self._hashes: dict[str, int] = {}

    # -- hearing -----------------------------------------------------------------------------------------------

    def happened(self, case: Case, step: Step, learn: bool = True) -> None:
        """A step was done: it is learned as what followed the way so far, and the case goes on; without `learn` the
        case only goes on.

        Raises:
            ValueError: the moment has no zone.
        """
        if step.at.tzinfo is None:
            raise ValueError(f"The moment of “{step.action}” has no zone.")
        found = self.open.get(case)
        if found is None:
            found = self.open[case] = OpenCase(Path.of(step))
        elif learn:
            self._learn(case, found, step.action)
            if _kept(found.path.length):
                found.chosen.append((found.keys[self.contexts.choosing], self._code(step.action)))
        self._said.pop(case, None)
        self._go(found, step)
        if learn:
            self._keep(found)

    def ended(self, case: Case, outcome: Outcome | None = None, learn: bool = True) -> None:
        """Nothing follows: the end is learned, the remaining times, and how it ended. A case that is not open is
        passed over.
        """
        found = self.open.pop(case, None)
        if found is None or not learn:
            self._said.pop(case, None)
            return
        self._learn(case, found, END)
        known = outcome or Outcome()
        for kept in found.kept:
            self.time.learn(kept.estimate, found.path.at)
            for target, guess in zip(TARGETS, kept.guesses, strict=True):
                good = getattr(known, target)
                if good is not None and guess is not None:
                    self.endings[target].learn(guess, good)
        if known.reached is not None:
            for situation, code in found.chosen:
                self.choices.add(situation, code, known.good)

    def _learn(self, case: Case, found: OpenCase, action: str) -> None:
        said = self._said.pop(case, None)
        if said is None:
            said = self.say(found)
        code = self._code(action)
        if said is not None:
            self.mixture.learn(said, code)
            best = int(said.chances.argmax())
            self.scale.learn(float(said.chances[best]), said.actions[best] == code)
        self.counters.add(found.keys, code)
        self.recent.add([found.keys[place] for place in self.contexts.recent], code, found.path.at)
        self.evidence.add(found.keys, code, case, self.counters)

    def _go(self, found: OpenCase, step: Step) -> None:
        facts = tuple(self._hash(step.facts.get(name, "")) for name in self.settings.facts)
        found.path.take(step, self._hash(step.action), self._hash(step.actor), facts)
        found.keys = self.contexts.keys(found.path)

    def _keep(self, found: OpenCase) -> None:
        """What is said about the end; in a long case ever fewer steps are kept, so that it costs no more than
        others.
        """
        if not _kept(found.path.length):
            return
        keys = self._timed(found)
        found.kept.append(
            Kept(
                found.path.length,
                self.time.say(found.path.at, keys),
                [self.endings[target].say(keys[1:])[1] for target in TARGETS],
            )
        )

    def _timed(self, found: OpenCase) -> list[int]:
        """The situations for time and outcome: that of the service class first."""
        name, keys = self.settings.service_class, found.keys
        place = self.settings.facts.index(name) if name in self.settings.facts else -1
        plain = mixed(99, found.path.facts[place]) if place >= 0 else keys[0]
        return [plain, *(keys[each] for each in self.contexts.timed)]

    # -- saying ------------------------------------------------------------------------------------------------

    def next(self, case: Case, allowed: Callable[[str], bool] | None = None) -> Ranking:
        """What may follow in an open case; of a case that is not open, nothing is known.

        `allowed` says what may be shown: what a rule forbids is left out, and the others keep their probabilities.
        """
        found = self.open.get(case)
        if found is None:
            return Ranking()
        said = self.say(found)
        if said is None:
            return Ranking()
        if len(self._said) > _SAID_AT_MOST:
            for old in list(self._said)[: _SAID_AT_MOST // 2]:
                del self._said[old]
        self._said[case] = said
        ranking = self._ordered(found, self.ranked(said)) if self.answers.table else self.ranked(said)
        if allowed is None:
            return ranking
        return Ranking(tuple(each for each in ranking.proposals if allowed(each.action)))

    def answered(self, case: Case, action: str, person: str, taken: bool) -> None:
        """A person took or declined an action that was advised; of an open case only."""
        found, code = self.open.get(case), self.codes.get(action)
        if found is not None and code is not None:
            self.answers.add([found.keys[self.contexts.choosing]], code, self._hash(person), taken)

    def _ordered(self, found: OpenCase, ranking: Ranking) -> Ranking:
        situation = found.keys[self.contexts.choosing]
        proposals = [
            Proposal(each.action, each.probability, self.answers.worth(situation, self.codes[each.action]))
            for each in ranking.proposals
        ]
        return Ranking(tuple(sorted(proposals, key=lambda each: -each.probability * each.worth)))

    def worths(self, case: Case) -> Mapping[str, Worth]:
        """How many of those who took each action in this situation reached the goal, with the interval of 95 %."""
        found = self.open.get(case)
        if found is None:
            return {}
        worths = self.choices.worths(found.keys[self.contexts.choosing])
        return {self.actions[code]: worth for code, worth in worths.items()}

    def effects(self, case: Case) -> Mapping[str, Worth]:
        """By how much each action moves the chance of a good end, against what is usual where it was taken."""
        found = self.open.get(case)
        if found is None:
            return {}
        effects = self.choices.effects(found.keys[self.contexts.choosing])
        return {self.actions[code]: effect for code, effect in effects.items()}

    def ranked(self, said: Said) -> Ranking:
        """The chances as a ranking; that of the first is moved to where its like came true, the others share the
        rest.
        """
        order = (-said.chances).argsort(kind="stable")
        first = float(said.chances[order[0]])
        true = self.scale.read(first) if len(order) > 1 else first
        rest = (1.0 - true) / (1.0 - first) if first < 1.0 else 0.0
        chances = said.chances.tolist()
        names = self.actions
        proposals = [
            Proposal(names[said.actions[place]], true if not number else chances[place] * rest)
            for number, place in enumerate(order.tolist())
        ]
        return Ranking(tuple(proposals))

    def remaining(self, case: Case) -> Remaining | None:
        """How long after its last step the case will have ended; None where nothing is known yet."""
        estimate = self.estimate(case)
        return estimate.said if estimate is not None else None

    def estimate(self, case: Case) -> Estimate | None:
        """The same beside the plain medians."""
        found = self.open.get(case)
        if found is None:
            return None
        if found.kept and found.kept[-1].length == found.path.length:
            return found.kept[-1].estimate
        return self.time.say(found.path.at, self._timed(found))

    def foresight(self, case: Case) -> Mapping[str, Chance]:
        """The chances of `reached`, `in_time` and `rated_well`; those of which nothing is known are left out."""
        found = self.open.get(case)
        if found is None:
            return {}
        keys = self._timed(found)[1:]
        said = {target: self.endings[target].say(keys)[0] for target in TARGETS}
        return {target: chance for target, chance in said.items() if chance is not None}

    def say(self, found: OpenCase, away: Iterable[int] = ()) -> Said | None:
        """What is said now; `away` are the places of situations that are taken away, for `reasons`."""
        table, recents = self.counters.table, self.recent.table
        entries = [table.get(key) for key in found.keys]
        faded = [recents.get(found.keys[place]) for place in self.contexts.recent]
        for place in away:
            if place < len(entries):
                entries[place] = None
            else:
                faded[place - len(entries)] = None
        last = found.path.recent[0]
        return self.mixture.say(entries, faded, self.recent.weight(found.path.at), last)

    # -- forgetting --------------------------------------------------------------------------------------------

    def forget(self, history: History) -> None:
        """Take back all that was counted of a case, from its history."""
        self.open.pop(history.case, None)
        self._said.pop(history.case, None)
        self.evidence.take(history.case)
        if not history.steps:
            return
        found = OpenCase(Path.of(history.steps[0]))
        kept: list[tuple[float, list[int]]] = []
        chosen: list[tuple[int, int]] = []
        for step in history.steps:
            if found.keys:
                self._take(found, step.action)
                if _kept(found.path.length):
                    chosen.append((found.keys[self.contexts.choosing], self._code(step.action)))
            self._go(found, step)
            if _kept(found.path.length):
                kept.append((found.path.at, self._timed(found)))
        if history.open:
            return
        self._take(found, END)
        for at, keys in kept:
            self.time.forget(at, keys, found.path.at)
            for target in TARGETS:
                good = getattr(history.outcome, target)
                if good is not None:
                    self.endings[target].forget(keys[1:], good)
        if history.outcome.reached is not None:
            for situation, code in chosen:
                self.choices.take(situation, code, history.outcome.good)

    def _take(self, found: OpenCase, action: str) -> None:
        code = self.codes.get(action)
        if code is None:
            return
        self.counters.take(found.keys, code)
        self.recent.take([found.keys[place] for place in self.contexts.recent], code, found.path.at)

    # -- names -------------------------------------------------------------------------------------------------

    def _code(self, action: str) -> int:
        code = self.codes.get(action)
        if code is None:
            code = self.codes[action] = len(self.actions)
            self.actions.append(action)
        return code

    def _hash(self, text: str) -> int:
        found = self._hashes.get(text)
        if found is None:
            if len(self._hashes) > 100_000:
                self._hashes.clear()
            found = self._hashes[text] = hash_of(text)
        return found


def _kept(length: int) -> bool:
    """The first 64 steps, then every second, every fourth …"""
    return length <= _KEPT or length % (1 << (length // _KEPT).bit_length()) == 0
