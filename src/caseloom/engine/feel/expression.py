"""Compiled expressions and unary tests: what the rest of the engine holds and evaluates."""

from collections.abc import Iterable, Mapping

from caseloom.engine.feel import calls, iteration, literals, operators, tree
from caseloom.engine.feel.env import Code, Root
from caseloom.engine.feel.faults import Fault, Faulted, FeelSyntaxError, Note, Source
from caseloom.engine.feel.kinds import Value
from caseloom.engine.feel.operators import TestCode, unary_tests
from caseloom.engine.feel.parse import MAX_DEPTH, parse, parse_tests
from caseloom.engine.feel.static import Static
from caseloom.engine.feel.walk import Reader, depth

BUDGET = 100_000

BUILDERS = {**literals.BUILDERS, **operators.BUILDERS, **iteration.BUILDERS, **calls.BUILDERS}

STATIC = Static(BUILDERS)


def fault_of(why: Faulted | RecursionError, source: Source) -> Fault:
    """The fault that ended an evaluation, as a value; `source` counts where the fault knows no place."""
    if isinstance(why, RecursionError):
        return Fault("The expression or a value in it is nested too deeply.", where=source.where)
    source = why.source or source
    return why.fault or Fault(str(why), *source.place(why.at or 0), source.where)


class _Compiled:
    """What expressions and tests share: their text, tree, and what they read.

    `reads` are the root names that are read from the scope; `paths` the static paths, such as
    `("refund", "amount")`.
    """

    def __init__(self, text: str, root: tree.Node, declared: frozenset[str], bound: frozenset[str]) -> None:
        if depth(root) > MAX_DEPTH:
            raise FeelSyntaxError(text, 0, "The expression is nested too deeply. Split it into several.")
        reader = Reader(declared)
        reader.visit(root, bound)
        self.text = text
        self.source = Source(text)
        self.paths: frozenset[tuple[str, ...]] = frozenset(reader.paths)
        self.reads: frozenset[str] = frozenset(path[0] for path in reader.paths)

    def _fault(self, why: Faulted | RecursionError) -> Fault:
        return fault_of(why, self.source)


class Expression(_Compiled):
    """A FEEL expression, compiled. `tree` is its typed tree."""

    def __init__(self, text: str, root: tree.Expression, declared: frozenset[str]) -> None:
        super().__init__(text, root, declared, frozenset())
        self.tree = root
        self._code: Code = STATIC.code(root)

    def evaluate(self, scope: Mapping[str, Value], budget: int = BUDGET, notes: list[Note] | None = None) -> Value:
        """The value in a scope; never raises.

        Null where FEEL says null, with the reasons appended to `notes`; a `Fault` for money in two currencies
        and when more than `budget` steps (items, calls) are taken. `scope` is asked for a name when needed.
        """
        try:
            return self._code(Root(self.source, scope, budget, notes))
        except (Faulted, RecursionError) as why:
            return self._fault(why)


class Tests(_Compiled):
    """The unary tests of a decision table's cell, compiled."""

    __test__ = False  # no test class of pytest

    def __init__(self, text: str, root: tree.UnaryTests, declared: frozenset[str]) -> None:
        super().__init__(text, root, declared, frozenset({"?"}))
        self.tree = root
        self._code: TestCode = unary_tests(root, STATIC)

    def evaluate(
        self,
        scope: Mapping[str, Value],
        value: Value,
        budget: int = BUDGET,
        notes: list[Note] | None = None,
    ) -> Value:
        """Whether a value passes: true, false, null or a `Fault`; never raises."""
        if isinstance(value, Fault):
            return value
        try:
            return self._code(Root(self.source, scope, budget, notes), value)
        except (Faulted, RecursionError) as why:
            return self._fault(why)


def compile(text: str, names: Iterable[str] = ()) -> Expression:
    """An expression ready to evaluate. `names` are those in scope: needed for names that hold operators or
    keywords, and useful for better errors. Raises `FeelSyntaxError`."""
    names = frozenset(names)
    return Expression(text, parse(text, names), names)


def compile_tests(text: str, names: Iterable[str] = ()) -> Tests:
    """Unary tests (`< 5, [10..20]`, `not("a")`, `-`) ready to evaluate. Raises `FeelSyntaxError`."""
    names = frozenset(names)
    return Tests(text, parse_tests(text, names), names)


def is_true(value: Value) -> bool:
    """Whether a condition holds: only true itself does; null, a fault and any other value do not."""
    return value is True
