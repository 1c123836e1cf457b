"""Expressions in Unified EL, `${...}` or `#{...}`, as a tree (JSR 341; as Camunda 7, Activiti and Flowable read it)."""

import functools
import re
from dataclasses import dataclass
from typing import cast

from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken, v_args
from lark.exceptions import VisitError

MAX_LENGTH = 20_000
_MAX_NESTING = 60
_BRACKETS = {"(": 1, "[": 1, ")": -1, "]": -1}


class JuelFault(ValueError):
    """What is no expression; `at` counts characters from the beginning of the text, from 0."""

    def __init__(self, message: str, at: int) -> None:
        self.message, self.at = message, at
        super().__init__(f"{message} (at character {at + 1})")


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression."""


@dataclass(frozen=True, slots=True)
class Constant(Node):
    """A text, a truth value or null."""

    value: str | bool | None


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number, as it is written."""

    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A variable or a bean."""

    name: str


@dataclass(frozen=True, slots=True)
class Member(Node):
    """`base.name`, or `base['name']`."""

    base: Node
    name: str


@dataclass(frozen=True, slots=True)
class Index(Node):
    """`base[key]` where the key is no literal text."""

    base: Node
    key: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`base.name(arguments)`; without a base a function, whose name may have a prefix: `vars:get`."""

    base: Node | None
    name: str
    arguments: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`operator` is `!`, `-` or `empty`."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """`operator` is one of `|| && == != < <= > >= + - * / %`."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Conditional(Node):
    """`condition ? then : otherwise`."""

    condition: Node
    then: Node
    otherwise: Node


def parse_juel(text: str) -> Node:
    """The tree of what stands between the braces. Raises `JuelFault`."""
    _bounded(text)
    try:
        # The transformer makes the tree while the text is read.
        return cast(Node, _grammar().parse(text))
    except UnexpectedInput as why:
        ended = isinstance(why, UnexpectedToken) and why.token.type == "$END"
        at: int | None = len(text.rstrip()) if ended else why.pos_in_stream
        raise JuelFault("The text is no expression of Unified EL.", at or 0) from None
    except (VisitError, RecursionError):
        raise JuelFault("The expression is nested too deeply.", 0) from None


def _bounded(text: str) -> None:
    if len(text) > MAX_LENGTH:
        raise JuelFault(f"The expression is longer than {MAX_LENGTH} characters.", MAX_LENGTH)
    deep = most = 0
    for character in text:
        deep += _BRACKETS.get(character, 0)
        most = max(most, deep)
    if most > _MAX_NESTING:
        raise JuelFault("The expression is nested too deeply. Split it into several.", 0)


def parts_of(text: str) -> list[str | Node]:
    """Literal text and expressions in turn: `"Dear ${name}"` is `["Dear ", Name("name")]`. Raises `JuelFault`."""
    if len(text) > MAX_LENGTH:
        raise JuelFault(f"The text is longer than {MAX_LENGTH} characters.", MAX_LENGTH)
    found: list[str | Node] = []
    literal, at = "", 0
    while at < len(text):
        if text[at] == "\\" and text[at + 1 : at + 3] in ("${", "#{"):
            literal, at = literal + text[at + 1 : at + 3], at + 3
        elif text[at : at + 2] in ("${", "#{"):
            end = _end(text, at + 2)
            try:
                node = parse_juel(text[at + 2 : end])
            except JuelFault as fault:
                raise JuelFault(fault.message, at + 2 + fault.at) from None
            found += [literal, node] if literal else [node]
            literal, at = "", end + 1
        else:
            literal, at = literal + text[at], at + 1
    return [*found, literal] if literal else found


def has_juel(text: str) -> bool:
    """Whether a text holds an expression of Unified EL."""
    return re.search(r"(?<!\\)[$#]\{", text) is not None


def _end(text: str, start: int) -> int:
    """Where the brace closes that was opened before `start`."""
    quote, at = "", start
    while at < len(text):
        character = text[at]
        if quote:
            if character == "\\":
                at += 1
            elif character == quote:
                quote = ""
        elif character in "'\"":
            quote = character
        elif character == "}":
            return at
        at += 1
    raise JuelFault("A brace is opened and not closed.", start - 2)


@functools.cache
def _grammar() -> Lark:
    return Lark.open_from_package(
        "caseloom.interchange", "juel.lark", parser="lalr", maybe_placeholders=True, transformer=_Builder()
    )


_WORDS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "div": "/", "mod": "%"}


def _unquoted(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1], flags=re.DOTALL)


@v_args(inline=True)
class _Builder(Transformer[Token, Node]):
    def conditional(self, condition: Node, then: Node, otherwise: Node) -> Node:
        return Conditional(condition, then, otherwise)

    def disjunction(self, left: Node, right: Node) -> Node:
        return Binary("||", left, right)

    def conjunction(self, left: Node, right: Node) -> Node:
        return Binary("&&", left, right)

    def binary(self, left: Node, operator: Token, right: Node) -> Node:
        return Binary(_WORDS.get(operator, str(operator)), left, right)

    def negation(self, operand: Node) -> Node:
        return Unary("!", operand)

    def minus(self, _sign: Token, operand: Node) -> Node:
        return Unary("-", operand)

    def empty(self, operand: Node) -> Node:
        return Unary("empty", operand)

    def member(self, base: Node, name: Token) -> Node:
        return Member(base, str(name))

    def call(self, base: Node, name: Token, arguments: tuple[Node, ...] | None) -> Node:
        return Call(base, str(name), arguments or ())

    def index(self, base: Node, key: Node) -> Node:
        if isinstance(key, Constant) and isinstance(key.value, str):
            return Member(base, key.value)
        return Index(base, key)

    def arguments(self, *given: Node) -> tuple[Node, ...]:
        return given

    def number(self, token: Token) -> Node:
        return Number(str(token))

    def text(self, token: Token) -> Node:
        return Constant(_unquoted(token))

    def true(self) -> Node:
        return Constant(True)

    def false(self) -> Node:
        return Constant(False)

    def null(self) -> Node:
        return Constant(None)

    def name(self, token: Token) -> Node:
        return Name(str(token))

    def function(self, name: Token, arguments: tuple[Node, ...] | None) -> Node:
        return Call(None, "".join(name.split()), arguments or ())
