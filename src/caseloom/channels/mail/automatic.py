"""Which mails no person wrote (RFC 3834), what a delivery report says (RFC 3464), and when an automatic
answer may go out.
"""

import re
from typing import Literal, Protocol

from msgspec import Struct

from caseloom.channels.mail.addresses import Address
from caseloom.channels.mail.charset import Faults, words
from caseloom.channels.mail.mime import Headers, Part

Automatic = Literal["auto-replied", "auto-generated", "bounce", "list", "bulk"]

DAILY_ANSWERS = 3
"""How many automatic answers one sender gets in a day, unless the caller says otherwise."""

_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
_AUTO_REPLY_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply-from",
    "x-mail-autoreply",
)
_LIST_HEADERS = ("list-id", "list-post", "list-help")
_DAEMONS = frozenset({"mailer-daemon", "postmaster", "mail-daemon", "mailerdaemon"})
_REPORT_LIMIT = 256_000
_BLOCK_LIMIT = 100


class DeliveryStatus(Struct, frozen=True):
    """What a delivery report says of one recipient (RFC 3464 §2.3).

    original_message_id: Message-ID of the mail that was sent, if the report holds it.
    action: failed, delayed, delivered, relayed or expanded. status: the code of RFC 3463, such as `5.1.1`.
    """

    original_message_id: str | None
    recipient: str
    action: str
    status: str
    diagnostic: str


def classify(root: Part, sender: Address | None, envelope_from: str | None) -> Automatic | None:
    """Why no person wrote this mail, or None for a person's mail."""
    headers = root.headers
    if _is_bounce(root, sender, envelope_from):
        return "bounce"
    submitted = headers.first("auto-submitted").partition(";")[0].strip().lower()
    if submitted.startswith("auto-replied"):
        return "auto-replied"
    if _is_mailing(headers):
        return "list" if _is_list(headers) else "bulk"
    return _by_marks(root, submitted, envelope_from)


def _by_marks(root: Part, submitted: str, envelope_from: str | None) -> Automatic | None:
    headers = root.headers
    precedence = headers.first("precedence").strip().lower()
    if any(map(headers.has, _AUTO_REPLY_HEADERS)) or precedence in ("auto_reply", "auto-reply"):
        return "auto-replied"
    if root.media_type == "multipart/report":
        return "auto-replied"  # A read receipt (RFC 8098) or an abuse report: an answer of a program.
    if submitted not in ("", "no") or headers.has("x-auto-response-suppress"):
        return "auto-generated"
    if _null_sender(headers, envelope_from):
        return "auto-replied" if headers.has("in-reply-to") else "auto-generated"
    return None


def _is_bounce(root: Part, sender: Address | None, envelope_from: str | None) -> bool:
    if root.media_type == "multipart/report":
        kind = root.content_type.given.get("report-type", "").lower()
        return kind == "delivery-status" or any(p.media_type == "message/delivery-status" for p in root.children)
    daemon = sender is not None and sender.key.partition("@")[0] in _DAEMONS
    return daemon and (_null_sender(root.headers, envelope_from) or root.headers.has("x-failed-recipients"))


def _null_sender(headers: Headers, envelope_from: str | None) -> bool:
    return envelope_from == "" or headers.first("return-path").strip() == "<>"


def _is_list(headers: Headers) -> bool:
    return headers.first("precedence").strip().lower() == "list" or any(map(headers.has, _LIST_HEADERS))


def _is_mailing(headers: Headers) -> bool:
    precedence = headers.first("precedence").strip().lower()
    return precedence in ("bulk", "junk", "list") or any(map(headers.has, (*_LIST_HEADERS, "list-unsubscribe")))


def delivery_reports(root: Part, faults: Faults) -> tuple[DeliveryStatus, ...]:
    """One status a recipient; empty if the mail is no delivery report."""
    if root.media_type != "multipart/report":
        return ()
    original = _original_id(root, faults)
    blocks = [
        _block(text)
        for part in root.children
        if part.media_type == "message/delivery-status"
        for text in re.split(r"\n[ \t]*\n", part.text(faults, _REPORT_LIMIT))[:_BLOCK_LIMIT]
    ]
    return tuple(_status(block, original, faults) for block in blocks if "action" in block or "status" in block)


def _original_id(root: Part, faults: Faults) -> str | None:
    for part in root.children:
        if part.media_type in (
            "message/rfc822",
            "text/rfc822-headers",
            "message/global",
            "message/global-headers",
        ):
            head = re.split(r"\n[ \t]*\n", part.text(faults, _REPORT_LIMIT).lstrip("\n"), maxsplit=1)[0]
            found = _MESSAGE_ID.search(_block(head).get("message-id", ""))
            return found[0] if found else None
    return None


def _block(text: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in re.sub(r"\n[ \t]+", " ", text).split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip().lower(), value.strip())
    return fields


def _status(block: dict[str, str], original: str | None, faults: Faults) -> DeliveryStatus:
    recipient = block.get("original-recipient") or block.get("final-recipient", "")
    return DeliveryStatus(
        original_message_id=original,
        recipient=words(recipient.rpartition(";")[2], faults),
        action=words(block.get("action", ""), faults).lower(),
        status=words(block.get("status", ""), faults),
        diagnostic=words(
            block.get("diagnostic-code", "").partition(";")[2] or block.get("diagnostic-code", ""), faults
        ),
    )


class Answerable(Protocol):
    """What the loop guard reads of a mail; `InboundMail` has it."""

    @property
    def automatic(self) -> Automatic | None: ...
    @property
    def answer_to(self) -> Address | None: ...
    @property
    def envelope_from(self) -> str | None: ...


class Allowed(Struct, frozen=True):
    """An automatic answer may go to this address."""

    to: Address


class Suppressed(Struct, frozen=True):
    """No automatic answer goes out; a person may still answer."""

    reason: str


def may_answer(mail: Answerable, recent_automatic_to_sender: int, daily: int = DAILY_ANSWERS) -> Allowed | Suppressed:
    """Whether a program may answer this mail (RFC 3834 §2).

    recent_automatic_to_sender: how many automatic answers this address got in the last 24 hours.
    """
    if mail.automatic is not None:
        return Suppressed(f"The mail itself is automatic ({mail.automatic}).")
    if mail.envelope_from == "":
        return Suppressed("The mail has an empty sender, which asks for no answer.")
    if mail.answer_to is None:
        return Suppressed("The mail names no address to answer to.")
    local = mail.answer_to.key.partition("@")[0]
    if local in _DAEMONS or re.fullmatch(r"(?:no|do-?not|donot)[._-]?reply|owner-.*|.*-request", local):
        return Suppressed("The address to answer to belongs to a program.")
    if recent_automatic_to_sender >= daily:
        return Suppressed(
            f"The address got {recent_automatic_to_sender} automatic answers in a day; {daily} are allowed."
        )
    return Allowed(mail.answer_to)
