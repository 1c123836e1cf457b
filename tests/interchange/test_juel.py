"""Unified EL to FEEL: what is translated means the same, and what cannot be is told."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from operator import add, eq, ge, gt, le, lt, mul, ne, sub
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caseloom.engine.feel import compile
from caseloom.interchange.juel import MAX_LENGTH, JuelFault, has_juel
from caseloom.interchange.juel_feel import to_feel


def feel_of(text: str) -> str:
    found = to_feel(text)
    assert found.troubles == ()
    return found.feel


@pytest.mark.parametrize(
    ("juel", "feel"),
    [
        ("${approved}", "approved"),
        ("#{approved}", "approved"),
        ("${!approved}", "approved != true"),
        ("${not approved}", "approved != true"),
        ("${a && b || c}", "a and b or c"),
        ("${a and (b or c)}", "a and (b or c)"),
        ("${amount >= 500.5}", "amount >= 500.5"),
        ("${amount ge 500}", "amount >= 500"),
        ("${mypath==2}", "mypath = 2"),
        ("${a ne b}", "a != b"),
        ("${clarified.equals('yes')}", 'clarified = "yes"'),
        ("${name.equalsIgnoreCase('Ann')}", 'lower case(name) = lower case("Ann")'),
        ("${empty items}", 'list contains([null, "", [], {}], items)'),
        ("${order.customer['name']}", "order.customer.name"),
        ("${order['first name']}", 'get value(order, "first name")'),
        ("${items[0].price}", "items[1].price"),
        ("${items.get(2)}", "items[3]"),
        ("${items.size() > 3}", "count(items) > 3"),
        ("${name.substring(1, 3)}", "substring(name, 2, 2)"),
        ("${order.getCustomer().isActive()}", "order.customer.active"),
        ("${-a * (b - (c - d))}", "-a * (b - (c - d))"),
        ("${a ? 'x' : b ? 'y' : 'z'}", 'if a then "x" else (if b then "y" else "z")'),
        ("${(a ? 1 : 2) + 1}", "(if a then 1 else 2) + 1"),
        ("${dateTime().plusWeeks(1).toDate()}", 'now() + duration("P7D")'),
        ("${now().minusHours(n)}", 'now() - duration("PT1H") * n'),
        ("${execution.getVariable('x') == 'y'}", 'x = "y"'),
        ("${nrOfCompletedInstances / nrOfInstances > 0.5}", "numberOfCompletedInstances / numberOfInstances > 0.5"),
        (
            "${vars:eq(state, 'open') || vars:isEmpty(owner)}",
            'state = "open" or list contains([null, "", [], {}], owner)',
        ),
        ('${S(customer).prop("name").stringValue()}', "customer.name"),
        ("Dear ${name},", 'string join(["Dear ", string(name), ","])'),
        ("plain", '"plain"'),
        (r"costs \${5}", '"costs ${5}"'),
        ("${'it''s'}".replace("''", r"\'"), '"it\'s"'),
    ],
)
def test_it_is_said_in_feel(juel: str, feel: str) -> None:
    assert feel_of(juel) == feel


def test_a_name_that_feel_cannot_tell_from_an_expression_is_given_to_the_reader() -> None:
    found = to_feel("${execution.getVariable('first-name') == 'Ann'}")
    assert found.names == {"first-name"}
    assert compile(found.feel, found.names).evaluate({"first-name": "Ann"}) is True


def test_a_call_into_a_program_becomes_a_variable_named_after_it() -> None:
    found = to_feel("${genders.word(gender) == 'Mr'}")
    assert found.feel == 'genders_word = "Mr"'
    assert found.troubles == (
        "genders.word(...) has no meaning in FEEL (it is a call into a program);"
        " the variable 'genders_word' is read instead.",
    )


def test_what_belongs_to_another_engine_is_a_trouble() -> None:
    found = to_feel("${execution.getProcessInstance().getName() == 'x'}")
    assert found.feel == 'execution_getProcessInstance_getName = "x"'
    assert len(found.troubles) == 1


def test_an_index_that_may_be_a_key_is_a_trouble() -> None:
    found = to_feel("${prices[product]}")
    assert found.feel == "prices_item"
    assert len(found.troubles) == 1


def test_a_slightly_other_meaning_is_noted() -> None:
    assert to_feel("${n % 2 == 0}").notes == ("The rest of a division has the sign of the divisor in FEEL.",)
    assert "is not null" in to_feel("${execution.hasVariable('x')}").notes[0]
    assert "'businessKey'" in to_feel("${execution.processBusinessKey}").notes[0]


@pytest.mark.parametrize(
    ("text", "at"), [("${a +}", 5), ("x ${a", 2), ("${a b}", 4), ("${}", 2), ("ab${'}", 2), ("${a ==== b}", 6)]
)
def test_what_is_no_expression_is_refused_with_its_place(text: str, at: int) -> None:
    with pytest.raises(JuelFault) as caught:
        to_feel(text)
    assert caught.value.at == at


@pytest.mark.parametrize("text", ["${" + "(" * 5_000 + "a" + ")" * 5_000 + "}", "x" * (MAX_LENGTH + 1)])
def test_what_is_too_deep_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(JuelFault):
        to_feel(text)


def test_a_brace_in_a_text_does_not_end_the_expression() -> None:
    assert feel_of("${a == '}'}") == 'a = "}"'


def test_juel_is_recognised() -> None:
    assert has_juel("a ${b}") and has_juel("#{b}")
    assert not has_juel("{b} $5 #1") and not has_juel(r"\${b}")


# -- held against a plain reading ------------------------------------------------------------------------------


Values = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """A piece of EL, and what a plain evaluator makes of it."""

    text: str
    means: Callable[[Values], Any]


def of_variable(name: str) -> Part:
    return Part(name, lambda values: values[name])


def of_constant(text: str, value: Any) -> Part:
    return Part(text, lambda values: value)


def of_two(sign: str, does: Callable[[Any, Any], Any]) -> Callable[[Part, Part], Part]:
    def made(a: Part, b: Part) -> Part:
        return Part(f"({a.text} {sign} {b.text})", lambda values: does(a.means(values), b.means(values)))

    return made


def truth(value: Any) -> bool:
    """EL turns null into false (JSR 341 §1.23.3)."""
    return value is True


def is_empty(value: Any) -> bool:
    return value is None or value == "" or value == []


NUMBERS = st.sampled_from(
    [of_variable("n"), of_variable("m"), of_constant("7", Decimal(7)), of_constant("2.5", Decimal("2.5"))]
)
SUMS = st.one_of(
    *(st.builds(of_two(sign, does), NUMBERS, NUMBERS) for sign, does in (("+", add), ("-", sub), ("*", mul)))
)
TEXT_PARTS = st.sampled_from([of_variable("s"), of_variable("t"), of_constant("'a'", "a"), of_constant("''", "")])
ORDERED = [("<", lt), ("le", le), (">", gt), ("ge", ge), ("==", eq), ("ne", ne)]
COMPARED = st.one_of(*(st.builds(of_two(sign, does), NUMBERS | SUMS, NUMBERS | SUMS) for sign, does in ORDERED))
SAME = st.one_of(
    *(
        st.builds(of_two(sign, does), TEXT_PARTS, TEXT_PARTS | st.just(of_constant("null", None)))
        for sign, does in (("==", eq), ("!=", ne))
    )
)
EMPTIED = st.builds(
    lambda a: Part(f"empty {a.text}", lambda values: is_empty(a.means(values))),
    TEXT_PARTS | st.just(of_variable("items")),
)
HELD = st.builds(
    lambda a: Part(f"items.contains({a.text})", lambda values: a.means(values) in values["items"]), TEXT_PARTS
)
FLAGS = st.sampled_from(
    [
        of_variable("p"),
        of_variable("q"),
        of_constant("true", True),
        Part("o.flag", lambda values: values["flag"]),
    ]
)


def _combined(inner: st.SearchStrategy[Part]) -> st.SearchStrategy[Part]:
    signs = {
        "&&": lambda a, b: truth(a) and truth(b),
        "and": lambda a, b: truth(a) and truth(b),
        "||": lambda a, b: truth(a) or truth(b),
        "or": lambda a, b: truth(a) or truth(b),
    }
    both = (st.builds(of_two(sign, does), inner, inner) for sign, does in signs.items())
    return st.one_of(st.builds(_chosen, inner, inner, inner), st.builds(_negated, inner, st.booleans()), *both)


def _chosen(a: Part, b: Part, c: Part) -> Part:
    def means(values: Values) -> Any:
        return b.means(values) if truth(a.means(values)) else c.means(values)

    return Part(f"({a.text} ? {b.text} : {c.text})", means)


def _negated(a: Part, word: bool) -> Part:
    return Part(f"{'not ' if word else '!'}{a.text}", lambda values: not truth(a.means(values)))


CONDITIONS = st.recursive(FLAGS | COMPARED | SAME | EMPTIED | HELD, _combined, max_leaves=8)
TEXTS = st.sampled_from([None, "", "a", "b"])
VALUES = st.fixed_dictionaries(
    {
        "p": st.none() | st.booleans(),
        "q": st.none() | st.booleans(),
        "flag": st.none() | st.booleans(),
        "n": st.integers(-5, 5).map(Decimal),
        "m": st.integers(-5, 5).map(Decimal),
        "s": TEXTS,
        "t": TEXTS,
        "items": st.lists(st.sampled_from(["a", "b", ""]), max_size=3),
    }
)


@settings(max_examples=400)
@given(CONDITIONS, VALUES)
def test_a_translated_condition_decides_as_el_does(part: Part, values: dict[str, Any]) -> None:
    scope = {**values, "o": {"flag": values["flag"]}}
    decided = compile(feel_of(f"${{{part.text}}}")).evaluate(scope)
    assert (decided is True) == truth(part.means(values))


@given(st.lists(st.sampled_from(["Dear ", "${s}", ", ", "#{n}", "${t}"])), VALUES)
def test_text_with_expressions_is_put_together_as_el_does(pieces: list[str], values: Values) -> None:
    wanted = {"${s}": values["s"] or "", "${t}": values["t"] or "", "#{n}": str(values["n"])}
    found = compile(feel_of(f"<{''.join(pieces)}>")).evaluate(values)
    assert found == f"<{''.join(wanted.get(piece, piece) for piece in pieces)}>"


@given(st.text(max_size=60))
def test_any_text_is_translated_or_refused(text: str) -> None:
    for expression in (text, f"${{{text}}}"):
        try:
            found = to_feel(expression)
        except JuelFault:
            continue
        compile(found.feel, found.names)
