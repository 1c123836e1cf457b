"""Cuts FEEL text into tokens, aware of the names in scope (DMN 1.5 §10.3.1.2, §10.3.1.4).

A name may hold spaces, operators and keywords when it is known: given by the caller, a built-in function, or
bound earlier in the same text (context entry, iterator, parameter). The longest known name wins. Words side
by side that are no keywords and not known are one name, since nothing else could stand there.
"""

import functools
import re
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise

from lark import Token

from caseloom.engine.feel.advice import advice_at
from caseloom.engine.feel.faults import FeelSyntaxError
from caseloom.engine.feel.names import MANY_WORD_NAMES
from caseloom.engine.feel.strings import unquoted

KEYWORDS = {
    "if": "IF",
    "then": "_THEN",
    "else": "_ELSE",
    "for": "FOR",
    "in": "_IN",
    "return": "_RETURN",
    "some": "SOME",
    "every": "EVERY",
    "satisfies": "_SATISFIES",
    "function": "FUNCTION",
    "external": "EXTERNAL",
    "or": "_OR",
    "and": "_AND",
    "between": "_BETWEEN",
    "true": "TRUE",
    "false": "FALSE",
    "null": "NULL",
}
SYMBOLS = {
    "**": "POWER",
    "->": "_ARROW",
    "..": "_DOTS",
    "!=": "NE",
    "<=": "LE",
    ">=": "GE",
    "=": "EQ",
    "<": "LT",
    ">": "GT",
    "+": "PLUS",
    "-": "MINUS",
    "*": "TIMES",
    "/": "OVER",
    "(": "_LPAR",
    ")": "_RPAR",
    "[": "LBRACK",
    "]": "_RBRACK",
    "{": "LBRACE",
    "}": "_RBRACE",
    ",": "_COMMA",
    ":": "_COLON",
    ".": "_DOT",
}
_OPERAND_ENDS = {"NUMBER", "STRING", "MOMENT", "NAME", "TRUE", "FALSE", "NULL", "_RPAR", "_RBRACK", "_RBRACE"}
_MAX_NESTING = 100

# What is longer is no expression that a person wrote; the bounds keep the time of reading below a second or two.
MAX_LENGTH = 100_000
MAX_TOKENS = 20_000
MAX_NEW_NAMES = 1_000

_BLANK = re.compile(r"(?:\s|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_STRING = re.compile(r'@?\s*"((?:[^"\\]|\\.)*)"', re.DOTALL)
_INSTANCE_OF = re.compile(r"instance\s+of\b")
_SYMBOL = re.compile("|".join(re.escape(symbol) for symbol in sorted(SYMBOLS, key=len, reverse=True)))
# A word: letters of any script, then also digits and what XML names allow; `?` is the value under test.
_WORD = re.compile(r"[^\W\d][\w'’]*|\?|[\U00010000-\U000EFFFF]+[\w]*")
_PARTS = re.compile(r"[\w'’?]+|[^\w\s]")
_BLOCK_NAME = re.compile(r"\s*([^:{}\[\],\"]{1,200}?)\s*:")
_ITERATOR_NAME = re.compile(r"\s*(.{1,200}?)\s+in\b", re.DOTALL)
_NOT = re.compile(r"\s*not\s*\(")
_CLOSES_INTERVAL = re.compile(r"\s*(?:$|[)\],}=<>!]|\.(?![\d.])|and\b|or\b|then\b|else\b|return\b|satisfies\b|in\b)")


def tokens(text: str, names: Iterable[str] = (), tests: bool = False) -> list[Token]:
    """The tokens of an expression, or of unary tests. Raises `FeelSyntaxError` at what is no token."""
    if len(text) > MAX_LENGTH:
        message = f"The expression has {len(text)} characters; at most {MAX_LENGTH} are taken. Split it into several."
        raise FeelSyntaxError(text, 0, message)
    found = list(islice(_Cutter(text, names, tests).run(), MAX_TOKENS + 1))
    if len(found) > MAX_TOKENS:
        at = found[-1].start_pos or 0
        raise FeelSyntaxError(text, at, f"The expression has more than {MAX_TOKENS} parts. Split it into several.")
    return found


def known_name_pattern(name: str) -> str:
    """Matches a name with any amount of white space between its parts."""
    parts: list[str] = _PARTS.findall(name)
    pattern = re.escape(parts[0])
    for before, part in pairwise(parts):
        pattern += (r"\s+" if _is_word(before) and _is_word(part) else r"\s*") + re.escape(part)
    return pattern + (r"(?!\w)" if _is_word(parts[-1]) else "")


@functools.lru_cache(maxsize=4096)
def _name_pattern(name: str) -> re.Pattern[str]:
    return re.compile(known_name_pattern(name))


def is_plain(name: str) -> bool:
    """Whether a name can be read without being known: words side by side that are no keywords."""
    return bool(name) and all(_WORD.fullmatch(word) and word not in KEYWORDS for word in name.split(" "))


def _is_word(part: str) -> bool:
    return part[0].isalnum() or part[0] == "_"


class _Cutter:
    """Walks once over the text; keeps what a token needs to know of those before it."""

    def __init__(self, text: str, names: Iterable[str], tests: bool) -> None:
        self.text = text
        self.at = 0
        self.tests = tests
        self.before = self.last = ""
        self.types = 0
        self.frames: list[_Frame] = [_Frame("")]
        self.plain: set[str] = set()
        self.spaced: set[str] = set()
        # The names of several parts by their first part, the longest first.
        self.by_first: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
        self.left = MAX_NEW_NAMES
        for name in (*MANY_WORD_NAMES, *names):
            self._learn(name)
            self.left = MAX_NEW_NAMES

    def _learn(self, name: str) -> None:
        if name in ("true", "false", "null"):
            # A key of a context may be called so; what stands for a value stays a value.
            return
        parts = _PARTS.findall(name)
        if len(parts) < 2 and name not in KEYWORDS:
            self.plain.add(name)
        elif parts and name not in self.spaced:
            self.left -= 1
            if self.left < 0:
                raise FeelSyntaxError(self.text, self.at, f"The expression binds more than {MAX_NEW_NAMES} names.")
            self.spaced.add(name)
            alike = self.by_first.setdefault(parts[0], [])
            alike.append((name, _name_pattern(name)))
            alike.sort(key=lambda one: len(one[0]), reverse=True)

    def run(self) -> Iterator[Token]:
        if self.tests and _NOT.match(self.text):
            self.at = self.text.index("not")
            yield self._token("NOT", "not", 3)
        while True:
            blank = _BLANK.match(self.text, self.at)
            self.at = blank.end() if blank else self.at
            if self.at >= len(self.text):
                return
            yield self._next()

    def _next(self) -> Token:
        for cut in (self._bound_name, self._literal, self._name):
            token = cut()
            # Not by truth: the token of an empty text is an empty str.
            if token is not None:
                return token
        return self._symbol()

    def _token(self, kind: str, value: str, length: int) -> Token:
        token = Token(kind, value, start_pos=self.at)
        self.at += length
        self.before, self.last = self.last, "NAME" if self._closes_type(kind) else kind
        return token

    def _closes_type(self, kind: str) -> bool:
        """Follows the angle brackets of types, behind whose last one stands what stands behind a name."""
        in_type = self.types > 0 or self.before in ("_INSTANCE_OF", "_ARROW") or self.frames[-1].parameters
        if kind == "LT" and in_type and self.last in ("NAME", "FUNCTION"):
            self.types += 1
        elif kind == "GT" and self.types:
            self.types -= 1
            return True
        return False

    def _bound_name(self) -> Token | None:
        """A name where the text binds one: it may hold anything up to its `:` or `in`."""
        frame = self.frames[-1]
        if self.types:
            return None
        match = None
        if frame.headers and self.last in ("FOR", "SOME", "EVERY", "_COMMA"):
            match = _ITERATOR_NAME.match(self.text, self.at)
        elif frame.kind == "{" and self.last in ("LBRACE", "_COMMA") and self.text[self.at] != '"':
            match = _BLOCK_NAME.match(self.text, self.at)
        if match is None:
            return None
        name = " ".join(match[1].split())
        self._learn(name)
        return self._token("NAME", name, match.end(1) - self.at)

    def _literal(self) -> Token | None:
        if self.last != "_DOT" or self.text[self.at] != ".":
            number = _NUMBER.match(self.text, self.at)
            if number:
                return self._token("NUMBER", number[0], len(number[0]))
        string = _STRING.match(self.text, self.at)
        if string is None:
            return None
        kind = "MOMENT" if string[0][0] == "@" else "STRING"
        value = unquoted(self.text, string.start(1), string.end(1))
        if self.frames[-1].kind == "{" and self.last in ("LBRACE", "_COMMA") and value.strip():
            self._learn(value)
        return self._token(kind, value, len(string[0]))

    def _name(self) -> Token | None:
        known = self._known_name()
        if known:
            return self._token("NAME", *known)
        word = _WORD.match(self.text, self.at)
        if word is None:
            return None
        keyword = self._keyword(word[0])
        if keyword:
            return keyword
        if word[0] in self.plain and self.last != "_DOT":
            return self._named(word[0], len(word[0]))
        return self._joined_words(word)

    def _named(self, name: str, length: int) -> Token:
        token = self._token("NAME", name, length)
        if self.frames[-1].parameters:
            self._learn(name)
        return token

    def _keyword(self, word: str) -> Token | None:
        instance = _INSTANCE_OF.match(self.text, self.at)
        if instance:
            return self._token("_INSTANCE_OF", "instance of", len(instance[0]))
        kind = KEYWORDS.get(word)
        if kind is None:
            return None
        frame = self.frames[-1]
        if kind in ("FOR", "SOME", "EVERY"):
            frame.headers += 1
        elif kind in ("_RETURN", "_SATISFIES"):
            frame.headers = max(0, frame.headers - 1)
        return self._token(kind, word, len(word))

    def _known_name(self) -> tuple[str, int] | None:
        first = _PARTS.match(self.text, self.at)
        for name, pattern in self.by_first.get(first[0], ()) if first else ():
            found = pattern.match(self.text, self.at)
            if found:
                return name, len(found[0])
        return None

    def _joined_words(self, first: re.Match[str]) -> Token:
        words, end = [first[0]], first.end()
        while True:
            blank = _BLANK.match(self.text, end)
            word = _WORD.match(self.text, blank.end()) if blank else None
            if word is None or word[0].lower() in KEYWORDS or _INSTANCE_OF.match(self.text, word.start()):
                return self._named(" ".join(words), end - self.at)
            words.append(word[0])
            end = word.end()

    def _symbol(self) -> Token:
        found = _SYMBOL.match(self.text, self.at)
        if found is None:
            raise self._no_token()
        symbol = found[0]
        frame = self.frames[-1]
        kind = self._bracket(symbol) if symbol in "()[]{}" else SYMBOLS[symbol]
        if kind == "_DOTS":
            frame.interval = frame.kind != "" and frame.headers == 0
        token = self._token(kind, symbol, len(symbol))
        if frame.parameters and frame is not self.frames[-1] and symbol == ")":
            # What follows the parameters is the body: no operand has ended.
            self.last = ""
        return token

    def _no_token(self) -> FeelSyntaxError:
        character = self.text[self.at]
        if character in '"@':
            return FeelSyntaxError(self.text, self.at, "The text that begins here has no closing quote.")
        return FeelSyntaxError(
            self.text, self.at, f"{character!r} means nothing in FEEL.", hint=advice_at(self.text, self.at)
        )

    def _bracket(self, symbol: str) -> str:
        """Opens and closes frames, and settles which brackets bound an interval such as `]1..5[`."""
        if symbol == "]" and self.last not in _OPERAND_ENDS and self.last not in ("LBRACK", "RCLOSE"):
            return self._opened("]", "ROPEN")
        after_operand = self.last in _OPERAND_ENDS or self.last == "RCLOSE"
        in_interval = self.frames[-1].interval and after_operand
        if symbol == "[" and in_interval and _CLOSES_INTERVAL.match(self.text, self.at + 1):
            self._close()
            return "RCLOSE"
        if symbol in "([{":
            return self._opened(symbol, SYMBOLS[symbol])
        self._close()
        return SYMBOLS[symbol]

    def _opened(self, symbol: str, kind: str) -> str:
        if len(self.frames) > _MAX_NESTING:
            raise FeelSyntaxError(self.text, self.at, "The expression is nested too deeply.")
        self.frames.append(_Frame(symbol, parameters=self.last == "FUNCTION"))
        return kind

    def _close(self) -> None:
        if len(self.frames) > 1:
            self.frames.pop()


class _Frame:
    """A bracket that is open: its sign, how many `for`, `some`, `every` in it wait for their body,
    whether it holds a `..`, and whether it holds the parameters of a function."""

    __slots__ = ("headers", "interval", "kind", "parameters")

    def __init__(self, kind: str, parameters: bool = False) -> None:
        self.kind = kind
        self.headers = 0
        self.interval = False
        self.parameters = parameters
