"""Runs a pattern in steps that grow with the text and not with the ways of matching it: all ways at once.

The pattern becomes a small program; at each character every way that still goes is one thread at one instruction, the
most wanted first (the "Pike machine"). So the match is that of a backtracker, the work at most length × program, and
the steps are counted: no pattern can run away, and the bound is the same on every machine.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from caseloom.engine.feel.faults import Faulted
from caseloom.engine.feel.pattern_tree import Anchor, BackReference, Choice, Group, Part, Repeat, Sequence, Set

MAX_PROGRAM: Final = 5_000

# (operation, argument, argument): a set has its test; a split the two places to go on at, the wanted one first.
CHARACTER, SPLIT, JUMP, SAVE, START, END, MATCH = range(7)
Test: TypeAlias = Callable[[str], bool]
Instruction: TypeAlias = tuple[int, object, int]
Saves: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Where a match and its groups begin and end; -1 for a group that took no part."""

    saves: Saves

    @property
    def start(self) -> int:
        return self.saves[0]

    @property
    def end(self) -> int:
        return self.saves[1]


class Machine:
    """A pattern as a program. Raises `Faulted` for one that refers back to its groups or is too large."""

    def __init__(self, part: Part, groups: int, set_test: Callable[[str], Test], by_line: bool) -> None:
        self._set_test = set_test
        self._program: list[Instruction] = []
        self._by_line = by_line
        self._width = 2 * (groups + 1)
        self._add(SAVE, 0)
        self._write(part)
        self._add(SAVE, 1)
        self._add(MATCH)

    # -- writing the program ---------------------------------------------------------------------------------

    def _add(self, operation: int, argument: object = None, second: int = 0) -> int:
        if len(self._program) >= MAX_PROGRAM:
            raise Faulted("The pattern is too large. Repeat fewer parts in it.")
        self._program.append((operation, argument, second))
        return len(self._program) - 1

    def _write(self, part: Part) -> None:
        match part:
            case Set(text=text):
                self._add(CHARACTER, self._set_test(text))
            case Anchor(sign=sign):
                self._add(START if sign == "^" else END)
            case Sequence(parts=parts):
                for one in parts:
                    self._write(one)
            case Group(body=body, number=number):
                self._write_group(body, number)
            case Choice(branches=branches):
                self._write_choice(branches)
            case Repeat():
                self._write_repeat(part)
            case BackReference():
                raise Faulted("A pattern that refers back to its groups is too dear for this text. Make it simpler.")

    def _write_group(self, body: Part, number: int) -> None:
        if number:
            self._add(SAVE, 2 * number)
        self._write(body)
        if number:
            self._add(SAVE, 2 * number + 1)

    def _write_choice(self, branches: tuple[Part, ...]) -> None:
        ends = []
        for branch in branches[:-1]:
            split = self._add(SPLIT)
            self._write(branch)
            ends.append(self._add(JUMP))
            self._program[split] = (SPLIT, split + 1, len(self._program))
        self._write(branches[-1])
        for end in ends:
            self._program[end] = (JUMP, len(self._program), 0)

    def _write_repeat(self, part: Repeat) -> None:
        for _ in range(part.least):
            self._write(part.body)
        if part.most is None:
            split = self._add(SPLIT)
            self._write(part.body)
            self._add(JUMP, split)
            self._program[split] = self._split(split + 1, len(self._program), part.reluctant)
            return
        splits = []
        for _ in range(part.most - part.least):
            splits.append(self._add(SPLIT))
            self._write(part.body)
        for split in splits:
            self._program[split] = self._split(split + 1, len(self._program), part.reluctant)

    def _split(self, inside: int, behind: int, reluctant: bool) -> Instruction:
        return (SPLIT, behind, inside) if reluctant else (SPLIT, inside, behind)

    # -- running it ------------------------------------------------------------------------------------------

    def search(self, text: str, at: int, spend: Callable[[int], None]) -> Found | None:
        """The first match from a place on. `spend` is told of the steps taken, and may raise."""
        threads: list[tuple[int, Saves]] = []
        found: Saves | None = None
        nothing = (-1,) * self._width
        for place in range(at, len(text) + 1):
            if found is None:
                threads.append((0, nothing))
            if not threads:
                break
            ready, matched, steps = self._reached(threads, text, place)
            spend(steps)
            found = matched if matched is not None else found
            character = text[place : place + 1]
            threads = [
                (number + 1, saves)
                for number, saves in ready
                if character and self._program[number][1](character)  # type: ignore[operator]
            ]
        return None if found is None else Found(found)

    def _reached(
        self, threads: list[tuple[int, Saves]], text: str, place: int
    ) -> tuple[list[tuple[int, Saves]], Saves | None, int]:
        """The characters that are waited for at a place, in order of preference, up to a match that beats the rest; and
        the steps taken."""
        ready: list[tuple[int, Saves]] = []
        seen: set[int] = set()
        for thread in threads:
            stack = [thread]
            while stack:
                number, saves = stack.pop()
                if number in seen:
                    continue
                seen.add(number)
                operation, argument, second = self._program[number]
                if operation == CHARACTER:
                    ready.append((number, saves))
                elif operation == SPLIT:
                    stack += [(second, saves), (argument, saves)]  # type: ignore[list-item]
                elif operation == JUMP:
                    stack.append((argument, saves))  # type: ignore[arg-type]
                elif operation == SAVE:
                    slot: int = argument  # type: ignore[assignment]
                    stack.append((number + 1, (*saves[:slot], place, *saves[slot + 1 :])))
                elif operation == MATCH:
                    return ready, saves, len(seen)
                elif self._holds(operation, text, place):
                    stack.append((number + 1, saves))
        return ready, None, len(seen)

    def _holds(self, operation: int, text: str, place: int) -> bool:
        if operation == START:
            return place == 0 or (self._by_line and text[place - 1] == "\n" and place < len(text))
        return place == len(text) or (self._by_line and text[place] == "\n")

    def matches(self, text: str, spend: Callable[[int], None]) -> Iterator[Found]:
        """All matches, one behind the other."""
        at = 0
        while at <= len(text):
            found = self.search(text, at, spend)
            if found is None:
                return
            yield found
            at = found.end + (found.end == found.start)
