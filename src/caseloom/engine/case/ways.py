"""The shortest legal way on from a refusal: what to do first, and by whom, so that the refused command is accepted.

A search in breadth over the moves that are worth trying, each decided by the engine itself on a copy of the case: so a
way that is named is legal, and within the bound there is none with fewer commands.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from caseloom.engine.case import commands as c
from caseloom.engine.case.decide import decide
from caseloom.engine.case.moves import Hand, Move, Values, hands_of, moves, values_of
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.state import CaseState, Item
from caseloom.engine.case.turn import Moment
from caseloom.engine.rules.plan import Plan

LONGEST: Final = 4
"""Commands of a way at most, the refused one as its last."""
DECISIONS: Final = 1_500
"""How many commands are tried at most: some tenths of a second."""

Way = tuple[Move, ...]
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(CaseState).decode


class Spent(Exception):
    """As many commands were tried as the bound allows."""


def shortest_way(
    state: CaseState, command: c.Command, moment: Moment, longest: int = LONGEST, decisions: int = DECISIONS
) -> Way | None:
    """The fewest commands that end with the refused one being accepted: by another person, with another value, or after
    something else was done. None where there is none of that length, or none was found within the bound.

    `state` is the case as it stood before the refused command; it is left as it is.
    """
    search = _Search(state, command, moment, decisions)
    try:
        return search.find(longest)
    except Spent:
        return None


def named(refused: Refused, way: Way | None) -> Refused:
    """The refusal with the way on among its next steps: behind the advice of the rule's author, before an override."""
    if way is None:
        return refused
    advised = tuple(step for step in refused.next if not step.who)
    overrides = tuple(step for step in refused.next if step.who)
    return msgspec.structs.replace(refused, next=(*advised, *map(_step, way), *overrides))


def _step(move: Move) -> NextStep:
    arguments: dict[str, Any] = {k: v for k, v in msgspec.to_builtins(move.command).items() if v not in ("", None, {})}
    return NextStep(move.label, type(move.command).__name__, arguments, who=move.hand.who)


class _Search:
    def __init__(self, state: CaseState, command: c.Command, moment: Moment, decisions: int) -> None:
        self._start, self._command, self._moment = _encode(state), command, moment
        self._left = decisions
        self._plan: Plan = moment.plans(state.service_goal, state.version, state.house_version)
        self._hands: tuple[Hand, ...] = hands_of(self._plan, moment.actor)
        self._values: Values = values_of(self._plan)
        self._ids = next(moment.ids)

    def find(self, longest: int) -> Way | None:
        frontier: list[tuple[bytes, Way]] = [(self._start, ())]
        seen = {self._start}
        for length in range(longest):
            for stored, way in frontier:
                for last in self._last(stored):
                    if self._try(stored, last) is not None:
                        return (*way, last)
            if length + 1 < longest:
                frontier = list(self._further(frontier, seen))
        return None

    def _further(self, frontier: list[tuple[bytes, Way]], seen: set[bytes]) -> Iterator[tuple[bytes, Way]]:
        for stored, way in frontier:
            for move in moves(_decode(stored), self._plan, self._hands, self._values):
                after = self._try(stored, move)
                if after is not None and after not in seen:
                    seen.add(after)
                    yield after, (*way, move)

    def _last(self, stored: bytes) -> Iterator[Move]:
        """The refused command: as it was, by others, and with other values of the facts that it gives."""
        for hand in self._hands:
            label = f"Let {_article(hand.who)} do it" if hand.who else "Do it then"
            yield Move(self._command, hand, label)
        given: dict[str, Any] = getattr(self._command, "facts", {})
        for name in given:
            for value in self._values.get(name, ()):
                if value != given[name]:
                    changed = msgspec.structs.replace(self._command, facts={**given, name: value})
                    label = f"Give “{self._plan.facts[name].label or name}” as {value}"
                    yield Move(changed, self._hands[0], label)

    def _try(self, stored: bytes, move: Move) -> bytes | None:
        """The case after the move, or None where it is refused."""
        if self._left <= 0:
            raise Spent
        self._left -= 1
        state = _decode(stored)
        finished: dict[int, Item] = dict(self._moment.finished)
        moment = msgspec.structs.replace(
            self._moment, actor=move.hand.actor, ids=iter(range(self._ids, self._ids + 1_000)), finished=finished
        )
        outcome = decide(state, move.command, moment)
        if isinstance(outcome, Refused):
            return None
        state.rest()
        return _encode(state)


def _article(who: str) -> str:
    return who if who.startswith(("a ", "an ", "another ", "the ")) else f"a {who}"
