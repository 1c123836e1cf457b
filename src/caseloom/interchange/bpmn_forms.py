"""The forms of user tasks and start events: fields that stand in the file itself."""

import json
from typing import Any

from lxml import etree

from caseloom.engine.spec.flow import FieldSpec
from caseloom.interchange.bpmn_expressions import of_vendor, value
from caseloom.interchange.bpmn_names import OWN, VENDORS
from caseloom.interchange.bpmn_source import Source
from caseloom.interchange.hardened_xml import local_name, text_in

_TYPES = {
    **dict.fromkeys(("string", "textfield", "textarea", "text"), "text"),
    **dict.fromkeys(("long", "integer", "int", "double", "float", "number"), "number"),
    **dict.fromkeys(("boolean", "checkbox"), "boolean"),
    **dict.fromkeys(("date", "datetime"), "date"),
    **dict.fromkeys(("enum", "select", "radio"), "choice"),
}
"""The types of form fields in Camunda's family and in form-js, and those of facts."""

_EMBEDDED = "camunda-forms:bpmn:"


def read_form(source: Source, node: etree._Element) -> tuple[FieldSpec, ...]:
    """The fields of a form."""
    fields = [*_own_fields(source, node), *_form_data(source, node)]
    key = source.vendor(node, "formKey", "formRef")
    for one in source.zeebe(node, "formDefinition"):
        key = source.attribute(one, "formKey") or source.attribute(one, "formId") or key
    if key.startswith(_EMBEDDED):
        fields += _embedded(source, node, key.removeprefix(_EMBEDDED))
    elif key:
        source.say(node, "no effect", f"The form {key!r} stands elsewhere. Name the service goal's task that has it.")
    return tuple(fields)


def _own_fields(source: Source, node: etree._Element) -> list[FieldSpec]:
    found = []
    for own in source.own(node, "flow"):
        for one in source.inside(own, (OWN,), ("field",)):
            choices = tuple(text_in(choice) for choice in source.inside(one, (OWN,), ("choice",)))
            found.append(
                FieldSpec(
                    name=source.variable(source.attribute(one, "name")),
                    label=source.attribute(one, "label"),
                    type=source.attribute(one, "type") or "text",
                    required=source.flag(one, "required"),
                    choices=choices,
                    initial=value(source, one, source.attribute(one, "initial")),
                )
            )
    return found


def _form_data(source: Source, node: etree._Element) -> list[FieldSpec]:
    """`camunda:formData` with its fields, and the form properties of Activiti and Flowable."""
    boxes = [child for box in source.extensions(node, "formData") for child in source.inside(box, VENDORS, _FIELDS)]
    return [_field(source, one) for one in [*boxes, *source.extensions(node, "formProperty")]]


_FIELDS = ("formField",)


def _field(source: Source, node: etree._Element) -> FieldSpec:
    rules: dict[str, str] = {}
    for box in source.inside(node, VENDORS, ("validation",)):
        for rule in source.inside(box, VENDORS, ("constraint",)):
            rules[source.attribute(rule, "name")] = source.attribute(rule, "config")
    for name in rules:
        if name != "required":
            source.say(node, "no effect", f"The constraint {name!r} of a form field. Say it as a data rule.")
    written = source.attribute(node, "type") or "string"
    if written not in _TYPES:
        source.say(node, "changed", f"The form field has the type {written!r}; it is taken as text.")
    initial = source.attribute(node, "defaultValue") or source.attribute(node, "default")
    initial = initial or source.attribute(node, "value")
    choices = tuple(source.attribute(one, "id") for one in source.inside(node, VENDORS, ("value",)))
    for one in node.iterchildren("*"):
        if local_name(one) == "value":
            source.attribute(one, "name")
    kind = _TYPES.get(written, "text")
    return FieldSpec(
        name=source.variable(source.attribute(node, "id")),
        label=source.attribute(node, "label") or source.attribute(node, "name"),
        type=kind,
        required=rules.get("required", "false") in ("", "true") or source.flag(node, "required"),
        choices=choices,
        initial=_initial(source, node, initial, kind),
    )


def _initial(source: Source, node: etree._Element, text: str, kind: str) -> str | None:
    if (kind in ("number", "boolean") and text.replace(".", "", 1).lstrip("-").isdigit()) or text in ("true", "false"):
        return text
    return of_vendor(source, node, text)


def _embedded(source: Source, node: etree._Element, key: str) -> list[FieldSpec]:
    """A form of form-js, kept as JSON in the process."""
    process = next((one for one in node.iterancestors() if local_name(one) == "process"), None)
    if process is None:
        return []
    for one in source.zeebe(process, "userTaskForm"):
        if source.attribute(one, "id") != key:
            continue
        try:
            form = json.loads(text_in(one))
            return [_component(source, part) for part in _components(form)]
        except (ValueError, RecursionError, AttributeError, TypeError):
            source.say(one, "cannot run", "The form is no JSON of form-js.")
            return []
    source.say(node, "cannot run", f"There is no form {key!r} in the process.")
    return []


def _components(form: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for part in form.get("components") or []:
        found += _components(part) if part.get("components") else []
        found += [part] if part.get("key") else []
    return found


def _component(source: Source, part: dict[str, Any]) -> FieldSpec:
    choices = tuple(str(one.get("value")) for one in part.get("values") or [])
    return FieldSpec(
        name=source.variable(str(part["key"])),
        label=str(part.get("label") or ""),
        type=_TYPES.get(str(part.get("type")), "text"),
        required=bool((part.get("validate") or {}).get("required")),
        choices=choices,
    )
