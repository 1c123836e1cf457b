"""The library over the API: what is offered, checked, published, exported."""

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router, Status

from caseloom.engine.case.refusal import Refused
from caseloom.library.models import VersionRow
from caseloom.library.plans import latest_versions, offered_goals
from caseloom.library.publishing import check, publish
from caseloom.library.used import KINDS
from caseloom.web.api import schema as s
from caseloom.web.api.problem import Problem
from caseloom.web.api.route import access_of, route

router = Router(tags=["library"])


@route(router, "get", "/service-goals", "read library", response=list[s.ServiceGoalOut])
def list_service_goals(request: HttpRequest) -> list[s.ServiceGoalOut]:
    """The service goals that a case may be opened from."""
    versions = latest_versions()
    return [
        s.ServiceGoalOut(
            key=goal.service_goal,
            version=versions[goal.service_goal][1],
            title=goal.title,
            customer_title=goal.customer_title,
            team=goal.team,
            owner=goal.owner,
            channels=list(goal.channels),
            self_service=goal.self_service,
        )
        for goal in offered_goals()
    ]


@route(router, "get", "/definitions/{key}/{int:version}", "read library")
def get_definition(request: HttpRequest, key: str, version: int) -> HttpResponse:
    """The text of a published version, as its author wrote it."""
    s.sound(key, "key")
    found = VersionRow.objects.filter(key=key, version=version).values_list("kind", "text").first()
    if found is None:
        raise Http404
    kind, text = found
    form = "xml" if kind in KINDS else "yaml"
    return HttpResponse(text, content_type=f"application/{form}; charset=utf-8")


@route(router, "post", "/definitions/check", "read library", response=s.CheckedOut)
def check_definition(request: HttpRequest, body: s.DefinitionIn) -> s.CheckedOut:
    """Everything that is wrong with a definition, each with its line and advice. Nothing is kept."""
    s.sound(body.text, "text")
    _, places = check(body.text)
    out = [s.PlaceOut(line=p.line, column=p.column, path=p.path, message=p.message) for p in places]
    return s.CheckedOut(sound=not places, places=out)


@route(router, "post", "/definitions", "publish library", response={201: s.Done})
def publish_definition(request: HttpRequest, body: s.DefinitionIn) -> Status[s.Done]:
    """Publish a definition as its next version. The same text twice is one version."""
    s.sound(body.text, "text")
    verdict = publish(access_of(request), body.text)
    if isinstance(verdict, Refused):
        raise Problem(verdict)
    return Status(201, s.Done(id=verdict.stream, version=verdict.version, repeated=verdict.repeated, events=[]))
