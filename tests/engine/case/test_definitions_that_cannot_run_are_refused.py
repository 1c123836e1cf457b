"""What would go round for ever, or break a running case, is told to the author when it is checked."""

import pytest

from caseloom.engine.case import commands as c
from caseloom.engine.rules.fault import DefinitionFaulty
from tests.engine.case.kit import Case

CIRCLES = {
    "a stage inside itself": "stages: {s: {tasks: [s]}}",
    "stages inside each other": "stages: {s: {tasks: [t]}, t: {tasks: [s]}}",
    "a goal that is its own part": "goals: {g: {title: G, parent: g}}",
    "goals that are each other's part": "goals: {g: {title: G, parent: h}, h: {title: H, parent: g}}",
    "a milestone that repeats at once": 'milestones: {m: {repeat: "true"}}',
    "a letter that nobody wrote": "tasks: {t: {automatic: true, letter: nothing}}",
    "a type that there is not": "facts: {f: {type: banana}}",
    "a first value that is no choice": "facts: {f: {type: choice, choices: [a, b], initial: c}}",
    "a start form that asks for nothing known": "start form: [nothing]",
}


@pytest.mark.parametrize("text", CIRCLES.values(), ids=CIRCLES)
def test_it_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(DefinitionFaulty):
        Case(text)


FACTS = """
facts:
  price: {type: money}
  due: {type: date}
  colour: {type: choice, choices: [red, green]}
  words: {type: list of text}
  whole: {type: object}
  wish: {}
goals:
  done: {title: Done}
tasks:
  work: {title: Work, sets: %s}
"""
UNFIT = {"price": '"cheap"', "due": "12", "colour": '"blue"', "words": "[1, 2]", "wish": "true", "whole": "[1]"}


@pytest.mark.parametrize(("fact", "value"), UNFIT.items())
def test_a_value_that_does_not_fit_its_fact_is_unknown_and_the_case_goes_on(fact: str, value: str) -> None:
    case = Case(FACTS % f"{{{fact}: '{value}'}}").open()
    case.accept(c.CreateTask(key="work"))
    case.complete("work")
    known = case.state.facts.get(fact)
    assert known is None or known.value is None


@pytest.mark.parametrize(
    ("fact", "value"),
    {"due": 'date("2026-03-02")', "colour": '"red"', "words": '["a"]', "whole": "{a: 1}", "wish": '"x"'}.items(),
)
def test_a_value_that_fits_is_kept(fact: str, value: str) -> None:
    case = Case(FACTS % f"{{{fact}: '{value}'}}").open()
    case.accept(c.CreateTask(key="work"))
    case.complete("work")
    assert case.state.facts[fact].value is not None


def test_a_letter_shows_what_could_not_be_worked_out_as_open() -> None:
    case = Case(
        """
facts: {name: {}}
goals: {told: {title: Told}}
tasks: {tell: {kind: letter, letter: hello, automatic: true}}
letters: {hello: {subject: Hello, text: 'Dear {{ name + 1 }}, {{ [1..2] }}'}}
"""
    ).open(facts={"name": "Maria"})
    events = case.accept(c.CreateTask(key="tell"))
    [text] = [event.private.text for event in events if hasattr(event, "private") and hasattr(event.private, "text")]
    assert text.startswith("Dear [name + 1], [")
