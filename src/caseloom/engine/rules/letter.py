"""Letter templates: plain text with `{{ FEEL }}` in it, rendered by our own evaluator and nothing else."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final

import msgspec

from caseloom.engine.feel import Expression, Fault, FunctionValue, Range, compile
from caseloom.engine.spec.values import Money, Value

_SLOT: Final = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


class Template(msgspec.Struct, frozen=True):
    """A text in pieces: words and expressions in turn."""

    pieces: tuple[str | Expression, ...]
    reads: frozenset[str]

    def render(self, scope: Mapping[str, Value]) -> str:
        """The text for these facts; what is not known stays visible as `[…]`, for a person to fill in."""
        return "".join(piece if isinstance(piece, str) else self._filled(piece, scope) for piece in self.pieces)

    @staticmethod
    def _filled(piece: Expression, scope: Mapping[str, Value]) -> str:
        value = piece.evaluate(scope)
        unknown = value is None or isinstance(value, Fault | FunctionValue | Range)
        return f"[{piece.text.strip()}]" if unknown else words(value)


def template(text: str, names: Iterable[str]) -> Template:
    """Compile a template.

    Raises:
        FeelSyntaxError: an expression between the braces cannot be read.
    """
    pieces: list[str | Expression] = []
    end = 0
    for slot in _SLOT.finditer(text):
        pieces += [text[end : slot.start()], compile(slot[1].strip(), names)]
        end = slot.end()
    pieces.append(text[end:])
    reads = (piece.reads for piece in pieces if isinstance(piece, Expression))
    return Template(tuple(piece for piece in pieces if piece != ""), frozenset().union(*reads))


def words(value: object) -> str:
    """A value as a person would write it in a letter."""
    match value:
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return f"{value:f}"
        case Money():
            return f"{value.amount:,.2f} {value.currency}"
        case datetime():
            return f"{value.day} {value:%B %Y, %H:%M}"
        case date():
            return f"{value.day} {value:%B %Y}"
        case list():
            return ", ".join(words(one) for one in value)
        case _:
            return str(value)
