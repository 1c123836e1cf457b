"""What tests of contacts share: mails as bytes, an inbox and intake, a sender over a given server, and the rows that
came of them.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any

from django.db import connection

from caseloom.cases.models import CaseRow
from caseloom.channels.inbox import Inbox
from caseloom.channels.mail.receipt import RawMail, Receipt, SmtpSource
from caseloom.channels.mail.transport import MailTransport, SmtpServer
from caseloom.channels.models import ContactRow
from caseloom.config.wiring import make_inbox, make_intake, make_sender
from caseloom.streams.door import the_door
from caseloom.streams.effects import Effects, Performer

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OURS = "service@bank.example"


def mail(
    text: str = "My card does not work.",
    sender: str = "Maria Keller <maria@example.org>",
    subject: str = "My card",
    html: str = "",
    attachment: bytes = b"",
    **headers: str,
) -> bytes:
    """A mail as any mail program writes it; header names are given with `_` for `-`."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, OURS, subject
    message["Date"] = NOW
    message["Message-ID"] = headers.pop("Message_ID", "") or make_msgid(domain="example.org")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    if attachment:
        message.add_attachment(attachment, maintype="application", subtype="pdf", filename="bill.pdf")
    return message.as_bytes()


def raw_mail(raw: bytes, mailbox: str = OURS, sender: str | None = "maria@example.org") -> RawMail:
    return RawMail(raw, mailbox, sender, (mailbox,), NOW, SmtpSource("127.0.0.1", "pc"))


def receive(*raws: bytes, mailbox: str = OURS, sender: str | None = "maria@example.org") -> list[Receipt]:
    """Store these mails and sort all that is new."""
    inbox = make_inbox()
    receipts = inbox.receive_many([raw_mail(raw, mailbox, sender) for raw in raws])
    sort(inbox)
    return receipts


def sort(inbox: Inbox | None = None) -> None:
    intake = make_intake(inbox or make_inbox())
    while intake.sort_batch():
        pass


def the_case() -> CaseRow:
    return CaseRow.objects.get()


def contacts(direction: str = "in") -> list[ContactRow]:
    return list(ContactRow.objects.filter(direction=direction).order_by("id"))


def rows(statement: str, *arguments: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        return list(cursor.fetchall())


def jobs() -> list[tuple[str, int, int]]:
    """The effects that were asked for and are not done: (kind, stream, version)."""
    found = rows("select args from procrastinate_jobs where status = 'todo' order by id")
    return [(args["kind"], args["stream"], args["version"]) for (args,) in _decoded(found)]


def _decoded(found: Sequence[tuple[Any, ...]]) -> list[tuple[dict[str, Any]]]:
    import json

    return [(json.loads(args) if isinstance(args, str) else args,) for (args,) in found]


def sending(server: SmtpServer) -> Effects:
    """Effects that send over this server, without pauses."""
    sender: Performer = make_sender(MailTransport(server))
    return Effects({"send message": sender}, the_door().clock, [timedelta(0)] * 5, timedelta(0))


def send_all(effects: Effects) -> None:
    """Perform each message that was asked for, until it is over."""
    for kind, stream, version in jobs():
        if kind == "send message":
            while effects.perform(kind, stream, version) is not None:
                pass
    rows("delete from procrastinate_jobs where args->>'kind' = 'send message' returning id")
