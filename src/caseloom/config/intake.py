"""The intake's service: mail comes in by SMTP and from IMAP mailboxes, is durable at once, and is sorted as soon as
it is.

Each process sorts what it took, woken by its own inbox; every process also looks twice a second for what a dead one
left.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Final

import psycopg
from django.conf import settings
from django.db import Error as DatabaseFault
from django.db import connection

from caseloom.channels.inbox import ImapLedger, Inbox
from caseloom.channels.mail.imap_intake import ImapIntake, ImapMailbox, PollReport, Trouble
from caseloom.channels.mail.receipt import RawMail, Receipt
from caseloom.channels.mail.smtp_intake import SmtpIntake, SmtpListen
from caseloom.config.mail import imap_mailboxes, serves, smtp_listen
from caseloom.config.warming import warm
from caseloom.config.wiring import make_inbox, make_intake
from caseloom.foundation.clock import now

LOOK_EVERY: Final = 0.5
IMAP_EVERY: Final = 60.0
DATABASE_PAUSE: Final = 0.5
log = logging.getLogger(__name__)


class IntakeService:
    """SMTP listener, a thread for each IMAP mailbox, and one that sorts. `start`, then `stop`."""

    def __init__(
        self, listen: SmtpListen | None, accepts: Callable[[str], bool] | None, mailboxes: Sequence[ImapMailbox] = ()
    ) -> None:
        self._wake, self._stop = threading.Event(), threading.Event()
        self._inbox = make_inbox(self._wake.set)
        self._intake = make_intake(self._inbox)
        self.smtp = SmtpIntake(listen, self._receive_many, now, accepts) if listen is not None else None
        self._threads = [threading.Thread(target=self._sort, name="mail-sorter", daemon=True)]
        self._threads += [
            threading.Thread(target=self._read, args=(box,), name=f"imap {box.name}", daemon=True) for box in mailboxes
        ]

    def start(self) -> None:
        """Begin. Raises OSError if the SMTP port is taken."""
        if self.smtp is not None:
            self.smtp.start()
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Take no more mail, answer what was handed over, end what is being sorted."""
        if self.smtp is not None:
            self.smtp.stop()
        self._stop.set()
        self._wake.set()
        for thread in self._threads:
            thread.join(10)

    def _receive_many(self, mails: Sequence[RawMail]) -> list[Receipt]:
        return _on_a_sound_connection(self._inbox, mails)

    def _sort(self) -> None:
        warm()
        while not self._stop.is_set():
            self._wake.wait(LOOK_EVERY)
            self._wake.clear()
            try:
                while not self._stop.is_set() and self._intake.sort_batch():
                    pass
            except (psycopg.Error, DatabaseFault) as fault:
                _lost_database(fault, self._stop)
        connection.close()

    def _read(self, mailbox: ImapMailbox) -> None:
        intake = ImapIntake(mailbox, lambda mail: self._receive_many([mail])[0], ImapLedger(), now)
        while not self._stop.is_set():
            try:
                intake.run(self._stop, IMAP_EVERY, _tell)
            except (psycopg.Error, DatabaseFault) as fault:
                _lost_database(fault, self._stop)
        connection.close()


def _on_a_sound_connection(inbox: Inbox, mails: Sequence[RawMail]) -> list[Receipt]:
    """A batch that finds its connection broken by a restart of the database is stored over a new one."""
    try:
        return inbox.receive_many(mails)
    except (psycopg.OperationalError, psycopg.InterfaceError, DatabaseFault):
        connection.close()
        return inbox.receive_many(mails)
    finally:
        # The threads that hand mail over come and go; the pool keeps the connections.
        connection.close()


def _lost_database(fault: Exception, stop: threading.Event) -> None:
    log.warning("The database is away (%s); the intake tries again.", type(fault).__name__)
    connection.close()
    stop.wait(DATABASE_PAUSE)


def _tell(report: PollReport | Trouble) -> None:
    if isinstance(report, Trouble):
        log.warning("%s", report.reason, extra={"mailbox": report.mailbox, "pause": report.pause})
    elif report.failed or report.too_large:
        log.warning(
            "Some mails were left where they are.", extra={"failed": len(report.failed), "too_large": report.too_large}
        )


def run_intake(stop: threading.Event) -> None:
    """Work until told to stop. Django must be set up.

    Raises:
        WrongMailSettingError: a mail setting cannot be read.
        OSError: the SMTP port is taken.
    """
    domains: str = settings.CASELOOM_MAIL_DOMAIN
    listen = smtp_listen(settings.CASELOOM_SMTP_LISTEN, domains.partition(",")[0])
    service = IntakeService(listen, serves(domains), imap_mailboxes(settings.CASELOOM_IMAP_URLS))
    service.start()
    stop.wait()
    service.stop()
