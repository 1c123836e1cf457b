"""A tree to FEEL text in its one canonical form; parsed again (with the same names) it is the same tree."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from caseloom.engine.feel import tree
from caseloom.engine.feel.faults import FeelSyntaxError
from caseloom.engine.feel.parse import parse
from caseloom.engine.feel.strings import quoted

# How strongly a node binds; an operand that binds less than its place asks for gets parentheses.
_BLOCK, _OR, _AND, _COMPARISON, _SUM, _PRODUCT, _POWER, _NEGATION, _INSTANCE, _POSTFIX, _PRIMARY = range(11)
_ARITHMETIC = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "**": _POWER}
_BINDING: dict[type[tree.Node], int] = {
    tree.If: _BLOCK,
    tree.For: _BLOCK,
    tree.Quantified: _BLOCK,
    tree.Function: _BLOCK,
    tree.Or: _OR,
    tree.And: _AND,
    tree.Comparison: _COMPARISON,
    tree.Between: _COMPARISON,
    tree.In: _COMPARISON,
    tree.Negation: _NEGATION,
    tree.InstanceOf: _INSTANCE,
    tree.Path: _POSTFIX,
    tree.Filter: _POSTFIX,
    tree.Call: _POSTFIX,
}


@dataclass(frozen=True, slots=True)
class _Parenthesized(tree.Node):
    """A name that would be read together with what stands before it."""

    name: tree.Name


def to_text(node: tree.Node) -> str:
    """The text of a tree: of an expression, a test, unary tests or a type."""
    return _PRINTERS[type(node)](node)


def to_text_among(node: tree.Expression, names: Iterable[str]) -> str:
    """The text of an expression for a reader that knows these names.

    Where `a-b` is a name, the difference of `a` and `b` is written `(a) - (b)`.
    """
    text, names = to_text(node), frozenset(names)
    try:
        if parse(text, names) == node:
            return text
    except FeelSyntaxError:
        pass
    return to_text(_apart(node))


def _apart(part: Any) -> Any:
    """With parentheses around every name."""
    if isinstance(part, tree.Name):
        return _Parenthesized(part)
    if isinstance(part, tree.Node):
        return replace(part, **{one.name: _apart(getattr(part, one.name)) for one in fields(part)})
    return tuple(map(_apart, part)) if isinstance(part, tuple) else part


def _at(node: tree.Node, least: int) -> str:
    text = to_text(node)
    return text if _binding(node) >= least else f"({text})"


def _binding(node: tree.Node) -> int:
    if isinstance(node, tree.Arithmetic):
        return _ARITHMETIC[node.operator]
    return _BINDING.get(type(node), _PRIMARY)


def _arithmetic(node: tree.Arithmetic) -> str:
    binding = _ARITHMETIC[node.operator]
    return f"{_at(node.left, binding)} {node.operator} {_at(node.right, binding + 1)}"


def _comparison(node: tree.Comparison) -> str:
    left = _at(node.left, _SUM)
    if node.operator.startswith("<") and " instance of " in left:
        # Behind the name of a type a `<` would open what the type holds.
        left = f"({left})"
    return f"{left} {node.operator} {_at(node.right, _SUM)}"


def _between(node: tree.Between) -> str:
    return f"{_at(node.value, _SUM)} between {_at(node.low, _SUM)} and {_at(node.high, _SUM)}"


def _test(node: tree.Test, least: int) -> str:
    return to_text(node) if isinstance(node, tree.OperatorTest) else _at(node, least)


def _in(node: tree.In) -> str:
    value = _at(node.value, _SUM)
    if len(node.tests) == 1:
        return f"{value} in {_test(node.tests[0], _SUM)}"
    return f"{value} in ({', '.join(_test(test, _BLOCK) for test in node.tests)})"


def _operator_test(node: tree.OperatorTest) -> str:
    return f"{node.operator} {_at(node.operand, _SUM)}"


def _and(node: tree.And) -> str:
    first, *rest = node.operands
    return " and ".join([_at(first, _COMPARISON), *(_at(operand, _COMPARISON) for operand in rest)])


def _or(node: tree.Or) -> str:
    return " or ".join(_at(operand, _AND) for operand in node.operands)


def _if(node: tree.If) -> str:
    return f"if {to_text(node.condition)} then {to_text(node.then)} else {to_text(node.otherwise)}"


def _iterator(node: tree.Iterator) -> str:
    end = "" if node.end is None else f"..{to_text(node.end)}"
    return f"{node.name} in {to_text(node.source)}{end}"


def _for(node: tree.For) -> str:
    return f"for {', '.join(map(_iterator, node.iterators))} return {to_text(node.body)}"


def _quantified(node: tree.Quantified) -> str:
    word = "every" if node.every else "some"
    return f"{word} {', '.join(map(_iterator, node.iterators))} satisfies {to_text(node.condition)}"


def _function(node: tree.Function) -> str:
    parameters = ", ".join(name if type_ is None else f"{name}: {to_text(type_)}" for name, type_ in node.parameters)
    return f"function({parameters}) {'external ' if node.external else ''}{to_text(node.body)}"


def _call(node: tree.Call) -> str:
    arguments = [to_text(argument) for argument in node.arguments]
    if node.names:
        arguments = [f"{name}: {text}" for name, text in zip(node.names, arguments, strict=True)]
    return f"{_at(node.callee, _POSTFIX)}({', '.join(arguments)})"


def _context(node: tree.ContextLiteral) -> str:
    return "{" + ", ".join(f"{_key(key)}: {to_text(value)}" for key, value in node.entries) + "}"


def _key(key: str) -> str:
    plain = key == " ".join(key.split()) and key and not set(key) & set(':{}[],"\\/')
    return key if plain else quoted(key)


def _interval(node: tree.Interval) -> str:
    opens, closes = "[" if node.start_included else "(", "]" if node.end_included else ")"
    return f"{opens}{to_text(node.start)}..{to_text(node.end)}{closes}"


def _unary_tests(node: tree.UnaryTests) -> str:
    tests = ", ".join(_test(test, _BLOCK) for test in node.tests)
    return f"not({tests})" if node.negated else tests or "-"


def _context_type(node: tree.ContextType) -> str:
    return "context<" + ", ".join(f"{name}: {to_text(member)}" for name, member in node.members) + ">"


def _function_type(node: tree.FunctionType) -> str:
    return f"function<{', '.join(map(to_text, node.parameters))}> -> {to_text(node.result)}"


_PRINTERS: dict[type[tree.Node], Callable[[Any], str]] = {
    tree.Number: lambda node: str(node.value),
    tree.Text: lambda node: quoted(node.value),
    tree.Boolean: lambda node: "true" if node.value else "false",
    tree.Null: lambda node: "null",
    tree.Moment: lambda node: "@" + quoted(node.text),
    tree.Name: lambda node: node.name,
    _Parenthesized: lambda node: f"({node.name.name})",
    tree.Path: lambda node: f"{_at(node.base, _POSTFIX)}.{node.name}",
    tree.Filter: lambda node: f"{_at(node.base, _POSTFIX)}[{to_text(node.condition)}]",
    tree.Call: _call,
    tree.Negation: lambda node: f"-{_at(node.operand, _NEGATION)}",
    tree.Arithmetic: _arithmetic,
    tree.Comparison: _comparison,
    tree.Between: _between,
    tree.OperatorTest: _operator_test,
    tree.In: _in,
    tree.And: _and,
    tree.Or: _or,
    tree.If: _if,
    tree.Iterator: _iterator,
    tree.For: _for,
    tree.Quantified: _quantified,
    tree.Function: _function,
    tree.ListLiteral: lambda node: "[" + ", ".join(map(to_text, node.items)) + "]",
    tree.ContextLiteral: _context,
    tree.Interval: _interval,
    tree.OperatorRange: lambda node: f"({node.operator} {_at(node.operand, _SUM)})",
    tree.InstanceOf: lambda node: f"{_at(node.value, _POSTFIX)} instance of {to_text(node.type)}",
    tree.SimpleType: lambda node: node.name,
    tree.MemberType: lambda node: f"{node.name}<{to_text(node.member)}>",
    tree.ContextType: _context_type,
    tree.FunctionType: _function_type,
    tree.UnaryTests: _unary_tests,
}
