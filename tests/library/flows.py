"""A flow model and a service goal that uses it, for tests of the shell."""

BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="refunds"
             xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="test">
  <message id="m" name="bank answered"/>
  <signal id="s" name="stop all"/>
  <process id="refund" name="Refund" isExecutable="true">
    <startEvent id="start"/>
    <userTask id="check" name="Check the claim">
      <extensionElements><camunda:formData>
        <camunda:formField id="approved" label="Approved" type="boolean"/>
      </camunda:formData></extensionElements>
    </userTask>
    <exclusiveGateway id="ok" default="no"/>
    <serviceTask id="transfer" name="Transfer the money" camunda:type="external" camunda:topic="bank"/>
    <intermediateCatchEvent id="answer"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>
    <boundaryEvent id="halt" attachedToRef="transfer"><signalEventDefinition signalRef="s"/></boundaryEvent>
    <endEvent id="end"/>
    <endEvent id="refused"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="check"/>
    <sequenceFlow id="f2" sourceRef="check" targetRef="ok"/>
    <sequenceFlow id="yes" sourceRef="ok" targetRef="transfer">
      <conditionExpression>${approved}</conditionExpression>
    </sequenceFlow>
    <sequenceFlow id="no" sourceRef="ok" targetRef="refused"/>
    <sequenceFlow id="f4" sourceRef="transfer" targetRef="answer"/>
    <sequenceFlow id="f5" sourceRef="answer" targetRef="end"/>
    <sequenceFlow id="f6" sourceRef="halt" targetRef="refused"/>
  </process>
</definitions>
"""
GOAL = """
service goal: money back
title: Money back
customer title: My money back
owner: process owner
team: service
facts:
  name: {personal: true, from customer: name}
  amount: {type: number, initial: 20}
  reference: {type: text}
goals:
  returned:
    title: The money is back
    reached when: reference != null
    options:
      by the book: {title: By the book, tasks: [refund], automatic: true}
tasks:
  refund: {title: Refund by the book, kind: flow, model: refunds, flow: refund}
"""
HOUSE = "house rules: house\ntitle: House\nteams: {service: Service}\n"
