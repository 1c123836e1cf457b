"""Customers over the API: found by identity, created, kept, erased."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router, Status

from caseloom.cases.queries import cases_of_customer
from caseloom.customers import customer as cu
from caseloom.customers.queries import by_identity, read_customer
from caseloom.sdk.access import Right
from caseloom.streams.door import the_door
from caseloom.web.api import schema as s
from caseloom.web.api.route import access_of, route, send, tagged

router = Router(tags=["customers"])


@route(router, "get", "", "read customers", response=s.CustomerOut)
def find_customer(request: HttpRequest, kind: cu.IdentityKind, value: str) -> s.CustomerOut:
    """The customer whom an identity (mail address, phone, customer number …) leads to."""
    s.sound(value, "value")
    found = by_identity(access_of(request), kind, value)
    if found is None:
        raise Http404
    return _customer(request, found)


_CreateBody = s.schema_of(cu.CreateCustomer, "customer")


@route(router, "post", "", "work cases", response={201: s.Done})
def create_customer(request: HttpRequest, body: _CreateBody) -> Status[s.Done]:  # type: ignore[valid-type]
    """Create a customer. An identity that leads to another customer already is refused as a duplicate."""
    number = next(the_door().ids)
    return Status(201, send(request, "customer", number, s.command_of(cu.CreateCustomer, body, customer=number)))


@route(router, "get", "/{int:customer}", "read customers", response={200: s.CustomerOut, 304: None})
def get_customer(request: HttpRequest, response: HttpResponse, customer: int) -> Any:
    """A customer's record."""
    out = _customer(request, customer)
    return Status(304, None) if tagged(request, response, out.version) else out


@route(router, "get", "/{int:customer}/cases", "read cases", response=list[int])
def get_cases(request: HttpRequest, customer: int) -> list[int]:
    """The numbers of the customer's latest fifty cases, newest first."""
    return [row.id for row in cases_of_customer(access_of(request), customer)]


def _customer(request: HttpRequest, customer: int) -> s.CustomerOut:
    found = read_customer(access_of(request), customer)
    if found is None:
        raise Http404
    state, version = found
    return s.CustomerOut(
        id=state.id,
        version=version,
        name=state.name,
        language=state.language,
        segment=state.segment,
        identities=list(state.identities),
        facts=state.facts,
        since=state.since,
        left_at=state.left_at,
        erased=state.erased,
    )


def _command_route(path: str, struct: type[cu.CustomerCommand], right: Right) -> None:
    body_type = s.schema_of(struct)

    def view(request: HttpRequest, customer: int, body: Any) -> s.Done:
        return send(request, "customer", customer, s.command_of(struct, body))

    view.__name__ = path.replace("-", "_")
    view.__doc__ = struct.__doc__
    view.__annotations__["body"] = body_type
    route(router, "post", f"/{{int:customer}}/{path}", right, response=s.Done)(view)


_command_route("rename", cu.RenameCustomer, "work cases")
_command_route("add-identity", cu.AddIdentity, "work cases")
_command_route("remove-identity", cu.RemoveIdentity, "work cases")
_command_route("set-facts", cu.SetCustomerFacts, "work cases")
_command_route("end-relation", cu.EndRelation, "work cases")
_command_route("erase", cu.EraseCustomer, "erase customers")
