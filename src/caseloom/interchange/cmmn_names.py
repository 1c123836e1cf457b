"""Names that the readers and writers of CMMN share: namespaces, standard events, and the kinds of plan items."""

from typing import Final

MODEL: Final = {
    "1.0": "http://www.omg.org/spec/CMMN/20131201/MODEL",
    "1.1": "http://www.omg.org/spec/CMMN/20151109/MODEL",
}
VERSION: Final = {namespace: version for version, namespace in MODEL.items()}
CAMUNDA: Final = "http://camunda.org/schema/1.0/cmmn"
FLOWABLE: Final = "http://flowable.org/cmmn"
CAFIENNE: Final = "org.cafienne"
OWN: Final = "https://caseloom.org/cmmn"
FEEL: Final = "https://www.omg.org/spec/DMN/20230324/FEEL/"
VENDORS: Final = (CAMUNDA, FLOWABLE, CAFIENNE)

TASKS: Final = ("humanTask", "processTask", "caseTask", "decisionTask", "task")
TIMERS: Final = ("timerEventListener", "timerEvent")
LISTENERS: Final = ("userEventListener", "userEvent", "eventListener", "event", *TIMERS)
DEFINITIONS: Final = (*TASKS, *LISTENERS, "stage", "milestone", "planFragment")

TRANSITIONS: Final = {
    "create": "create",
    "enable": "enable",
    "start": "start",
    "manualStart": "manual start",
    "disable": "disable",
    "reenable": "reenable",
    "suspend": "suspend",
    "resume": "resume",
    "parentSuspend": "parent suspend",
    "parentResume": "parent resume",
    "terminate": "terminate",
    "exit": "exit",
    "parentTerminate": "parent terminate",
    "fault": "fault",
    "reactivate": "reactivate",
    "complete": "complete",
    "occur": "occur",
}
"""CMMN's name of a transition → the engine's (CMMN 1.1 §5.4.6.1)."""
DONE: Final = ("complete", "occur")
