"""The transition tables of CMMN 1.1 (formal/2016-12-01), to be read beside the standard.

Each row is a state before, a transition, and the state after; a pair that is not here is illegal. States and
transitions are written as the standard writes them, in lower case; `re-enable` and `manual start` are `reenable` and
`manual start` here.
"""

from typing import Final

Table = dict[tuple[str, str], str]

CASE: Final[Table] = {
    ("active", "suspend"): "suspended",
    ("active", "complete"): "completed",
    ("active", "terminate"): "terminated",
    ("active", "fault"): "failed",
    ("suspended", "reactivate"): "active",
    ("completed", "reactivate"): "active",
    ("terminated", "reactivate"): "active",
    ("failed", "reactivate"): "active",
    ("suspended", "close"): "closed",
    ("completed", "close"): "closed",
    ("terminated", "close"): "closed",
    ("failed", "close"): "closed",
}
"""§8.4.1, case instance."""
CASE_STATES: Final = ("active", "suspended", "completed", "terminated", "failed", "closed")
CASE_TRANSITIONS: Final = ("suspend", "complete", "terminate", "fault", "reactivate", "close")
CASE_BY_THE_VERBS: Final = {("suspended", "terminate")}
"""What the product allows beyond the table: a suspended case may be ended without being resumed first."""

STAGE_AND_TASK: Final[Table] = {
    ("available", "enable"): "enabled",
    ("available", "start"): "active",
    ("available", "exit"): "terminated",
    ("available", "parent suspend"): "suspended",
    ("enabled", "disable"): "disabled",
    ("enabled", "manual start"): "active",
    ("enabled", "exit"): "terminated",
    ("enabled", "parent suspend"): "suspended",
    ("disabled", "reenable"): "enabled",
    ("disabled", "exit"): "terminated",
    ("disabled", "parent suspend"): "suspended",
    ("active", "suspend"): "suspended",
    ("active", "fault"): "failed",
    ("active", "complete"): "completed",
    ("active", "terminate"): "terminated",
    ("active", "exit"): "terminated",
    ("active", "parent suspend"): "suspended",
    ("suspended", "resume"): "active",
    ("suspended", "parent resume"): "active",
    ("suspended", "exit"): "terminated",
    ("failed", "reactivate"): "active",
    ("failed", "exit"): "terminated",
}
"""§8.4.2, stage and task. `parent resume` leads to the state before; the kit's suspended item was active."""
WORK_STATES: Final = (
    "available",
    "enabled",
    "disabled",
    "active",
    "suspended",
    "failed",
    "completed",
    "terminated",
)
WORK_TRANSITIONS: Final = (
    "enable",
    "start",
    "disable",
    "manual start",
    "reenable",
    "suspend",
    "resume",
    "fault",
    "reactivate",
    "complete",
    "terminate",
    "exit",
    "parent suspend",
    "parent resume",
)

MILESTONE_AND_LISTENER: Final[Table] = {
    ("available", "suspend"): "suspended",
    ("available", "terminate"): "terminated",
    ("available", "occur"): "completed",
    ("available", "parent terminate"): "terminated",
    ("suspended", "resume"): "available",
    ("suspended", "parent terminate"): "terminated",
}
"""§8.4.3, event listener and milestone."""
POINT_STATES: Final = ("available", "suspended", "completed", "terminated")
POINT_TRANSITIONS: Final = ("suspend", "resume", "terminate", "occur", "parent terminate")

CASE_FILE_ITEM: Final = {
    ("none", "create"): "is first known",
    ("available", "update"): "is changed",
    ("available", "replace"): "is replaced",
    ("available", "addChild"): "gains a member",
    ("available", "removeChild"): "loses a member",
    ("available", "addReference"): "gains a reference",
    ("available", "removeReference"): "loses a reference",
    ("available", "delete"): "is forgotten",
}
"""§8.3, case file item: the state before, the transition, and the words by which a sentry waits for it."""

SUSPENDED_FROM: Final = ("available", "enabled", "disabled", "active")
"""§8.4.2, parent suspend and parent resume: the states that it is suspended in, and comes back to."""

COMPLETES: Final[dict[tuple[bool, str, bool], bool]] = {
    # auto complete, state of the child, the child is required → the stage completes
    (True, "available", False): True,
    (True, "available", True): False,
    (True, "enabled", False): True,
    (True, "enabled", True): False,
    (True, "disabled", False): True,
    (True, "disabled", True): True,
    (True, "active", False): False,
    (True, "active", True): False,
    (True, "suspended", False): True,
    (True, "suspended", True): False,
    (True, "failed", False): True,
    (True, "failed", True): True,
    (True, "completed", False): True,
    (True, "completed", True): True,
    (True, "terminated", False): True,
    (True, "terminated", True): True,
    (False, "available", False): False,
    (False, "available", True): False,
    (False, "enabled", False): False,
    (False, "enabled", True): False,
    (False, "disabled", False): True,
    (False, "disabled", True): True,
    (False, "active", False): False,
    (False, "active", True): False,
    (False, "suspended", False): False,
    (False, "suspended", True): False,
    (False, "failed", False): True,
    (False, "failed", True): True,
    (False, "completed", False): True,
    (False, "completed", True): True,
    (False, "terminated", False): True,
    (False, "terminated", True): True,
}
"""§8.6.1, stage termination criteria: no child is active, and all required children (auto complete) or all children are
disabled, completed, terminated or failed.
"""

STANDARD_EVENTS: Final = {
    # §5.4.6.1, PlanItemTransition → the words by which a sentry waits for it
    "create": "x is created",
    "enable": "x is enabled",
    "start": "x is started",
    "manualStart": "x is started by hand",
    "disable": "x is disabled",
    "reenable": "x is enabled again",
    "suspend": "x is suspended",
    "resume": "x is resumed",
    "parentSuspend": "x is suspended from above",
    "parentResume": "x is resumed from above",
    "fault": "x has failed",
    "reactivate": "x is reactivated",
    "complete": "x",
    "terminate": "x is terminated",
    "exit": "x has exited",
}
POINT_EVENTS: Final = {
    "create": "x is created",
    "occur": "x",
    "suspend": "x is suspended",
    "resume": "x is resumed",
    "terminate": "x is terminated",
    "parentTerminate": "x is terminated from above",
}
