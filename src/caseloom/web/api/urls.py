"""The API, put together: routers, authentication, errors, document."""

from django.http import HttpRequest
from django.urls import path
from ninja import NinjaAPI, Router

from caseloom.channels.mail.threading import spoken_number
from caseloom.streams import search
from caseloom.web.api import (
    advice,
    cases,
    contacts,
    customers,
    decisions,
    figures,
    issues,
    knowledge,
    library,
    problem,
    work,
)
from caseloom.web.api import schema as s
from caseloom.web.api.route import access_of, route
from caseloom.web.api.tokens import Session, Token

DESCRIPTION = """
Everything that the screens do. Commands go through the same door and the same rules as a person's click; a refusal is a
problem (RFC 9457) that names the rule, the facts and the ways on. Send `Idempotency-Key` to make a repeated call
harmless, `If-Match` with the `ETag` that you read to be refused when something has changed since.
"""

api = NinjaAPI(
    title="Caseloom", version="1", description=DESCRIPTION.strip(), auth=[Token(), Session()], urls_namespace="api-1"
)
problem.install(api)
router = Router(tags=["general"])


@route(router, "get", "/me", None, response=s.MeOut)
def me(request: HttpRequest) -> s.MeOut:
    """Who is calling, and what they may."""
    access = access_of(request)
    actor = access.actor
    return s.MeOut(
        actor=actor.id,
        name=actor.name,
        roles=sorted(actor.roles),
        teams=sorted(actor.teams),
        skills=sorted(actor.skills),
        rights=sorted(access.rights),
    )


@route(router, "get", "/search", "read cases", response=list[s.FoundOut])
def find(request: HttpRequest, q: str) -> list[s.FoundOut]:
    """Customers, cases and contacts in which all the words stand, newest first, at most thirty."""
    s.sound(q, "q")
    hits = search.find(spoken_number(q), hidden=access_of(request).hidden)
    return [s.FoundOut(id=stream, kind=kind, customer=customer) for stream, kind, customer in hits]


api.add_router("", router)
api.add_router("/cases", cases.router)
api.add_router("/cases", issues.router)
api.add_router("/customers", customers.router)
api.add_router("", library.router)
api.add_router("/decisions", decisions.router)
api.add_router("", work.router)
api.add_router("", contacts.router)
api.add_router("", advice.router)
api.add_router("", knowledge.router)
api.add_router("", figures.router)

urlpatterns = [path("api/v1/", api.urls)]
