"""The parts of a regular expression of XPath (XPath functions 3.1 §5.6.1), and how dear it is to a backtracker.

Only what is sound comes here: elementpath has refused the rest. A set of characters stays the text that it is.
"""

import re
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Set:
    """One character of a set: a character, an escape, `.` or a class in brackets."""

    text: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """`^` or `$`."""

    sign: str


@dataclass(frozen=True, slots=True)
class Group:
    """Parentheses; `number` is 0 where they capture nothing."""

    body: "Part"
    number: int


@dataclass(frozen=True, slots=True)
class BackReference:
    number: int


@dataclass(frozen=True, slots=True)
class Sequence:
    parts: tuple["Part", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    branches: tuple["Part", ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """`most` is None without a bound; a reluctant one takes as little as it can."""

    body: "Part"
    least: int
    most: int | None
    reluctant: bool


Part: TypeAlias = Set | Anchor | Group | BackReference | Sequence | Choice | Repeat

_QUANTIFIER = re.compile(r"(?:([?*+])|\{(\d+)(,(\d*))?\})(\??)")
_BOUNDS = {"?": (0, 1), "*": (0, None), "+": (1, None)}
_ESCAPE = re.compile(r"\\(?:[pP]\{[^}]*\}|\d+|.)", re.DOTALL)


def read_pattern(text: str) -> Part:
    """The parts of a pattern that is known to be one."""
    return _PatternReader(text).choice()


class _PatternReader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.groups = 0

    def choice(self) -> Part:
        branches = [self._sequence()]
        while self._next() == "|":
            self.at += 1
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def _next(self) -> str:
        return self.text[self.at : self.at + 1]

    def _sequence(self) -> Part:
        parts = []
        while self._next() not in ("", "|", ")"):
            parts.append(self._repeated(self._atom()))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _repeated(self, body: Part) -> Part:
        found = _QUANTIFIER.match(self.text, self.at)
        if found is None:
            return body
        self.at = found.end()
        sign, least, comma, most, reluctant = found.groups()
        if sign:
            return Repeat(body, *_BOUNDS[sign], bool(reluctant))
        return Repeat(body, int(least), int(most) if most else None if comma else int(least), bool(reluctant))

    def _atom(self) -> Part:
        sign, start = self._next(), self.at
        if sign == "(":
            return self._group()
        if sign == "[":
            self._skip_class()
            return Set(self.text[start : self.at])
        if sign == "\\":
            found = _ESCAPE.match(self.text, self.at)
            self.at = found.end() if found else self.at + 1
            text = self.text[start : self.at]
            return BackReference(int(text[1:])) if text[1:].isdigit() else Set(text)
        self.at += 1
        return Anchor(sign) if sign in "^$" else Set(sign)

    def _group(self) -> Part:
        self.at += 1
        number = 0
        if self.text.startswith("?:", self.at):
            self.at += 2
        else:
            self.groups += 1
            number = self.groups
        body = self.choice()
        self.at += 1
        return Group(body, number)

    def _skip_class(self) -> None:
        """To behind the bracket that closes the class; classes nest where one is subtracted."""
        deep = 0
        while self.at < len(self.text):
            sign = self._next()
            self.at += 2 if sign == "\\" else 1
            deep += (sign == "[") - (sign == "]")
            if deep == 0:
                return


# What is dearer than this is not left to a backtracker.
DEAR = 2_000_000


def tries(part: Part, length: int) -> int:
    """How often a backtracker may try at most, on a text of this length; `DEAR` stands for anything above it."""
    start = (
        1
        if isinstance(part, Anchor) or (isinstance(part, Sequence) and part.parts[:1] == (Anchor("^"),))
        else length + 1
    )
    return min(DEAR, start * _tries(part, length) * 2)


def _tries(part: Part, length: int) -> int:
    match part:
        case Group(body=body):
            return _tries(body, length)
        case Sequence(parts=parts):
            return _product([_tries(one, length) for one in parts]) + len(parts)
        case Choice(branches=branches):
            return min(DEAR, sum(_tries(one, length) for one in branches))
        case Repeat(body=body, least=least, most=most):
            if not _is_one_way(body):
                # Each round may go several ways: their number grows with the rounds as an exponent.
                return DEAR if most is None or most > 1 else 1 + _tries(body, length)
            return (length if most is None else min(most, length + 1) - min(least, length)) + 1
    return 1


def _product(factors: list[int]) -> int:
    total = 1
    for factor in factors:
        total = min(DEAR, total * factor)
    return total


def _is_one_way(part: Part) -> bool:
    """Whether a part matches in one way only wherever it begins, and never nothing."""
    match part:
        case Set():
            return True
        case Group(body=body):
            return _is_one_way(body)
        case Sequence(parts=parts):
            return bool(parts) and all(_is_one_way(one) for one in parts)
    return False
