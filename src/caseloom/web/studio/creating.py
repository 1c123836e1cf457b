"""New definitions: from an empty sheet, from another one, or from a file (YAML, BPMN, DMN, CMMN)."""

import re
from typing import Final

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from caseloom.cases.drafting import key_of as key_from
from caseloom.engine.case.refusal import Refused
from caseloom.engine.spec.service_goal import HouseRules, ServiceGoal
from caseloom.interchange.bpmn_source import BpmnFault
from caseloom.interchange.cmmn_names import VERSION as CMMN
from caseloom.interchange.cmmn_reader import read_cmmn
from caseloom.interchange.cmmn_source import CmmnFault
from caseloom.interchange.rule_text import HandWritten
from caseloom.interchange.yaml_patch import put
from caseloom.interchange.yaml_text import LONGEST, Text, TextFaulty
from caseloom.interchange.yaml_writer import write_definition
from caseloom.library import flows
from caseloom.library.decisions import key_of as decision_key
from caseloom.library.decisions import read_model
from caseloom.library.definition import DefinitionKind
from caseloom.library.drafts import all_definitions, find_draft, new_draft, save_draft
from caseloom.library.used import is_model
from caseloom.sdk.access import Access
from caseloom.staff.models import Team
from caseloom.web.rights import needs
from caseloom.web.studio.blanks import blank_decision, blank_flow, blank_goal

MOST: Final = 4 * LONGEST
"""Bytes of a file."""
_DECLARED: Final = re.compile(rb"""^<\?xml[^>]*encoding=["']([A-Za-z0-9._-]+)["']""")


class Came(msgspec.Struct, frozen=True):
    """What a file brought: a definition, and what its author should know of it."""

    key: str
    kind: DefinitionKind
    text: str
    findings: tuple[str, ...] = ()
    replaced: bool = False


class Unreadable(Exception):
    """A file that is no definition; `says` tells a person why, a line for each fault."""

    def __init__(self, *says: str) -> None:
        super().__init__("\n".join(says))
        self.says = says


@require_http_methods(["GET", "POST"])
@needs("write library")
def new(request: HttpRequest, access: Access) -> HttpResponseBase:
    """The ways to begin, and beginning."""
    if request.method == "GET":
        return _page(request, access)
    file = request.FILES.get("file")
    if file is not None:
        return _from_file(request, access, str(file.name), file.read(MOST + 1))
    title = " ".join(request.POST.get("title", "").split())[:200]
    if not title:
        return _page(request, access, _("Give it a title first."))
    try:
        came = _blank(request.POST.get("kind", ""), title, request.POST.get("like", ""))
    except Unreadable as fault:
        return _page(request, access, *fault.says)
    answer = new_draft(access, came.key, came.kind, came.text)
    if isinstance(answer, Refused):
        return _page(request, access, answer.message)
    return redirect("studio:edit", key=came.key)


def _a_team() -> str:
    """A team that there is, for what does not say whose work it is."""
    return Team.objects.order_by("key").values_list("key", flat=True).first() or "service"


def _blank(kind: str, title: str, like: str) -> Came:
    key = key_from(title)
    if kind == "like":
        return _copy(key, title, like)
    if kind == "flow model":
        name = re.sub(r"[^\w-]+", "_", key).strip("_") or "flow"
        return Came(name, "flow model", blank_flow(name, title))
    if kind == "decision model":
        return Came(title.replace(".", " ").replace(":", " "), "decision model", blank_decision(key, title))
    return Came(key, "service goal", blank_goal(key, title, _a_team()))


def _copy(key: str, title: str, like: str) -> Came:
    other = find_draft(like)
    if other is None or other.kind != "service goal":
        raise Unreadable(_("Choose the service goal that it begins with."))
    try:
        text = put(put(other.text, ("service goal",), key), ("title",), title)
    except (TextFaulty, HandWritten) as fault:
        raise Unreadable(str(fault)) from fault
    return Came(key, "service goal", text)


# --- files ------------------------------------------------------------------------------------------------------------


def _from_file(request: HttpRequest, access: Access, name: str, data: bytes) -> HttpResponseBase:
    try:
        came = [_kept(access, one) for one in read_file(data)]
    except Unreadable as fault:
        return _page(request, access, *fault.says)
    if len(came) == 1 and not came[0].findings and not came[0].replaced:
        return redirect("studio:edit", key=came[0].key)
    return render(request, "studio/came.html", {"came": came, "name": name, "may": access.rights})


def _kept(access: Access, came: Came) -> Came:
    """As a draft of its own, or as the next draft of the definition that has this key."""
    known = find_draft(came.key)
    if known is not None and known.kind != came.kind:
        says = _("There is a %(kind)s “%(key)s” already; give this one another key.")
        raise Unreadable(says % {"kind": known.kind, "key": came.key})
    answer = (
        new_draft(access, came.key, came.kind, came.text)
        if known is None
        else save_draft(access, known, came.text, known.seen)
    )
    if isinstance(answer, Refused):
        raise Unreadable(answer.message)
    return msgspec.structs.replace(came, replaced=known is not None)


def read_file(data: bytes) -> list[Came]:
    """The definitions of a file. Raises `Unreadable`."""
    if len(data) > MOST:
        raise Unreadable(_("The file is longer than %(most)s characters.") % {"most": f"{LONGEST:,}"})
    text = _text(data)
    try:
        if not is_model(text):
            return [_yaml(text)]
        if any(f'"{namespace}"' in text or f"'{namespace}'" in text for namespace in CMMN):
            return _cmmn(data)
        return [_flow(text) if flows.is_flow(text) else _decision(text)]
    except TextFaulty as faulty:
        raise Unreadable(*map(str, faulty.places)) from faulty
    except (BpmnFault, CmmnFault) as fault:
        raise Unreadable(str(fault)) from fault


def _text(data: bytes) -> str:
    declared = _DECLARED.match(data)
    for encoding in (declared[1].decode("ascii") if declared else "utf-8-sig", "utf-8-sig", "utf-16"):
        try:
            return data.decode(encoding).lstrip("\ufeff")
        except (UnicodeError, LookupError):
            continue
    raise Unreadable(_("The file is no text; save it as UTF-8, then upload it again."))


def _yaml(text: str) -> Came:
    value = Text(text).value
    value = value if isinstance(value, dict) else {}
    for kind, word in ((ServiceGoal, "service goal"), (HouseRules, "house rules")):
        key = value.get(word)
        if isinstance(key, str) and key.strip():
            return Came(key, "service goal" if kind is ServiceGoal else "house rules", text)
    raise Unreadable(_("The file begins with neither `service goal: KEY` nor `house rules: house`."))


def _flow(text: str) -> Came:
    file = flows.read_file(text)
    if not file.model.key:
        raise Unreadable(_("<definitions> has no id; the definition is found by it."))
    return Came(file.model.key, "flow model", text, tuple(f"{one.element}: {one.message}" for one in file.findings))


def _decision(text: str) -> Came:
    return Came(decision_key(read_model(text)), "decision model", text)


def _cmmn(data: bytes) -> list[Came]:
    team = _a_team()
    cases = read_cmmn(data, team=team).cases
    if not cases:
        raise Unreadable(_("The file holds no case."))
    return [
        Came(case.goal.service_goal, "service goal", write_definition(case.goal), tuple(map(str, case.findings)))
        for case in cases
    ]


def _page(request: HttpRequest, access: Access, *says: str) -> HttpResponse:
    goals = [one for one in all_definitions() if one.kind == "service goal"]
    context = {
        "says": says,
        "goals": sorted(goals, key=lambda one: one.title),
        "may": access.rights,
        "typed": request.POST,
        "kind": request.POST.get("kind") or request.GET.get("kind", "service goal"),
    }
    return render(request, "studio/new.html", context, status=422 if says else 200)
