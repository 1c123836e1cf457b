import re
import time
from collections.abc import Iterator

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseloom.channels.mail.message import InboundMail, Unreadable, read_mail
from caseloom.channels.mail.threading import thread_hints
from caseloom.foundation.text import find_fault
from tests.channels.mail.nasty import NASTY, Nasty

KEY = b"k" * 32
SECONDS = 2.5
ATTRIBUTE = re.compile(r'<([a-z0-9]+)[^>]*? ([a-z]+)="([^"]*)"')


def strings(value: object) -> Iterator[str]:
    """Every text inside a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from strings(item)
    elif isinstance(value, msgspec.Struct):
        yield from strings(msgspec.structs.astuple(value))


def test_there_are_at_least_sixty_nasty_mails_with_different_names() -> None:
    assert len({nasty.name for nasty in NASTY}) == len(NASTY) >= 60


@pytest.mark.parametrize("nasty", NASTY, ids=[nasty.name for nasty in NASTY])
def test_a_nasty_mail_is_read_or_refused_in_time_with_storable_text(nasty: Nasty) -> None:
    begun = time.process_time()
    mail = read_mail(nasty.raw)
    assert time.process_time() - begun < SECONDS
    assert [text for text in strings(mail) if find_fault(text)] == []
    assert nasty.check(mail), mail
    if isinstance(mail, InboundMail):
        thread_hints(mail, KEY)


LINES = st.sampled_from(
    [nasty.raw[:3000] for nasty in NASTY]
    + [
        b"\r\n",
        b"\n",
        b"--b\r\n",
        b"--b--\r\n",
        b"Content-Type: multipart/mixed; boundary=b\r\n",
        b"\xff\xfe\0",
        b"Content-Type: text/html; charset=utf-7\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"=?utf-8?b?",
        b"Auto-Submitted: auto-replied\r\n",
        b"Content-Type: multipart/report; boundary=b\r\n",
        b"<blockquote>",
        b"Content-Type: message/delivery-status\r\n",
        b"From: ",
        b"Date: ",
        b"References: <",
        b"On 1 x wrote:\n",
    ]
)
RAW = st.lists(st.one_of(LINES, st.binary(max_size=60)), max_size=12).map(b"".join)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(raw=RAW)
def test_no_bytes_make_the_reader_raise_or_take_long_or_grow(raw: bytes) -> None:
    begun = time.process_time()
    mail = read_mail(raw)
    assert time.process_time() - begun < SECONDS
    assert [text for text in strings(mail) if find_fault(text)] == []
    if isinstance(mail, Unreadable):
        assert mail.reason.endswith(".")
        assert mail.place
    else:
        assert sum(map(len, strings(mail))) < 60 * len(raw) + 30_000
        thread_hints(mail, KEY)


@settings(max_examples=150, deadline=None)
@given(
    source=st.lists(
        st.one_of(
            st.sampled_from(["<div>", "<p", ">", "<img src=", "http://x", '"', "style='", "url("]),
            st.text(max_size=20),
        ),
        max_size=30,
    ).map("".join)
)
def test_no_html_calls_out(source: str) -> None:
    mail = read_mail(
        b"From: a@b.c\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + source.encode("utf-8", "replace")
    )
    assert isinstance(mail, InboundMail)
    for _, attribute, value in ATTRIBUTE.findall(mail.html or ""):
        assert attribute != "src" or value.startswith(("data:image/", "cid:"))
        assert "url(" not in value or attribute not in ("style", "src")
