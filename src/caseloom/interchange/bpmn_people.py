"""Who does a user task and by when: resource roles (BPMN 2.0.2 §10.3.4.1) and what extensions say."""

import re
from typing import Any

from lxml import etree

from caseloom.engine.feel.strings import quoted
from caseloom.interchange.bpmn_expressions import expression, of_vendor, value
from caseloom.interchange.bpmn_source import Source
from caseloom.interchange.hardened_xml import local_name, text_in
from caseloom.interchange.juel import has_juel


def read_people(source: Source, node: etree._Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in source.zeebe(node, "assignmentDefinition"):
        for name, key in _ASSIGNED.items():
            found[name] = value(source, one, source.attribute(one, key))
    for one in source.zeebe(node, "taskSchedule"):
        found["due"] = value(source, one, source.attribute(one, "dueDate"))
        if source.attribute(one, "followUpDate"):
            source.say(one, "no effect", "followUpDate: a task has a due date alone.")
    list(source.zeebe(node, "userTask"))
    for name, key in (*_ASSIGNED.items(), ("due", "dueDate")):
        given = source.vendor(node, key)
        if given:
            found[name] = of_vendor(source, node, given)
    for name in ("followUpDate", "priority"):
        if source.vendor(node, name):
            source.say(node, "no effect", f"{name}: a task has a due date alone.")
    roles = _resource_roles(source, node)
    return {**roles, **{name: feel for name, feel in found.items() if feel is not None}}


_ASSIGNED = {"assignee": "assignee", "candidate_groups": "candidateGroups", "candidate_users": "candidateUsers"}
_OWNER = re.compile(r"(user|group)\(([^()]*)\)")


def _resource_roles(source: Source, node: etree._Element) -> dict[str, Any]:
    """Human performers and potential owners (§10.3.4.1)."""
    users: list[str] = []
    groups: list[str] = []
    found: dict[str, Any] = {}
    for one in source.children(node, "humanPerformer", "performer", "potentialOwner", "resourceRole"):
        resource = source.referred(source.child_text(one, "resourceRef"))
        if resource is not None:
            source.use(resource)
            groups.append(source.name_of(resource) or source.attribute(resource, "id"))
        assignment = source.child(one, "resourceAssignmentExpression")
        written = None if assignment is None else next(iter(assignment.iterchildren("*")), None)
        if written is None:
            continue
        source.use(*written.iter("*"))
        text = text_in(written).strip()
        if has_juel(text) or text.startswith("="):
            name = "assignee" if local_name(one) in ("humanPerformer", "performer") else "candidate_groups"
            found[name] = expression(source, written)
            continue
        for part in filter(None, (part.strip() for part in text.split(","))):
            owner = _OWNER.fullmatch(part)
            word, name = (owner[1], owner[2].strip()) if owner else ("", part)
            (users if word == "user" or local_name(one) == "humanPerformer" else groups).append(name)
    if users:
        found.setdefault("candidate_users" if len(users) > 1 else "assignee", quoted(",".join(users)))
    if groups:
        found.setdefault("candidate_groups", quoted(",".join(groups)))
    return found
