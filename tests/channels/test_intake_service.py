"""The service: real mail by SMTP and IMAP to cases on the desk, at once, and after a restart of everything."""

import smtplib
from collections.abc import Callable
from time import monotonic, sleep

import pytest
from django.db import connection

from caseloom.cases.models import CaseRow
from caseloom.channels.mail.smtp_intake import SmtpListen
from caseloom.channels.measuring import measure_intake
from caseloom.config.intake import IntakeService
from caseloom.config.mail import WrongMailSettingError, imap_mailboxes, serves, smtp_listen, smtp_server
from tests.channels.kit import OURS, mail, rows
from tests.mailhost import MailHost, needs_dovecot
from tests.streams.kit import a_service_goal

pytestmark = pytest.mark.django_db(transaction=True)


def until(holds: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = monotonic() + seconds
    while not holds():
        assert monotonic() < deadline, "it did not come about in time"
        sleep(0.01)


def test_a_mail_by_smtp_is_a_case_within_a_second() -> None:
    service = IntakeService(SmtpListen(), serves("bank.example"))
    service.start()
    try:
        assert service.smtp is not None
        with smtplib.SMTP("127.0.0.1", service.smtp.port) as client:
            began = monotonic()
            client.sendmail("maria@example.org", [OURS], mail())
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                client.sendmail("maria@example.org", ["x@elsewhere.example"], mail())
        until(lambda: CaseRow.objects.count() == 1)
        assert monotonic() - began < 1.0
    finally:
        service.stop()


def test_a_broken_database_connection_loses_no_mail() -> None:
    service = IntakeService(SmtpListen(), None)
    service.start()
    try:
        assert service.smtp is not None
        with smtplib.SMTP("127.0.0.1", service.smtp.port) as client:
            client.sendmail("a@example.org", [OURS], mail(sender="a@example.org"))
            until(lambda: CaseRow.objects.count() == 1)
            rows(
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid()"
            )
            client.sendmail("b@example.org", [OURS], mail(sender="b@example.org"))
        until(lambda: CaseRow.objects.count() == 2)
    finally:
        service.stop()
        connection.close()


@pytest.mark.parametrize("_", [pytest.param(0, marks=needs_dovecot)])
def test_a_mailbox_is_read_by_imap(_: int) -> None:
    with MailHost("bank.example") as host:
        host.deliver(mail(), "maria@example.org", OURS)
        service = IntakeService(None, None, [host.mailbox(OURS)])
        service.start()
        try:
            until(lambda: CaseRow.objects.count() == 1)
            host.deliver(mail(sender="b@example.org"), "b@example.org", OURS)
            until(lambda: CaseRow.objects.count() == 2)
        finally:
            service.stop()
        # Another process, with the ledger of the first.
        service = IntakeService(None, None, [host.mailbox(OURS)])
        service.start()
        sleep(0.3)
        service.stop()
    assert CaseRow.objects.count() == 2
    assert rows("select count(*) from imap_taken") == [(2,)]


def test_many_mails_by_many_clients_all_become_cases() -> None:
    a_service_goal(
        "service goal: card\ntitle: Card works\ncustomer title: My card\nowner: process owner\nteam: cards\n"
        "goals:\n  works: {title: The card works}\nrecognise: {keywords: [card]}\n",
        "card",
    )
    service = IntakeService(SmtpListen(), None)
    service.start()
    try:
        assert service.smtp is not None
        figures = measure_intake("127.0.0.1", service.smtp.port, OURS, CaseRow.objects.count, count=200)
    finally:
        service.stop()
    assert CaseRow.objects.filter(service_goal="card").count() == 200
    assert rows("select count(*) from raw_mail where state <> 'done'") == [(0,)]
    print(figures, figures.per_second)


def test_mail_settings_say_what_is_wrong() -> None:
    server = smtp_server("smtp+starttls://me:p%40ss@mail.example.org")
    assert (server.host, server.port, server.security, server.user, server.password) == (
        "mail.example.org",
        587,
        "starttls",
        "me",
        "p@ss",
    )
    [box] = imap_mailboxes("imaps://me%40example.org:x@mail.example.org/Service?after=move:Done")
    assert (box.name, box.port, box.folder, box.move_to) == ("me@example.org", 993, "Service", "Done")
    listen = smtp_listen("[::1]:25", "bank.example")
    assert listen is not None
    assert (listen.host, listen.port) == ("::1", 25)
    assert smtp_listen("off", "bank.example") is None
    for wrong in (lambda: smtp_server("http://x"), lambda: smtp_listen("x", "y"), lambda: imap_mailboxes("imap://")):
        with pytest.raises(WrongMailSettingError, match="Example"):
            wrong()
