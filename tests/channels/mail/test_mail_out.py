import email
import email.policy
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseloom.channels.mail.addresses import Address
from caseloom.channels.mail.message import Attachment, InboundMail, read_mail
from caseloom.channels.mail.outgoing import OutgoingMail, UnsendableMailError, build_mail
from caseloom.channels.mail.threading import Token, make_marker, make_message_id, thread_hints

KEY = b"k" * 32
OWN = make_message_id("bank.example", 572, 1, KEY)
ADA = Address("Ada Lovelace", "ada@example.org")
MAIL = OutgoingMail(
    message_id=OWN,
    date=datetime(2024, 1, 1, 10, 0, tzinfo=UTC),
    sender=Address("Die Bank, Köln", "service@bank.example"),
    to=(ADA,),
    subject="Ihre Karte für Über­weisungen",
    text="Guten Tag,\n.\nFrom here on — all is well.\n",
)


def read(mail: OutgoingMail) -> InboundMail:
    inbound = read_mail(build_mail(mail))
    assert isinstance(inbound, InboundMail)
    return inbound


def parsed(mail: OutgoingMail) -> email.message.EmailMessage:
    return email.message_from_bytes(build_mail(mail), policy=email.policy.default)


def test_what_is_built_reads_back_the_same() -> None:
    pdf = Attachment("Rechnung für Ada.pdf", "application/pdf", b"%PDF\0\xff" * 1000, None)
    mail = msgspec.structs.replace(
        MAIL, html="<p>Guten Tag</p>", attachments=(pdf,), cc=(Address("", "c@example.org"),)
    )
    inbound = read(mail)
    assert inbound.faults == ()
    assert (inbound.message_id, inbound.date, inbound.sender) == (OWN, MAIL.date, MAIL.sender)
    assert (inbound.to, inbound.subject) == ((ADA,), MAIL.subject)
    assert (inbound.text, inbound.html) == (MAIL.text.strip(), "<p>Guten Tag</p>\n")
    assert inbound.attachments == (pdf,)
    assert mail.recipients == ("ada@example.org", "c@example.org")


def test_the_same_mail_gives_the_same_bytes_and_the_standard_parser_finds_no_defect() -> None:
    mail = msgspec.structs.replace(MAIL, html="<p>Hi</p>", references=("<a@b>",) * 3, in_reply_to="<a@b>")
    raw = build_mail(mail)
    assert raw == build_mail(mail)
    assert all(len(line) <= 998 and line.isascii() for line in raw.split(b"\r\n"))
    assert raw.count(b"\n") == raw.count(b"\r\n")
    assert [part.defects for part in parsed(mail).walk() if part.defects] == []


def test_an_answer_carries_the_whole_thread_and_the_number_once() -> None:
    thread = tuple(f"<{n}@example.org>" for n in range(200))
    mail = msgspec.structs.replace(
        MAIL,
        subject="Re: [#572-4] Card [#572-4]",
        case_id=572,
        in_reply_to="<199@example.org>",
        references=thread,
    )
    inbound = read(mail)
    assert inbound.subject == "Re: Card [#572-4]"
    assert inbound.in_reply_to == "<199@example.org>"
    assert (inbound.references[0], inbound.references[-1], len(inbound.references)) == (
        thread[0],
        thread[-1],
        50,
    )


def test_the_marker_comes_back_from_text_and_from_html() -> None:
    marked = msgspec.structs.replace(MAIL, marker=make_marker(572, 1, KEY), html="<p>Hi</p>")
    inbound = read(marked)
    assert thread_hints(inbound, KEY).tokens == (Token(572, 1),)
    assert marked.marker in (inbound.html or "")


def test_automatic_mail_says_so_and_a_persons_mail_does_not() -> None:
    automatic = msgspec.structs.replace(MAIL, automatic="auto-replied", list_unsubscribe="https://bank.example/u")
    assert parsed(automatic)["Auto-Submitted"] == "auto-replied"
    assert parsed(automatic)["List-Unsubscribe"] == "<https://bank.example/u>"
    assert (parsed(MAIL)["Auto-Submitted"], read(MAIL).automatic) == (None, None)
    assert read(automatic).automatic == "auto-replied"


HOSTILE = st.text(st.sampled_from(list('ab \r\n\t:,;<>"\\()@=?\0\u2028ä')), max_size=60)


@given(subject=HOSTILE, name=HOSTILE, text=HOSTILE, file=HOSTILE)
def test_no_text_writes_a_header(subject: str, name: str, text: str, file: str) -> None:
    mail = msgspec.structs.replace(
        MAIL,
        subject=subject + "\r\nBcc: x@y.z",
        sender=Address(name + "\r\nBcc: x@y.z", "service@bank.example"),
        text=text,
        attachments=(Attachment(file + "\r\nBcc: x@y.z", "text/x\r\nBcc: x@y.z", b"x", None),),
    )
    message = parsed(mail)
    assert set(message.keys()) == {
        "Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "Content-Type",
    }  # fmt: skip
    inbound = read(mail)
    assert inbound.sender and inbound.sender.address == "service@bank.example"
    assert len(inbound.attachments) == 1


@pytest.mark.parametrize(
    "address",
    ["", "ada", "a b@c.d", "a@b\r\nBcc: x@y.z", "a@b,c@d", "<a@b>", "ä@b.c", "a@-b.c", "a@b..c", "a@"],
)
def test_an_unsound_address_is_refused_with_its_place(address: str) -> None:
    with pytest.raises(UnsendableMailError) as refused:
        build_mail(msgspec.structs.replace(MAIL, to=(Address("", address),)))
    assert refused.value.place == "to"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"to": ()}, "to"),
        ({"date": datetime(2024, 1, 1)}, "date"),  # noqa: DTZ001
        ({"message_id": "<a@b>\r\nBcc: x"}, "message_id"),
        ({"in_reply_to": "a@b"}, "in_reply_to"),
        ({"references": ("<a@b> <c@d>",)}, "references"),
        ({"list_unsubscribe": "http://x\r\ny"}, "list_unsubscribe"),
        ({"attachments": (Attachment("a", "image/png", b"", "x>\r\ny"),)}, "content_id"),
    ],
)
def test_an_unsound_field_is_refused_with_its_place(change: dict[str, object], place: str) -> None:
    with pytest.raises(UnsendableMailError) as refused:
        build_mail(msgspec.structs.replace(MAIL, **change))
    assert refused.value.place == place


def test_a_domain_beyond_ascii_is_written_in_idna() -> None:
    mail = msgspec.structs.replace(MAIL, to=(Address("", "ada@bücher.example"),))
    assert mail.recipients == ("ada@xn--bcher-kva.example",)
