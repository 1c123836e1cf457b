"""Reading one mail: bytes in, a typed value out, or one sentence why not. Nothing raises.

Limits come before parsing (`mime.MailLimits`); what can be repaired is repaired and noted in `faults`.
"""

import email.utils
import html as escaping
import re
from datetime import UTC, datetime

from msgspec import Struct

from caseloom.channels.mail import markup
from caseloom.channels.mail.addresses import Address, read_addresses
from caseloom.channels.mail.automatic import Automatic, DeliveryStatus, classify, delivery_reports
from caseloom.channels.mail.charset import Faults, header_text, note, words
from caseloom.channels.mail.mime import Headers, MailLimits, Part, Unreadable, split
from caseloom.channels.mail.quoted import reply_of
from caseloom.foundation.text import mended_line

__all__ = ["Address", "Attachment", "DeliveryStatus", "InboundMail", "MailLimits", "Unreadable", "read_mail"]

_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
_BARE_ID = re.compile(r"[^<>\s]{1,400}@[^<>\s]{1,400}")
_SUBJECT_LIMIT = 998
_REFERENCES_LIMIT = 100
_ADDRESS_HEADERS = ("from", "sender", "reply-to", "to", "cc", "delivered-to", "x-original-to", "envelope-to")


class Attachment(Struct, frozen=True):
    """A file in a mail. name: without any folder, "" if it has none. content_id: without angle brackets (RFC
    2392).
    """

    name: str
    media_type: str
    content: bytes
    content_id: str | None


class InboundMail(Struct, frozen=True):
    """A mail that was read; names are those of RFC 5322.

    message_id, in_reply_to, references: with angle brackets. date: aware, in UTC; None if missing or
    senseless. delivered_to: envelope recipients, from the transport or else from the headers that MTAs
    write. text: the whole plain text. reply_text: without quoted history. html: harmless, images held back;
    None without HTML. remote_images_held: how many calls to other hosts were taken out. automatic: why no
    person wrote it. delivery_reports: what a bounce says, one a recipient. faults: what had to be repaired,
    in sentences.
    """

    message_id: str | None
    in_reply_to: str | None
    references: tuple[str, ...]
    subject: str
    date: datetime | None
    sender: Address | None
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    delivered_to: tuple[str, ...]
    envelope_from: str | None
    text: str
    reply_text: str
    html: str | None
    remote_images_held: int
    attachments: tuple[Attachment, ...]
    automatic: Automatic | None
    delivery_reports: tuple[DeliveryStatus, ...]
    faults: tuple[str, ...]

    @property
    def answer_to(self) -> Address | None:
        """Where an answer goes: Reply-To, else From (RFC 5322 §3.6.2)."""
        return self.reply_to[0] if self.reply_to else self.sender


class _Body(Struct):
    plain: str = ""
    html: str | None = None
    images_held: int = 0


class _Reading(Struct):
    """What one mail's parts share: limits, findings, and the characters of text that may still be read."""

    limits: MailLimits
    faults: Faults
    attachments: list[Attachment]
    left: int


def read_mail(
    raw: bytes,
    limits: MailLimits = MailLimits(),  # noqa: B008 (frozen)
    *,
    envelope_from: str | None = None,
    envelope_to: tuple[str, ...] = (),
) -> InboundMail | Unreadable:
    """Read a mail as it came by SMTP or IMAP.

    envelope_from: the reverse path, "" for the null sender, None if unknown. envelope_to: recipients, if
    known.
    """
    faults: Faults = []
    root = split(raw, limits, faults)
    if isinstance(root, Unreadable):
        return root
    people = _people(root.headers, limits, faults)
    if isinstance(people, Unreadable):
        return people
    reading = _Reading(limits, faults, [], limits.text)
    body = _body(root, reading)
    return _mail(root, people, body, reading, envelope_from, envelope_to)


def _mail(
    root: Part,
    people: dict[str, tuple[Address, ...]],
    body: _Body,
    reading: _Reading,
    envelope_from: str | None,
    envelope_to: tuple[str, ...],
) -> InboundMail:
    faults = reading.faults
    headers = root.headers
    sender = next(iter(people["from"] or people["sender"]), None)
    references = _ids(headers.first("references"))
    return InboundMail(
        message_id=_id(headers.first("message-id")),
        in_reply_to=next(iter(_ids(headers.first("in-reply-to"))), None),
        references=tuple(references[-_REFERENCES_LIMIT:]),
        subject=words(headers.first("subject")[: 8 * _SUBJECT_LIMIT], faults)[:_SUBJECT_LIMIT],
        date=_date(headers.first("date"), faults),
        sender=sender,
        reply_to=people["reply-to"],
        to=people["to"],
        cc=people["cc"],
        delivered_to=tuple(map(mended_line, envelope_to)) or _delivered_to(people),
        envelope_from=envelope_from,
        text=body.plain,
        reply_text=reply_of(body.plain),
        html=body.html,
        remote_images_held=body.images_held,
        attachments=tuple(reading.attachments),
        automatic=classify(root, sender, envelope_from),
        delivery_reports=delivery_reports(root, faults),
        faults=tuple(faults),
    )


def _people(headers: Headers, limits: MailLimits, faults: Faults) -> dict[str, tuple[Address, ...]] | Unreadable:
    people: dict[str, tuple[Address, ...]] = {}
    for name in _ADDRESS_HEADERS:
        values = headers.fields.get(name, ())
        listed = ", ".join(map(header_text, values))
        people[name] = read_addresses(listed, faults, limits.addresses) if listed else ()
        if len(people[name]) > limits.addresses:
            return Unreadable(
                f"A header has over {limits.addresses} addresses; raise the limit `addresses` and try again.",
                name.title(),
            )
    if not people["from"] and not people["sender"]:
        note(faults, "The mail names no sender.")
    return people


def _delivered_to(people: dict[str, tuple[Address, ...]]) -> tuple[str, ...]:
    written = [a.address for name in ("delivered-to", "x-original-to", "envelope-to") for a in people[name]]
    return tuple(dict.fromkeys(written))


def _id(value: str) -> str | None:
    if found := _MESSAGE_ID.search(value):
        return mended_line(found[0])
    bare = _BARE_ID.search(value)
    return mended_line(f"<{bare[0]}>") if bare else None


def _ids(value: str) -> list[str]:
    return list(dict.fromkeys(map(mended_line, _MESSAGE_ID.findall(value))))


def _date(value: str, faults: Faults) -> datetime | None:
    if not value:
        return None
    try:
        date = email.utils.parsedate_to_datetime(value[:100])
        # "-0000" means: no zone is told (RFC 5322 §3.3). UTC is then the best reading.
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        note(faults, "The date cannot be read; the time of arrival counts.")
        return None


def _body(root: Part, reading: _Reading) -> _Body:
    """The text of the mail: of an alternative either form, of other parts all of them, in order."""
    bodies = _bodies(root, reading)
    if any(body.html is not None for body in bodies):
        shown = "\n".join(body.html if body.html is not None else _as_html(body.plain) for body in bodies)
    else:
        shown = None
    plain = "\n\n".join(filter(None, (body.plain for body in bodies)))
    return _Body(plain[: reading.limits.text], shown, sum(body.images_held for body in bodies))


def _bodies(part: Part, reading: _Reading) -> list[_Body]:
    # The recursion is bounded by limits.nesting, which was checked while splitting.
    if not part.children:
        return _leaf(part, reading)
    if part.media_type == "multipart/alternative":
        return _alternative(part, reading)
    return [body for child in part.children for body in _bodies(child, reading)]


def _alternative(part: Part, reading: _Reading) -> list[_Body]:
    merged = _Body()
    derived = ""
    for body in (body for child in part.children for body in _bodies(child, reading)):
        if body.html is None:
            merged.plain = _joined(merged.plain, body.plain)
        else:
            merged.html = _joined(merged.html or "", body.html)
            merged.images_held += body.images_held
            derived = _joined(derived, body.plain)
    merged.plain = merged.plain if merged.plain.strip() else derived
    return [merged] if merged.plain or merged.html is not None else []


def _joined(first: str, second: str) -> str:
    return f"{first}\n{second}" if first else second


def _leaf(part: Part, reading: _Reading) -> list[_Body]:
    if not _is_text(part):
        reading.attachments.append(_attachment(part, reading.faults))
        return []
    if reading.left <= 0:
        note(reading.faults, "The mail has more text than is shown; the rest was kept as attachments.")
        reading.attachments.append(_attachment(part, reading.faults))
        return []
    text = part.text(reading.faults, min(reading.left, reading.limits.text))
    reading.left -= len(text)
    if part.media_type == "text/html":
        return [_html_body(text, reading.faults)] if text.strip() else []
    return [_Body(text.strip("\n").rstrip())]


def _is_text(part: Part) -> bool:
    if part.media_type.startswith("multipart/"):
        return True  # A multipart that could not be taken apart is shown as it is.
    is_file = part.disposition.value == "attachment" or part.filename
    return not is_file and part.media_type in ("text/plain", "text/html")


def _html_body(source: str, faults: Faults) -> _Body:
    cleaned = markup.clean(source, faults)
    if cleaned is None:
        return _Body(markup.crude_text(source).strip())
    return _Body(markup.text_of(cleaned.html), cleaned.html, cleaned.images_held)


def _as_html(plain: str) -> str:
    return f'<div style="white-space:pre-wrap">{escaping.escape(plain)}</div>'


def _attachment(part: Part, faults: Faults) -> Attachment:
    content_id = part.headers.first("content-id").strip().strip("<>")
    return Attachment(
        name=_file_name(part.filename),
        media_type=part.media_type,
        content=part.content(faults),
        content_id=mended_line(content_id)[:400] or None,
    )


def _file_name(name: str) -> str:
    """The last piece of a path, so that a name such as `../../etc/passwd` names no place."""
    last = re.split(r"[/\\]", mended_line(name))[-1].strip(". ")
    return last[-200:]
