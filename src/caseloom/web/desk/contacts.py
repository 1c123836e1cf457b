"""The words of a case's contacts; a mail's HTML in a frame of its own; its files."""

import json
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from caseloom.channels.contact import CONTACTS
from caseloom.channels.contact_events import ContactPrepared, ContactReceived
from caseloom.channels.mail.threading import case_number
from caseloom.channels.models import ContactRow
from caseloom.channels.queries import contacts_of_case, read_attachment, read_contact
from caseloom.content.letter_sheet import DocumentsMissing, LetterSheet, file_name, letter_pdf
from caseloom.sdk.access import Access
from caseloom.streams.door import the_door
from caseloom.streams.replay import read_first
from caseloom.web.desk.story import Attachment, Said
from caseloom.web.handed import handed
from caseloom.web.rights import needs, no_such

FRAME_POLICY: Final = "; ".join((
    "default-src 'none'", "style-src 'unsafe-inline'", "img-src data:", "sandbox allow-popups", "base-uri 'none'",
    "form-action 'none'", "frame-ancestors 'self'",
))  # fmt: skip
"""Of the frame that shows a stranger's HTML: no script, no form, nothing from elsewhere; styles of its own only."""
_FRAME: Final = (
    '<!doctype html><html><head><meta charset="utf-8"><title>Mail</title><base target="_blank"></head>'
    "<body>%s</body></html>"
)
HARMLESS: Final = ("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "text/plain")


def said_in(access: Access, case: int) -> dict[int, Said]:
    """Contact → what was said, of a case that was read already; two queries whatever their number."""
    rows = contacts_of_case(access, case)
    firsts = read_first(the_door(), CONTACTS, [row.id for row in rows]) if rows else {}
    return {row.id: _said(row, firsts[row.id].event) for row in rows if row.id in firsts}


def _said(row: ContactRow, event: Any) -> Said:
    if not isinstance(event, ContactReceived | ContactPrepared):
        return Said(row.subject, row.snippet)
    words = event.private
    own = words.own_text or words.text
    return Said(
        subject=words.subject,
        text=own,
        quoted=words.text if words.own_text and words.own_text.strip() != words.text.strip() else "",
        who=words.name if row.direction == "in" else "",
        to=row.address,
        has_html=row.has_html,
        attachments=tuple(Attachment(file["blob"], file["name"], file["size"]) for file in _files(row)),
        bounced=row.bounced,
    )


def _files(row: ContactRow) -> list[dict[str, Any]]:
    try:
        found = json.loads(row.attachments or "[]")
    except ValueError:
        return []
    return [file for file in found if isinstance(file, dict) and "blob" in file]


@needs("read cases")
def html(request: HttpRequest, access: Access, contact: int) -> HttpResponse:
    """A mail's own HTML, cleaned at the door already, for the frame; images from elsewhere are held back."""
    page = read_contact(access, contact)
    if page is None or not page.words.html:
        return no_such(request, "contact")
    # Not a template: nothing of ours stands in it, and the words are a stranger's, cleaned and caged.
    answer = HttpResponse(_FRAME % page.words.html, content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = FRAME_POLICY
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@needs("read cases")
def attachment(request: HttpRequest, access: Access, contact: int, blob: int) -> HttpResponseBase:
    """A file of a contact, always as a download."""
    found = read_attachment(access, handed().blobs(), contact, blob)
    if found is None:
        return no_such(request, "file")
    file, chunks = found
    kind = file.media_type if file.media_type in HARMLESS else "application/octet-stream"
    answer = StreamingHttpResponse(chunks, content_type=kind)
    answer.headers["Content-Disposition"] = content_disposition_header(True, file.name or _("file")) or "attachment"
    answer.headers["Content-Length"] = str(file.size)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@needs("read cases")
def letter(request: HttpRequest, access: Access, contact: int) -> HttpResponse:
    """What was sent, as a letter on paper."""
    page = read_contact(access, contact)
    if page is None or page.contact.direction != "out" or page.contact.at is None:
        return no_such(request, "letter")
    day = timezone.localtime(page.contact.at)
    reference = case_number(page.contact.case) if page.contact.case else str(contact)
    sheet = LetterSheet(
        house=settings.CASELOOM_MAIL_NAME,
        to=page.words.name or ", ".join(page.words.recipients) or page.words.address,
        day=date_format(day, "j F Y"),
        reference=_("Number %s") % reference,
        subject=page.words.subject,
        text=page.words.text,
        language=get_language() or "en",
    )
    try:
        pdf = letter_pdf(sheet)
    except DocumentsMissing as missing:
        return render(request, "desk/missing_part.html", {"says": str(missing)}, status=501)
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer.headers["Content-Disposition"] = content_disposition_header(True, file_name(reference, day)) or "attachment"
    return answer
