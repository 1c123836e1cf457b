"""A language's grammar: its productions, and a shift-reduce parser over lark's LALR(1) table that can be asked.

The parser is fed one terminal at a time and never changes a stack, so that several readings of a text can be followed
side by side, and so that an editor may ask what could come next.
"""

import functools
import itertools
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from lark import Lark, Token
from lark.grammar import Rule, Symbol, Terminal
from lark.lexer import Lexer
from lark.parsers.lalr_analysis import Shift

from caseloom.engine.rules.language.pieces import normal
from caseloom.engine.rules.language.tree import Node, Slot

LANGUAGES: Final = ("en", "de")
END: Final = "$END"
ACTS: Final = frozenset({"NOUN", "DONE", "DOING", "CLAUSE", "UNDONE", "DID", "VERB", "OBJECT"})
"""The terminals that name an act, or a half of it."""
HALVES: Final = frozenset({"NOUN", "OBJECT"})


class Half(NamedTuple):
    """A half of an act (`a refund`, `paid`) that waits for the other."""

    terminal: str
    phrase: str
    at: int


Shifted = Slot | Half


class Inline(NamedTuple):
    """The parts of a helper production, to be spread out in the one above."""

    parts: "tuple[tuple[str, Any], ...]"


class Stack(NamedTuple):
    """A parser's stack, as a linked list: below, the LALR state, the value."""

    below: "Stack | None"
    state: int
    value: Any


class Production(NamedTuple):
    """How one kind of node is written: its symbols, each a keyword phrase, a terminal or a part."""

    kind: str
    wording: int
    symbols: tuple[Symbol, ...]


def category(symbol: str) -> str:
    """What a symbol stands for in the tree: inflected terminals (`ROLE_DAT`) and helpers share that of their base."""
    return "act" if symbol in ACTS else symbol.split("_")[0].lower()


class Grammar:
    """The grammar of a language, ready to parse and to write.

    `keywords` are the phrases of the language itself by their terminal, `terminals` the other way round, `longest` the
    number of pieces of the longest; `productions` stand by their origin.
    """

    def __init__(self, language: str) -> None:
        lark = Lark.open_from_package(
            "caseloom.engine.rules.language", f"{language}.lark", parser="lalr", lexer=_Fed, maybe_placeholders=False
        )
        self.keywords: Mapping[str, str] = {t.name: normal(_literal(t.pattern)) for t in lark.terminals}
        self.terminals: Mapping[str, str] = {phrase: terminal for terminal, phrase in self.keywords.items()}
        self.longest = max(phrase.count(" ") + 1 for phrase in self.terminals)
        table: Any = lark.parse_interactive(Token("", "")).parser_state.parse_conf.parse_table
        self._states: Mapping[int, Mapping[str, tuple[Any, Any]]] = table.states
        self._end: int = table.end_states["start"]
        self.bottom = Stack(None, table.start_states["start"], None)
        self.productions: dict[str, list[Production]] = {}
        self._kinds: dict[Rule, tuple[str, int]] = {}
        for rule in lark.rules:
            kind, wording = _named(rule)
            self._kinds[rule] = (kind, wording)
            self.productions.setdefault(_origin(rule), []).append(Production(kind, wording, tuple(rule.expansion)))
        for made in self.productions.values():
            made[:] = [production._replace(symbols=flat) for production in made for flat in self._flat(production)]

    def _flat(self, production: Production) -> Iterator[tuple[Symbol, ...]]:
        """The symbols of a production, each helper replaced by one of its own productions."""
        choices = [
            [inner.symbols for inner in self.productions[symbol.name]] if symbol.name.startswith("_s") else [(symbol,)]
            for symbol in production.symbols
        ]
        return (tuple(itertools.chain.from_iterable(chosen)) for chosen in itertools.product(*choices))

    def actions(self, stack: Stack) -> Iterator[str]:
        """The terminals that have an action here; a few of them may yet fail."""
        return (symbol for symbol in self._states[stack.state] if symbol.isupper() or symbol.startswith(("$", "__")))

    def has_action(self, stack: Stack, terminal: str) -> bool:
        return terminal in self._states[stack.state]

    def feed(self, stack: Stack, terminal: str, value: Any, builder: "Builder") -> Stack | None:
        """The stack after a terminal, or None where it cannot stand. The value of a finished sentence stands on top
        of the stack after `END`. Raises what the builder raises.
        """
        while True:
            action = self._states[stack.state].get(terminal)
            if action is None:
                return None
            move, target = action
            if move is Shift:
                return Stack(stack, target, value)
            stack = self._reduced(stack, target, builder)
            if terminal == END and stack.state == self._end:
                return stack

    def accepts(self, stack: Stack, terminal: str) -> bool:
        """Whether a terminal can stand here."""
        return self.feed(stack, terminal, None, _NOTHING) is not None

    def _reduced(self, stack: Stack, rule: Rule, builder: "Builder") -> Stack:
        parts: list[tuple[str, Any]] = []
        for symbol in reversed(rule.expansion):
            if not (isinstance(symbol, Terminal) and symbol.filter_out):
                parts.append((symbol.name, stack.value))
            stack = stack.below or self.bottom
        kind, wording = self._kinds[rule]
        value = builder.build(_origin(rule), kind, wording, _spread(reversed(parts)))
        return Stack(stack, self._states[stack.state][_origin(rule)][1], value)


class Builder:
    """Makes nodes of parts. This one makes none: it serves to ask what can stand somewhere."""

    def build(self, origin: str, kind: str, wording: int, parts: list[tuple[str, Any]]) -> Any:
        return None


_NOTHING: Final = Builder()


class _Fed(Lexer):
    """Tokens are fed one by one."""

    def __init__(self, lexer_conf: object) -> None:
        pass

    def lex(self, data: Any) -> Iterator[Token]:  # type: ignore[override]
        return iter(())


def _spread(parts: Iterator[tuple[str, Any]]) -> list[tuple[str, Any]]:
    spread: list[tuple[str, Any]] = []
    for name, value in parts:
        spread.extend(value.parts if isinstance(value, Inline) else [(name, value)])
    return spread


def _origin(rule: Rule) -> str:
    return str(rule.origin.name)


def _literal(pattern: Any) -> str:
    return str(pattern.value)


def _named(rule: Rule) -> tuple[str, int]:
    """`paid_v1` is the second wording of `paid`; a production without a name only hands on what it holds."""
    kind, _, wording = (rule.alias or "").partition("_v")
    return kind, int(wording or 0)


@functools.cache
def grammar(language: str) -> Grammar:
    """The grammar of one of `LANGUAGES`, compiled once."""
    return Grammar(language)


def as_node(kind: str, wording: int, parts: list[tuple[str, Any]]) -> Node:
    """A node whose slots stand in the order that all languages share: by category, then as written."""
    ordered = sorted(parts, key=lambda part: category(part[0]))
    return Node(kind, tuple(value for _, value in ordered), wording)
