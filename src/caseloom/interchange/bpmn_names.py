"""Namespaces of BPMN 2.0 XML (BPMN 2.0.2 clause 15) and of the extensions that are read."""

from typing import get_args

from caseloom.engine.spec.flow import ElementKind, EventKind

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMN_DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
DIAGRAM = {BPMN_DI, DC, DI}

CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
VENDORS = (
    CAMUNDA,
    "http://flowable.org/bpmn",
    "http://activiti.org/bpmn",
    "http://activiti.com/modeler",
    "http://operaton.org/schema/1.0/bpmn",
)
"""Extensions of one family, with the same names for the same things and `${...}` for expressions."""

ZEEBE = "http://camunda.org/schema/zeebe/1.0"
"""Extensions of Camunda 8: FEEL after `=`."""

OWN = "urn:caseloom:bpmn:1"
"""What neither BPMN nor `zeebe:` can say."""

KINDS: frozenset[str] = frozenset(get_args(ElementKind))
DEFINITIONS: dict[str, EventKind] = {
    ("compensateEventDefinition" if kind == "compensation" else f"{kind}EventDefinition"): kind
    for kind in get_args(EventKind)
}
SUB_PROCESSES = frozenset({"subProcess", "adHocSubProcess", "transaction"})
ACTIVITIES = frozenset(kind for kind in KINDS if kind.endswith(("Task", "task", "Activity"))) | SUB_PROCESSES

FEEL_LANGUAGES = ("feel", "/dmn/")
"""What an expression language's name holds where it is FEEL."""


def tag(name: str, namespace: str = BPMN) -> str:
    """The name of an element or attribute as lxml writes it."""
    return f"{{{namespace}}}{name}" if namespace else name
