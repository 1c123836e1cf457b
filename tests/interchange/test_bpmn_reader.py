"""BPMN as XML to a model: standard BPMN, with what is found and where."""

from typing import Any

import pytest

from caseloom.engine.spec.flow import DataSpec, EventDefinition, LoopSpec, Mapping, TimerSpec
from caseloom.interchange import bpmn_reader
from caseloom.interchange.bpmn_reader import read_bpmn
from caseloom.interchange.bpmn_source import BpmnFault
from tests.interchange.bpmn_kit import NAMESPACES, element, file_of, process, read, said

ROOTS = """
<message id="m" name="answer"/><signal id="s" name="alarm"/><error id="e" name="No money" errorCode="broke"/>
<escalation id="l" escalationCode="late"/><message id="nameless"/>
<timerEventDefinition id="shared"><timeDuration>PT1H</timeDuration></timerEventDefinition>
"""


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ('<messageEventDefinition messageRef="m"/>', EventDefinition(kind="message", name="answer")),
        ('<messageEventDefinition messageRef="nameless"/>', EventDefinition(kind="message", name="nameless")),
        ('<signalEventDefinition signalRef="s"/>', EventDefinition(kind="signal", name="alarm")),
        ('<errorEventDefinition errorRef="e"/>', EventDefinition(kind="error", name="broke")),
        ("<errorEventDefinition/>", EventDefinition(kind="error")),
        ('<escalationEventDefinition escalationRef="l"/>', EventDefinition(kind="escalation", name="late")),
        (
            "<timerEventDefinition><timeDate>2026-03-02T09:00:00Z</timeDate></timerEventDefinition>",
            EventDefinition(kind="timer", timer=TimerSpec(kind="date", value='"2026-03-02T09:00:00Z"')),
        ),
        (
            "<timerEventDefinition><timeDuration>= wait</timeDuration></timerEventDefinition>",
            EventDefinition(kind="timer", timer=TimerSpec(kind="duration", value="wait")),
        ),
        (
            "<timerEventDefinition><timeDuration>${wait}</timeDuration></timerEventDefinition>",
            EventDefinition(kind="timer", timer=TimerSpec(kind="duration", value="wait")),
        ),
        (
            "<timerEventDefinition><timeCycle>0 15 16 ? * * *</timeCycle></timerEventDefinition>",
            EventDefinition(kind="timer", timer=TimerSpec(kind="cycle", value='"0 15 16 ? * *"')),
        ),
        (
            "<eventDefinitionRef>shared</eventDefinitionRef>",
            EventDefinition(kind="timer", timer=TimerSpec(kind="duration", value='"PT1H"')),
        ),
        (
            "<conditionalEventDefinition><condition>=amount > 5</condition></conditionalEventDefinition>",
            EventDefinition(kind="conditional", condition="amount > 5"),
        ),
        ('<linkEventDefinition name="on"/>', EventDefinition(kind="link", name="on")),
        ("<terminateEventDefinition/>", EventDefinition(kind="terminate")),
        ("<cancelEventDefinition/>", EventDefinition(kind="cancel")),
        ('<compensateEventDefinition activityRef="t"/>', EventDefinition(kind="compensation", activity="t")),
    ],
)
def test_every_event_definition_is_read(xml: str, expected: EventDefinition) -> None:
    for kind in ("startEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent", "endEvent"):
        assert element(f'<{kind} id="x">{xml}</{kind}>', ROOTS).definitions == (expected,)


def test_an_event_may_wait_for_several_or_for_all() -> None:
    two = '<messageEventDefinition messageRef="m"/><signalEventDefinition signalRef="s"/>'
    one = element(f'<intermediateCatchEvent id="x">{two}</intermediateCatchEvent>', ROOTS)
    every = element(f'<intermediateCatchEvent id="x" parallelMultiple="true">{two}</intermediateCatchEvent>', ROOTS)
    assert [definition.kind for definition in one.definitions] == ["message", "signal"]
    assert not one.parallel_multiple and every.parallel_multiple


def test_a_message_without_a_name_gets_that_of_its_event() -> None:
    xml = '<intermediateCatchEvent id="x" name="Answer&#10;comes"><messageEventDefinition/></intermediateCatchEvent>'
    assert element(xml).definitions == (EventDefinition(kind="message", name="Answer comes"),)
    assert said(xml) == [
        "5 x: It names no message. The message is named after it: 'Answer comes'. [changed]",
    ]


def test_messages_without_names_are_the_same_at_both_ends_of_a_message_flow() -> None:
    xml = (
        '<endEvent id="x" name="Ask"><messageEventDefinition/></endEvent><receiveTask id="y" name="Be asked"/>'
        '<intermediateCatchEvent id="z"><messageEventDefinition/></intermediateCatchEvent>'
    )
    roots = (
        '<collaboration id="c"><messageFlow id="mf" sourceRef="x" targetRef="y"/>'
        '<messageFlow id="mg" name="answer" sourceRef="pool" targetRef="z"/></collaboration>'
    )
    found = process(read(xml, roots)).elements
    assert [found[key].definitions[0].name for key in "xyz"] == ["Be asked", "Be asked", "answer"]


def test_events_know_whether_they_interrupt() -> None:
    boundary = '<task id="t"/><boundaryEvent id="x" attachedToRef="t" cancelActivity="{}"/>'
    start = '<subProcess id="u" triggeredByEvent="true"><startEvent id="x" isInterrupting="{}"/></subProcess>'
    for xml in (boundary, start):
        assert element(xml.format("true")).interrupting
        assert not element(xml.format("false")).interrupting
    assert element(boundary.format("true")).attached_to == "t"


@pytest.mark.parametrize(
    ("xml", "fields"),
    [
        ('<exclusiveGateway id="x" default="f"/>', {"kind": "exclusiveGateway", "default": "f"}),
        ('<task id="x" default="f" isForCompensation="1"/>', {"default": "f", "is_for_compensation": True}),
        (
            '<eventBasedGateway id="x" instantiate="true" eventGatewayType="Parallel"/>',
            {"instantiate": True, "parallel_events": True},
        ),
        (
            '<complexGateway id="x"><activationCondition>=activationCount > 1</activationCondition></complexGateway>',
            {"activation_condition": "activationCount > 1"},
        ),
        ('<receiveTask id="x" instantiate="true" messageRef="m"/>', {"instantiate": True}),
        ('<transaction id="x"/>', {"kind": "transaction"}),
        (
            '<adHocSubProcess id="x" ordering="Sequential" cancelRemainingInstances="false">'
            "<completionCondition>=done</completionCondition></adHocSubProcess>",
            {"ordering": "sequential", "cancel_remaining": False, "completion_condition": "done"},
        ),
        ('<task id="x"><documentation>Do it.</documentation></task>', {"documentation": "Do it."}),
        (
            '<callActivity id="x" calledElement="t:other"/>',
            {"called": '"other"', "inherits": False, "returns": False},
        ),
        ('<task id="x"><standardLoopCharacteristics/></task>', {"loop": LoopSpec(kind="standard")}),
        (
            '<task id="x"><standardLoopCharacteristics testBefore="true" loopMaximum="3">'
            "<loopCondition>=more</loopCondition></standardLoopCharacteristics></task>",
            {"loop": LoopSpec(kind="standard", condition="more", test_before=True, maximum=3)},
        ),
        (
            '<task id="x"><multiInstanceLoopCharacteristics isSequential="true"><loopCardinality>3</loopCardinality>'
            "<completionCondition>${nrOfCompletedInstances > 1}</completionCondition>"
            "</multiInstanceLoopCharacteristics></task>",
            {"loop": LoopSpec(kind="sequential", cardinality="3", completion="numberOfCompletedInstances > 1")},
        ),
        (
            '<property id="many" name="items"/><task id="x"><multiInstanceLoopCharacteristics>'
            "<loopDataInputRef>many</loopDataInputRef><inputDataItem name='item'/>"
            "</multiInstanceLoopCharacteristics></task>",
            {"loop": LoopSpec(kind="parallel", collection="items", element="item")},
        ),
    ],
)
def test_what_a_node_says_is_read(xml: str, fields: dict[str, Any]) -> None:
    found = element(xml, ROOTS)
    assert {name: getattr(found, name) for name in fields} == fields


def test_sub_processes_hold_their_nodes_and_lanes_name_who_does_them() -> None:
    found = process(
        read(
            '<laneSet id="ls"><lane id="l1" name="Office"><flowNodeRef>t</flowNodeRef><flowNodeRef>u</flowNodeRef>'
            '<childLaneSet id="c"><lane id="l2" name="Clerk"><flowNodeRef>u</flowNodeRef></lane></childLaneSet>'
            "</lane></laneSet>"
            '<task id="t"/><subProcess id="u"><task id="v"/>'
            '<sequenceFlow id="f" sourceRef="v" targetRef="v"/></subProcess>'
        )
    )
    assert {one.id: (one.parent, one.lane) for one in found.elements.values()} == {
        "t": ("", "Office"),
        "u": ("", "Clerk"),
        "v": ("u", ""),
    }
    assert found.lanes == ("Clerk", "Office")
    assert list(found.flows) == ["f"]


def test_compensation_leads_to_its_handler_by_an_association() -> None:
    xml = (
        '<task id="t"/><boundaryEvent id="x" attachedToRef="t"><compensateEventDefinition/></boundaryEvent>'
        '<task id="undo" isForCompensation="true"/><association id="a" sourceRef="x" targetRef="undo"/>'
    )
    assert element(xml).handler == "undo"


def test_data_objects_are_variables_and_associations_map_them() -> None:
    found = process(
        read(
            '<dataObject id="o" name="order" isCollection="true"/><dataObject id="nn"/>'
            '<dataObjectReference id="r" dataObjectRef="nn" name="first-name"/>'
            '<task id="x"><ioSpecification id="io"><dataInput id="i" name="given"/><dataOutput id="ou" name="made"/>'
            "<inputSet/><outputSet/></ioSpecification>"
            '<dataInputAssociation id="da"><sourceRef>o</sourceRef><targetRef>i</targetRef></dataInputAssociation>'
            '<dataOutputAssociation id="db"><sourceRef>ou</sourceRef><targetRef>r</targetRef></dataOutputAssociation>'
            "</task>"
        )
    )
    assert found.data == (
        DataSpec(id="o", name="order", collection=True),
        DataSpec(id="nn", name="first-name"),
    )
    assert found.elements["x"].inputs == (Mapping(target="given", source="order"),)
    assert found.elements["x"].outputs == (Mapping(target="first-name", source="made"),)
    assert found.names == ("first-name",)


def test_a_key_of_several_parts_correlates() -> None:
    roots = (
        '<message id="m" name="answer"/>'
        '<correlationProperty id="a"><correlationPropertyRetrievalExpression messageRef="m">'
        "<messagePath>sent</messagePath></correlationPropertyRetrievalExpression></correlationProperty>"
        '<correlationProperty id="b"><correlationPropertyRetrievalExpression messageRef="m">'
        "<messagePath>number</messagePath></correlationPropertyRetrievalExpression></correlationProperty>"
    )
    xml = (
        '<correlationSubscription correlationKeyRef="k"><correlationPropertyBinding correlationPropertyRef="a">'
        "<dataPath>mine</dataPath></correlationPropertyBinding></correlationSubscription>"
        '<receiveTask id="x" messageRef="m"/><sendTask id="y" messageRef="m"/>'
    )
    assert element(xml, roots).definitions[0].correlation == "[mine, number]"
    assert element(xml, roots, "y").definitions[0].correlation == "[sent, number]"


@pytest.mark.parametrize(
    ("condition", "feel"),
    [
        ("<conditionExpression>= a &gt; 1</conditionExpression>", "a > 1"),
        ("<conditionExpression>${a &gt; 1}</conditionExpression>", "a > 1"),
        ("<conditionExpression>a = 1</conditionExpression>", "a = 1"),
        (
            "<conditionExpression language='urn:FEEL'>a b = 1</conditionExpression>",
            "a b = 1",
        ),
        ("<conditionExpression>bpmn:getDataObject('a') = 'yes'</conditionExpression>", 'a = "yes"'),
        ("<conditionExpression>a == 'b'</conditionExpression>", 'a = "b"'),
        ("<conditionExpression/>", None),
        ("", None),
        ("<conditionExpression language='groovy'>a &amp;&amp; b</conditionExpression>", "conditionExpression_f"),
        ("<conditionExpression>a &amp;&amp; b</conditionExpression>", "conditionExpression_f"),
        ("<conditionExpression camunda:resource='deployment://a.js'/>", "conditionExpression_f"),
    ],
)
def test_conditions_become_feel(condition: str, feel: str | None) -> None:
    xml = f'<task id="x"/><sequenceFlow id="f" sourceRef="x" targetRef="x">{condition}</sequenceFlow>'
    assert process(read(xml)).flows["f"].condition == feel


def test_what_stands_in_for_an_expression_is_told_with_its_place() -> None:
    xml = (
        '<task id="x"/>\n<sequenceFlow id="f" sourceRef="x" targetRef="x">'
        "\n<conditionExpression language='groovy'>x.y</conditionExpression></sequenceFlow>"
    )
    assert said(xml) == [
        "7 f: An expression in groovy. The variable 'conditionExpression_f' is read instead. [changed]",
    ]


def test_several_words_are_one_name_and_a_longer_one_is_not_cut() -> None:
    xml = (
        '<dataObject id="o" name="Vacation Approval"/><task id="x"/><sequenceFlow id="f" sourceRef="x" targetRef="x">'
        "<conditionExpression>=Vacation Approval Status.Reason = 1</conditionExpression></sequenceFlow>"
    )
    found = process(read(xml))
    assert found.names == ("Vacation Approval", "Vacation Approval Status")
    assert found.flows["f"].condition == "Vacation Approval Status.Reason = 1"


def test_what_means_nothing_is_named_with_its_line() -> None:
    xml = (
        '<task id="x" startQuantity="2">\n<extensionElements><maker:a/><maker:a/></extensionElements></task>'
        '\n<task id="y" resourcing="1" maker:colour="red"/><auditing/>'
    )
    assert said(xml, '<globalTask id="g"/>') == [
        "3 g: <globalTask> is no part of a process that runs. [cannot run]",
        "5 x: startQuantity is 2: one token comes in and one goes out. [cannot run]",
        "6 'a' of urn:maker, 2 times: kept as it stands. [no effect]",
        "7 '@colour' of urn:maker: kept as it stands. [no effect]",
        "7 y: The attribute 'resourcing' of <task> means nothing here. [no effect]",
    ]


def test_coverage_counts_what_has_meaning() -> None:
    xml = (
        '<startEvent id="a"><timerEventDefinition/></startEvent><task id="x"/><textAnnotation id="n"/>'
        '<boundaryEvent id="b" attachedToRef="x"><timerEventDefinition><timeDate>=d</timeDate></timerEventDefinition>'
        "</boundaryEvent>"
    )
    found = read(xml).coverage
    assert found["timerEventDefinition"] == (2, 1)
    assert found["textAnnotation"] == (1, 0)
    assert found["task"] == (1, 1)


def test_only_a_process_that_says_so_is_executable() -> None:
    file = read_bpmn(file_of("<task id='x'/>").replace(b'isExecutable="true"', b""))
    assert not process(file).executable


def test_a_process_without_a_name_has_that_of_its_participant() -> None:
    roots = '<collaboration id="c"><participant id="pa" name="Shop" processRef="p"/></collaboration>'
    assert process(read("<task id='x'/>", roots)).name == "Shop"


def test_elements_without_id_get_one() -> None:
    file = read("<task/><task/><serviceTask/>")
    assert list(process(file).elements) == ["task_1", "task_2", "serviceTask_1"]
    assert process(file).elements["serviceTask_1"].topic == "serviceTask_1"
    assert [one.effect for one in file.findings] == ["warning", "warning", "warning", "changed"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "Line 1: The file is no XML: Document is empty, line 1, column 1."),
        (b"<a/>", "Line 1: <a> is no <definitions> of BPMN 2.0; its namespace is ''."),
        (
            b"<!DOCTYPE a [<!ENTITY b 'c'>]>\n<a>&b;</a>",
            "Line 1: The file has a DOCTYPE",
        ),
        (file_of("<task id='x'/>\n<task id='x'/>"), "Line 6: The id 'x' is given twice."),
        (file_of("<task id='x'/>\n<sequenceFlow id='x'/>"), "Line 6: The id 'x' is given twice."),
        (
            f"<definitions {NAMESPACES}><process id='p'/>\n<process id='p'/></definitions>".encode(),
            "Line 2: The process id 'p' is given twice.",
        ),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_with_the_line(data: bytes, message: str) -> None:
    with pytest.raises(BpmnFault) as caught:
        read_bpmn(data)
    assert str(caught.value).startswith(message.removesuffix("."))


def test_a_model_that_is_too_large_is_refused() -> None:
    tasks = "".join(f'<task id="t{number}"/>' for number in range(bpmn_reader.MAX_NODES + 1))
    with pytest.raises(BpmnFault, match="at most 10000 are taken"):
        read_bpmn(file_of(tasks))
    notes = "<textAnnotation/>" * bpmn_reader.MAX_ELEMENTS
    with pytest.raises(BpmnFault, match="at most 100000 are taken"):
        read_bpmn(file_of(notes))


def test_sub_processes_nested_too_deeply_are_refused() -> None:
    deep = bpmn_reader.MAX_NESTING + 1
    opened = "".join(f'<subProcess id="s{number}">' for number in range(deep))
    with pytest.raises(BpmnFault, match="nested deeper than 30"):
        read_bpmn(file_of(opened + "</subProcess>" * deep))
