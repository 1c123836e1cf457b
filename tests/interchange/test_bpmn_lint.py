"""What is wrong in a model before it runs."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseloom.engine.feel import compile
from caseloom.interchange.bpmn_lint import lint
from caseloom.interchange.bpmn_ways import may_all_fail
from tests.interchange.bpmn_kit import read

SOUND = '<startEvent id="s"/><sequenceFlow id="f0" sourceRef="s" targetRef="x"/>'


def found(inside: str, known: tuple[str, ...] = ()) -> list[str]:
    file = read(inside)
    return [f"{one.line} {one}" for one in lint(file.model, file.lines, known)]


def gateway(kind: str, *conditions: str, default: str = "") -> str:
    flows = "".join(
        f'<sequenceFlow id="f{number}" sourceRef="x" targetRef="t">'
        + (f"<conditionExpression>={condition}</conditionExpression>" if condition else "")
        + "</sequenceFlow>"
        for number, condition in enumerate(conditions, start=1)
    )
    return f'{SOUND}<{kind} id="x" default="{default}"/><task id="t"/>{flows}'


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        (
            f'{SOUND}<task id="x"/>\n<sequenceFlow id="f" sourceRef="x" targetRef="gone"/>',
            "6 f: The sequence flow leads to 'gone', which is not there. [cannot run]",
        ),
        (
            f'{SOUND}<task id="x"/><boundaryEvent id="b" attachedToRef="gone"/>',
            "5 b: It is attached to 'gone', which is not there. [cannot run]",
        ),
        (
            f'{SOUND}<task id="x"/><boundaryEvent id="b" attachedToRef="x"><compensateEventDefinition/>'
            "</boundaryEvent>",
            "5 b: No association leads to what compensates. [no effect]",
        ),
        (
            f'{SOUND}<task id="x"/>\n<task id="y"/><sequenceFlow id="f" sourceRef="y" targetRef="x"/>',
            "6 y: No token ever comes here. [no effect]",
        ),
        (
            f'{SOUND}<subProcess id="x"><task id="y"/><sequenceFlow id="f" sourceRef="y" targetRef="y"/></subProcess>',
            "5 x: Nothing begins here. Draw a start event. [cannot run]",
        ),
        (f'{SOUND}<subProcess id="x"/>', "5 x: Nothing stands in it. [no effect]"),
        (
            f'{SOUND}<task id="x"/><subProcess id="u" triggeredByEvent="true"><startEvent id="v"/></subProcess>',
            "5 u: An event sub-process has one start event, which says what triggers it. [cannot run]",
        ),
        (f'{SOUND}<callActivity id="x"/>', "5 x: The call activity names no process. [cannot run]"),
        (
            f'{SOUND}<callActivity id="x" calledElement="gone"/>',
            "5 x: It calls the process 'gone', which is in none of the files. [cannot run]",
        ),
        (
            f'{SOUND}<intermediateThrowEvent id="x"><linkEventDefinition name="on"/></intermediateThrowEvent>',
            "5 x: No link catch event beside it is named 'on'. [cannot run]",
        ),
        (
            f'{SOUND}<task id="x"><multiInstanceLoopCharacteristics/></task>',
            "5 x: It says neither how often it runs nor for each of what. [cannot run]",
        ),
        (
            f'{SOUND}<task id="x"><standardLoopCharacteristics/></task>',
            "5 x: The loop has no condition and no maximum: it never ends by itself. [warning]",
        ),
        (
            f'{SOUND}<eventBasedGateway id="x"/><task id="t"/><sequenceFlow id="f" sourceRef="x" targetRef="t"/>',
            "5 x: It leads to 't', which is no catch event and no receive task. [cannot run]",
        ),
        (
            f'{SOUND}<task id="x" default="gone"/>',
            "5 x: Its default flow 'gone' does not leave it. [warning]",
        ),
        (
            gateway("exclusiveGateway", "a", "b"),
            "5 x: It has no default flow, and its conditions may all be false. [warning]",
        ),
        (
            gateway("inclusiveGateway", "a = 1", "a = 2"),
            "5 x: It has no default flow, and its conditions may all be false. [warning]",
        ),
        (
            gateway("exclusiveGateway", "", "b"),
            "5 x: 'f1' has no condition: what comes after it in the file is never taken. [warning]",
        ),
    ],
)
def test_it_is_named_with_its_line(inside: str, message: str) -> None:
    assert message in found(inside)


@pytest.mark.parametrize(
    "inside",
    [
        f'{SOUND}<task id="x"/>',
        f'{SOUND}<callActivity id="x" calledElement="other"/>',
        f'{SOUND}<callActivity id="x" calledElement="p"/>',
        f'{SOUND}<callActivity id="x" calledElement="${{which}}"/>',
        f'{SOUND}<adHocSubProcess id="x"><task id="y"/></adHocSubProcess>',
        f'{SOUND}<intermediateThrowEvent id="x"><linkEventDefinition name="on"/></intermediateThrowEvent>'
        '<intermediateCatchEvent id="c"><linkEventDefinition name="on"/></intermediateCatchEvent>',
        f'{SOUND}<task id="x"/><boundaryEvent id="b" attachedToRef="x"><compensateEventDefinition/></boundaryEvent>'
        '<task id="u" isForCompensation="true"/><association id="a" sourceRef="b" targetRef="u"/>',
        f'{SOUND}<task id="x"/><subProcess id="u" triggeredByEvent="true"><startEvent id="v"><errorEventDefinition/>'
        "</startEvent></subProcess>",
        gateway("exclusiveGateway", "a", "a != true"),
        gateway("exclusiveGateway", "a = 1", "a != 1"),
        gateway("exclusiveGateway", "a", "b", default="f1"),
    ],
)
def test_what_is_sound_is_not_blamed(inside: str) -> None:
    assert found(inside, ("other",)) == []


def test_where_any_process_may_be_added_no_call_is_blamed() -> None:
    file = read(f'{SOUND}<callActivity id="x" calledElement="gone"/>')
    assert lint(file.model, file.lines) == []


ATOMS = st.sampled_from(["a", "b", "a != true", "x = 1", "x != 1", 'list contains([null, "", [], {}], x)'])
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("({} != true)".format, inner),
    ),
    max_leaves=4,
)


@given(
    st.lists(CONDITIONS, min_size=1, max_size=3),
    st.fixed_dictionaries({name: st.sampled_from([None, True, False]) for name in "ab"}),
    st.sampled_from([None, 1, 2]),
)
def test_conditions_that_cannot_all_fail_never_do(
    conditions: list[str], flags: dict[str, bool | None], x: int | None
) -> None:
    scope = {**flags, "x": None if x is None else Decimal(x)}
    if not may_all_fail(conditions):
        assert any(compile(condition).evaluate(scope) is True for condition in conditions)


def test_more_conditions_than_can_be_tried_are_taken_for_open() -> None:
    many = " or ".join(f"a{number}" for number in range(20))
    assert may_all_fail([many, f"({many}) != true"])
    assert not may_all_fail(["a or b", "(a or b) != true"])
