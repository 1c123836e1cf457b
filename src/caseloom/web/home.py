"""The address of the house itself: everybody is led to the room that is theirs."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render

from caseloom.staff.access import of_user
from caseloom.staff.models import User


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was not sent from our page, or from one that is too old."""
    return render(request, "form_too_old.html", status=403)


def home(request: HttpRequest) -> HttpResponseRedirect:
    """To the desk, the board or the administration by right; to the portal whoever is not signed in as staff."""
    if not isinstance(request.user, User):
        return redirect("portal:matters")
    access = of_user(request.user)
    if access.may("work cases"):
        return redirect("desk:desk")
    if access.may("read figures"):
        return redirect("board:board")
    return redirect("admin:index" if access.may("manage staff") else "desk:desk")
