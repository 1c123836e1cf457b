"""The mail settings as typed values: servers by URL, who we are, which addresses are ours."""

from collections.abc import Callable, Mapping
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from caseloom.channels.mail.imap_intake import ImapMailbox
from caseloom.channels.mail.smtp_intake import SmtpListen
from caseloom.channels.mail.transport import Security, SmtpServer

SMTP_SCHEMES: Mapping[str, tuple[Security, int]] = {
    "smtp": ("none", 25),
    "smtp+starttls": ("starttls", 587),
    "smtps": ("tls", 465),
}
IMAP_SCHEMES: Mapping[str, tuple[Security, int]] = {
    "imap": ("none", 143),
    "imap+starttls": ("starttls", 143),
    "imaps": ("tls", 993),
}


class WrongMailSettingError(ValueError):
    """A mail setting cannot be read; the message names the variable and gives an example."""


def smtp_server(url: str) -> SmtpServer:
    """Where mail is handed over: `smtp://host:25`, `smtp+starttls://user:password@host`, `smtps://…`.

    Raises:
        WrongMailSettingError: it is no such address.
    """
    parts, security, port = _parts(
        url, SMTP_SCHEMES, "CASELOOM_SMTP_URL", "smtp+starttls://user:password@mail.example.org"
    )
    return SmtpServer(
        parts.hostname or "", port, security, unquote(parts.username or ""), unquote(parts.password or "")
    )


def imap_mailboxes(urls: str) -> list[ImapMailbox]:
    """The mailboxes to read, by blanks: `imaps://user:password@host/INBOX?after=move:Done&name=service`.

    Raises:
        WrongMailSettingError: one of them is no such address.
    """
    return [_imap_mailbox(url) for url in urls.split()]


def _imap_mailbox(url: str) -> ImapMailbox:
    parts, security, port = _parts(
        url, IMAP_SCHEMES, "CASELOOM_IMAP_URLS", "imaps://user:password@mail.example.org/INBOX"
    )
    asked = parse_qs(parts.query)
    user, folder = unquote(parts.username or ""), unquote(parts.path.lstrip("/")) or "INBOX"
    name = asked.get("name", [user if "@" in user else f"{user}@{parts.hostname}"])[0]
    after = asked.get("after", ["seen"])[0]
    return ImapMailbox(name, parts.hostname or "", port, security, user, unquote(parts.password or ""), folder, after)


def _parts(
    url: str, schemes: Mapping[str, tuple[Security, int]], setting: str, example: str
) -> tuple[SplitResult, Security, int]:
    try:
        parts = urlsplit(url)
        security, port = schemes[parts.scheme]
        if not parts.hostname:
            raise KeyError("host")
        return parts, security, parts.port or port
    except (KeyError, ValueError) as fault:
        # The address may hold a password, so it is not repeated.
        raise WrongMailSettingError(
            f"{setting} cannot be read; it begins with one of {', '.join(schemes)} and names a host. Example: {example}"
        ) from fault


def smtp_listen(address: str, hostname: str) -> SmtpListen | None:
    """Where mail is taken by SMTP: `host:port`; None when it is `off`.

    Raises:
        WrongMailSettingError: it is no such address.
    """
    if address.strip().lower() in ("", "off"):
        return None
    host, _, port = address.strip().rpartition(":")
    if not port.isdigit() or int(port) > 65_535:
        raise WrongMailSettingError("CASELOOM_SMTP_LISTEN cannot be read. Example: 127.0.0.1:2525, or off")
    return SmtpListen(host=host.strip("[]") or "127.0.0.1", port=int(port), hostname=hostname, gather=0.01)


def serves(domains: str) -> Callable[[str], bool]:
    """Which recipients are ours: those of these domains (by commas)."""
    ours = {domain.strip().lower() for domain in domains.split(",") if domain.strip()}
    return lambda address: address.rpartition("@")[2].lower() in ours
