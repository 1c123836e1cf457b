"""The service `mailboxes`: SMTP, the web page, and IMAP where dovecot is at hand."""

import contextlib
import os
import tempfile
import threading
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from caseloom.channels.mail.dovecot import Dovecot, DovecotError, DovecotMissing, find_dovecot, mail_owner
from caseloom.channels.mail.maildir_host import MaildirHost
from caseloom.channels.mail.smtp_intake import SmtpListen
from caseloom.cli.demo.addresses import HOUSE_ADDRESS, MAIL_DOMAIN, SEED
from caseloom.cli.demo.clientele import HOW_MANY, person
from caseloom.cli.demo.mailboxes.server import Mailboxes, serve
from caseloom.foundation.clock import now

IMAP_PASSWORD: Final = "demo"  # noqa: S105 - of mailboxes that stand open in the browser beside it


def run(options: Namespace, stop: threading.Event) -> int:
    """Serve until told to stop."""
    options.folder.mkdir(parents=True, exist_ok=True)
    people = [(one.name, one.mail) for one in (person(SEED, index, now()) for index in range(HOW_MANY))]
    host, _, port = options.house.rpartition(":")
    listen = SmtpListen(port=options.smtp, hostname=MAIL_DOMAIN)
    with MaildirHost(options.folder, listen, (MAIL_DOMAIN,), now, owner=mail_owner()) as mails, _imap(options):
        boxes = Mailboxes(mails, sorted(people), (host or "127.0.0.1", int(port)), HOUSE_ADDRESS, now)
        server = serve(boxes, options.web)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stop.wait()
        server.shutdown()
        server.server_close()
    return 0


def imap_possible(folder: Path) -> str:
    """Why no IMAP server can be had over this folder; empty when it can."""
    found = find_dovecot()
    if isinstance(found, DovecotMissing):
        return found.reason
    closed = [path for path in folder.absolute().parents if path.exists() and not path.stat().st_mode & 0o001]
    if os.geteuid() == 0 and closed:
        return f"the folder {closed[-1]} is closed to the user that reads the mail"
    return ""


@contextlib.contextmanager
def _imap(options: Namespace) -> Iterator[None]:
    found = find_dovecot()
    if not options.imap or isinstance(found, DovecotMissing):
        yield
        return
    with tempfile.TemporaryDirectory(prefix="caseloom-imap-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = Dovecot(found, folder, options.folder.absolute(), IMAP_PASSWORD, options.imap)
        try:
            server.start()
        except DovecotError as error:
            print(f"no IMAP: {error}", flush=True)
        try:
            yield
        finally:
            server.stop()
