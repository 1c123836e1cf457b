"""The pages of the mailboxes, as HTML. Everything that comes from a mail or an address is escaped."""

from collections.abc import Sequence
from html import escape
from urllib.parse import urlencode

from caseloom.channels.mail.maildir_host import MailEntry
from caseloom.channels.mail.message import InboundMail

Known = tuple[str, str]
"""A name and its address."""


def page(title: str, body: str) -> str:
    """A whole page."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="/style.css"></head><body><header>'
        f"<h1>{escape(title)}</h1>"
        '<p><a href="/">All mailboxes</a> of the demo. Nothing here leaves this machine.</p></header>'
        f"<main>{body}</main></body></html>"
    )


def address_of(route: str, **query: str) -> str:
    return f"{route}?{urlencode(query)}"


def all_boxes(filled: Sequence[tuple[str, int]], people: Sequence[Known]) -> str:
    """Those that hold mail first, then every customer of the demo."""
    rows = "".join(
        f'<li><a href="{escape(address_of("/box", address=address))}">{escape(address)}</a>'
        f"<small>{count} mails</small></li>"
        for address, count in filled
    )
    others = "".join(
        f'<li><a href="{escape(address_of("/box", address=address))}">{escape(name)}</a></li>'
        for name, address in people
    )
    none = "<p>No mail yet. Open a customer and write one.</p>"
    return page(
        "Mailboxes",
        f"<section><h2>With mail</h2>{f'<ul>{rows}</ul>' if rows else none}</section>"
        f'<section><h2>Customers</h2><ul class="people">{others}</ul></section>',
    )


def one_box(address: str, mails: Sequence[tuple[MailEntry, str, str]], form: str, note: str) -> str:
    """A mailbox: its mails (entry, sender, subject), newest first, and the form to write as its owner."""
    rows = "".join(
        f'<li><a href="{escape(address_of("/mail", address=address, key=entry.key))}">'
        f"{escape(subject or '(no subject)')}</a>"
        f"<small>{escape(sender)}, {entry.arrived_at:%d %b %H:%M} UTC</small></li>"
        for entry, sender, subject in mails
    )
    told = f'<section class="done" role="status">{escape(note)}</section>' if note else ""
    listed = f"<ul>{rows}</ul>" if rows else "<p>No mail yet.</p>"
    return page(address, f"{told}<section><h2>Mail</h2>{listed}</section><section>{form}</section>")


def one_mail(address: str, key: str, mail: InboundMail, form: str) -> str:
    """A mail: its text, its HTML in a frame that may do nothing, and the form to answer it."""
    head = {
        "From": f"{mail.sender.name} <{mail.sender.address}>" if mail.sender else "",
        "To": ", ".join(one.address for one in mail.to),
        "Subject": mail.subject,
        "Message-ID": mail.message_id or "",
        "In reply to": mail.in_reply_to or "",
        "References": " ".join(mail.references),
        "Attached": ", ".join(one.name or one.media_type for one in mail.attachments),
    }
    facts = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in head.items() if value)
    html = escape(address_of("/html", address=address, key=key))
    frame = f'<section><h2>As HTML</h2><iframe sandbox title="The mail as HTML" src="{html}"></iframe></section>'
    raw = escape(address_of("/raw", address=address, key=key))
    return page(
        mail.subject or "(no subject)",
        f'<section><dl>{facts}</dl><pre>{escape(mail.text)}</pre><p><a href="{raw}">Source</a></p></section>'
        f"{frame if mail.html is not None else ''}<section>{form}</section>",
    )


def form(address: str, to: str, token: str, subject: str = "", text: str = "", reply: str = "") -> str:
    """The form to write a mail as the owner of a mailbox; `reply` is the key of the mail that it answers."""
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in (("address", address), ("token", token), ("reply", reply))
    )
    return (
        f'<h2>{"Answer" if reply else "Write"} as {escape(address)}</h2><form method="post" action="/write">{hidden}'
        f'<label for="to">To</label><input id="to" name="to" type="email" required value="{escape(to)}">'
        f'<label for="subject">Subject</label><input id="subject" name="subject" required value="{escape(subject)}">'
        f'<label for="text">Text</label><textarea id="text" name="text" required>{escape(text)}</textarea>'
        "<button>Send</button></form>"
    )
