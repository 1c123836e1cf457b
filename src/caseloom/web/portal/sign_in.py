"""Sign-in without an account: a code of six digits, mailed to an address that a customer has.

The page says the same whether the address is known or not. A code works once, for ten minutes, and for five tries.
Only its keyed digest is stored.
"""

import hmac
import secrets
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from caseloom.customers.queries import by_identity
from caseloom.foundation.clock import now
from caseloom.foundation.text import find_fault
from caseloom.sdk.access import program
from caseloom.web.handed import handed
from caseloom.web.models import MailedCode
from caseloom.web.portal.entrance import SESSION

VALID: Final = timedelta(minutes=10)
TRIES: Final = 5
AN_HOUR: Final = 5
"""Codes that one customer is sent in an hour."""
SESSION_CODE: Final = "portal_code"
PORTAL: Final = program("portal")


def enter(request: HttpRequest) -> HttpResponseBase:
    """Ask for an address, and mail the code."""
    if request.method != "POST":
        return render(request, "portal/enter.html", {})
    address = request.POST.get("address", "").strip()
    if "@" not in address or len(address) > 254 or find_fault(address, one_line=True):
        says = _("This is no mail address. Write it like name@example.org.")
        return render(request, "portal/enter.html", {"fault": says, "address": address}, status=422)
    request.session[SESSION_CODE] = _mail_code(address)
    return redirect("portal:code")


def _mail_code(address: str) -> int:
    """The number of the code; of one that never comes for an address that nobody has."""
    customer = by_identity(PORTAL, "mail", address)
    if customer is None or _recent(customer) >= AN_HOUR:
        return 0
    code = f"{secrets.randbelow(10**6):06d}"
    made = MailedCode.objects.create(customer=customer, made_at=now(), digest="")
    made.digest = digest(made.pk, code)
    made.save(update_fields=["digest"])
    handed().mail(address, _("Your code: %s") % code, _text(code))
    return made.pk


def _recent(customer: int) -> int:
    return MailedCode.objects.filter(customer=customer, made_at__gt=now() - timedelta(hours=1)).count()


def _text(code: str) -> str:
    return (
        _(
            "Your code is %s. It works for ten minutes.\n\n"
            "If you did not ask for it, you need not do anything: nobody can sign in without it."
        )
        % code
    )


def digest(number: int, code: str) -> str:
    """What is stored of a code."""
    return hmac.digest(settings.SECRET_KEY.encode(), f"mailed code {number} {code}".encode(), "sha256").hex()


def code(request: HttpRequest) -> HttpResponseBase:
    """Take the code, and let the customer in."""
    if request.method != "POST":
        return render(request, "portal/code.html", {})
    customer = _redeem(request.session.get(SESSION_CODE, 0), request.POST.get("code", "").replace(" ", ""))
    if customer is None:
        says = _("This code does not fit, or its ten minutes are over. Try once more, or ask for a new one.")
        return render(request, "portal/code.html", {"fault": says}, status=422)
    request.session.cycle_key()
    request.session.pop(SESSION_CODE, None)
    request.session[SESSION] = customer
    return redirect("portal:matters")


def _redeem(number: int, given: str) -> int | None:
    # Counted before it is compared, in one statement: many guesses at once are many tries too.
    alive = MailedCode.objects.filter(pk=number, used=False, tries__lt=TRIES, made_at__gt=now() - VALID)
    if not alive.update(tries=F("tries") + 1):
        return None
    found = MailedCode.objects.get(pk=number)
    if not hmac.compare_digest(found.digest, digest(found.pk, given)):
        return None
    return found.customer if MailedCode.objects.filter(pk=number, used=False).update(used=True) else None


def leave(request: HttpRequest) -> HttpResponseBase:
    """Sign out."""
    if request.method == "POST":
        request.session.pop(SESSION, None)
    return redirect("portal:enter")
