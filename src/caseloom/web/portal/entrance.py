"""Who stands at the portal: a customer by the signed link of one matter, or one who signed in with a mailed code."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, cast

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from caseloom.channels.links import LinkFault, read_link_token
from caseloom.customers.models import CustomerRow
from caseloom.sdk.access import Access
from caseloom.staff.access import of_customer
from caseloom.web.rights import ATTRIBUTE

SESSION: Final = "portal_customer"


class Visitor:
    """A customer on the portal: their access, and how the addresses of their pages begin."""

    def __init__(self, access: Access, token: str = "") -> None:
        self.access, self.token = access, token

    @property
    def customer(self) -> int:
        return self.access.customer or 0

    def address(self, case: int, rest: str = "") -> str:
        """The address of a page of a matter."""
        if self.token:
            return reverse("portal:link", args=[self.token]) + rest
        return reverse("portal:matter", args=[case]) + rest


def visitor_of(request: HttpRequest, token: str) -> Visitor:
    """Who follows this link, or who is signed in.

    Raises:
        LinkFault: the link opens nothing.
        LookupError: nobody is signed in.
    """
    if token:
        link = read_link_token(token)
        name = _name(link.customer)
        if name is None:
            raise LinkFault("What this link led to has been deleted, as was asked for.")
        return Visitor(of_customer(link.customer, name, link.case), token)
    customer = request.session.get(SESSION)
    if not isinstance(customer, int) or (name := _name(customer)) is None:
        raise LookupError
    return Visitor(of_customer(customer, name))


def _name(customer: int) -> str | None:
    """The customer's name; None of one who is not, or is erased."""
    return CustomerRow.objects.filter(pk=customer, erased=False).values_list("name", flat=True).first()


def for_visitor(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A page of the portal. Its view gets the visitor; without one, it is the way in."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, token: str = "", **kwargs: Any) -> HttpResponseBase:
        try:
            visitor = visitor_of(request, token)
        except LinkFault as fault:
            return render(request, "portal/closed.html", {"says": str(fault)}, status=410)
        except LookupError:
            return redirect("portal:enter")
        if token:
            kwargs.setdefault("case", visitor.access.case)
        response = view(request, visitor, *args, **kwargs)
        # A link is a key: it is not to stand in the address that the next site sees, nor in a shared cache. With
        # `no-referrer` browsers would send `Origin: null` with our own forms (Fetch §3.2), which no CSRF check takes.
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cache-Control"] = "private, no-store"
        return response

    setattr(guarded, ATTRIBUTE, "own case")
    return cast("Callable[..., HttpResponseBase]", guarded)
