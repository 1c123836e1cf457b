"""What extensions say of tasks: Camunda 7, Activiti and Flowable, and Camunda 8."""

from typing import Any

import pytest

from caseloom.engine.spec.flow import DecisionCall, EventDefinition, FieldSpec, LoopSpec, Mapping
from tests.interchange.bpmn_kit import element, said


def has(xml: str, **fields: Any) -> None:
    found = element(xml)
    assert {name: getattr(found, name) for name in fields} == fields


def extended(tag: str, inside: str, attributes: str = "", more: str = "") -> str:
    return f'<{tag} id="x" {attributes}><extensionElements>{inside}</extensionElements>{more}</{tag}>'


# -- who does a task, and with which form ----------------------------------------------------------------------


def test_people_of_a_user_task() -> None:
    has(
        '<userTask id="x" camunda:assignee="${owner}" camunda:candidateGroups="clerks, leads"'
        ' camunda:candidateUsers="ann" camunda:dueDate="P2D"/>',
        assignee="owner",
        candidate_groups='"clerks, leads"',
        candidate_users='"ann"',
        due='"P2D"',
    )
    has(
        extended(
            "userTask",
            '<zeebe:userTask/><zeebe:assignmentDefinition assignee="=owner" candidateGroups="clerks"/>'
            '<zeebe:taskSchedule dueDate="=now() + duration(&quot;P1D&quot;)"/>',
        ),
        assignee="owner",
        candidate_groups='"clerks"',
        due='now() + duration("P1D")',
    )


def test_resource_roles_of_a_user_task() -> None:
    roles = (
        "<potentialOwner><resourceAssignmentExpression><formalExpression>user(ann), group(leads), clerks"
        "</formalExpression></resourceAssignmentExpression></potentialOwner>"
    )
    has(f'<userTask id="x">{roles}</userTask>', assignee='"ann"', candidate_groups='"leads,clerks"')
    named = "<potentialOwner><resourceRef>r</resourceRef></potentialOwner>"
    assert element(f'<userTask id="x">{named}</userTask>', '<resource id="r" name="Approver"/>').candidate_groups == (
        '"Approver"'
    )


def test_form_fields() -> None:
    form = (
        '<camunda:formData><camunda:formField id="amount" label="Amount" type="long" defaultValue="5">'
        '<camunda:validation><camunda:constraint name="required"/><camunda:constraint name="max" config="9"/>'
        "</camunda:validation>"
        '</camunda:formField><camunda:formField id="kind" type="enum" defaultValue="${usual}"><camunda:value id="a"/>'
        '<camunda:value id="b"/></camunda:formField></camunda:formData>'
    )
    fields = (
        FieldSpec(name="amount", label="Amount", type="number", required=True, initial="5"),
        FieldSpec(name="kind", type="choice", choices=("a", "b"), initial="usual"),
    )
    has(extended("userTask", form), form=fields)
    has(extended("startEvent", form), form=fields)
    assert said(extended("userTask", form))[0].endswith(
        "The constraint 'max' of a form field. Say it as a data rule. [no effect]"
    )
    old = '<flowable:formProperty id="ok" name="Fine?" type="boolean" required="true"/>'
    has(extended("userTask", old), form=(FieldSpec(name="ok", label="Fine?", type="boolean", required=True),))


def test_a_form_kept_in_the_process_is_read_and_one_elsewhere_is_named() -> None:
    form = '{"components": [{"type": "group", "components": [{"key": "why", "label": "Why", "type": "textarea"}]}]}'
    kept = f"<extensionElements><zeebe:userTaskForm id='f'>{form}</zeebe:userTaskForm></extensionElements>"
    task = extended("userTask", '<zeebe:formDefinition formKey="camunda-forms:bpmn:f"/>')
    has(kept + task, form=(FieldSpec(name="why", label="Why"),))
    assert said('<userTask id="x" camunda:formKey="embedded:a.html"/>') == [
        "5 x: The form 'embedded:a.html' stands elsewhere. Name the service goal's task that has it. [no effect]"
    ]


# -- who does it outside ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attributes", "topic"),
    [
        ('camunda:type="external" camunda:topic="pay"', "pay"),
        ('camunda:class="org.shop.Pay"', "org.shop.Pay"),
        ('camunda:delegateExpression="${payer}"', "payer"),
        ('flowable:delegateExpression="#{payer}"', "payer"),
        ('camunda:expression="${payer.pay(order, execution)}"', "payer.pay"),
        ('flowable:type="http"', "http"),
        ("", "x"),
    ],
)
def test_a_service_task_is_done_by_a_worker(attributes: str, topic: str) -> None:
    for kind in ("serviceTask", "sendTask", "businessRuleTask"):
        has(f'<{kind} id="x" {attributes}/>', topic=topic, script=None)


def test_a_class_that_becomes_a_topic_is_told() -> None:
    assert said('<serviceTask id="x" camunda:class="org.shop.Pay"/>') == [
        "5 x: The class 'org.shop.Pay' becomes the topic of an external worker. [changed]"
    ]


def test_an_operation_names_the_topic() -> None:
    roots = '<interface id="i" name="shop"><operation id="o" name="pay"/></interface>'
    assert element('<serviceTask id="x" operationRef="o"/>', roots).topic == "pay"


def test_a_service_task_that_is_a_plain_expression_needs_no_worker() -> None:
    has('<serviceTask id="x" camunda:expression="${n + 1}" camunda:resultVariable="n"/>', script="n + 1", result="n")
    has(
        '<serviceTask id="x" camunda:expression="${execution.setVariable(\'n\', m * 2)}"/>',
        outputs=(Mapping(target="n", source="m * 2"),),
    )


def test_a_connector_is_a_topic_with_its_parameters() -> None:
    has(
        extended(
            "serviceTask",
            "<camunda:connector><camunda:inputOutput><camunda:inputParameter name='url'>http://a</camunda:inputParameter>"
            "<camunda:outputParameter name='r'>${response}</camunda:outputParameter></camunda:inputOutput>"
            "<camunda:connectorId>http-connector</camunda:connectorId></camunda:connector>",
        ),
        topic="http-connector",
        inputs=(Mapping(target="url", source='"http://a"'),),
        outputs=(Mapping(target="r", source="response"),),
    )


def test_a_worker_of_camunda_8() -> None:
    has(
        extended(
            "serviceTask",
            '<zeebe:taskDefinition type="pay" retries="=n"/><zeebe:taskHeaders><zeebe:header key="k" value="v"/>'
            '</zeebe:taskHeaders><zeebe:ioMapping><zeebe:input source="=a + 1" target="b"/>'
            '<zeebe:output source="=c" target="d"/></zeebe:ioMapping>',
        ),
        topic="pay",
        retries="n",
        headers=(Mapping(target="k", source='"v"'),),
        inputs=(Mapping(target="b", source="a + 1"),),
        outputs=(Mapping(target="d", source="c"),),
    )


def test_targets_with_dots_make_one_variable() -> None:
    has(
        extended(
            "serviceTask",
            '<zeebe:ioMapping><zeebe:input source="=a" target="to.name"/>'
            '<zeebe:input source="x" target="to.mail.work"/><zeebe:input source="=b" target="c"/></zeebe:ioMapping>',
        ),
        inputs=(
            Mapping(target="to", source='{name: a, mail: {work: "x"}}'),
            Mapping(target="c", source="b"),
        ),
    )


def test_fields_properties_and_retries() -> None:
    has(
        extended(
            "serviceTask",
            '<camunda:field name="text"><camunda:string>Dear ${name}</camunda:string></camunda:field>'
            '<camunda:field name="to" stringValue="ann"/><camunda:properties><camunda:property name="p" value="q"/>'
            "</camunda:properties><camunda:failedJobRetryTimeCycle>R3/PT5M</camunda:failedJobRetryTimeCycle>",
            'camunda:type="external" camunda:topic="mail"',
        ),
        headers=(
            Mapping(target="text", source='string join(["Dear ", string(name)])'),
            Mapping(target="to", source='"ann"'),
            Mapping(target="p", source='"q"'),
        ),
        retries="3",
    )


def test_a_thrown_message_may_be_sent_by_a_worker() -> None:
    inside = '<messageEventDefinition camunda:type="external" camunda:topic="mail"/>'
    sent = (EventDefinition(kind="message", name="Tell", topic="mail"),)
    has(f'<endEvent id="x" name="Tell">{inside}</endEvent>', definitions=sent)
    eight = extended("endEvent", '<zeebe:taskDefinition type="mail"/>', 'name="Tell"', "<messageEventDefinition/>")
    has(eight, definitions=sent)


def test_a_listener_that_is_not_called_is_told() -> None:
    xml = extended("userTask", '<camunda:taskListener event="create" class="org.shop.Tell"/>')
    listener = "The listener 'org.shop.Tell' of 'create' is not called."
    assert said(xml) == [f"5 x: {listener} Say what it does as a rule or a task. [cannot run]"]


# -- mappings --------------------------------------------------------------------------------------------------


def test_parameters_may_be_lists_maps_and_scripts() -> None:
    has(
        extended(
            "userTask",
            "<camunda:inputOutput><camunda:inputParameter name='l'><camunda:list><camunda:value>a</camunda:value>"
            "<camunda:value>${b}</camunda:value></camunda:list></camunda:inputParameter>"
            "<camunda:inputParameter name='m'><camunda:map><camunda:entry key='a b'>${c}</camunda:entry>"
            "<camunda:entry key='d'/></camunda:map></camunda:inputParameter>"
            "<camunda:inputParameter name='s'><camunda:script scriptFormat='groovy'>x</camunda:script>"
            "</camunda:inputParameter><camunda:inputParameter name='e'/>"
            "<camunda:outputParameter name='o'>=text</camunda:outputParameter></camunda:inputOutput>",
        ),
        inputs=(
            Mapping(target="l", source='["a", b]'),
            Mapping(target="m", source='{"a b": c, "d": ""}'),
            Mapping(target="s", source="script_s"),
            Mapping(target="e", source='""'),
        ),
        outputs=(Mapping(target="o", source='"=text"'),),
    )


def test_variables_of_a_call() -> None:
    has(
        extended(
            "callActivity",
            '<camunda:in variables="all"/><camunda:in source="a" target="b"/>'
            '<camunda:in sourceExpression="${c + 1}" target="d"/>'
            '<camunda:in businessKey="${execution.processBusinessKey}"/><camunda:out source="e" target="f"/>',
            'calledElement="${which}"',
        ),
        called="which",
        inherits=True,
        returns=False,
        inputs=(
            Mapping(target="b", source="a"),
            Mapping(target="d", source="c + 1"),
            Mapping(target="businessKey", source="businessKey"),
        ),
        outputs=(Mapping(target="f", source="e"),),
    )


def test_a_call_of_camunda_8_hands_over_all_unless_it_says_otherwise() -> None:
    has(
        extended("callActivity", '<zeebe:calledElement processId="other"/>'),
        called='"other"',
        inherits=True,
        returns=True,
    )
    told = (
        '<zeebe:calledElement processId="=which" propagateAllParentVariables="false"'
        ' propagateAllChildVariables="false"/>'
    )
    has(extended("callActivity", told), called="which", inherits=False, returns=False)


def test_instances_for_each_of_a_collection() -> None:
    seven = (
        '<task id="x"><multiInstanceLoopCharacteristics camunda:collection="{}" camunda:elementVariable="item"/></task>'
    )
    loop = LoopSpec(kind="parallel", collection="items", element="item")
    has(seven.format("items"), loop=loop)
    has(seven.format("${items}"), loop=loop)
    eight = (
        '<zeebe:loopCharacteristics inputCollection="=items" inputElement="item" outputCollection="results"'
        ' outputElement="=item + 1"/>'
    )
    inside = f"<multiInstanceLoopCharacteristics><extensionElements>{eight}</extensionElements>"
    has(
        f'<task id="x">{inside}</multiInstanceLoopCharacteristics></task>',
        loop=LoopSpec(
            kind="parallel", collection="items", element="item", output_collection="results", output_element="item + 1"
        ),
    )


# -- decisions and scripts -------------------------------------------------------------------------------------


def test_decisions() -> None:
    has(
        '<businessRuleTask id="x" camunda:decisionRef="risk" camunda:resultVariable="r"'
        ' camunda:mapDecisionResult="singleEntry"/>',
        decision=DecisionCall(decision="risk"),
        result="r",
        map_result="singleEntry",
        topic="",
    )
    has('<businessRuleTask id="x" camunda:decisionRef="risk"/>', map_result="resultList")
    has(
        extended("businessRuleTask", '<zeebe:calledDecision decisionId="risk" resultVariable="r"/>'),
        decision=DecisionCall(decision="risk"),
        result="r",
        map_result="",
    )
    has(
        extended(
            "businessRuleTask",
            '<flowable:field name="decisionTableReferenceKey"><flowable:string>risk</flowable:string></flowable:field>',
        ),
        decision=DecisionCall(decision="risk"),
    )


@pytest.mark.parametrize(
    ("xml", "script", "topic"),
    [
        ('<scriptTask id="x" scriptFormat="feel"><script>a + 1</script></scriptTask>', "a + 1", ""),
        ('<scriptTask id="x"><script>${a + 1}</script></scriptTask>', "a + 1", ""),
        ('<scriptTask id="x" scriptFormat="juel"><script>#{a}</script></scriptTask>', "a", ""),
        ('<scriptTask id="x" scriptFormat="text/groovy"><script>a</script></scriptTask>', None, "script:groovy:x"),
        ('<scriptTask id="x" camunda:resource="a.py" scriptFormat="python"/>', None, "script:python:x"),
        (extended("scriptTask", '<zeebe:script expression="=a" resultVariable="r"/>'), "a", ""),
        (extended("scriptTask", '<zeebe:taskDefinition type="do"/>'), None, "do"),
        ('<scriptTask id="x"/>', None, ""),
    ],
)
def test_scripts(xml: str, script: str | None, topic: str) -> None:
    has(xml, script=script, topic=topic)


def test_a_script_without_words_has_no_effect() -> None:
    assert said('<scriptTask id="x"/>') == ["5 x: The script is empty. [no effect]"]


def test_messages_of_tasks_and_their_keys() -> None:
    roots = (
        '<message id="m" name="answer"><extensionElements><zeebe:subscription correlationKey="= id"/>'
        "</extensionElements></message>"
    )
    waits = (EventDefinition(kind="message", name="answer", correlation="id"),)
    assert element('<receiveTask id="x" messageRef="m"/>', roots).definitions == waits
    assert element('<sendTask id="x" messageRef="m"/>', roots).definitions == waits
    assert element('<sendTask id="x" messageRef="m"/>', roots).topic == ""


def test_where_a_caught_error_is_kept() -> None:
    inside = '<errorEventDefinition camunda:errorCodeVariable="c" camunda:errorMessageVariable="m"/>'
    has(
        f'<boundaryEvent id="x">{inside}</boundaryEvent>',
        definitions=(EventDefinition(kind="error", code_variable="c", message_variable="m"),),
    )
