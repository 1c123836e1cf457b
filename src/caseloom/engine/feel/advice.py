"""Advice for known mistakes, and the words for what was expected."""

import re
from collections.abc import Collection

# What stands at the fault, and what to write. The first that matches counts.
_MISTAKES: tuple[tuple[str, str], ...] = (
    (r"==", "Write = to compare."),
    (r"=>", "Write >= for at least."),
    (r"=<", "Write <= for at most."),
    (r"<>", "Write != for not equal."),
    (r"&&?", "Write and."),
    (r"\|\|?", "Write or."),
    (r"!", "Write not(...) for the opposite."),
    (r"['‘’“”„`]", 'Write text in double quotes, such as "text".'),
    (r"%", "Write modulo(a, b) for the rest of a division."),
    (r"\^", "Write ** for powers."),
    (r";", "Separate by a comma."),
    (r"(?i:and|or|in|if|then|else|true|false|null|between)\b", "Keywords are written in small letters."),
)

_VALUE = {"NUMBER", "STRING", "NAME", "TRUE"}
_OPERATORS = {"PLUS", "MINUS", "TIMES", "OVER", "POWER", "EQ", "NE", "LT", "LE", "GT", "GE"}
_LINKS = {"_IN", "_BETWEEN", "_INSTANCE_OF", "_DOT"}
_WORDS = {
    "_THEN": "then",
    "_ELSE": "else",
    "_IN": "in",
    "_RETURN": "return",
    "_SATISFIES": "satisfies",
    "_AND": "and",
    "_OR": "or",
    "_LPAR": "(",
    "_RPAR": ")",
    "LBRACK": "[",
    "_RBRACK": "]",
    "_RBRACE": "}",
    "_COMMA": ",",
    "_COLON": ":",
    "_DOTS": "..",
    "_ARROW": "->",
    "NAME": "a name",
    "STRING": "a text",
    "LT": "<",
    "GT": ">",
    "$END": "the end",
}


def advice_at(text: str, at: int) -> str | None:
    """What to write instead, when a known mistake stands at (or one sign before) the place."""
    for start in (at, at - 1):
        for pattern, hint in _MISTAKES:
            found = re.compile(pattern).match(text, max(start, 0))
            if found and found.end() > at:
                return hint
    return None


def in_words(terminals: Collection[str]) -> tuple[str, ...]:
    """The tokens that could have stood here, in words, the most telling first."""
    if _VALUE.issubset(terminals):
        return ("a value", *(_WORDS[name] for name in ("_RPAR", "_RBRACK", "_RBRACE") if name in terminals))
    rest = sorted(_WORDS[name] for name in terminals if name in _WORDS and name not in _OPERATORS | _LINKS)
    if {"PLUS", "EQ"}.issubset(terminals):
        return (*(word for word in rest if word not in "(["), "an operator such as + or =")
    more = sorted(_WORDS[name] for name in terminals & (_OPERATORS | _LINKS) if name in _WORDS)  # type: ignore[operator]
    return (*rest, *more)
