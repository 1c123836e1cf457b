"""Mails that break mail readers, each with what must come of it. Built here; none was taken from anywhere."""

# One mail a line: a table reads better than a ladder.
# ruff: noqa: E501

import base64
from collections.abc import Callable

from msgspec import Struct

from caseloom.channels.mail.message import InboundMail, Unreadable

Check = Callable[[InboundMail | Unreadable], object]
HEAD = b"From: Ada <ada@example.org>\r\nTo: bank@example.com\r\nSubject: Card\r\nMessage-ID: <1@example.org>\r\n"
TYPE = b"Content-Type: "


class Nasty(Struct, frozen=True):
    """A mail and a check that must hold for what `read_mail` returns."""

    name: str
    raw: bytes
    check: Check


def plain(body: bytes, *headers: bytes) -> bytes:
    """A mail with these further headers and this body."""
    return HEAD + b"".join(header + b"\r\n" for header in headers) + b"\r\n" + body


def multipart(*parts: bytes, kind: bytes = b"mixed", boundary: bytes = b"b", end: bool = True) -> bytes:
    """A multipart mail of these parts, each with its own headers."""
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    closing = b"--" + boundary + b"--\r\n" if end else b""
    return plain(body + closing, TYPE + b"multipart/" + kind + b'; boundary="' + boundary + b'"')


def html(source: str) -> bytes:
    """A mail of HTML alone."""
    return plain(source.encode(), TYPE + b"text/html; charset=utf-8")


def nested(levels: int) -> bytes:
    """Multiparts inside each other."""
    opening = b"".join(
        TYPE + b"multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(levels)
    )
    return HEAD + opening + b"\r\ndeep inside\r\n"


def refused(place: str, word: str) -> Check:
    """The mail is not read; the sentence names the limit."""
    return lambda mail: isinstance(mail, Unreadable) and mail.place.startswith(place) and word in mail.reason


def read(check: Callable[[InboundMail], object]) -> Check:
    """The mail is read, and this holds."""
    return lambda mail: isinstance(mail, InboundMail) and check(mail)


def faulty(word: str, check: Callable[[InboundMail], object] = lambda mail: True) -> Check:
    """The mail is read, one of its faults has this word, and this holds."""
    return lambda mail: isinstance(mail, InboundMail) and any(word in f for f in mail.faults) and check(mail)


def text_is(text: str) -> Check:
    """The mail is read with exactly this text."""
    return read(lambda mail: mail.text == text)


def _addresses(number: int) -> bytes:
    return b"To: " + b",\r\n ".join(b"a%d@example.org" % n for n in range(number))


STRUCTURE = [
    Nasty("nothing at all", b"", faulty("no sender", lambda m: m.text == "")),
    Nasty("a line end alone", b"\r\n", read(lambda m: m.subject == "")),
    Nasty("NUL bytes alone", b"\0" * 5000, read(lambda m: m.sender is None)),
    Nasty("headers without a body", HEAD.rstrip(), read(lambda m: m.subject == "Card" and m.text == "")),
    Nasty("no headers", b"Hello there\r\nI am lost", faulty("break off", lambda m: "lost" in m.text)),
    Nasty("no empty line before the body", HEAD + b"Hello bank", faulty("break off", lambda m: m.text == "Hello bank")),
    Nasty("lines end with LF", HEAD.replace(b"\r", b"") + b"\nHi", text_is("Hi")),
    Nasty("lines end with CR", (HEAD + b"\r\nHi").replace(b"\n", b""), faulty("carriage", lambda m: m.text == "Hi")),
    Nasty("mixed line ends", HEAD + b"\n\rHi\rthere\n", read(lambda m: "Hi\nthere" in m.text)),
    Nasty("an mbox line first", b"From ada Mon Jan 1\r\n" + HEAD + b"\r\nHi", read(lambda m: m.subject == "Card")),
    Nasty("2,000 nested parts", nested(2000), refused("part", "nesting")),
    Nasty("45 nested parts", nested(45), read(lambda m: m.text == "deep inside")),
    Nasty("5,000 parts side by side", multipart(*[b"\r\nx"] * 5000), refused("part", "parts")),
    Nasty("900 parts side by side", multipart(*[b"\r\nx"] * 900), read(lambda m: m.text.count("x") == 900)),
    Nasty("header of 300 kB", plain(b"", b"X-Long: " + b"a" * 300_000), refused("part 1", "header_bytes")),
    Nasty("part header of 300 kB", multipart(b"X-L: " + b"a" * 300_000 + b"\r\n\r\nHi"), refused("part 2", "header_bytes")),
    Nasty("60 MB", plain(b"x" * 60_000_000), refused("mail", "size")),
    Nasty("20 MB on one line", plain(b"x" * 20_000_000), faulty("longer", lambda m: len(m.text) == 1_000_000)),
    Nasty("no boundary named", plain(b"Hi", TYPE + b"multipart/mixed"), faulty("no boundary", lambda m: m.text == "Hi")),
    Nasty("boundary that never comes", plain(b"Hi", TYPE + b"multipart/mixed; boundary=x"), faulty("never ends")),
    Nasty("boundary that never ends", multipart(b"\r\nHi", end=False), faulty("never ends", lambda m: m.text == "Hi")),
    Nasty("boundary of 5,000 letters", multipart(b"\r\nHi", boundary=b"b" * 5000), text_is("Hi")),
    Nasty("boundary is another's beginning", multipart(b"\r\none\r\n--bb\r\ntwo"), text_is("one\r\n--bb\r\ntwo".replace("\r", ""))),
    Nasty("same boundary inside", multipart(TYPE + b"multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHi"), read(lambda m: "Hi" in m.text)),
    Nasty("boundary line with blanks", multipart(b"\r\nHi").replace(b"--b--", b"--b-- \t"), text_is("Hi")),
    Nasty("text behind the last boundary", multipart(b"\r\nHi") + b"not shown", text_is("Hi")),
    Nasty("part without headers", multipart(b"\r\nHi"), text_is("Hi")),
    Nasty("empty parts", multipart(b"", b"", b"\r\nHi"), text_is("Hi")),
    Nasty("media type of nonsense", plain(b"Hi", TYPE + b";;;=\x00"), text_is("Hi")),
    Nasty("media type twice", plain(b"Hi", TYPE + b"text/plain", TYPE + b"image/png"), text_is("Hi")),
    Nasty("50,000 parameters", plain(b"Hi", TYPE + b"text/plain" + b'; a="b;"' * 20_000), text_is("Hi")),
    Nasty("message inside a message", multipart(b"\r\nsee below", TYPE + b"message/rfc822\r\n\r\n" + HEAD + b"\r\ninner"),
          read(lambda m: m.text == "see below" and b"inner" in m.attachments[0].content)),
    Nasty("2,000 messages inside each other", plain((TYPE + b"message/rfc822\r\n\r\n") * 2000, TYPE + b"message/rfc822"),
          read(lambda m: len(m.attachments) == 1)),
]  # fmt: skip

HEADERS = [
    Nasty("20,000 addresses", HEAD + _addresses(20_000) + b"\r\n\r\nHi", refused("part 1", "header_bytes")),
    Nasty("5,000 addresses", HEAD + _addresses(5_000) + b"\r\n\r\nHi", refused("To", "addresses")),
    Nasty("1,000 addresses", b"From: a@b.c\r\n" + _addresses(1_000) + b"\r\n\r\nHi", read(lambda m: len(m.to) == 1000)),
    Nasty("open quotes", plain(b"", b'Cc: "' + b'\\"' * 60_000), read(lambda m: m.cc == ())),
    Nasty("open angles", plain(b"", b"Cc: " + b"<" * 200_000), read(lambda m: len(m.cc) <= 1)),
    Nasty("open comments", plain(b"", b"Cc: " + b"(" * 200_000), read(lambda m: m.cc == ())),
    Nasty("commas alone", plain(b"", b"Cc: " + b"," * 200_000), read(lambda m: m.cc == ())),
    Nasty("a group", plain(b"", b"Cc: team: a@b.c, d@e.f;, x@y.z"), read(lambda m: [a.address for a in m.cc] == ["a@b.c", "d@e.f", "x@y.z"])),
    Nasty("undisclosed recipients", plain(b"", b"Cc: undisclosed-recipients:;"), read(lambda m: m.cc == ())),
    Nasty("comma in a name", plain(b"", b'Cc: "Doe, Jane" <j@d.e>'), read(lambda m: [(a.name, a.address) for a in m.cc] == [("Doe, Jane", "j@d.e")])),
    Nasty("encoded comma in a name", plain(b"", b"Cc: =?utf-8?q?a=40b=2Ec=2C?= <j@d.e>"), read(lambda m: [a.address for a in m.cc] == ["j@d.e"])),
    Nasty("encoded line end in a subject", plain(b"", b"Subject: x", b"Reply-To: =?utf-8?q?a=0D=0ABcc:_x?= <r@e.f>"),
          read(lambda m: m.reply_to[0].name == "a Bcc: x")),
    Nasty("no From", b"Subject: x\r\n\r\nHi", faulty("no sender", lambda m: m.sender is None)),
    Nasty("two Froms", b"From: a@b.c\r\nFrom: d@e.f\r\n\r\nHi", read(lambda m: m.sender and m.sender.address == "a@b.c")),
    Nasty("NUL in the subject", b"From: a@b.c\r\nSubject: a\0b\r\n\r\n", read(lambda m: m.subject == "a\ufffdb")),
    Nasty("raw UTF-8 subject", b"From: a@b.c\r\nSubject: Gr\xc3\xbc\xc3\x9fe\r\n\r\n", read(lambda m: m.subject == "Grüße")),
    Nasty("raw Latin-1 subject", b"From: a@b.c\r\nSubject: Gr\xfc\xdfe\r\n\r\n", read(lambda m: m.subject == "Grüße")),
    Nasty("word split in a character", b"From: a@b.c\r\nSubject: =?utf-8?q?Gr=C3?=\r\n =?utf-8?q?=BC=C3=9Fe?=\r\n\r\n", read(lambda m: m.subject == "Grüße")),
    Nasty("word with broken base64", b"From: a@b.c\r\nSubject: =?utf-8?b?SGFsbG8!?=\r\n\r\n", read(lambda m: "Hallo" in m.subject)),
    Nasty("word of unknown charset", b"From: a@b.c\r\nSubject: =?x-klingon?q?Qapla?=\r\n\r\n", faulty("unknown", lambda m: m.subject == "Qapla")),
    Nasty("word of a Python codec", b"From: a@b.c\r\nSubject: =?unicode_escape?q?=5Cud800?=\r\n\r\n", faulty("unknown")),
    Nasty("lone surrogates in a word", b"From: a@b.c\r\nSubject: =?utf-8?q?=ED=A0=80x?=\r\n\r\n", read(lambda m: m.subject.endswith("x"))),
    Nasty("UTF-7 surrogates in a word", b"From: a@b.c\r\nSubject: =?utf-7?q?+2AA-x?=\r\n\r\n", read(lambda m: "x" in m.subject)),
    Nasty("10,000 encoded words", b"From: a@b.c\r\nSubject: " + b"=?utf-8?q?a?= " * 10_000 + b"\r\n\r\n", read(lambda m: len(m.subject) <= 998)),
    Nasty("date of nonsense", plain(b"", b"Date: the day after tomorrow"), faulty("date", lambda m: m.date is None)),
    Nasty("date in the year 99999", plain(b"", b"Date: Mon, 1 Jan 99999 10:00:00 +0000"), faulty("date", lambda m: m.date is None)),
    Nasty("date before all time", plain(b"", b"Date: Mon, 1 Jan 0001 00:00:00 +1400"), read(lambda m: m.date is None or m.date.tzinfo)),
    Nasty("date without a zone", plain(b"", b"Date: Mon, 1 Jan 2024 10:00:00 -0000"), read(lambda m: m.date and m.date.hour == 10)),
    Nasty("date with a zone of nonsense", plain(b"", b"Date: Mon, 1 Jan 2024 10:00:00 +9999"), read(lambda m: True)),
    Nasty("5,000 references", plain(b"", b"References: " + b"<a@b> ".join(b"%d" % n for n in range(5000))), read(lambda m: len(m.references) <= 100)),
    Nasty("Message-ID without brackets", b"From: a@b.c\r\nMessage-ID: 7@example.org\r\n\r\n", read(lambda m: m.message_id == "<7@example.org>")),
    Nasty("Message-ID of nonsense", b"From: a@b.c\r\nMessage-ID: <<<>>>\r\n\r\n", read(lambda m: m.message_id is None)),
    Nasty("a header of control characters", plain(b"Hi", b"X-\x01: \x02\x03"), read(lambda m: m.sender)),
]  # fmt: skip

BODIES = [
    Nasty("NUL in the body", plain(b"a\0b"), text_is("a\ufffdb")),
    Nasty("unknown charset", plain(b"Gr\xc3\xbc\xc3\x9fe", TYPE + b"text/plain; charset=x-unknown"), faulty("unknown", lambda m: m.text == "Grüße")),
    Nasty("charset of 10,000 letters", plain(b"Hi", TYPE + b"text/plain; charset=" + b"x" * 7_000), read(lambda m: m.text == "Hi")),
    Nasty("charset with a NUL", plain(b"Hi", TYPE + b"text/plain; charset=\"utf\0-8\""), text_is("Hi")),
    Nasty("charset that is none", plain(b"Hi", TYPE + b"text/plain; charset=base64"), faulty("unknown", lambda m: m.text == "Hi")),
    Nasty("idna as charset", plain(b"a" * 200_000, TYPE + b"text/plain; charset=idna"), faulty("unknown")),
    Nasty("Windows bytes called Latin-1", plain(b"\x84Hi\x93 \x80", TYPE + b"text/plain; charset=iso-8859-1"), text_is("„Hi“ €")),
    Nasty("UTF-8 called ASCII", plain("Grüße".encode(), TYPE + b"text/plain; charset=us-ascii"), text_is("Grüße")),
    Nasty("Latin-1 called UTF-8", plain(b"Gr\xfc\xdfe", TYPE + b"text/plain; charset=utf-8"), faulty("not utf-8", lambda m: m.text.startswith("Gr"))),
    Nasty("UTF-16", plain("Grüße".encode("utf-16"), TYPE + b"text/plain; charset=utf-16"), text_is("Grüße")),
    Nasty("odd UTF-16", plain(b"\xff\xfea", TYPE + b"text/plain; charset=utf-16"), faulty("not utf-16")),
    Nasty("UTF-7 surrogates", plain(b"+2AA-", TYPE + b"text/plain; charset=utf-7"), read(lambda m: m.text)),
    Nasty("ISO-2022-JP", plain("こんにちは".encode("iso2022_jp"), TYPE + b"text/plain; charset=iso-2022-jp"), text_is("こんにちは")),
    Nasty("broken base64", plain(b"SGFs*bG8", b"Content-Transfer-Encoding: base64"), faulty("foreign", lambda m: m.text == "Hallo")),
    Nasty("base64 cut off", plain(b"SGFsbG8gQ", b"Content-Transfer-Encoding: base64"), faulty("cut off", lambda m: m.text == "Hallo")),
    Nasty("base64 of nothing", plain(b"====", b"Content-Transfer-Encoding: base64"), text_is("")),
    Nasty("broken quoted-printable", plain(b"a=ZZ=3D=", b"Content-Transfer-Encoding: quoted-printable"), read(lambda m: "=" in m.text)),
    Nasty("unknown transfer encoding", plain(b"Hi", b"Content-Transfer-Encoding: x-uu"), faulty("transfer", lambda m: m.text == "Hi")),
    Nasty("a file's name with a path", multipart(b"\r\nHi", b'Content-Disposition: attachment; filename="../../etc/passwd"\r\n\r\nx'), read(lambda m: m.attachments[0].name == "passwd")),
    Nasty("a file's name in RFC 2231", multipart(b"\r\nHi", b"Content-Disposition: attachment;\r\n filename*0*=utf-8''Gr%C3%BC;\r\n filename*1*=%C3%9Fe;\r\n filename*2=.txt\r\n\r\nx"), read(lambda m: m.attachments[0].name == "Grüße.txt")),
    Nasty("a file's name in encoded words", multipart(b"\r\nHi", b'Content-Disposition: attachment; filename="=?utf-8?q?Gr=C3=BC=C3=9Fe?=.pdf"\r\n\r\nx'), read(lambda m: m.attachments[0].name == "Grüße.pdf")),
    Nasty("a file's name of NULs", multipart(b"\r\nHi", b'Content-Disposition: attachment; filename="a\0b.txt"\r\n\r\nx'), read(lambda m: m.attachments[0].name == "a\ufffdb.txt")),
    Nasty("a file alone", plain(base64.b64encode(b"%PDF"), TYPE + b"application/pdf; name=a.pdf", b"Content-Transfer-Encoding: base64"), read(lambda m: m.attachments[0].content == b"%PDF")),
    Nasty("scripts", html("<script>alert(1)</script><b onclick=x()>Hi</b><a href='javascript:x()'>go</a>"), read(lambda m: m.html == '<b>Hi</b><a rel="noopener noreferrer nofollow">go</a>')),
    Nasty("100,000 open elements", html("<div>" * 100_000 + "Hi"), faulty("deeply", lambda m: m.html is None and m.text == "Hi")),
    Nasty("10,000 open fonts", html("".join(f"<font size={n}><p>" for n in range(10_000)) + "Hi"), faulty("deeply", lambda m: m.text == "Hi")),
    Nasty("an open tag that never ends", html("<a " * 300_000 + "Hi"), read(lambda m: True)),
    Nasty("open angles in HTML", html("<" * 900_000), read(lambda m: True)),
    Nasty("HTML of surrogate references", html("<p>&#xD800;&#0;&#xFFFF;Hi</p>"), read(lambda m: "Hi" in m.text)),
    Nasty("HTML as the only alternative", multipart(TYPE + b"text/html\r\n\r\n<p>Hi</p>", kind=b"alternative"), text_is("Hi")),
    Nasty("empty plain alternative", multipart(b"\r\n \r\n", TYPE + b"text/html\r\n\r\n<p>Hi</p>", kind=b"alternative"), text_is("Hi")),
    Nasty("100,000 quoting marks", plain(b">" * 100_000 + b"\n" + b"> x\n" * 50_000), read(lambda m: m.reply_text)),
    Nasty("50,000 attributions that end nowhere", plain(b"On 1.1.2024 x\n" * 50_000), read(lambda m: "On 1.1" in m.reply_text)),
    Nasty("one attribution of 500 kB", plain(b"On 1 " + b"wrote " * 80_000), read(lambda m: m.reply_text)),
    Nasty("40 parts of open angles", multipart(*[TYPE + b"text/html\r\n\r\n" + b"<" * 900_000] * 40), faulty("more text")),
    Nasty("spaces without end", plain(b" " * 900_000 + b"Hi"), read(lambda m: "Hi" in m.text)),
]  # fmt: skip

NASTY = [*STRUCTURE, *HEADERS, *BODIES]
