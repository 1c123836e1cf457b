import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseloom.channels.mail.message import InboundMail, read_mail
from caseloom.channels.mail.threading import (
    Hint,
    Token,
    case_in_subject,
    case_number,
    find_markers,
    make_marker,
    make_message_id,
    parse_case_number,
    read_token,
    subject_tag,
    thread_hints,
    without_tags,
)
from tests.channels.mail.nasty import html, plain

KEY = b"the key of this installation 123"
IDS = st.integers(min_value=0, max_value=2**63 - 1)
OWN = make_message_id("Bank.example", 12, 34, KEY)


def read(raw: bytes) -> InboundMail:
    mail = read_mail(raw)
    assert isinstance(mail, InboundMail)
    return mail


@given(case_id=IDS, contact_id=IDS)
def test_a_token_survives_any_change_of_case(case_id: int, contact_id: int) -> None:
    message_id = make_message_id("bank.example", case_id, contact_id, KEY)
    for written in (message_id, message_id.upper(), message_id.strip("<>"), f" {message_id} "):
        assert read_token(written, KEY) == Token(case_id, contact_id)
    assert len(message_id) < 80


@given(data=st.data())
def test_a_token_with_one_letter_changed_is_refused(data: st.DataObject) -> None:
    local, at, domain = OWN.partition("@")
    place = data.draw(st.integers(min_value=1, max_value=len(local) - 1))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789-"))
    changed = local[:place] + letter + local[place + 1 :]
    assert read_token(changed + at + domain, KEY) == (Token(12, 34) if changed == local else None)


def test_a_token_of_another_key_is_refused() -> None:
    assert read_token(OWN, b"another key") is None


@pytest.mark.parametrize("foreign", ["", "<>", "<1@example.org>", "<cl1-a-b-c@x>", "x" * 100_000])
def test_a_foreign_message_id_holds_no_token(foreign: str) -> None:
    assert read_token(foreign, KEY) is None


def test_the_case_number_has_damms_check_digit() -> None:
    assert case_number(572) == "572-4"  # The worked example of the literature.
    assert parse_case_number("572-4") == parse_case_number(" #572-4 ") == 572


@given(case_id=st.integers(min_value=1, max_value=10**12), data=st.data())
def test_any_one_wrong_digit_and_any_swap_of_neighbours_is_found(case_id: int, data: st.DataObject) -> None:
    number = case_number(case_id).replace("-", "")
    place = data.draw(st.integers(min_value=0, max_value=len(number) - 1))
    digit = data.draw(st.sampled_from("0123456789"))
    wrong = number[:place] + digit + number[place + 1 :]
    swapped = number[:place] + number[place : place + 2][::-1] + number[place + 2 :]
    for changed in {wrong, swapped} - {number}:
        assert parse_case_number(f"{changed[:-1]}-{changed[-1]}") is None


@pytest.mark.parametrize(
    ("subject", "case_id"),
    [
        ("Re: AW: Card [#572-4]", 572),
        ("#572-4", 572),
        ("572-4", None),
        ("[#572-5]", None),
        ("[#0572-4] #572-4", 572),
        ("", None),
    ],
)
def test_the_number_in_a_subject_needs_its_mark_and_its_digit(subject: str, case_id: int | None) -> None:
    assert case_in_subject(subject) == case_id


def test_tags_are_taken_out_of_a_subject() -> None:
    assert without_tags(f"Re: {subject_tag(5)} Card {subject_tag(6)}") == "Re: Card"


def test_markers_are_found_in_quoted_text_and_checked() -> None:
    good, bad = make_marker(5, 6, KEY), make_marker(5, 6, b"other")
    assert find_markers(f"> Ref: {good.upper()}\n> Ref: {bad}\n{good}", KEY) == (Token(5, 6),)


def test_hints_come_in_the_order_of_their_strength() -> None:
    older = make_message_id("bank.example", 12, 33, KEY)
    marker = make_marker(9, 8, KEY)
    mail = read(
        plain(
            b"> Ref: " + marker.encode(),
            b"In-Reply-To: " + OWN.lower().encode(),
            b"References: <rewritten@ses.example> " + older.encode() + b" " + OWN.encode(),
        ).replace(b"Subject: Card", b"Subject: Re: Card [#572-4]")
    )
    assert thread_hints(mail, KEY).hints == (
        Hint("in-reply-to", token=Token(12, 34)),
        Hint("references", token=Token(12, 33)),
        Hint("message-id", message_id="<rewritten@ses.example>"),
        Hint("subject", case_id=572),
        Hint("body", token=Token(9, 8)),
    )


def test_a_marker_in_html_alone_is_found() -> None:
    mail = read(html(f'<p>Hi</p><span style="display:none">Ref: {make_marker(5, 6, KEY)}</span>'))
    assert thread_hints(mail, KEY).tokens == (Token(5, 6),)


def test_a_bounce_points_to_the_mail_that_was_sent() -> None:
    raw = (
        b"From: mailer-daemon@x.org\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: message/delivery-status\r\n\r\n"
        b"Final-Recipient: rfc822;a@b.c\r\nAction: failed\r\n--b\r\n"
        b"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: " + OWN.encode() + b"\r\n--b--\r\n"
    )
    assert thread_hints(read(raw), KEY).hints == (Hint("delivery-report", token=Token(12, 34)),)


def test_a_mail_without_any_sign_has_no_hints() -> None:
    assert thread_hints(read(plain(b"Hi")), KEY).hints == ()
