"""Versions side by side, and publishing: what is wrong, what living brings up, what differs; published, withdrawn."""

from functools import lru_cache
from typing import Any, Final

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from caseloom.engine.case.refusal import Refused
from caseloom.engine.spec.service_goal import HouseRules, ServiceGoal
from caseloom.interchange.yaml_text import Place
from caseloom.library.drafts import Draft, find_draft, withdraw
from caseloom.library.models import VersionRow
from caseloom.library.plans import house_version, the_plans
from caseloom.library.publishing import check, lived
from caseloom.library.publishing import publish as publish_text
from caseloom.sdk.access import Access
from caseloom.web.desk.people import actor_name
from caseloom.web.rights import needs, no_such
from caseloom.web.studio.bench import faults_json, head_context
from caseloom.web.studio.candidates import draft_candidate
from caseloom.web.studio.checked import published_now, read_draft
from caseloom.web.studio.comparing import differences, lines, marks
from caseloom.web.studio.editor import bars_of, progress_of
from caseloom.web.studio.modelling import with_diagram
from caseloom.web.studio.trying import SHOWN, SIZES, Attempt, go_on

DRAFT: Final = "draft"


@require_GET
@needs("read library")
def versions(request: HttpRequest, access: Access, key: str) -> HttpResponseBase:
    """All versions, and two of them beside each other: `from` and `to` name them, `draft` is the draft."""
    draft = find_draft(key)
    if draft is None:
        return no_such(request, "definition")
    rows = list(VersionRow.objects.filter(definition=draft.id).order_by("-version"))
    texts = {str(row.version): row.text for row in rows}
    texts[DRAFT] = draft.text
    right = _named(request.GET.get("to", ""), texts, DRAFT if draft.changed or not rows else str(draft.version))
    before = [name for name in texts if name != right and name != DRAFT]
    left = _named(request.GET.get("from", ""), texts, before[0] if before else right)
    told = [(row, actor_name(row.published_by)) for row in rows]
    context: dict[str, Any] = {
        "told": told,
        "left": left,
        "right": right,
        "names": [DRAFT, *(str(row.version) for row in rows)],
        "differences": differences(texts[left], texts[right]) if left != right else [],
        "lines": lines(texts[left], texts[right]) if left != right else [],
        "same": texts[left] == texts[right],
    }
    if draft.kind == "flow model":
        found = marks(texts[left], texts[right])
        context["drawn"] = [
            {"xml": with_diagram(texts[left]), "removed": found.removed, "changed": found.changed},
            {"xml": with_diagram(texts[right]), "added": found.added, "changed": found.changed},
        ]
    return render(request, "studio/versions.html", head_context(access, draft, "versions") | context)


def _named(name: str, texts: dict[str, str], usual: str) -> str:
    return name if name in texts else usual


@require_GET
@needs("publish library")
def release(request: HttpRequest, access: Access, key: str) -> HttpResponseBase:
    """Before publishing: what is wrong with the draft, and what it changes."""
    draft = find_draft(key)
    if draft is None:
        return no_such(request, "definition")
    return _release(request, access, draft)


@require_GET
@needs("publish library")
def living(request: HttpRequest, access: Access, key: str) -> HttpResponseBase:
    """What comes up when everything that people could do is tried; it takes some seconds."""
    draft = find_draft(key)
    if draft is None:
        return no_such(request, "definition")
    fatal, told = _lived(draft)
    return render(request, "studio/part/lived.html", {"fatal": fatal, "told": told, "draft": draft})


def _lived(draft: Draft) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    return lived_of(draft.text, published_now())


@lru_cache(maxsize=32)
def lived_of(text: str, published: tuple[Any, ...]) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    """What living a text brings up: what keeps it from being published, and the rest. Nothing for a faulty one."""
    definition, places = check(text)
    return lived(definition, text) if definition is not None and not places else ((), ())


@require_POST
@needs("publish library")
def try_on_past(request: HttpRequest, access: Access, key: str) -> HttpResponseBase:
    """A portion of past cases, with what the rules that are new in the draft would have done in them."""
    draft = find_draft(key)
    definition = read_draft(draft).definition if draft is not None else None
    if draft is None or not isinstance(definition, ServiceGoal | HouseRules):
        return no_such(request, "definition")
    before = progress_of(request.POST)
    candidate = Attempt(definition=definition, named=(key, draft.text))
    house = isinstance(definition, HouseRules)
    present = the_plans("", 0, house_version()) if house else draft_candidate(draft, with_drafts=False).plan
    after, cases = go_on(access, candidate, candidate.plan(present).sentences, before)
    context = {
        "definition": draft,
        "progress": after,
        "try_url": reverse("studio:try-draft", args=(key,)),
        "tried_fields": [],
        "fields": msgspec.structs.asdict(after),
        "bars": bars_of(after),
        "cases": cases,
        "first": before.done == 0,
        "listed": SHOWN,
    }
    return render(request, "studio/part/trial.html", context)


@require_POST
@needs("publish library")
def publish(request: HttpRequest, access: Access, key: str) -> HttpResponseBase:
    """Publish the draft as the next version."""
    draft = find_draft(key)
    if draft is None:
        return no_such(request, "definition")
    read = read_draft(draft)
    if request.POST.get("seen") != str(draft.seen):
        return _release(request, access, draft, {"stale": True}, 409)
    if not read.sound:
        return _release(request, access, draft, {}, 422)
    # What was lived for this page already is not lived once more.
    fatal, _told = _lived(draft)
    answer = publish_text(access, draft.text, thorough=False) if not fatal else None
    if answer is None or isinstance(answer, Refused):
        says = answer.message.splitlines() if answer is not None else []
        return _release(request, access, draft, {"refused": says, "fatal": fatal}, 422)
    return redirect(f"{reverse('studio:release', args=(key,))}?published=1")


@require_POST
@needs("publish library")
def take_back(request: HttpRequest, access: Access, key: str) -> HttpResponseBase:
    """Offer it no more."""
    draft = find_draft(key)
    if draft is None:
        return no_such(request, "definition")
    answer = withdraw(access, draft)
    if isinstance(answer, Refused):
        return _release(request, access, draft, {"refused": [answer.message]}, 422)
    return redirect(f"{reverse('studio:release', args=(key,))}?withdrawn=1")


def _release(
    request: HttpRequest, access: Access, draft: Draft, more: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    read = read_draft(draft)
    context = head_context(access, draft, "release") | {
        "faults": faults_json(read),
        "differences": differences(draft.published, draft.text) if draft.version else [],
        "first_version": not draft.version,
        "sizes": tuple(SIZES),
        "triable": read.sound and draft.changed and draft.version > 0 and draft.kind in ("service goal", "house rules"),
        "next_version": draft.version + 1,
        "news": request.GET.get("published") == "1" and not draft.changed,
        "gone": request.GET.get("withdrawn") == "1" and not draft.offered,
        "publishable": read.sound and (draft.changed or not draft.offered),
    }
    return render(request, "studio/release.html", context | (more or {}), status=status)
