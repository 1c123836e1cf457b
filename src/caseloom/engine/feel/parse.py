"""FEEL text to a typed tree."""

import functools
from collections.abc import Iterable, Iterator
from decimal import Decimal, DecimalException
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedToken, v_args
from lark.lexer import Lexer

from caseloom.engine.feel import tree
from caseloom.engine.feel.advice import advice_at, in_words
from caseloom.engine.feel.faults import FeelSyntaxError
from caseloom.engine.feel.tokens import tokens
from caseloom.engine.spec.values import DECIMAL128

# Chains such as `a + b + …` nest to the left; compiled, each level costs a Python frame.
MAX_DEPTH = 150


def parse(text: str, names: Iterable[str] = ()) -> tree.Expression:
    """The tree of an expression; `names` are those in scope. Raises `FeelSyntaxError`."""
    return _parsed(text, names, "expression")  # type: ignore[return-value]


def parse_tests(text: str, names: Iterable[str] = ()) -> tree.UnaryTests:
    """The tree of unary tests, such as `< 5, [10..20]`. Raises `FeelSyntaxError`."""
    return _parsed(text, names, "unary_tests")  # type: ignore[return-value]


def _parsed(text: str, names: Iterable[str], start: str) -> tree.Node:
    found = tokens(text, names, start == "unary_tests")
    try:
        built = _grammar().parse(found, start=start)
    except UnexpectedToken as stopped:
        raise _syntax_error(text, stopped) from None
    return built[0] if isinstance(built, tuple) else built  # type: ignore[return-value]


def _syntax_error(text: str, stopped: UnexpectedToken) -> FeelSyntaxError:
    token = stopped.token
    expected = in_words(stopped.accepts or stopped.expected)
    wanted = " or ".join(expected[:5])
    if token.type == "$END":
        at = len(text.rstrip())
        return FeelSyntaxError(text, at, f"The expression ends too early; expected {wanted}.", expected)
    at = token.start_pos or 0
    message = f"Stopped at {str(token)!r}; expected {wanted}."
    return FeelSyntaxError(text, at, message, expected, advice_at(text, at))


@functools.cache
def _grammar() -> Lark:
    return Lark.open_from_package(
        "caseloom.engine.feel",
        "feel.lark",
        parser="lalr",
        lexer=_Ready,
        start=["expression", "unary_tests"],
        maybe_placeholders=True,
        transformer=_Builder(),
    )


class _Ready(Lexer):
    """Hands on the tokens that are cut already."""

    def __init__(self, lexer_conf: object) -> None:
        pass

    def lex(self, data: Any) -> Iterator[Token]:  # type: ignore[override]
        return iter(data)


def _place(child: object) -> int:
    if isinstance(child, Token):
        return child.start_pos or 0
    return child.at if isinstance(child, tree.Node) else 0


@v_args(inline=True)
class _Builder(Transformer[Token, tree.Node]):
    """One method a rule of the grammar."""

    def number(self, token: Token) -> tree.Number:
        try:
            return tree.Number(DECIMAL128.create_decimal(str(token)), at=_place(token))
        except DecimalException:
            return tree.Number(Decimal("NaN"), at=_place(token))

    def text(self, token: Token) -> tree.Text:
        return tree.Text(str(token), at=_place(token))

    def moment(self, token: Token) -> tree.Moment:
        return tree.Moment(str(token), at=_place(token))

    def true(self, token: Token) -> tree.Boolean:
        return tree.Boolean(True, at=_place(token))

    def false(self, token: Token) -> tree.Boolean:
        return tree.Boolean(False, at=_place(token))

    def null(self, token: Token) -> tree.Null:
        return tree.Null(at=_place(token))

    def name(self, token: Token) -> tree.Name:
        return tree.Name(str(token), at=_place(token))

    def operator(self, token: Token) -> Token:
        return token

    def arithmetic(self, left: tree.Expression, sign: Token, right: tree.Expression) -> tree.Arithmetic:
        return tree.Arithmetic(str(sign), left, right, at=_place(sign))

    def comparison(self, left: tree.Expression, sign: Token, right: tree.Expression) -> tree.Comparison:
        return tree.Comparison(str(sign), left, right, at=_place(sign))

    def between(self, value: tree.Expression, low: tree.Expression, high: tree.Expression) -> tree.Between:
        return tree.Between(value, low, high, at=value.at)

    def operator_test(self, sign: Token, operand: tree.Expression) -> tree.OperatorTest:
        return tree.OperatorTest(str(sign), operand, at=_place(sign))

    def operator_range(self, sign: Token, operand: tree.Expression) -> tree.OperatorRange:
        return tree.OperatorRange(str(sign), operand, at=_place(sign))

    def in_one(self, value: tree.Expression, test: tree.Test) -> tree.In:
        return tree.In(value, (test,), at=value.at)

    def in_tests(self, value: tree.Expression, *tests: tree.Test) -> tree.In:
        return tree.In(value, tests, at=value.at)

    def conjunction(self, left: tree.Expression, right: tree.Expression) -> tree.And:
        earlier = left.operands if isinstance(left, tree.And) else (left,)
        return tree.And((*earlier, right), at=left.at)

    def disjunction(self, left: tree.Expression, right: tree.Expression) -> tree.Or:
        earlier = left.operands if isinstance(left, tree.Or) else (left,)
        return tree.Or((*earlier, right), at=left.at)

    def negation(self, sign: Token, operand: tree.Expression) -> tree.Negation:
        return tree.Negation(operand, at=_place(sign))

    def conditional(
        self, word: Token, condition: tree.Expression, then: tree.Expression, otherwise: tree.Expression
    ) -> tree.If:
        return tree.If(condition, then, otherwise, at=_place(word))

    def iterator(self, name: Token, source: tree.Expression, end: tree.Expression | None) -> tree.Iterator:
        return tree.Iterator(str(name), source, end, at=_place(name))

    def iterators(self, *iterators: tree.Iterator) -> tuple[tree.Iterator, ...]:
        return iterators

    def loop(self, word: Token, iterators: tuple[tree.Iterator, ...], body: tree.Expression) -> tree.For:
        return tree.For(iterators, body, at=_place(word))

    def quantified(
        self, word: Token, iterators: tuple[tree.Iterator, ...], condition: tree.Expression
    ) -> tree.Quantified:
        return tree.Quantified(word == "every", iterators, condition, at=_place(word))

    def parameter(self, name: Token, type_: tree.Type | None) -> tuple[str, tree.Type | None]:
        return str(name), type_

    def parameters(self, *parameters: tuple[str, tree.Type | None]) -> tuple[tuple[str, tree.Type | None], ...]:
        return parameters

    def function(
        self,
        word: Token,
        parameters: tuple[tuple[str, tree.Type | None], ...] | None,
        external: Token | None,
        body: tree.Expression,
    ) -> tree.Function:
        return tree.Function(parameters or (), body, external is not None, at=_place(word))

    def instance_of(self, value: tree.Expression, type_: tree.Type) -> tree.InstanceOf:
        return tree.InstanceOf(value, type_, at=value.at)

    def path(self, base: tree.Expression, name: Token) -> tree.Path:
        return tree.Path(base, str(name), at=_place(name))

    def filter(self, base: tree.Expression, _: Token, condition: tree.Expression) -> tree.Filter:
        return tree.Filter(base, condition, at=base.at)

    def named(self, name: Token, value: tree.Expression) -> tuple[str, tree.Expression]:
        return str(name), value

    def positional(self, *arguments: tree.Expression) -> tuple[tuple[tree.Expression, ...], tuple[str, ...]]:
        return arguments, ()

    def by_name(self, *named: tuple[str, tree.Expression]) -> tuple[tuple[tree.Expression, ...], tuple[str, ...]]:
        return tuple(value for _, value in named), tuple(name for name, _ in named)

    def call(
        self,
        callee: tree.Expression,
        arguments: tuple[tuple[tree.Expression, ...], tuple[str, ...]] | None,
    ) -> tree.Call:
        values, names = arguments or ((), ())
        return tree.Call(callee, values, names, at=callee.at)

    def list(self, bracket: Token, *items: tree.Expression | None) -> tree.ListLiteral:
        return tree.ListLiteral(tuple(item for item in items if item is not None), at=_place(bracket))

    def entry(self, key: Token, value: tree.Expression) -> tuple[str, tree.Expression]:
        return str(key), value

    def context(self, bracket: Token, *entries: tuple[str, tree.Expression] | None) -> tree.ContextLiteral:
        return tree.ContextLiteral(tuple(entry for entry in entries if entry is not None), at=_place(bracket))

    def interval(
        self, opens: Token, start: tree.Expression, _: Token, end: tree.Expression, closes: Token
    ) -> tree.Interval:
        return tree.Interval(opens.type == "LBRACK", start, end, closes.type == "_RBRACK", at=_place(opens))

    def simple_type(self, *names: Token) -> tree.SimpleType:
        return tree.SimpleType(".".join(names), at=_place(names[0]))

    def member_type(self, name: Token, _: Token, member: tree.Type, __: Token) -> tree.MemberType:
        return tree.MemberType(str(name), member, at=_place(name))

    def type_member(self, name: Token, type_: tree.Type) -> tuple[str, tree.Type]:
        return str(name), type_

    def context_type(self, name: Token, _: Token, *rest: tuple[str, tree.Type]) -> tree.ContextType:
        return tree.ContextType(rest[:-1], at=_place(name))

    def function_type(self, word: Token, _: Token, *rest: object) -> tree.FunctionType:
        types = tuple(part for part in rest if isinstance(part, tree.Node))
        return tree.FunctionType(types[:-1], types[-1], at=_place(word))  # type: ignore[arg-type]

    def positive_tests(self, *tests: tree.Test) -> tree.UnaryTests:
        return tree.UnaryTests(tests)

    def negative_tests(self, _: Token, *tests: tree.Test) -> tree.UnaryTests:
        return tree.UnaryTests(tests, True)

    def any_test(self, _: Token) -> tree.UnaryTests:
        return tree.UnaryTests(())
