"""What a new definition begins with: small, sound, and with a place for everything that its author writes first."""

from typing import Final
from xml.sax.saxutils import quoteattr

from caseloom.interchange.yaml_patch import put

_GOAL: Final = """\
service goal: new
title: New
customer title: What the customer wants, in their words
owner: process owner
team: service
channels: [phone, mail]

# What the case has to know.
facts:
  outcome: {type: choice, choices: [open, settled], initial: open, label: Outcome}

# What is to be reached, and the ways that lead there.
goals:
  settled:
    title: The matter is settled
    customer title: Your matter is settled
    reached when: outcome = "settled"
    clock: {within: 2 business days}
    options:
      usual way: {title: The usual way, tasks: [settle it]}

tasks:
  settle it:
    title: Settle it
    form: [outcome]
    must: [outcome]

# Sentences that nobody crosses, and what follows from what.
rules: []
"""
_FLOW: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
             xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
             xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
             xmlns:di="http://www.omg.org/spec/DD/20100524/DI"
             id={key} name={title} targetNamespace="urn:caseloom:bpmn:1">
  <process id={process} name={title} isExecutable="true">
    <startEvent id="begin" name="Begins"/>
    <sequenceFlow id="flow_1" sourceRef="begin" targetRef="step"/>
    <userTask id="step" name="First step"/>
    <sequenceFlow id="flow_2" sourceRef="step" targetRef="done"/>
    <endEvent id="done" name="Done"/>
  </process>
  <bpmndi:BPMNDiagram id="diagram">
    <bpmndi:BPMNPlane id="plane" bpmnElement={process}>
      <bpmndi:BPMNShape id="begin_shape" bpmnElement="begin">
        <dc:Bounds x="180" y="142" width="36" height="36"/>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="step_shape" bpmnElement="step">
        <dc:Bounds x="280" y="120" width="100" height="80"/>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="done_shape" bpmnElement="done">
        <dc:Bounds x="450" y="142" width="36" height="36"/>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="flow_1_edge" bpmnElement="flow_1">
        <di:waypoint x="216" y="160"/>
        <di:waypoint x="280" y="160"/>
      </bpmndi:BPMNEdge>
      <bpmndi:BPMNEdge id="flow_2_edge" bpmnElement="flow_2">
        <di:waypoint x="380" y="160"/>
        <di:waypoint x="450" y="160"/>
      </bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</definitions>
"""
_DECISION: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"
             xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/"
             xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/"
             id="model" name={title} namespace="urn:caseloom:dmn">
  <inputData id="amount_data" name="amount">
    <variable id="amount_variable" name="amount" typeRef="number"/>
  </inputData>
  <decision id="decision" name="decision">
    <variable id="decision_variable" name="decision" typeRef="string"/>
    <informationRequirement id="needs_amount"><requiredInput href="#amount_data"/></informationRequirement>
    <decisionTable id="table" hitPolicy="FIRST">
      <input id="input" label="amount">
        <inputExpression id="input_expression" typeRef="number"><text>amount</text></inputExpression>
      </input>
      <output id="output" name="decision" typeRef="string"/>
      <rule id="rule_1">
        <inputEntry id="in_1"><text>&lt;= 100</text></inputEntry>
        <outputEntry id="out_1"><text>"yes"</text></outputEntry>
      </rule>
      <rule id="rule_2">
        <inputEntry id="in_2"><text>-</text></inputEntry>
        <outputEntry id="out_2"><text>"ask a supervisor"</text></outputEntry>
      </rule>
    </decisionTable>
  </decision>
  <dmndi:DMNDI>
    <dmndi:DMNDiagram id="diagram">
      <dmndi:DMNShape id="decision_shape" dmnElementRef="decision">
        <dc:Bounds x="160" y="80" width="180" height="80"/>
      </dmndi:DMNShape>
      <dmndi:DMNShape id="amount_shape" dmnElementRef="amount_data">
        <dc:Bounds x="188" y="240" width="125" height="45"/>
      </dmndi:DMNShape>
    </dmndi:DMNDiagram>
  </dmndi:DMNDI>
</definitions>
"""


def blank_goal(key: str, title: str, team: str) -> str:
    """A service goal with one goal, one way and one task."""
    return put(put(put(_GOAL, ("service goal",), key), ("title",), title), ("team",), team)


def blank_flow(key: str, title: str) -> str:
    """A process of one step."""
    name = key if key[0].isalpha() else f"_{key}"
    return _FLOW.format(key=quoteattr(key), title=quoteattr(title), process=quoteattr(f"{name}_process"))


def blank_decision(key: str, title: str) -> str:
    """A decision with a table of two rules."""
    return _DECISION.format(title=quoteattr(title.replace(".", " ").replace(":", " ")))
