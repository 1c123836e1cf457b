"""The stream of live updates (WHATWG HTML, server-sent events), and who has which case open."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import require_POST

from caseloom.cases.queries import read_case
from caseloom.foundation.clock import now
from caseloom.sdk.access import Access
from caseloom.staff.access import reaches_case
from caseloom.streams.notify import PRESENCE, the_notifier
from caseloom.web.live.listen import CaseChanged, Client, LookAgain, Notice, Present, the_listener
from caseloom.web.rights import needs, no_such

HEARTBEAT: Final = 12.0
LONGEST: Final = timedelta(minutes=10)
"""A stream ends then and the desk comes again: with the rights that its person has by that time."""
COME_AGAIN: Final = 20
BUDGET: Final[int] = getattr(settings, "CASELOOM_STREAMS", 64)
"""Each stream holds a thread of the server; pages keep the others."""
_budget: Final = threading.BoundedSemaphore(BUDGET)


@needs("read cases")
def live(request: HttpRequest, access: Access) -> HttpResponse | StreamingHttpResponse:
    """The stream of one desk: `event: case`, `event: present`, `event: look`."""
    if not _budget.acquire(blocking=False):
        full = HttpResponse(
            "Too many desks listen on this node; yours asks again.", status=503, content_type="text/plain"
        )
        full.headers["Retry-After"] = str(COME_AGAIN)
        return full
    answer = StreamingHttpResponse(Stream(access), content_type="text/event-stream")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


class Stream:
    """The lines of one stream. `close` gives its place back; the server calls it however the stream ends."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._client = the_listener.join()
        self._open = True

    def __iter__(self) -> Iterator[str]:
        # The request's connection goes back to the pool: a stream holds none.
        connection.close()
        return stream_lines(self._access, self._client)

    def close(self) -> None:
        if self._open:
            self._open = False
            the_listener.leave(self._client)
            _budget.release()


def stream_lines(access: Access, client: Client) -> Iterator[str]:
    """The events that this actor may hear of, and a heartbeat where there are none."""
    until = now() + LONGEST
    yield "retry: 3000\nevent: ready\ndata: \n\n"
    while now() < until:
        notice = client.get(HEARTBEAT)
        line = ": beat\n\n" if notice is None else said(access, notice)
        if line:
            yield line


def said(access: Access, notice: Notice) -> str:
    """A notice as its line, empty where this actor may not hear of it."""
    match notice:
        case CaseChanged(case=case, team=team, customer=customer):
            return f"event: case\ndata: {case}\n\n" if reaches_case(access, case, customer, team) else ""
        case Present():
            return _present_line(access, notice)
        case LookAgain():
            return "event: look\ndata: \n\n"


def _present_line(access: Access, here: Present) -> str:
    if here.actor == access.actor.id or not reaches_case(access, here.case, 0, here.team):
        return ""
    message = {"case": here.case, "actor": here.actor, "name": here.name, "typing": here.typing, "gone": here.gone}
    return f"event: present\ndata: {json.dumps(message)}\n\n"


@require_POST
@needs("work cases")
def here(request: HttpRequest, access: Access, case: int) -> HttpResponse:
    """I have this case open (`typing=1` while writing, `gone=1` when leaving)."""
    view = read_case(access, case)
    if view is None:
        return no_such(request, "case")
    typing, gone = (request.POST.get(name) == "1" for name in ("typing", "gone"))
    message = Present(case, view.state.team, access.actor.id, access.actor.name, typing, gone)
    the_notifier.tell(PRESENCE, {name: getattr(message, name) for name in message.__struct_fields__})
    return HttpResponse(status=204)
