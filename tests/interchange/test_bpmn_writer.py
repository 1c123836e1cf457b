"""A model as BPMN XML: nothing is lost, and what is changed is changed alone."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from msgspec.structs import replace

from caseloom.engine.spec import flow as f
from caseloom.interchange.bpmn_layout import lay_out, route
from caseloom.interchange.bpmn_names import BPMN_DI, KINDS, tag
from caseloom.interchange.bpmn_reader import read_bpmn
from caseloom.interchange.bpmn_same import first_difference
from caseloom.interchange.bpmn_source import BpmnFault
from caseloom.interchange.bpmn_writer import write_bpmn
from tests.interchange.bpmn_kit import file_of, process

DIAGRAM = """<bpmndi:BPMNDiagram id="di"><bpmndi:BPMNPlane id="pl" bpmnElement="p">
<bpmndi:BPMNShape id="s_di" bpmnElement="s"><dc:Bounds x="1" y="2" width="36" height="36"/></bpmndi:BPMNShape>
<bpmndi:BPMNShape id="x_di" bpmnElement="x" maker:colour="red"><dc:Bounds x="99" y="2" width="100" height="80"/>
</bpmndi:BPMNShape>
<bpmndi:BPMNEdge id="f_di" bpmnElement="f"><di:waypoint x="37" y="20"/><di:waypoint x="99" y="20"/></bpmndi:BPMNEdge>
</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>"""

FILE = file_of(
    """<!-- a note -->
<documentation>All of it.</documentation>
<dataObject id="o" name="order"/>
<startEvent id="s" name="Begin&#10;here"><outgoing>f</outgoing></startEvent>
<sequenceFlow id="f" name="on" sourceRef="s" targetRef="x"><conditionExpression xsi:type="tFormalExpression">${a}
</conditionExpression></sequenceFlow>
<serviceTask id="x" name="Do it" camunda:class="org.shop.Do" camunda:asyncBefore="true" maker:colour="red">
  <extensionElements><camunda:inputOutput><camunda:inputParameter name="i">${b}</camunda:inputParameter>
  </camunda:inputOutput><maker:note> as it stands </maker:note></extensionElements><incoming>f</incoming>
  <multiInstanceLoopCharacteristics camunda:collection="items" camunda:elementVariable="item"/>
</serviceTask>
<boundaryEvent id="b" attachedToRef="x"><timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>
</boundaryEvent>
<textAnnotation id="n"><text>Told.</text></textAnnotation><association id="a" sourceRef="x" targetRef="n"/>""",
    '<message id="m" name="answer"/>\n<maker:root/>',
    after=DIAGRAM,
)


def changed(data: bytes, **elements: f.ElementSpec | None) -> bytes:
    """The file with these elements changed or, where they are None, gone."""
    model = read_bpmn(data).model
    old = process(read_bpmn(data))
    found = {key: one for key, one in {**old.elements, **elements}.items() if one is not None}
    return write_bpmn(replace(model, processes={"p": replace(old, elements=found)}), data)


def test_an_unchanged_model_is_written_as_it_stood() -> None:
    written = write_bpmn(read_bpmn(FILE).model, FILE)
    assert first_difference(FILE, written) is None
    assert written.count(b"\n") == FILE.count(b"\n") - 1


def test_a_new_name_changes_nothing_else() -> None:
    task = process(read_bpmn(FILE)).elements["x"]
    written = changed(FILE, x=replace(task, name="Do & see"))
    assert first_difference(FILE.replace(b'"Do it"', b'"Do &amp; see"'), written) is None


def test_what_others_put_at_a_changed_element_stays() -> None:
    task = process(read_bpmn(FILE)).elements["x"]
    written = changed(FILE, x=replace(task, topic="do", inputs=(), loop=None))
    assert process(read_bpmn(written)).elements["x"].topic == "do"
    for kept in (b'maker:colour="red"', b"<maker:note> as it stands </maker:note>", b"asyncBefore", b"<incoming>f<"):
        assert kept in written
    for gone in (b"camunda:class", b"inputParameter", b"multiInstance"):
        assert gone not in written
    assert b"timeDuration>PT1H</" in written and b">${a}\n</conditionExpression>" in written


def test_a_removed_element_leaves_the_diagram_and_its_associations_too() -> None:
    model = read_bpmn(FILE).model
    old = process(read_bpmn(FILE))
    elements = {"s": old.elements["s"]}
    written = write_bpmn(replace(model, processes={"p": replace(old, elements=elements, flows={})}), FILE)
    root = etree.fromstring(written)
    assert [one.get("bpmnElement") for one in root.iter(tag("BPMNShape", BPMN_DI))] == ["s"]
    assert not list(root.iter(tag("BPMNEdge", BPMN_DI), tag("association"), tag("outgoing")))
    assert b"Told." in written and b"<!-- a note -->" in written


def test_a_new_element_is_drawn_and_wired() -> None:
    model = read_bpmn(FILE).model
    old = process(read_bpmn(FILE))
    message = f.EventDefinition(kind="message", name="answer")
    keyed = f.EventDefinition(kind="message", name="answer", correlation="number")
    elements = {
        **old.elements,
        "w": f.ElementSpec(id="w", kind="intermediateCatchEvent", name="Wait", definitions=(message,)),
        "v": f.ElementSpec(id="v", kind="receiveTask", definitions=(keyed,), lane="Clerk"),
        "c": f.ElementSpec(
            id="c",
            kind="boundaryEvent",
            attached_to="x",
            definitions=(f.EventDefinition(kind="compensation"),),
            handler="h",
        ),
        "h": f.ElementSpec(id="h", kind="task", is_for_compensation=True),
    }
    flows = {**old.flows, "g": f.SequenceFlowSpec(id="g", source="x", target="w", condition="a > 1")}
    data = (*old.data, f.DataSpec(id="o2", name="first-name", initial="1"))
    new = replace(old, elements=elements, flows=flows, data=data, lanes=("Clerk",), name="New")
    written = write_bpmn(replace(model, processes={"p": new}), FILE)
    root = etree.fromstring(written)
    assert {one.get("bpmnElement") for one in root.iter(tag("BPMNShape", BPMN_DI))} == {"s", "x", "w", "v", "c", "h"}
    assert [one.get("name") for one in root.iter(tag("message"))] == ["answer", "answer"]
    assert [one.text for one in root.iter(tag("incoming"))] == ["f", "g"]
    assert [one.tag for one in root][-1] == tag("BPMNDiagram", BPMN_DI)


def test_a_moved_flow_is_rewired() -> None:
    model = read_bpmn(FILE).model
    old = process(read_bpmn(FILE))
    flows = {"f": replace(old.flows["f"], source="b")}
    written = write_bpmn(replace(model, processes={"p": replace(old, flows=flows)}), FILE)
    root = etree.fromstring(written)
    out = [(one.text, one.getparent().get("id")) for one in root.iter(tag("outgoing"))]  # type: ignore[union-attr]
    assert out == [("f", "b")]


def test_a_message_keeps_the_name_that_its_event_had() -> None:
    file = file_of('<intermediateCatchEvent id="x" name="Answer"><messageEventDefinition/></intermediateCatchEvent>')
    event = process(read_bpmn(file)).elements["x"]
    written = changed(file, x=replace(event, name="Wait"))
    assert process(read_bpmn(written)).elements["x"].definitions[0].name == "Answer"


def test_a_process_that_is_not_in_the_file_is_refused() -> None:
    model = read_bpmn(FILE).model
    with pytest.raises(BpmnFault, match="is not in the file"):
        write_bpmn(replace(model, processes={**model.processes, "q": f.ProcessSpec(id="q")}), FILE)


def test_what_bpmn_cannot_say_is_refused_and_named() -> None:
    odd = f.ElementSpec(id="x", kind="task", default="f", script="1")
    model = f.FlowModel(key="k", processes={"p": f.ProcessSpec(id="p", elements={"x": odd})})
    with pytest.raises(BpmnFault, match="'x' cannot be written"):
        write_bpmn(model)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (b'name="answer"', b'name="reply"', "the attributes"),
        (b"as it stands", b"as it fell", "the text"),
        (b"<!-- a note -->", b"<!-- a word -->", "the text"),
        (b"<maker:root/>", b"<maker:root/><maker:root/>", "the number of children"),
        (b"<maker:root/>", b"<maker:other/>", "the name"),
    ],
)
def test_a_difference_is_found(before: bytes, after: bytes, words: str) -> None:
    assert words in (first_difference(FILE, FILE.replace(before, after)) or "")
    assert first_difference(FILE, FILE.replace(b'id="m" name="answer"', b"name='answer'  id='m'")) is None


# -- any model -------------------------------------------------------------------------------------------------

FEEL = st.sampled_from(["a", "a.b = 1", '"text"', "[1, 2]", "if a then 1 else 2", "first name = 2"])
WORDS = st.sampled_from(["", "Do it", "Größe <&> \"x\" 'y'"])
NAMED = st.sampled_from(["answer", "Größe", "a b"])
MAPPINGS = st.lists(st.builds(f.Mapping, target=st.sampled_from(["u", "v"]), source=FEEL), max_size=2).map(
    lambda given: tuple({one.target: one for one in given}.values())
)
TIMERS = st.builds(f.TimerSpec, kind=st.sampled_from(["date", "duration", "cycle"]), value=FEEL)
DEFINITIONS = st.one_of(
    st.builds(f.EventDefinition, kind=st.just("timer"), timer=TIMERS),
    st.builds(f.EventDefinition, kind=st.just("message"), name=NAMED, correlation=st.none() | FEEL),
    st.builds(f.EventDefinition, kind=st.just("signal"), name=NAMED),
    st.builds(
        f.EventDefinition,
        kind=st.just("error"),
        name=st.just("") | NAMED,
        code_variable=st.sampled_from(["", "code"]),
        message_variable=st.sampled_from(["", "why"]),
    ),
    st.builds(f.EventDefinition, kind=st.just("escalation"), name=st.just("") | NAMED),
    st.builds(f.EventDefinition, kind=st.just("conditional"), condition=FEEL),
    st.builds(f.EventDefinition, kind=st.just("compensation"), activity=st.sampled_from(["", "n0"])),
    st.builds(f.EventDefinition, kind=st.sampled_from(["terminate", "cancel"])),
)
LOOPS = st.one_of(
    st.builds(
        f.LoopSpec,
        kind=st.just("standard"),
        condition=st.none() | FEEL,
        test_before=st.booleans(),
        maximum=st.none() | st.integers(1, 9),
    ),
    st.builds(
        f.LoopSpec,
        kind=st.sampled_from(["parallel", "sequential"]),
        cardinality=st.none() | FEEL,
        collection=st.none() | FEEL,
        element=st.sampled_from(["", "item"]),
        output_collection=st.sampled_from(["", "results"]),
        output_element=st.none() | FEEL,
        completion=st.none() | FEEL,
    ),
)
FIELDS = st.lists(
    st.builds(
        f.FieldSpec,
        name=st.sampled_from(["amount", "first-name"]),
        label=WORDS,
        type=st.sampled_from(["text", "number", "choice"]),
        required=st.booleans(),
        choices=st.sampled_from([(), ("a", " b ")]),
        initial=st.none() | FEEL,
    ),
    max_size=2,
).map(tuple)

SHARED: dict[str, st.SearchStrategy[Any]] = {
    "name": st.sampled_from(["", "Do it", "Größe <&>"]),
    "documentation": WORDS,
    "lane": st.sampled_from(["", "Clerk", "Lead"]),
    "inputs": MAPPINGS,
    "outputs": MAPPINGS,
}
ACTIVITY = {**SHARED, "loop": st.none() | LOOPS, "is_for_compensation": st.booleans()}
WORKER = {
    "topic": st.just("pay"),
    "retries": st.none() | FEEL,
    "headers": MAPPINGS,
    "result": st.sampled_from(["", "r"]),
}
SCRIPT = {"script": FEEL, "result": st.sampled_from(["", "r"])}
OF_KIND: dict[str, list[dict[str, st.SearchStrategy[Any]]]] = {
    "userTask": [
        {
            **{name: st.none() | FEEL for name in ("assignee", "candidate_groups", "candidate_users", "due")},
            "form": FIELDS,
            "task": st.sampled_from(["", "check"]),
        }
    ],
    "serviceTask": [WORKER, SCRIPT],
    "scriptTask": [WORKER, SCRIPT],
    "businessRuleTask": [
        WORKER,
        {
            "decision": st.builds(f.DecisionCall, decision=NAMED, model=st.sampled_from(["", "risk"])),
            "result": st.sampled_from(["", "r"]),
            "map_result": st.sampled_from(["", "singleEntry"]),
        },
    ],
    "callActivity": [{"called": st.none() | FEEL, "inherits": st.booleans(), "returns": st.booleans()}],
    "adHocSubProcess": [
        {
            "ordering": st.sampled_from(["parallel", "sequential"]),
            "completion_condition": st.none() | FEEL,
            "cancel_remaining": st.booleans(),
        }
    ],
    "subProcess": [{"triggered_by_event": st.booleans()}],
    "complexGateway": [{"activation_condition": st.none() | FEEL}],
    "eventBasedGateway": [{"instantiate": st.booleans(), "parallel_events": st.booleans()}],
}
EVENT = {"definitions": st.lists(DEFINITIONS, max_size=2).map(tuple), "parallel_multiple": st.booleans()}
MESSAGE = st.builds(f.EventDefinition, kind=st.just("message"), name=NAMED, correlation=st.none() | FEEL)


def node(key: str, kind: str, parent: str, draw: st.DrawFn) -> f.ElementSpec:
    if kind.endswith("Event"):
        fields = {**SHARED, **EVENT}
        fields |= {"interrupting": st.booleans()} if kind in ("boundaryEvent", "startEvent") else {}
        fields |= {"attached_to": st.just("n0")} if kind == "boundaryEvent" else {}
    elif kind.endswith("Gateway"):
        fields = {**SHARED, **OF_KIND.get(kind, [{}])[0]}
    else:
        fields = {**ACTIVITY, **draw(st.sampled_from(OF_KIND.get(kind, [{}])))}
        fields |= {"definitions": st.tuples(MESSAGE)} if kind == "receiveTask" else {}
        fields |= {"definitions": st.tuples(MESSAGE)} if kind == "sendTask" else {}
    given = {name: draw(strategy) for name, strategy in fields.items()}
    return f.ElementSpec(id=key, kind=kind, parent=parent, **given)  # type: ignore[arg-type]  # from `KINDS`


@st.composite
def models(draw: st.DrawFn) -> f.FlowModel:
    elements: dict[str, f.ElementSpec] = {}
    kinds = st.sampled_from(sorted(KINDS))
    for number in range(draw(st.integers(1, 6))):
        holders = [one.id for one in elements.values() if one.kind in ("subProcess", "transaction")]
        parent = draw(st.sampled_from(["", *holders]))
        elements[f"n{number}"] = node(f"n{number}", draw(kinds), parent, draw)
    flows = {}
    for number in range(draw(st.integers(0, 4))):
        source, target = (draw(st.sampled_from(sorted(elements))) for _ in range(2))
        key = f"f{number}"
        flows[key] = f.SequenceFlowSpec(
            id=key,
            source=source,
            target=target,
            name=draw(st.sampled_from(["", "yes"])),
            condition=draw(st.none() | FEEL),
        )
    data = (f.DataSpec(id="o", name="first-name", initial=draw(st.none() | FEEL), collection=draw(st.booleans())),)
    lanes = tuple(name for name in ("Clerk", "Lead") if any(one.lane == name for one in elements.values()))
    process = f.ProcessSpec(
        id="p", name=draw(st.sampled_from(["", "Pay"])), elements=elements, flows=flows, data=data, lanes=lanes
    )
    return f.FlowModel(key="k", title=draw(WORDS), processes={"p": process})


def known(model: f.FlowModel) -> f.FlowModel:
    """Without the names that reading adds, and the order of lanes."""
    return msgspec.structs.replace(
        model,
        processes={key: replace(one, names=(), lanes=tuple(sorted(one.lanes))) for key, one in model.processes.items()},
    )


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(models())
def test_any_model_is_read_again_as_it_was(model: f.FlowModel) -> None:
    written = write_bpmn(model)
    assert known(read_bpmn(written, "k").model) == known(model)
    assert first_difference(written, write_bpmn(read_bpmn(written, "k").model, written)) is None


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(models(), models())
def test_any_model_can_become_any_other_in_its_file(one: f.FlowModel, other: f.FlowModel) -> None:
    file = write_bpmn(one)
    written = write_bpmn(other, file)
    assert known(read_bpmn(written, "k").model) == known(other)
    shapes = [node.get("bpmnElement") for node in etree.fromstring(written).iter(tag("BPMNShape", BPMN_DI))]
    assert sorted(map(str, shapes)) == sorted(other.processes["p"].elements)


def test_ids_that_are_made_are_free() -> None:
    message = f.EventDefinition(kind="message", name="answer")
    elements = {
        key: f.ElementSpec(id=key, kind="receiveTask", definitions=(message,), lane="Clerk")
        for key in ("Message_1", "Lane_1", "LaneSet_1", "k")
    }
    process = f.ProcessSpec(id="p", elements=elements, lanes=("Clerk",))
    written = etree.fromstring(write_bpmn(f.FlowModel(key="k", processes={"p": process})))
    ids = [node.get("id") for node in written.iter("*") if node.get("id")]
    assert len(ids) == len(set(ids))


@given(models())
def test_shapes_side_by_side_do_not_cover_each_other(model: f.FlowModel) -> None:
    process = model.processes["p"]
    boxes = lay_out(process).boxes
    assert set(boxes) == set(process.elements)
    beside = [one for one in process.elements.values() if one.kind != "boundaryEvent"]
    for one in beside:
        for other in beside:
            if one.id < other.id and one.parent == other.parent:
                (x, y, w, h), (a, b, c, d) = boxes[one.id], boxes[other.id]
                assert x + w <= a or a + c <= x or y + h <= b or b + d <= y
        if one.parent:
            (x, y, w, h), (a, b, c, d) = boxes[one.id], boxes[one.parent]
            assert a <= x and b <= y and x + w <= a + c and y + h <= b + d


def test_an_edge_goes_past_what_stands_between_its_ends() -> None:
    first, between, last = (0, 0, 100, 80), (160, 0, 100, 80), (320, 0, 100, 80)
    assert route(first, between, [first, between, last]) == [(100, 40), (160, 40)]
    way = route(first, last, [first, between, last])
    assert way[0] == (50, 80) and way[-1] == (320, 40)
    assert min(y for _, y in way[1:3]) > 80


def test_an_edge_of_a_boundary_event_leaves_below() -> None:
    host, event, end = (160, 0, 100, 80), (168, 62, 36, 36), (320, 162, 36, 36)
    assert route(event, end, [host, event, end]) == [(186, 98), (186, 180), (320, 180)]


def test_an_edge_that_leads_back_runs_below_the_row() -> None:
    first, last = (0, 0, 100, 80), (160, 0, 100, 80)
    way = route(last, first, [first, last])
    assert way == [(210, 80), (210, 100), (-30, 100), (-30, 40), (0, 40)]
