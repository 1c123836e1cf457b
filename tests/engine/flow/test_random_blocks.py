"""Random block-structured processes against a plain reading of what their blocks mean: after each step the open tasks
are those that the reading allows, and the process ends when it does (BPMN 2.0.2, chapter 13).
"""

import random
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseloom.engine.spec.flow import ElementSpec, LoopSpec, ProcessSpec, SequenceFlowSpec
from tests.engine.flow.kit import World

# --- blocks -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    pass


@dataclass(frozen=True)
class Many:
    """A multi-instance task."""

    count: int
    parallel: bool


@dataclass(frozen=True)
class Sequence:
    parts: tuple[Any, ...]


@dataclass(frozen=True)
class Choice:
    """Exclusive (one is taken), inclusive (those of `taken`) or parallel (all)."""

    kind: str
    parts: tuple[Any, ...]
    taken: frozenset[int]


@dataclass(frozen=True)
class Again:
    body: Any
    times: int


@dataclass(frozen=True)
class Sub:
    body: Any


def _choices(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def taken(kind: str, found: list[Any], seed: int) -> Choice:
        chance, places = random.Random(seed), range(len(found))
        some = frozenset(place for place in places if chance.random() < 0.5)
        chosen = {"parallelGateway": frozenset(places), "inclusiveGateway": some}.get(
            kind, frozenset((chance.choice(places),))
        )
        return Choice(kind, tuple(found), chosen)

    kinds = st.sampled_from(["exclusiveGateway", "inclusiveGateway", "parallelGateway"])
    return st.builds(taken, kinds, st.lists(parts, min_size=2, max_size=3), st.integers(0, 999))


blocks: st.SearchStrategy[Any] = st.recursive(
    st.builds(Task) | st.builds(Many, st.integers(0, 3), st.booleans()),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: Sequence(tuple(parts))),
        _choices(inner),
        st.builds(Again, inner, st.integers(1, 3)),
        st.builds(Sub, inner),
    ),
    max_leaves=8,
)


# --- drawing ----------------------------------------------------------------------------------------------------------


@dataclass
class Drawing:
    """The process of a block; the facts that make its choices come out as the block says."""

    elements: dict[str, ElementSpec] = field(default_factory=dict)
    flows: dict[str, SequenceFlowSpec] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    parent: str = ""

    def add(self, kind: str, **more: Any) -> str:
        name = f"{kind}-{len(self.elements)}"
        self.elements[name] = ElementSpec(id=name, kind=kind, parent=self.parent, **more)  # type: ignore[arg-type]
        return name

    def lead(self, source: str, target: str, condition: str | None = None) -> None:
        name = f"{source}>{target}>{len(self.flows)}"
        self.flows[name] = SequenceFlowSpec(id=name, source=source, target=target, condition=condition)

    def draw(self, block: Any) -> tuple[str, str]:
        """The first and last element of a block."""
        match block:
            case Task():
                name = self.add("userTask")
                return name, name
            case Many(count, parallel):
                loop = LoopSpec(kind="parallel" if parallel else "sequential", cardinality=str(count))
                name = self.add("userTask", loop=loop)
                return name, name
            case Sequence(parts):
                ends = [self.draw(part) for part in parts]
                for (_, before), (after, _) in pairwise(ends):
                    self.lead(before, after)
                return ends[0][0], ends[-1][1]
            case Choice():
                return self._choice(block)
            case Again(body, times):
                return self._again(body, times)
            case Sub(body):
                outer, name = self.parent, self.add("subProcess")
                self.parent = name
                start, end = self.add("startEvent"), self.add("endEvent")
                first, last = self.draw(body)
                self.lead(start, first)
                self.lead(last, end)
                self.parent = outer
                return name, name
        raise AssertionError(block)

    def _choice(self, block: Choice) -> tuple[str, str]:
        fork, join = self.add(block.kind), self.add(block.kind)
        default = ""
        for place, part in enumerate(block.parts):
            first, last = self.draw(part)
            fact = f"c{len(self.facts)}"
            self.facts[fact] = place in block.taken
            self.lead(fork, first, None if block.kind == "parallelGateway" else fact)
            self.lead(last, join)
        if block.kind == "inclusiveGateway":
            self.lead(fork, join)
            default = list(self.flows)[-1]
        self.elements[fork] = ElementSpec(id=fork, kind=block.kind, parent=self.parent, default=default)  # type: ignore[arg-type]
        return fork, join

    def _again(self, body: Any, times: int) -> tuple[str, str]:
        fact = f"n{len(self.facts)}"
        self.facts[fact] = 0
        enter = self.add("exclusiveGateway")
        first, last = self.draw(body)
        count = self.add("scriptTask", script=f"{fact} + 1", result=fact)
        # An inner loop begins anew in every round of an outer one.
        more = self.add("exclusiveGateway")
        reset = self.add("scriptTask", script="0", result=fact)
        self.lead(enter, first)
        self.lead(last, count)
        self.lead(count, more)
        self.lead(more, enter, f"{fact} < {times}")
        self.lead(more, reset, f"{fact} >= {times}")
        return enter, reset


def drawn(block: Any) -> tuple[ProcessSpec, dict[str, Any]]:
    drawing = Drawing()
    start, end = drawing.add("startEvent"), drawing.add("endEvent")
    first, last = drawing.draw(block)
    drawing.lead(start, first)
    drawing.lead(last, end)
    return ProcessSpec(id="p", elements=drawing.elements, flows=drawing.flows), drawing.facts


# --- the plain reading ------------------------------------------------------------------------------------------------
# A block is read as a tree of `("do", task)`, `("then", parts)` and `("both", parts)`; what is done is None.


def reading(block: Any, tasks: list[str]) -> Any:
    """The block with its choices made; tasks take their names in the order in which they are drawn."""
    match block:
        case Task():
            return ("do", tasks.pop(0))
        case Many(count, parallel):
            name = tasks.pop(0)
            return ("both" if parallel else "then", [("do", name)] * count)
        case Sequence(parts):
            return ("then", [reading(part, tasks) for part in parts])
        case Choice(_, parts, taken):
            read = [reading(part, tasks) for part in parts]
            return ("both", [part for place, part in enumerate(read) if place in taken])
        case Again(body, times):
            return ("then", [reading(body, tasks)] * times)
        case Sub(body):
            return reading(body, tasks)
    raise AssertionError(block)


def settled(term: Any) -> Any:
    """The term without what is done."""
    if term is None or term[0] == "do":
        return term
    parts = [one for part in term[1] if (one := settled(part)) is not None]
    return (term[0], parts) if parts else None


def allowed(term: Any) -> list[str]:
    """The tasks that may be done now, each as often as it is open."""
    if term is None:
        return []
    if term[0] == "do":
        return [term[1]]
    parts = term[1][:1] if term[0] == "then" else term[1]
    return sorted(name for part in parts for name in allowed(part))


def after(term: Any, task: str) -> Any:
    """The term once one of its open tasks of this name is done."""
    if term[0] == "do":
        return None
    parts = list(term[1])
    for place, part in enumerate(parts[:1] if term[0] == "then" else parts):
        if task in allowed(part):
            parts[place] = after(part, task)
            return settled((term[0], parts))
    raise AssertionError(task)


def check(block: Any, seed: int) -> None:
    process, facts = drawn(block)
    tasks = [name for name, element in process.elements.items() if element.kind == "userTask"]
    term, world, chance = settled(reading(block, tasks)), World(process, facts=facts).begin(), random.Random(seed)
    while term is not None:
        assert world.open == allowed(term)
        task = chance.choice(world.open)
        term = after(term, task)
        world.do(task)
    assert world.done, world.resting
    assert world.over == [(1, "completed")]


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(blocks, st.integers(0, 10**6))
def test_the_open_tasks_are_those_that_the_blocks_allow(block: Any, seed: int) -> None:
    check(block, seed)


@pytest.mark.nightly
@settings(max_examples=20_000, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(blocks, st.integers(0, 10**6))
def test_the_open_tasks_are_those_that_the_blocks_allow_for_long(block: Any, seed: int) -> None:
    check(block, seed)
