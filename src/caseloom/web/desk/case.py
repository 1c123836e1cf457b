"""The case page, and its parts as htmx asks for them."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST

from caseloom.cases.queries import read_case, story_of
from caseloom.customers.queries import read_customer
from caseloom.engine.case.refusal import Refused
from caseloom.foundation.clock import now
from caseloom.library.plans import offered_goals
from caseloom.sdk.access import Access
from caseloom.web.desk import contacts
from caseloom.web.desk.goals import scope_of
from caseloom.web.desk.letters import composer, paragraphs, unfilled
from caseloom.web.desk.matter import STORY, Asked, matter
from caseloom.web.desk.story import story
from caseloom.web.desk.work import frame
from caseloom.web.forms import FormFaulty, check_text
from caseloom.web.rights import needs, no_such


@needs("read cases")
def case(request: HttpRequest, access: Access, case: int) -> HttpResponseBase:
    """A case with its customer; to htmx the two panes, to a browser the whole desk. `seen=VERSION` answers 204 while
    nothing has changed since.
    """
    item = request.GET.get("item", "")
    asked = Asked(request.GET.get("letter", "")[:80], int(item) if item.isdigit() and len(item) < 10 else None)
    return case_answer(request, access, case, asked)


def case_answer(request: HttpRequest, access: Access, case: int, asked: Asked, status: int = 200) -> HttpResponse:
    """The page of a case, or its panes."""
    view = read_case(access, case)
    if view is None:
        return no_such(request, "case")
    if request.GET.get("seen") == str(view.version):
        return HttpResponse(status=204)
    context = _context(access, asked, matter(access, view, asked))
    if request.headers.get("HX-Request"):
        return render(request, "desk/part/matter.html", context, status=status)
    return render(request, "desk/desk.html", frame(request, access) | context, status=status)


def _context(access: Access, asked: Asked, shown: Any) -> dict[str, Any]:
    context = {
        "m": shown,
        "may": access.rights,
        "steers": access.may("steer cases"),
        "works": access.may("work cases"),
        "rates_knowledge": access.may("work cases") and shown.open,
        "refused": asked.refused,
        "typed": asked.typed,
        "drafts": access.may("write library"),
        "goals_offered": offered_goals() if not shown.classified or asked.typed else (),
    }
    return context | asked.told


@needs("read cases")
def earlier(request: HttpRequest, access: Access, case: int) -> HttpResponse:
    """The part of the story before a version."""
    view = read_case(access, case)
    before = request.GET.get("before", "")
    if view is None or not before.isdigit() or len(before) > 9:
        return no_such(request, "case")
    history = story_of(view, int(before), STORY)
    found = read_customer(access, view.state.customer)
    told = story(view, history, found[0].name if found else "", contacts.said_in(access, case))
    first = history[0].version if history and history[0].version > 1 else 0
    return render(request, "desk/part/story.html", {"entries": told, "earlier": first, "case": case})


@needs("work cases")
def letter(request: HttpRequest, access: Access, case: int) -> HttpResponse:
    """The composer with a letter in it."""
    view = read_case(access, case)
    if view is None:
        return no_such(request, "case")
    found = read_customer(access, view.state.customer)
    item = request.GET.get("item", "")
    filled = composer(
        view,
        found[0] if found else None,
        scope_of(view, access.actor, now()),
        request.GET.get("letter", "")[:80],
        int(item) if item.isdigit() and len(item) < 10 else None,
    )
    return render(request, "desk/part/words.html", {"composer": filled, "case": case})


@require_POST
@needs("work cases")
def preview(request: HttpRequest, access: Access, case: int) -> HttpResponse:
    """The message as the customer will read it."""
    if read_case(access, case) is None:
        return no_such(request, "case")
    subject, text = request.POST.get("subject", ""), request.POST.get("text", "")
    try:
        check_text("text", [subject, text])
    except FormFaulty as fault:
        return render(request, "desk/part/refused.html", {"refused": Refused("invalid", fault.says)}, status=422)
    context = {
        "to": request.POST.get("to", ""),
        "subject": subject,
        "paragraphs": paragraphs(text),
        "open": unfilled((subject, text)),
    }
    return render(request, "desk/part/preview.html", context)
