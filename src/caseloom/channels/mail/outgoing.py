"""Mail out: a typed mail to the bytes that go on the wire (RFC 5322, RFC 2045).

The same mail always gives the same bytes, so that sending it again sends the same. Text from outside can
write no header: lines are mended to one line, addresses and Message-IDs are checked, and anything else is
refused.
"""

import email.policy
import hashlib
import html as escaping
import re
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal

from msgspec import Struct

from caseloom.channels.mail.addresses import Address
from caseloom.channels.mail.message import Attachment
from caseloom.channels.mail.threading import subject_tag, without_tags
from caseloom.foundation.text import mended, mended_line

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,900}>")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}")
_REFERENCES_KEPT = 50
_POLICY = email.policy.SMTP


class UnsendableMailError(ValueError):
    """A mail that cannot be built. `place` names the field, `reason` says what is wrong and what to do."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


class OutgoingMail(Struct, frozen=True):
    """A mail that is to go out.

    message_id, in_reply_to, references: with angle brackets; `references` is the whole thread, oldest first.
    case_id: its number stands in the subject, once; None leaves the subject as it is.
    marker: the signed reference (`threading.make_marker`) at the end of the body; "" for none.
    html: None sends plain text alone. automatic: what RFC 3834 §5 calls the mail; None for a person's.
    """

    message_id: str
    date: datetime
    sender: Address
    to: tuple[Address, ...]
    subject: str
    text: str
    html: str | None = None
    cc: tuple[Address, ...] = ()
    reply_to: Address | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    case_id: int | None = None
    marker: str = ""
    attachments: tuple[Attachment, ...] = ()
    automatic: Literal["auto-replied", "auto-generated"] | None = None
    list_unsubscribe: str | None = None

    @property
    def recipients(self) -> tuple[str, ...]:
        """The envelope's recipients: To and Cc, each once."""
        return tuple(dict.fromkeys(ascii_address(a.address, "recipient") for a in (*self.to, *self.cc)))


def build_mail(mail: OutgoingMail) -> bytes:
    """The mail's bytes, lines ended by CRLF.

    Raises UnsendableMailError if an address, an id, the date or the list of recipients is not sound.
    """
    headers = _headers(mail)
    body = _body(mail)
    _set_boundaries(body, hashlib.sha256(repr(mail).encode("utf-8", "replace")).hexdigest()[:32])
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return lines.encode("ascii") + body.as_bytes(policy=_POLICY)


def ascii_address(address: str, place: str) -> str:
    """An address as SMTP takes it, its domain in IDNA (RFC 5891). Raises UnsendableMailError."""
    local, at, domain = address.strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii") if not domain.isascii() else domain
    except UnicodeError:
        domain = ""
    if not at or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain) or len(local) > 64 or len(domain) > 253:
        raise UnsendableMailError(
            place, f"{mended_line(address)[:80]!r} is no mail address; correct it and send again."
        )
    return f"{local}@{domain}"


def _headers(mail: OutgoingMail) -> list[tuple[str, str]]:
    if not mail.to:
        raise UnsendableMailError("to", "The mail has no recipient; name one and send again.")
    if mail.date.tzinfo is None:
        raise UnsendableMailError("date", "The date has no time zone; pass an aware moment.")
    headers = [
        ("Date", format_datetime(mail.date)),
        ("From", _mailboxes((mail.sender,), "from")),
        ("To", _mailboxes(mail.to, "to")),
        *([("Cc", _mailboxes(mail.cc, "cc"))] if mail.cc else []),
        *([("Reply-To", _mailboxes((mail.reply_to,), "reply_to"))] if mail.reply_to else []),
        ("Subject", _subject(mail)),
        ("Message-ID", _id(mail.message_id, "message_id")),
    ]
    return headers + _thread_headers(mail) + _automatic_headers(mail) + [("MIME-Version", "1.0")]


def _thread_headers(mail: OutgoingMail) -> list[tuple[str, str]]:
    thread = [_id(i, "references") for i in mail.references]
    answered = _id(mail.in_reply_to, "in_reply_to") if mail.in_reply_to else None
    if answered:
        thread = [i for i in thread if i != answered] + [answered]
    thread = list(dict.fromkeys(thread))
    if len(thread) > _REFERENCES_KEPT:
        # The first names the thread, the last ones the place in it; RFC 5537 §3.4.4 cuts in the middle too.
        thread = [thread[0], *thread[1 - _REFERENCES_KEPT :]]
    headers = [("In-Reply-To", answered)] if answered else []
    return headers + ([("References", "\r\n ".join(thread))] if thread else [])


def _automatic_headers(mail: OutgoingMail) -> list[tuple[str, str]]:
    headers: list[tuple[str, str]] = []
    if mail.automatic:
        # Exchange does not read Auto-Submitted; its own header stops its holiday notes.
        headers += [("Auto-Submitted", mail.automatic), ("X-Auto-Response-Suppress", "All")]
    if mail.list_unsubscribe:
        address = mail.list_unsubscribe
        if not re.fullmatch(r"(?:https|mailto):[!-;=?-~]{1,800}", address):
            raise UnsendableMailError("list_unsubscribe", "The address must be https: or mailto: and hold no blanks.")
        headers.append(("List-Unsubscribe", f"<{address}>"))
    return headers


def _subject(mail: OutgoingMail) -> str:
    subject = mended_line(mail.subject)
    if mail.case_id is not None:
        subject = f"{without_tags(subject)} {subject_tag(mail.case_id)}".strip()
    return _unstructured(subject[:900])


def _unstructured(text: str) -> str:
    """Folded, and as encoded words where it is not plain ASCII (RFC 2047 §2)."""
    plain = text.isascii() and "=?" not in text
    header = Header(text, "us-ascii" if plain else "utf-8", maxlinelen=76, header_name="Subject")
    return header.encode(linesep="\r\n")


def _mailboxes(addresses: tuple[Address, ...], place: str) -> str:
    return ",\r\n ".join(_mailbox(address, place) for address in addresses)


def _mailbox(address: Address, place: str) -> str:
    bare = ascii_address(address.address, place)
    name = mended_line(address.name)[:200]
    if not name:
        return bare
    if _PLAIN_NAME.fullmatch(name) and "=?" not in name and len(name) < 60:
        return f"{name} <{bare}>"
    encoded = Header(name, "utf-8", maxlinelen=70).encode(linesep="\r\n")
    return f"{encoded} <{bare}>"


def _id(message_id: str, place: str) -> str:
    if not _MESSAGE_ID.fullmatch(message_id):
        raise UnsendableMailError(
            place, f"{mended_line(message_id)[:80]!r} is no Message-ID; pass it with angle brackets."
        )
    return message_id


def _body(mail: OutgoingMail) -> EmailMessage:
    body = EmailMessage(policy=_POLICY)
    body.set_content(_with_marker(mended(mail.text), mail.marker), charset="utf-8", cte="quoted-printable")
    if mail.html is not None:
        marked = mended(mail.html) + (
            f'<p style="color:#888;font-size:11px">Ref: {_escape(mail.marker)}</p>' if mail.marker else ""
        )
        body.add_alternative(marked, subtype="html", charset="utf-8", cte="quoted-printable")
    for attachment in mail.attachments:
        _attach(body, attachment)
    del body["MIME-Version"]
    return body


def _with_marker(text: str, marker: str) -> str:
    return f"{text.rstrip()}\n\nRef: {mended_line(marker)}\n" if marker else text


def _escape(marker: str) -> str:
    return escaping.escape(mended_line(marker))


def _attach(body: EmailMessage, attachment: Attachment) -> None:
    media_type = attachment.media_type.lower()
    # A message or a multipart must not stand in base64 (RFC 2046 §5.2.1); as bytes of no type it arrives
    # whole.
    if not _MEDIA_TYPE.fullmatch(media_type) or media_type.startswith(("multipart/", "message/")):
        media_type = "application/octet-stream"
    maintype, _, subtype = media_type.partition("/")
    content_id = attachment.content_id
    body.add_attachment(
        attachment.content,
        maintype=maintype,
        subtype=subtype,
        filename=mended_line(attachment.name) or "file",
        cid=_id(f"<{content_id}>", "content_id") if content_id else None,
    )


def _set_boundaries(body: EmailMessage, digest: str) -> None:
    multiparts = (part for part in body.walk() if part.is_multipart())
    for number, part in enumerate(multiparts):
        # "=_" can stand in neither quoted-printable nor base64 (RFC 2045 §6.7), so no body holds a boundary.
        part.set_boundary(f"=_{number}_{digest}")
