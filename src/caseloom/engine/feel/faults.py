"""What can be wrong with an expression.

- `FeelSyntaxError`: the text is no FEEL; raised when it is parsed, with the place and advice.
- `Note`: why an evaluation gave null at some place; collected beside the value.
- `Fault`: a value: the evaluation must not be relied on (two currencies, step bound). It propagates.
"""

from dataclasses import dataclass

import msgspec


class FeelSyntaxError(ValueError):
    """Text that is no FEEL expression. `str()` gives place, message and hint in one sentence or two."""

    def __init__(
        self, text: str, at: int, message: str, expected: tuple[str, ...] = (), hint: str | None = None
    ) -> None:
        self.text = text
        self.line, self.column = line_and_column(text, at)
        self.message = message
        self.expected = expected
        self.hint = hint
        advice = f" {hint}" if hint else ""
        super().__init__(f"Line {self.line}, column {self.column}: {message}{advice}")


@dataclass(frozen=True, slots=True)
class Source:
    """A text, and what in a model it belongs to: the element, and the line of the file at which it begins.

    An expression that stands alone belongs to nothing.
    """

    text: str
    where: str = ""
    line: int = 0

    def place(self, at: int) -> tuple[int, int]:
        """Line and column of an offset, from 1; (0, 0) for an element of a model that has no text."""
        return line_and_column(self.text, at) if self.text or not self.where else (0, 0)


class Note(msgspec.Struct, frozen=True):
    """Why there is no value at a place of an expression; line and column count from 1, and are 0
    where there is no text.

    `where` names the element of the decision model that the expression belongs to.
    """

    line: int
    column: int
    message: str
    where: str = ""

    def __str__(self) -> str:
        return f"{_place(self.where, self.line, self.column)}: {self.message}"


class Fault(msgspec.Struct, frozen=True):
    """A value that says why there can be none; whatever is computed from it is the same fault."""

    message: str
    line: int = 1
    column: int = 1
    where: str = ""

    def __str__(self) -> str:
        return f"{_place(self.where, self.line, self.column)}: {self.message}"


def _place(where: str, line: int, column: int) -> str:
    return ", ".join(part for part in (where, f"line {line}, column {column}" if line else "") if part)


class NoValue(Exception):
    """FEEL says null here; the message is the note."""


class Faulted(Exception):
    """Ends an evaluation with a fault."""

    def __init__(self, message: str, fault: Fault | None = None) -> None:
        super().__init__(message)
        self.fault = fault
        self.at: int | None = None
        self.source: Source | None = None


def line_and_column(text: str, at: int) -> tuple[int, int]:
    """The place of an offset in a text, both from 1."""
    before = text[:at]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
