"""The workbench of a definition: what the customer sees, the tree with its forms, and the text, all of one draft."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from caseloom.cases.drafting import key_of
from caseloom.engine.case.refusal import Refused
from caseloom.engine.rules.fault import Path
from caseloom.foundation.text import find_fault
from caseloom.interchange.rule_text import HandWritten
from caseloom.interchange.yaml_patch import drop, put, value_at
from caseloom.interchange.yaml_text import LONGEST, Place, TextFaulty, text_of
from caseloom.library.decisions import latest_models
from caseloom.library.drafts import Draft, draft_at, find_draft, save_draft
from caseloom.library.flows import latest_flows
from caseloom.library.flows import remarks as flow_remarks
from caseloom.library.plans import house_version, the_plans
from caseloom.sdk.access import Access
from caseloom.web.desk.people import actor_name
from caseloom.web.forms import FormFaulty, check_text
from caseloom.web.rights import needs, no_such
from caseloom.web.studio.checked import Read, read_draft, says_of
from caseloom.web.studio.inputs import INPUTS, SECTIONS, Filled, Input, changes, part_at, shown
from caseloom.web.studio.tree import ICONS, Tree, found_part, parts, path_of, place_of, sight, words

NEW: Final[dict[str, dict[str, Any]]] = {
    "facts": {"type": "text"},
    "letters": {"text": "Dear {{ customer name }},\n\n[your words]\n"},
    "knowledge": {"text": "What an agent should know."},
}
"""What a new part has beside its title."""
USUAL: Final = 4
"""So many inputs of a form are always seen."""
TITLED: Final = {"facts": "label", "letters": "subject"}
MODEL_PAGES: Final = {"flow model": "studio:draw", "decision model": "studio:table"}


class Stale(Exception):
    """Somebody else saved meanwhile, and it touches what was changed."""


@require_GET
@needs("read library")
def edit(request: HttpRequest, access: Access, key: str) -> HttpResponseBase:
    """The workbench; `at` names the part whose form is open."""
    draft = find_draft(key)
    if draft is None:
        return no_such(request, "definition")
    if draft.kind in MODEL_PAGES:
        return redirect(MODEL_PAGES[draft.kind], key=key)
    path = path_of(request.GET.get("at", ""))
    context = bench_context(request, access, draft, path)
    part = request.headers.get("HX-Request") and not request.headers.get("HX-History-Restore-Request")
    return render(request, "studio/part/bench.html" if part else "studio/edit.html", context)


@require_POST
@needs("write library")
def change(request: HttpRequest, access: Access, key: str) -> HttpResponseBase:
    """What a form of the tree asks for: a part changed, added, taken out; put into the text at its place."""
    draft = find_draft(key)
    if draft is None:
        return no_such(request, "definition")
    form, path = request.POST, path_of(request.POST.get("at", "[]"))
    try:
        for name in form:
            check_text(name, form.getlist(name) if name != "text" else [])
        _check_whole(form.get("text", ""))
        if path is None:
            raise FormFaulty("at", _("There is no such part; load the page anew."))
        text, path = _changed(draft, form, path)
    except Stale:
        return _stale(request, draft)
    except (TextFaulty, HandWritten, FormFaulty, KeyError) as fault:
        says = fault.says if isinstance(fault, FormFaulty) else says_of(fault)
        return render(request, "studio/part/unchanged.html", {"says": says}, status=422)
    answer = save_draft(access, draft, text, draft.seen)
    if isinstance(answer, Refused):
        return _stale(request, draft)
    if not request.headers.get("HX-Request"):
        return redirect(f"{reverse('studio:edit', args=(key,))}?at={place_of(path)}")
    now = find_draft(key) or draft
    # Whoever opens another part has this one saved on the way.
    path = path_of(form["then"]) if "then" in form else path
    page = render(request, "studio/part/bench.html", bench_context(request, access, now, path))
    where = f"?at={quote(place_of(path))}" if path is not None else ""
    page.headers["HX-Push-Url"] = f"{reverse('studio:edit', args=(key,))}{where}"
    return page


@require_POST
@needs("write library")
def save(request: HttpRequest, access: Access, key: str) -> HttpResponse:
    """A whole text as the draft; its faults, or who saved another one meanwhile, as JSON."""
    draft = find_draft(key)
    if draft is None:
        return JsonResponse({"says": _("There is no such definition.")}, status=404)
    text, seen = request.POST.get("text", ""), request.POST.get("seen", "")
    try:
        _check_whole(text)
    except FormFaulty as fault:
        return JsonResponse({"says": fault.says}, status=422)
    text = text if "\r\n" in draft.text else text.replace("\r\n", "\n")
    answer = save_draft(access, draft, text, int(seen) if seen.isdecimal() and len(seen) < 10 else 0)
    if isinstance(answer, Refused):
        return JsonResponse(_theirs(draft) if answer.code == "stale" else {"says": answer.message}, status=409)
    if not request.headers.get("HX-Request"):
        return redirect("studio:edit", key=key)
    now = find_draft(key) or draft
    return JsonResponse({"seen": now.seen, "changed": now.changed, "faults": told_json(now, read_draft(now))})


def _check_whole(text: str) -> None:
    """Refuse a text that cannot be kept as a definition. Raises `FormFaulty`."""
    fault = find_fault(text)
    if fault is not None:
        raise FormFaulty("text", fault.reason)
    if len(text) > LONGEST:
        raise FormFaulty("text", _("This is longer than %(most)s characters.") % {"most": f"{LONGEST:,}"})


@require_GET
@needs("read library")
def faults(request: HttpRequest, access: Access, key: str) -> HttpResponse:
    """The draft as it stands now: its text, version and faults, as JSON."""
    draft = find_draft(key)
    if draft is None:
        return JsonResponse({"says": _("There is no such definition.")}, status=404)
    return JsonResponse({"seen": draft.seen, "text": draft.text, "faults": told_json(draft, read_draft(draft))})


def faults_json(read: Read) -> list[dict[str, Any]]:
    """The faults of a text for the editors: line, column, element and what is wrong."""
    return [_fault_json(one) for one in read.places]


def told_json(draft: Draft, read: Read) -> list[dict[str, Any]]:
    """The faults of a draft; of a flow model that can run also what its author should know."""
    if draft.kind != "flow model" or not read.sound:
        return faults_json(read)
    return [{**_fault_json(one), "fatal": False} for one in flow_remarks(draft.text)]


def _fault_json(place: Place) -> dict[str, Any]:
    return {"line": place.line, "column": place.column, "at": place.path, "message": place.message}


def bench_context(request: HttpRequest, access: Access, draft: Draft, path: Path | None) -> dict[str, Any]:
    """What the workbench shows."""
    read = read_draft(draft)
    value = read.value
    tree = Tree(value, read.places) if value is not None else None
    context: dict[str, Any] = {
        "draft": draft,
        "read": read,
        "by": actor_name(draft.by),
        "may": access.rights,
        "writes": "write library" in access.rights,
        "house": draft.kind == "house rules",
        "sight": sight(value) if value is not None else None,
        "branches": tree.branches() if tree is not None else [],
        "head_at": place_of(()),
        "head_faults": tree.faults(()) if tree is not None else 0,
        "faults": faults_json(read),
        "tab": "edit",
        "title": title_of(draft, read),
    }
    if value is not None and path is not None and found_part(value, path) is not None:
        context |= {"opened": place_of(path), "form": _form(value, path, read, draft)}
    return context


def title_of(draft: Draft, read: Read) -> str:
    """What the definition is called."""
    named = (read.value or {}).get("title")
    return named if isinstance(named, str) and named else draft.key


def head_context(access: Access, draft: Draft, tab: str) -> dict[str, Any]:
    """What the head of every page about a definition shows."""
    read = read_draft(draft)
    return {
        "draft": draft,
        "read": read,
        "title": title_of(draft, read),
        "by": actor_name(draft.by),
        "may": access.rights,
        "writes": "write library" in access.rights,
        "tab": tab,
    }


# --- the form of a part -----------------------------------------------------------------------------------------------


def _form(value: dict[str, Any], path: Path, read: Read, draft: Draft) -> dict[str, Any]:
    part = part_at(path, value) or "head"
    here = value_at(value, path) or {}
    filled = [_filled(one, here, path, value, read.places) for one in INPUTS[part]]
    ours = [one for one in filled if not one.input.customer]
    # What says nothing yet and is seldom needed waits behind "More".
    first = [one for number, one in enumerate(ours) if number < USUAL or one.value or one.faults or one.input.must]
    return {
        "part": part,
        "path": path,
        "key": str(path[-1]) if path else "",
        "icon": ICONS[part],
        "customer": [one for one in filled if one.input.customer],
        "ours": [one for one in ours if one in first],
        "more": [one for one in ours if one not in first],
        "faults": _faults_at(path, {one.input.name for one in filled}, read.places),
        "droppable": bool(path),
        "drawable": part == "task" and str(here.get("kind") or "human") == "human",
        "flow": str(here.get("model") or "") if part == "task" and here.get("kind") == "flow" else "",
        "line": next((one.line for one in _located(draft.text, path)), 1),
    }


def _located(text: str, path: Path) -> list[Place]:
    try:
        return [text_of(text).place(path, "")]
    except TextFaulty:
        return []


def _filled(
    one: Input, here: Mapping[str, Any], path: Path, value: dict[str, Any], places: tuple[Place, ...]
) -> Filled:
    named = tuple(map(str, (*path, *one.name)))
    told = tuple(place.message for place in places if tuple(place.path.split(" › "))[: len(named)] == named)
    stands = shown(one.widget, value_at(here, one.name))
    known = _known(one.of, value) if one.of else tuple((choice, choice) for choice in one.choices)
    if one.widget == "choice" and stands and stands not in dict(known):
        known = ((stands, stands), *known)
    return Filled(one, stands, known, told, "f-" + "-".join(one.name).replace(" ", "_"))


def _faults_at(path: Path, names: set[tuple[str, ...]], places: tuple[Place, ...]) -> list[str]:
    """The faults of a part that stand at none of its inputs."""
    steps, found = tuple(map(str, path)), []
    for place in places:
        at = tuple(place.path.split(" › ")) if place.path else ()
        inside = at[: len(steps)] == steps and not (len(steps) in (0, 2) and len(at) > len(steps) + 1)
        rest = at[len(steps) :]
        if inside and not any(rest[: len(name)] == name for name in names) and (steps or len(rest) < 2):
            found.append(place.message)
    return found


def _known(of: str, value: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """The keys that an input may hold, with their titles: of the text and of the house."""
    house: Any = the_plans("", 0, house_version()).house
    if of in ("roles", "teams", "skills"):
        own = value.get(of)
        return tuple({**getattr(house, of), **(own if isinstance(own, dict) else {})}.items())
    if of == "models":
        return tuple((key, key) for key in sorted({**latest_flows(), **latest_models()}))
    sections = {"items": ("tasks", "stages", "milestones"), "all": ("tasks", "stages", "milestones", "goals")}
    found: dict[str, str] = {}
    for section in sections.get(of, (of,)):
        for key, one in getattr(house, section, {}).items():
            found[key] = getattr(one, "title", "") or getattr(one, "label", "") or key
        for key, own in parts(value, section).items():
            found[key] = str(own.get("title") or own.get("label") or own.get("subject") or key)
    return tuple(found.items())


# --- what a form changes ----------------------------------------------------------------------------------------------


def _changed(draft: Draft, form: QueryDict, path: Path) -> tuple[str, Path]:
    """The text after the change, and the part that is open then."""
    text, seen = draft.text, form.get("seen", "")
    based = int(seen) if seen.isdecimal() and len(seen) < 10 else draft.seen
    typed = form.get("text")
    if typed is not None and based != draft.seen:
        raise Stale
    if typed is not None:
        text = typed if "\r\n" in draft.text else typed.replace("\r\n", "\n")
    before = text if based == draft.seen else draft_at(draft, based)
    match form.get("do", "change"):
        case "add":
            return _added(text, path, form.get("section", ""), form.get("title", ""), form.get("known", ""))
        case "drop":
            return _dropped(text, path), path[:-2] if len(path) == 4 else ()
        case _:
            return _filled_in(text, before, path, form), path


def _filled_in(text: str, before: str, path: Path, form: QueryDict) -> str:
    """The fields that differ from what the form showed, put into the text as it stands now."""
    value, was = text_of(text).value, text_of(before).value
    part = part_at(path, value)
    if part is None or found_part(value, path) is None:
        raise KeyError(place_of(path))
    for name, new in changes(part, value_at(was, path), form):
        here, there = value_at(value, (*path, *name)), value_at(was, (*path, *name))
        if here != there and here != new:
            raise Stale
        text = _set(text, (*path, *name), new)
    return text


def _set(text: str, path: Path, new: Any) -> str:
    if new is not None:
        return put(text, path, new)
    if value_at(text_of(text).value, path) is None:
        return text
    text = drop(text, path)
    # A group whose last part has gone says nothing, and is wrong where a part of it is needed: a clock without a term.
    around = path[:-1]
    return (
        drop(text, around)
        if around and value_at(text_of(text).value, around) in ({}, None) and len(around) > 2
        else text
    )


def _added(text: str, path: Path, section: str, title: str, known: str) -> tuple[str, Path]:
    title = " ".join(title.split())[:200]
    value = text_of(text).value
    if section == "option":
        place = (*path, "options")
    elif section == "task":
        return _added_task(text, path, title, known)
    elif section in SECTIONS:
        place = (section,)
    else:
        raise KeyError(section)
    if not title:
        raise FormFaulty("title", _("Give it a title first."))
    key = free_key(title, value_at(value, place) or {})
    here = {TITLED.get(section, "title"): title, **NEW.get(section, {})}
    return put(text, (*place, key), here), (*place, key)


def _added_task(text: str, path: Path, title: str, known: str) -> tuple[str, Path]:
    """A task, new or known already, behind the others of an option or stage."""
    value = text_of(text).value
    key = known
    if not key:
        if not title:
            raise FormFaulty("title", _("Give it a title first, or choose a task that is there."))
        taken = {one: None for section in ("tasks", "stages", "milestones", "goals") for one in parts(value, section)}
        key = free_key(title, taken)
        text = put(text, ("tasks", key), {"title": title})
    if path:
        text = put(text, (*path, "tasks"), [*words(value_at(value, (*path, "tasks"))), key])
    return text, ("tasks", key) if not known else path


def free_key(title: str, taken: Mapping[str, Any]) -> str:
    """A key that says the same as a title, and that nothing else has."""
    key = key_of(title)
    return next(name for name in (key, *(f"{key[:76]} {n}" for n in range(2, 1000))) if name not in taken)


def _dropped(text: str, path: Path) -> str:
    """Without the part, and without its name in the lists of options and stages."""
    if not path or part_at(path, text_of(text).value) is None:
        raise KeyError(place_of(path))
    text = drop(text, path)
    if path[0] not in ("tasks", "stages", "milestones"):
        return text
    value = text_of(text).value
    holders: list[Path] = [("stages", key) for key in parts(value, "stages")]
    for goal, one in parts(value, "goals").items():
        holders += [("goals", goal, "options", key) for key in parts(one, "options")]
    for holder in holders:
        named = words(value_at(value, (*holder, "tasks")))
        if path[1] in named:
            text = put(text, (*holder, "tasks"), [name for name in named if name != path[1]])
    return text


# --- somebody else has saved ------------------------------------------------------------------------------------------


def _theirs(draft: Draft) -> dict[str, Any]:
    says = _("%(who)s saved this definition meanwhile. What you typed still stands here.") % {
        "who": actor_name(draft.by)
    }
    return {"stale": True, "says": says, "seen": draft.seen, "text": draft.text}


def _stale(request: HttpRequest, draft: Draft) -> HttpResponse:
    now = find_draft(draft.key) or draft
    context = {"draft": now, "by": actor_name(now.by)}
    return render(request, "studio/part/stale.html", context, status=409)
