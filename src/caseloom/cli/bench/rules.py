"""`caseloom bench rules`: conditions and decision tables, each beside its yardsticks in the same process.

(a) a FEEL condition of three terms with decimals beside a Python lambda that does the same, and SpiffWorkflow;
(b) a decision table of 24 rules and four inputs beside zen-engine;
(c) a command in a case under 200 rules of which it touches three, beside those three alone.
A yardstick that is not installed (extra `dev`) is skipped, and that is said.
"""

import importlib.util
import json
import timeit
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from itertools import product
from types import SimpleNamespace
from typing import Any, Final

from caseloom.cli.bench import touched
from caseloom.engine.decision import model as m
from caseloom.engine.decision.graph import DecisionModel, compile_model
from caseloom.engine.feel import Value, compile

CONDITION: Final = "amount > 100.50 and rate * 12 <= limit and score >= 650"
DATA: Final[Mapping[str, Decimal]] = {
    "amount": Decimal("250.75"),
    "rate": Decimal("99.90"),
    "limit": Decimal(1500),
    "score": Decimal(700),
}

KINDS: Final = ("card", "loan", "account", "transfer")
BANDS: Final = ((0, 100), (100, 1000), (1000, 10_000))
REGIONS: Final = ("north", "south", "east")
INPUTS: Final = ("kind", "amount", "region", "age")

REPEATS = 7


def run(say: Callable[[str], None]) -> None:
    """Measure and say a line a figure."""
    _conditions(say)
    _tables(say)
    _touched(say)


def _touched(say: Callable[[str], None]) -> None:
    found = touched.measure()
    say(f"rules command under 3 rules: {found['few'] * 1e6:.0f} µs")
    say(f"rules command under {touched.RULES} rules, 3 touched: {found['many'] * 1e6:.0f} µs")
    say(f"rules command under {touched.RULES} rules ratio: {found['many'] / found['few']:.2f}")


def _seconds(work: Callable[[], object], number: int) -> float:
    """The best time of one call: the machine's other work only ever adds."""
    return min(timeit.repeat(work, number=number, repeat=REPEATS)) / number


def _installed(module: str, name: str, say: Callable[[str], None]) -> bool:
    if importlib.util.find_spec(module) is not None:
        return True
    say(f"{name}: skipped, it is not installed (pip install 'caseloom[dev]')")
    return False


# -- (a) conditions --------------------------------------------------------------------------------------------


def _conditions(say: Callable[[str], None]) -> None:
    expression, scope = compile(CONDITION, DATA), dict(DATA)
    amount, months, score = Decimal("100.50"), Decimal(12), Decimal(650)

    def plain(data: Mapping[str, Decimal]) -> bool:
        return data["amount"] > amount and data["rate"] * months <= data["limit"] and data["score"] >= score

    if expression.evaluate(scope) is not plain(scope):
        raise RuntimeError("The condition and the lambda differ.")
    ours, python = _seconds(lambda: expression.evaluate(scope), 20_000), _seconds(lambda: plain(scope), 20_000)
    say(f"condition: {ours * 1e6:.2f} us")
    say(f"condition as Python lambda: {python * 1e6:.2f} us")
    say(f"condition ratio: {python / ours:.2f}")
    if _installed("SpiffWorkflow", "condition in SpiffWorkflow", say):
        theirs = _seconds(_in_spiff(scope), 2_000)
        say(f"condition in SpiffWorkflow: {theirs * 1e6:.2f} us")
        say(f"condition to SpiffWorkflow ratio: {theirs / ours:.2f}")


def _in_spiff(scope: Mapping[str, Decimal]) -> Callable[[], object]:
    """The same as SpiffWorkflow evaluates the condition of a flow: Python text over the data of a task."""
    from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine

    engine = PythonScriptEngine()
    data = {**scope, "least": Decimal("100.50"), "months": Decimal(12), "good": Decimal(650)}
    task = SimpleNamespace(data=data)
    text = "amount > least and rate * months <= limit and score >= good"
    if engine.evaluate(task, text) is not True:
        raise RuntimeError("SpiffWorkflow's condition differs.")
    return lambda: engine.evaluate(task, text)


# -- (b) decision tables ---------------------------------------------------------------------------------------


def rules() -> Iterator[tuple[str, str, str, str]]:
    """24 rules: equality, range, negation, and a comparison or `-`."""
    for number, (kind, (low, high), region) in enumerate(product(KINDS, BANDS, ('not("east")', "-"))):
        yield f'"{kind}"', f"[{low}..{high})", region, "> 2" if number % 3 == 0 else "-"


def cases() -> Iterator[dict[str, Any]]:
    """Inputs for all rules, and for none."""
    for kind, amount, region, age in product((*KINDS, "other"), (50, 500, 5000), REGIONS, (1, 5)):
        yield {"kind": kind, "amount": amount, "region": region, "age": age}


def table(hit_policy: str) -> DecisionModel:
    """The table as a decision named `band` over four inputs."""
    inputs = [m.InputData(id=name, name=name) for name in INPUTS]
    logic = m.DecisionTable(
        hit_policy=hit_policy,
        inputs=tuple(m.InputClause(expression=m.LiteralExpression(text=name)) for name in INPUTS),
        outputs=(m.OutputClause(),),
        rules=tuple(
            m.Rule(
                tests=tuple(m.UnaryTests(text=test) for test in tests),
                outputs=(m.LiteralExpression(text=f'"rule {number}"'),),
            )
            for number, tests in enumerate(rules())
        ),
    )
    requirements = tuple(m.Requirement(kind="input", href=f"#{name}") for name in INPUTS)
    band = m.Decision(id="band", name="band", requirements=requirements, logic=logic)
    return compile_model(m.Model(name="bench", namespace="bench", nodes=(*inputs, band)))


def _tables(say: Callable[[str], None]) -> None:
    given = list(cases())
    exact: list[dict[str, Value]] = [_decimals(case) for case in given]
    installed = _installed("zen", "decision table in zen-engine", say)
    for hit_policy in ("FIRST", "COLLECT"):
        model, name = table(hit_policy), f"decision table {hit_policy}"

        def all_ours(model: DecisionModel = model) -> None:
            for case in exact:
                model.evaluate("band", case)

        ours = _seconds(all_ours, 10) / len(given)
        say(f"{name}: {ours * 1e6:.2f} us")
        if installed:
            theirs = _zen_seconds(hit_policy, model, given)
            say(f"{name} in zen-engine: {theirs * 1e6:.2f} us")
            say(f"{name} ratio: {theirs / ours:.1f}")


def _decimals(case: Mapping[str, Any]) -> dict[str, Value]:
    return {name: Decimal(value) if isinstance(value, int) else value for name, value in case.items()}


def _zen_seconds(hit_policy: str, model: DecisionModel, given: list[dict[str, Any]]) -> float:
    decision = _in_zen(hit_policy)
    for case in given:
        theirs = decision.evaluate(case)["result"]
        found = [one["out"] for one in theirs] or None if isinstance(theirs, list) else (theirs or {}).get("out")
        if model.evaluate("band", _decimals(case)) != found:
            raise RuntimeError(f"zen-engine's table differs for {case}.")

    def all_theirs() -> None:
        for case in given:
            decision.evaluate(case)

    return _seconds(all_theirs, 2) / len(given)


def _in_zen(hit_policy: str) -> Any:
    """The same table for zen-engine, loaded once."""
    import zen

    rows = []
    for number, (kind, amount, region, age) in enumerate(rules()):
        negated = '$ != "east"' if region.startswith("not") else ""
        values = {"kind": kind, "amount": amount, "region": negated, "age": "" if age == "-" else age}
        rows.append({"_id": str(number), **values, "out": f'"rule {number}"'})
    fields = {name: [{"id": one, "name": one, "field": one} for one in of] for name, of in _ZEN_FIELDS.items()}
    nodes = [
        _zen_node("in", "inputNode"),
        _zen_node("table", "decisionTableNode", {"hitPolicy": hit_policy.lower(), **fields, "rules": rows}),
        _zen_node("out", "outputNode"),
    ]
    edges = [
        {"id": f"{one}-{other}", "sourceId": one, "targetId": other, "type": "edge"}
        for one, other in (("in", "table"), ("table", "out"))
    ]
    content = {"contentType": "application/vnd.gorules.decision", "nodes": nodes, "edges": edges}
    return zen.ZenEngine().create_decision(json.dumps(content))


_ZEN_FIELDS: Final = {"inputs": INPUTS, "outputs": ("out",)}


def _zen_node(name: str, kind: str, content: Mapping[str, Any] | None = None) -> dict[str, Any]:
    node = {"id": name, "type": kind, "name": name, "position": {"x": 0, "y": 0}}
    return {**node, "content": content} if content else node
