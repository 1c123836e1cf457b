"""A message goes out once; where nobody can tell, once more at most, with the same bytes."""

import json
import socket
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from caseloom.cases.kind import CASES
from caseloom.channels.links import read_link_token
from caseloom.channels.mail.transport import Accepted, MailTransport, Rejected, Unknown
from caseloom.channels.mail.transport import Outcome as Handed
from caseloom.channels.models import ContactRow
from caseloom.config.wiring import make_sender
from caseloom.engine.case import commands as c
from caseloom.engine.case.state import CaseState
from caseloom.streams.door import the_door
from caseloom.streams.effects import Effects
from caseloom.streams.replay import read_history, read_state
from tests.channels.kit import contacts, jobs, mail, receive, rows, send_all, sending
from tests.mailhost import MailHost
from tests.streams.kit import a_case, a_customer, send

pytestmark = pytest.mark.django_db(transaction=True)


class Line(MailTransport):
    """A transport that hands mails to a real server and then says what the test wants to have come of it."""

    def __init__(self, host: MailHost, *ends: Callable[[Handed], Handed]) -> None:
        super().__init__(host.smtp)
        self._ends = list(ends)
        self.sent: list[bytes] = []

    def send(self, raw: bytes, sender: str, recipients: Sequence[str]) -> Handed:
        self.sent.append(raw)
        return (
            self._ends.pop(0)(super().send(raw, sender, recipients))
            if self._ends
            else super().send(raw, sender, recipients)
        )


class Killed(BaseException):
    """As `kill -9` at this point."""


def lost(handed: Handed) -> Handed:
    assert isinstance(handed, Accepted)
    return Unknown("The connection broke.")


def killed(handed: Handed) -> Handed:
    assert isinstance(handed, Accepted)
    raise Killed


def effects(line: MailTransport) -> Effects:
    return Effects({"send message": make_sender(line)}, the_door().clock, [timedelta(0)] * 3, timedelta(0))


def a_message(text: str = "Hello") -> tuple[int, int]:
    """A case that wants to send; (case, contact)."""
    case = a_case(a_customer("Maria Keller", "maria@example.org"), key="", service_goal="", version=0)
    contact = next(the_door().ids)
    send("case", case, c.SendMessage(contact=contact, to="maria@example.org", subject="Your card", text=text))
    return case, contact


def status(case: int, contact: int) -> str:
    """What the case shows of the message; accepted ones leave its state."""
    found = read_state(the_door(), CASES, case)
    assert found is not None
    state: CaseState = found[0]
    return state.messages[contact].status if contact in state.messages else "accepted"


def test_a_job_that_comes_twice_sends_once() -> None:
    case, contact = a_message()
    [job] = [job for job in jobs() if job[0] == "send message"]
    with MailHost("example.org", imap=False) as host:
        line = effects(Line(host))
        assert line.perform(*job) is None
        assert line.perform(*job) is None
        assert len(host.mails("maria@example.org")) == 1
    assert status(case, contact) == "accepted"
    assert ContactRow.objects.get(pk=contact).status == "accepted"


def test_an_unknown_end_is_shown_and_the_same_mail_goes_out_once_more_at_most() -> None:
    case, contact = a_message()
    [job] = jobs()
    with MailHost("example.org", imap=False) as host:
        line = Line(host, lost, lost)
        run = effects(line)
        assert run.perform(*job) == timedelta(0)
        assert status(case, contact) == "unknown"
        assert run.perform(*job) is None
        assert run.perform(*job) is None
        assert run.perform(*job) is None
    assert len(line.sent) == 2
    assert line.sent[0] == line.sent[1]
    assert status(case, contact) == ContactRow.objects.get(pk=contact).status == "unknown"


def test_a_kill_after_acceptance_sends_once_more_and_never_a_third_time() -> None:
    case, contact = a_message()
    [job] = jobs()
    with MailHost("example.org", imap=False) as host:
        line = Line(host, killed, killed, killed)
        for _ in range(2):
            with pytest.raises(Killed):
                effects(line).perform(*job)
        assert effects(line).perform(*job) is None
        assert effects(line).perform(*job) is None
    assert len(line.sent) == 2
    assert message_from_bytes(line.sent[0])["Message-ID"] == message_from_bytes(line.sent[1])["Message-ID"]
    assert status(case, contact) == "unknown"


def test_a_kill_after_acceptance_that_the_second_time_is_answered_ends_well() -> None:
    case, contact = a_message()
    [job] = jobs()
    with MailHost("example.org", imap=False) as host:
        line = Line(host, killed)
        with pytest.raises(Killed):
            effects(line).perform(*job)
        assert effects(line).perform(*job) is None
    assert (len(line.sent), status(case, contact)) == (2, "accepted")
    types = [recorded.event.stored for recorded in read_history(the_door(), CASES, case)]
    assert types.count("message_settled.1") == 2


def test_a_reply_tells_that_an_unknown_mail_arrived() -> None:
    case, contact = a_message()
    [job] = jobs()
    with MailHost("example.org", imap=False) as host:
        effects(Line(host, lost)).perform(*job)
    receive(mail("Thanks", In_Reply_To=ContactRow.objects.get(pk=contact).message_id))
    assert status(case, contact) == ContactRow.objects.get(pk=contact).status == "accepted"
    with MailHost("example.org", imap=False) as host:
        again = Line(host)
        assert effects(again).perform(*job) is None
    assert again.sent == []


def test_a_refused_mail_is_shown_and_not_tried_again() -> None:
    case, contact = a_message()
    [job] = jobs()
    with MailHost("example.com", imap=False) as host:
        line = Line(host)
        assert effects(line).perform(*job) is None
    assert status(case, contact) == ContactRow.objects.get(pk=contact).status == "rejected"


def test_a_passing_refusal_is_tried_again_until_it_is_final() -> None:
    case, contact = a_message()
    [job] = jobs()
    busy = lambda handed: Rejected(451, "busy", permanent=False)  # noqa: E731
    with MailHost("example.com", imap=False) as host:
        line = Line(host, busy, busy, busy, busy)
        run = effects(line)
        pauses = [run.perform(*job) for _ in range(3)]
        assert pauses == [timedelta(0)] * 3
        assert status(case, contact) == "requested"
        assert run.perform(*job) is None
    assert (len(line.sent), status(case, contact)) == (4, "rejected")


def test_a_customer_without_address_is_told_to_the_case() -> None:
    case = a_case(_nameless(), key="", service_goal="", version=0)
    contact = next(the_door().ids)
    send("case", case, c.SendMessage(contact=contact, to="not an address", subject="x", text="Hello"))
    with MailHost("example.org", imap=False) as host:
        send_all(sending(host.smtp))
    assert status(case, contact) == "rejected"


def _nameless() -> int:
    from caseloom.customers.customer import CreateCustomer

    number = next(the_door().ids)
    send("customer", number, CreateCustomer(customer=number, name="Nobody"))
    return number


def test_the_portal_link_is_put_in_and_is_the_customers() -> None:
    case, _ = a_message("See [portal link] and reply.")
    [job] = jobs()
    with MailHost("example.org", imap=False) as host:
        line = Line(host, lost)
        run = effects(line)
        while run.perform(*job) is not None:
            pass
        [_, raw] = host.mails("maria@example.org")
    assert line.sent[0] == line.sent[1]
    body = message_from_bytes(raw, policy=policy.default).get_body(("plain",))
    assert body is not None
    token = body.get_content().split("/portal/link/")[1].split("/")[0]
    link = read_link_token(token)
    assert (link.case, link.customer) == (case, rows("select customer from case_row")[0][0])


def test_automatic_letters_stop_when_one_address_gets_too_many() -> None:
    """RFC 3834 §2: a program that answers a program must not go on for ever."""
    from tests.streams.kit import a_service_goal

    a_service_goal(GREETING, "greeting")
    with MailHost("example.org", imap=False) as host:
        for number in range(5):
            receive(mail("hello", subject=f"hello {number}"))
            send_all(sending(host.smtp))
        letters = [message_from_bytes(raw) for raw in host.mails("maria@example.org")]
    assert len(letters) == 3
    assert {letter["Auto-Submitted"] for letter in letters} == {"auto-replied"}
    assert {letter["Return-Path"] for letter in letters} == {"<>"}
    assert len(contacts()) == 5


GREETING = """
service goal: greeting
title: Greeting
customer title: Hello
owner: process owner
team: service
recognise: {keywords: [hello]}
goals:
  greeted:
    title: Greeted
    options: {mail: {title: By mail, tasks: [greet], automatic: true}}
tasks:
  greet: {title: Greet, kind: letter, letter: hello, automatic: true}
letters:
  hello: {title: Hello, subject: We have your mail, text: "Thank you, we are on it.", automatic: true}
"""


def test_a_server_that_dies_after_the_last_dot_leaves_an_unknown_end() -> None:
    """The real wire: a server that takes the whole mail and hangs up without an answer."""
    case, contact = a_message()
    [job] = jobs()
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=_hang_up, args=(server,), daemon=True)
        thread.start()
        from caseloom.channels.mail.transport import SmtpServer

        line = MailTransport(SmtpServer("127.0.0.1", server.getsockname()[1], "none", timeout=5))
        assert effects(line).perform(*job) == timedelta(0)
        thread.join(5)
    assert status(case, contact) == "unknown"


def _hang_up(server: socket.socket) -> None:
    client, _ = server.accept()
    with client, client.makefile("rwb") as wire:

        def say(line: bytes) -> None:
            wire.write(line + b"\r\n")
            wire.flush()

        say(b"220 hello")
        for line in wire:
            if line.startswith(b"DATA"):
                say(b"354 go on")
                for text in wire:
                    if text == b".\r\n":
                        return
            say(b"250 ok")


def test_only_files_of_the_customer_themselves_go_out() -> None:
    receive(mail(attachment=b"secret", sender="Jens Ott <jens@example.org>"), sender="jens@example.org")
    [foreign] = [file["blob"] for row in contacts() for file in json.loads(row.attachments)]
    case = a_case(a_customer("Maria Keller", "maria@example.org"), key="", service_goal="", version=0)
    contact = next(the_door().ids)
    send(
        "case", case, c.SendMessage(contact=contact, to="m@example.org", subject="x", text="y", attachments=(foreign,))
    )
    with MailHost("example.org", imap=False) as host:
        send_all(effects(Line(host)))
        assert host.mails("m@example.org") == []
    assert status(case, contact) == "rejected"
