"""The pages with a modeller: flows in bpmn-js, decision tables in dmn-js, the form of a task in form-js."""

import re
from typing import Any, Final

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from lxml import etree

from caseloom.engine.case.refusal import Refused
from caseloom.engine.decision.published import decisions_of
from caseloom.engine.rules.fault import Path
from caseloom.interchange.bpmn_layout import draw as draw_diagram
from caseloom.interchange.bpmn_names import BPMN_DI
from caseloom.interchange.bpmn_reader import read_tree
from caseloom.interchange.bpmn_source import BpmnFault
from caseloom.interchange.dmn_names import FEEL, MODEL
from caseloom.interchange.hardened_xml import XmlFaulty, parse_xml
from caseloom.interchange.rule_text import HandWritten
from caseloom.interchange.yaml_patch import put, value_at
from caseloom.interchange.yaml_text import Text, TextFaulty
from caseloom.library.decisions import DECLARATION, latest_models, the_models
from caseloom.library.drafts import Draft, find_draft, save_draft
from caseloom.library.plans import house_version, the_plans
from caseloom.sdk.access import Access
from caseloom.web.rights import needs, no_such
from caseloom.web.studio.bench import faults_json, head_context, told_json
from caseloom.web.studio.checked import read_draft
from caseloom.web.studio.tree import parts, path_of, place_of

DRAWN_DMN: Final = "1.3"
"""The version of DMN that the tables are edited in; what later versions added to it, they do not show."""
_LATER: Final = re.compile(r"<(?:\w+:)?(conditional|filter|for|every|some)[\s>]")
_DMN_DI: Final = re.compile(r"https?://www\.omg\.org/spec/DMN/\d+/DMNDI/")
COMPONENTS: Final = {
    "text": "textfield", "number": "number", "boolean": "checkbox", "date": "datetime", "choice": "select",
    "money": "textfield", "list of text": "textarea",
}  # fmt: skip
TYPES: Final = {
    "textfield": "text", "textarea": "text", "number": "number", "checkbox": "boolean", "datetime": "date",
    "select": "choice", "radio": "choice",
}  # fmt: skip


class Drawn(msgspec.Struct):
    """A field that was drawn: what form-js says of it, as far as a fact can say it."""

    key: str
    type: str
    label: str = ""
    required: bool = False
    help: str = ""
    choices: tuple[str, ...] = ()


@require_GET
@needs("read library")
def draw(request: HttpRequest, access: Access, key: str) -> HttpResponseBase:
    """A flow model in bpmn-js."""
    draft = find_draft(key)
    if draft is None or draft.kind != "flow model":
        return no_such(request, "definition")
    read = read_draft(draft)
    house = the_plans("", 0, house_version()).house
    model = {
        "xml": with_diagram(draft.text),
        "faults": told_json(draft, read),
        "groups": sorted({*house.roles, *house.teams}),
        "decisions": _decisions(),
        "writes": "write library" in access.rights,
    }
    return render(request, "studio/draw.html", head_context(access, draft, "edit") | {"model": model})


@require_GET
@needs("read library")
def table(request: HttpRequest, access: Access, key: str) -> HttpResponseBase:
    """A decision model in dmn-js."""
    draft = find_draft(key)
    if draft is None or draft.kind != "decision model":
        return no_such(request, "definition")
    read = read_draft(draft)
    later = _LATER.search(draft.text)
    model = {"xml": as_drawn(draft.text), "faults": faults_json(read), "writes": "write library" in access.rights}
    context = {"model": model, "later": later[1] if later else ""}
    return render(request, "studio/table.html", head_context(access, draft, "edit") | context)


def _decisions() -> list[str]:
    found = []
    for key, version in sorted(latest_models().items()):
        found += [f"{key}: {name}" for name in decisions_of(the_models(key, version).model)]
    return found


def with_diagram(text: str) -> str:
    """The text with a simple diagram, where it has none and can be read."""
    if not text or (BPMN_DI in text and "BPMNShape" in text):
        return text
    try:
        root = parse_xml(DECLARATION.sub("", text.lstrip("\ufeff")).encode())
        model, _places = read_tree(root)
    except (XmlFaulty, BpmnFault):
        return text
    for old in root.findall(f"{{{BPMN_DI}}}BPMNDiagram"):
        root.remove(old)
    draw_diagram(root, list(model.processes.values()))
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(root, encoding="unicode")


def as_drawn(text: str) -> str:
    """A DMN text in the version that the tables are edited in."""
    for version, namespace in MODEL.items():
        text = text.replace(namespace, MODEL[DRAWN_DMN]).replace(FEEL[version], FEEL[DRAWN_DMN])
    return _DMN_DI.sub(MODEL[DRAWN_DMN].replace("MODEL", "DMNDI"), text)


# --- the form of a task -----------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@needs("write library")
def form(request: HttpRequest, access: Access, key: str) -> HttpResponseBase:
    """The form of a task in form-js: its fields are facts; what is drawn is put into the text."""
    draft = find_draft(key)
    path = path_of(request.GET.get("at", ""))
    value = read_draft(draft).value if draft is not None else None
    if draft is None or value is None or path is None or len(path) != 2 or str(path[1]) not in parts(value, "tasks"):
        return no_such(request, "definition")
    if request.method == "POST":
        return _drawn(request, access, draft, path)
    task = parts(value, "tasks")[str(path[1])]
    context = {
        "model": {"schema": schema_of(value, task), "facts": sorted(_facts(value))},
        "task": str(task.get("title") or path[1]),
        "at": place_of(path),
    }
    return render(request, "studio/form.html", head_context(access, draft, "edit") | context)


def _facts(value: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The facts that a form may ask for: those of the house, and its own."""
    house = the_plans("", 0, house_version()).house.facts
    known = {
        name: {"type": one.type, "label": one.label, "choices": list(one.choices), "help": one.help}
        for name, one in house.items()
    }
    return {**known, **parts(value, "facts")}


def schema_of(value: dict[str, Any], task: dict[str, Any]) -> dict[str, Any]:
    """A task's form as form-js knows it."""
    facts, must = _facts(value), task.get("must") or []
    components = []
    for number, name in enumerate(task.get("form") or []):
        fact = facts.get(str(name), {})
        kind = COMPONENTS.get(str(fact.get("type") or "text"), "textfield")
        one: dict[str, Any] = {
            "id": f"field_{number}", "key": key_in_form(str(name)), "type": kind,
            "label": str(fact.get("label") or name), "validate": {"required": name in must},
        }  # fmt: skip
        if fact.get("help"):
            one["description"] = str(fact["help"])
        if fact.get("choices"):
            one |= {"type": "select", "values": [{"label": str(x), "value": str(x)} for x in fact["choices"]]}
        if kind == "datetime":
            one |= {"subtype": "date", "dateLabel": one["label"]}
        components.append(one)
    return {"type": "default", "id": "form", "schemaVersion": 18, "components": components}


def key_in_form(name: str) -> str:
    """The name of a fact as form-js takes it: without spaces."""
    return name.replace(" ", "_")


def _drawn(request: HttpRequest, access: Access, draft: Draft, path: Path) -> HttpResponse:
    try:
        fields = read_fields(request.POST.get("schema", ""))
        text = with_form(draft.text, path, fields)
    except (msgspec.DecodeError, TypeError, KeyError):
        return JsonResponse({"says": _("The form could not be read; nothing was changed.")}, status=422)
    except (TextFaulty, HandWritten) as fault:
        return JsonResponse({"says": str(fault)}, status=422)
    answer = save_draft(access, draft, text, draft.seen)
    if isinstance(answer, Refused):
        return JsonResponse({"says": answer.message}, status=409)
    there = f"{reverse('studio:edit', args=(draft.key,))}?at={place_of(path)}"
    if request.headers.get("HX-Request"):
        return JsonResponse({"next": there})
    return redirect(there)


def read_fields(schema: str) -> list[Drawn]:
    """The fields of a form-js schema that hold a value; groups are opened, the rest is left out."""
    return list(_fields(msgspec.json.decode(schema.encode()).get("components") or []))


def _fields(components: list[dict[str, Any]]) -> list[Drawn]:
    found: list[Drawn] = []
    for one in components:
        found += _fields(one.get("components") or [])
        if one.get("key") and one.get("type") in TYPES:
            label = str(one.get("label") or one.get("dateLabel") or "")
            choices = tuple(str(choice["value"]) for choice in one.get("values") or [])
            required = bool((one.get("validate") or {}).get("required"))
            found.append(
                Drawn(str(one["key"]), str(one["type"]), label, required, str(one.get("description") or ""), choices)
            )
    return found


def with_form(text: str, path: Path, fields: list[Drawn]) -> str:
    """The text with a task's form as it was drawn; facts that it names anew are added, labels and choices follow.

    Raises:
        HandWritten: the place has to be changed by hand.
    """
    value = Text(text).value
    known = _facts(value)
    names = {key_in_form(name): name for name in known}
    asked: list[str] = []
    for one in fields:
        name = names.get(one.key, one.key.replace("_", " "))
        asked.append(name)
        text = _with_fact(text, name, one, known.get(name))
    must = [name for name, one in zip(asked, fields, strict=True) if one.required]
    for part, new in (("form", asked), ("must", must)):
        if (value_at(value, (*path, part)) or []) != new:
            text = put(text, (*path, part), new)
    return text


def _with_fact(text: str, name: str, drawn: Drawn, fact: dict[str, Any] | None) -> str:
    if fact is None:
        new: dict[str, Any] = {"type": TYPES[drawn.type], "label": drawn.label or name}
        new |= {"choices": list(drawn.choices)} if drawn.choices else {}
        new |= {"help": drawn.help} if drawn.help else {}
        return put(text, ("facts", name), new)
    own = value_at(Text(text).value, ("facts", name))
    if not isinstance(own, dict):
        return text
    if drawn.label and drawn.label != (own.get("label") or name):
        text = put(text, ("facts", name, "label"), drawn.label)
    if drawn.choices and list(drawn.choices) != [str(one) for one in own.get("choices") or []]:
        text = put(text, ("facts", name, "choices"), list(drawn.choices))
    return put(text, ("facts", name, "help"), drawn.help) if drawn.help and drawn.help != own.get("help") else text
