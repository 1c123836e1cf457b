"""The smaller pages of the desk: search, notices, quarantine, and what is not there."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from caseloom.cases.queries import find_cases, notices
from caseloom.channels.mail.threading import spoken_number
from caseloom.channels.queries import quarantined, retry_quarantined
from caseloom.customers.queries import names
from caseloom.engine.case.refusal import Refused
from caseloom.foundation.clock import now
from caseloom.sdk.access import Access
from caseloom.streams.search import find
from caseloom.web.desk.matter import case_lines
from caseloom.web.desk.work import frame
from caseloom.web.handed import handed
from caseloom.web.rights import needs, no_such


@needs("read cases")
def search(request: HttpRequest, access: Access) -> HttpResponse:
    """Customers and cases by name, address, number or words."""
    asked = request.GET.get("q", "")[:200].replace("\0", "")
    hits = find(spoken_number(asked), 30, access.hidden)
    cases = find_cases(access, [stream for stream, kind, _customer in hits if kind == "case"])
    wanted = {stream for stream, kind, _customer in hits if kind == "customer"}
    known = names(access, wanted | {row.customer for row in cases})
    context = {
        "asked": asked,
        "customers": [
            (number, known[number] or str(number)) for number in sorted(wanted, reverse=True) if number in known
        ],
        "cases": [
            (line, known.get(row.customer, "")) for line, row in zip(case_lines(cases, now()), cases, strict=True)
        ],
    }
    return render(request, "desk/search.html", frame(request, access) | context)


@needs("read cases")
def told(request: HttpRequest, access: Access) -> HttpResponse:
    """What my roles and teams were told."""
    heard = notices(access)
    rows = {row.id: row for row in find_cases(access, [notice.case_id for notice in heard])}
    known = names(access, {row.customer for row in rows.values()})
    lines = [(notice, known.get(rows[notice.case_id].customer, "")) for notice in heard if notice.case_id in rows]
    return render(request, "desk/notices.html", frame(request, access) | {"notices": lines})


@needs("manage quarantine")
def quarantine(request: HttpRequest, access: Access) -> HttpResponse:
    """Mails that could not be read, with the reason."""
    return _quarantine(request, access, None)


@require_POST
@needs("manage quarantine")
def try_again(request: HttpRequest, access: Access, mail: int) -> HttpResponseBase:
    """Let a quarantined mail be sorted once more."""
    refused = retry_quarantined(access, handed().inbox(), mail)
    return redirect("desk:quarantine") if refused is None else _quarantine(request, access, refused)


def _quarantine(request: HttpRequest, access: Access, refused: Refused | None) -> HttpResponse:
    context = {"mails": quarantined(access), "refused": refused}
    return render(request, "desk/quarantine.html", frame(request, access) | context, status=422 if refused else 200)


def nothing_here(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django's 404 in the words of the house."""
    return no_such(request)
