"""Order and time: what a sentence says of acts one after another, as a small automaton with a memory.

A rule such as “A refund must be approved before it is paid” is an automaton over *acts* (`complete pay the refund`,
`close`). An act of the case is one of the automaton's letters, or none of them; letters are tried in their order, the
first that fits counts. From each state a letter leads to another state or is forbidden; a pair that no move names stays
where it is. Beside the state the memory keeps, per letter, who did it and when, as far as a check asks for it. A state
may have a term: who stays in it for longer has broken the rule.

Cost: a step looks at one letter and at the few checks on it. The memory is bounded by the definition, never by history.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Literal

import msgspec

FORBIDDEN: Final = -1
"""The target of a move that must not be made."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of happening: one of `acts`, while `when` (FEEL over the case, the actor and the object) holds."""

    acts: tuple[str, ...]
    when: str | None = None


class Move(msgspec.Struct, frozen=True):
    """In `state`, `letter` (its number) leads to state `to`, or is `FORBIDDEN`."""

    state: int
    letter: int
    to: int


class PersonCheck(msgspec.Struct, frozen=True):
    """`letter` is forbidden unless its actor is the same person as, or another than, everyone who did `other`.

    Where nobody has done `other` yet, nothing is compared. The two may be the same letter (“each time by another”).
    """

    letter: int
    other: int
    person: Literal["same", "different"]


class TimeCheck(msgspec.Struct, frozen=True):
    """`letter` is forbidden when the `count`-th last `other` is less (`sooner`) or more (`later`) than `term` ago.

    `sooner` with `other` = `letter` and `count` = n says “at most n times within the term”; with another letter and
    `count` = 1 “not within the term after it”; `later` says “at the latest a term after it”. Where there has been no
    such `other` yet, nothing is forbidden.
    """

    letter: int
    other: int
    term: str
    relation: Literal["sooner", "later"]
    count: int = 1


class Deadline(msgspec.Struct, frozen=True):
    """Whoever stays in `state` for longer than `term` has broken the rule, and goes on in state `to`."""

    state: int
    term: str
    to: int


class OrderSpec(msgspec.Struct, frozen=True, kw_only=True):
    """The automaton of a sentence. State 0 is the first.

    `subject` names the list fact whose objects are told apart (one memory each), empty for one memory a case. In the
    states of `unfinished` the case must not be closed.
    """

    says: str
    letters: tuple[Letter, ...]
    moves: tuple[Move, ...] = ()
    people: tuple[PersonCheck, ...] = ()
    times: tuple[TimeCheck, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    unfinished: tuple[int, ...] = ()
    subject: str = ""
    each: str = ""
    """The name by which the conditions of the letters call the one object: `refund` of the list `refunds`."""
    override: tuple[str, ...] = ()
    """The roles that may override it with a reason."""
    way_on: str = ""


class Deed(msgspec.Struct, frozen=True, array_like=True):
    """Who did a letter, and when; `actor` is a pseudonymous id."""

    letter: int
    actor: str
    at: datetime


class Memory(msgspec.Struct, frozen=True, array_like=True):
    """Where an automaton stands: its state, until when at the latest, and what its checks need of before."""

    state: int = 0
    deeds: tuple[Deed, ...] = ()
    due: datetime | None = None


START: Final = Memory()

Later = Callable[[datetime, str], datetime]
"""(moment, term) → the moment when the term has run out, in business time where the term says so."""


class Broken(msgspec.Struct, frozen=True):
    """Why a step is forbidden: the move, person or time check that it fails, and the deeds that made it so."""

    by: Literal["move", "person", "time"]
    deeds: tuple[Deed, ...] = ()
    until: datetime | None = None
    """For a time check `sooner`: when it will be allowed."""


class Automaton:
    """An `OrderSpec` made ready to run. Immutable. Raises ValueError where a move or check names an unknown letter."""

    def __init__(self, spec: OrderSpec) -> None:
        self.spec = spec
        known = range(len(spec.letters))
        named = [move.letter for move in spec.moves]
        named += [n for by in spec.people for n in (by.letter, by.other)]
        named += [n for timed in spec.times for n in (timed.letter, timed.other)]
        if any(letter not in known for letter in named):
            raise ValueError(f"“{spec.says}” names a letter that it does not have")
        self._moves: Mapping[tuple[int, int], int] = {(m.state, m.letter): m.to for m in spec.moves}
        self._deadlines = {deadline.state: deadline for deadline in spec.deadlines}
        self._people = {n: tuple(c for c in spec.people if c.letter == n) for n in known}
        self._times = {n: tuple(c for c in spec.times if c.letter == n) for n in known}
        self._all_people = frozenset(check.other for check in spec.people)
        self._last = {n: max((c.count for c in spec.times if c.other == n), default=0) for n in known}

    def forbids(self, memory: Memory, letter: int, actor: str, now: datetime, later: Later) -> Broken | None:
        """Why `letter` must not happen now, or None."""
        if self._moves.get((memory.state, letter)) == FORBIDDEN:
            return Broken("move", memory.deeds)
        for check in self._people[letter]:
            before = tuple(deed for deed in memory.deeds if deed.letter == check.other)
            wrong = tuple(deed for deed in before if (deed.actor == actor) == (check.person == "different"))
            if wrong:
                return Broken("person", wrong)
        for timed in self._times[letter]:
            before = tuple(deed for deed in memory.deeds if deed.letter == timed.other)
            if len(before) < timed.count:
                continue
            deed = before[-timed.count]
            end = later(deed.at, timed.term)
            if (now < end) if timed.relation == "sooner" else (now > end):
                return Broken("time", (deed,), end if timed.relation == "sooner" else None)
        return None

    def step(self, memory: Memory, letter: int, actor: str, now: datetime, later: Later) -> Memory:
        """The memory after `letter`. What was forbidden and happened all the same (the world asks no leave, and some
        rules are overridden) stays in its state; the deed is kept.
        """
        to = self._moves.get((memory.state, letter), memory.state)
        to = memory.state if to == FORBIDDEN else to
        return Memory(to, self._kept(memory, Deed(letter, actor, now)), self._due(memory, to, now, later))

    def expire(self, memory: Memory, now: datetime, later: Later) -> Memory:
        """The memory after its term has run out."""
        to = self._deadlines[memory.state].to
        return Memory(to, memory.deeds, self._due(memory, to, now, later))

    def _due(self, memory: Memory, to: int, now: datetime, later: Later) -> datetime | None:
        if to == memory.state and memory.due is not None:
            return memory.due
        deadline = self._deadlines.get(to)
        return later(now, deadline.term) if deadline is not None and to != memory.state else None

    def _kept(self, memory: Memory, deed: Deed) -> tuple[Deed, ...]:
        """Of a letter that is compared by person, one deed a person; by time, the last `count`."""
        times, people = self._last[deed.letter], deed.letter in self._all_people
        if not times and not people:
            return memory.deeds
        others = tuple(old for old in memory.deeds if old.letter != deed.letter)
        same = tuple(old for old in memory.deeds if old.letter == deed.letter)
        recent = same[-(times - 1) :] if times > 1 else ()
        first = tuple(old for old in same if people and old.actor != deed.actor and old not in recent)
        return (*others, *first, *recent, deed)
