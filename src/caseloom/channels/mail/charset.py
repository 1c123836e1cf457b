"""Bytes to text: charsets as they are named in the wild, transfer encodings (RFC 2045 §6), encoded words
(RFC 2047).

Nothing here raises on bad input: what had to be repaired is appended to `faults` as a short note.
"""

import binascii
import codecs
import functools
import re
from collections.abc import Callable

from caseloom.foundation.text import mended, mended_line

_SOUND_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,39}")
# Python codecs that are no charsets of mail: slow on hostile input, warning, or raising by design.
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
_ENCODED_WORD = re.compile(r"=\?([^?*\s]{1,40})(?:\*[^?\s]*)?\?([BbQq])\?([^?]*)\?=")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_NOT_BASE64_NOR_BLANK = re.compile(rb"[^A-Za-z0-9+/=\s]")

Faults = list[str]


def note(faults: Faults, fault: str) -> None:
    """Add a fault once; a mail with a thousand equal defects has one note."""
    if fault not in faults:
        faults.append(fault)


@functools.lru_cache(maxsize=512)
def codec_for(charset: str) -> str | None:
    """The Python codec for a charset's name (RFC 2046 §4.1.2), or None if we do not know it."""
    if not _SOUND_NAME.fullmatch(charset):
        return None
    try:
        name = codecs.lookup(charset).name
        b"    ".decode(name, "replace")  # A codec of bytes to bytes (base64, zlib) is refused here.
    except (LookupError, ValueError, UnicodeError):
        return None
    if name.replace("-", "_") in _NO_CHARSETS:
        return None
    # Mailers that say US-ASCII or Latin-1 send Windows' characters all the same; the WHATWG reads them so
    # too.
    return "cp1252" if name in ("iso8859-1", "ascii") else name


def decoded(data: bytes, charset: str | None, faults: Faults) -> str:
    """A body as text: by its charset, else UTF-8, else Windows-1252; forbidden characters become U+FFFD."""
    if data.isascii() and (charset or "").lower() in ("", "utf-8", "us-ascii", "iso-8859-1"):
        return mended(data.decode("ascii"))
    codec = codec_for(charset) if charset else None
    if charset and codec is None:
        note(faults, f"The charset {mended_line(charset)[:40]!r} is unknown; the text was guessed.")
    for candidate in dict.fromkeys(("utf-8" if codec in (None, "cp1252") else codec, codec or "utf-8")):
        try:
            return mended(data.decode(candidate))
        except (UnicodeError, ValueError):
            continue
    return mended(_forced(data, codec or "cp1252", faults))


def _forced(data: bytes, codec: str, faults: Faults) -> str:
    note(faults, f"Some bytes are not {codec}; they stand as a replacement character.")
    try:
        return data.decode(codec, "replace")
    except (UnicodeError, ValueError):
        return data.decode("latin-1")


def untransferred(data: bytes, encoding: str, faults: Faults) -> bytes:
    """The bytes of a body without their Content-Transfer-Encoding (RFC 2045 §6)."""
    encoding = encoding.strip().lower()
    if encoding == "base64":
        return from_base64(data, faults)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(data)
    if encoding not in ("", "7bit", "8bit", "binary"):
        note(
            faults,
            f"The transfer encoding {mended_line(encoding)[:40]!r} is unknown; the bytes stay as they came.",
        )
    return data


def from_base64(data: bytes, faults: Faults) -> bytes:
    """Base64 read leniently: foreign characters are skipped, missing padding is added, a stray last
    character is cut.
    """
    if _NOT_BASE64_NOR_BLANK.search(data):
        note(faults, "A base64 part holds foreign characters; they were skipped.")
    letters = _NOT_BASE64.sub(b"", data)
    if len(letters) % 4 == 1:
        note(faults, "A base64 part is cut off; its last character was dropped.")
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def header_text(value: bytes) -> str:
    """A header's bytes as text before encoded words are read: UTF-8 (RFC 6532), else Windows-1252."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("cp1252", "replace")


def words(value: str, faults: Faults) -> str:
    """One line of text with its encoded words read; a character split over two words (a common fault) is
    joined.
    """
    if "=?" not in value:
        return mended_line(value)
    pieces: list[str | tuple[str, bytes]] = []
    end = 0
    for found in _ENCODED_WORD.finditer(value):
        between = value[end : found.start()]
        if between and not (end and between.isspace()):
            pieces.append(between)
        _add_word(pieces, found, faults)
        end = found.end()
    pieces.append(value[end:])
    return mended_line("".join(p if isinstance(p, str) else decoded(p[1], p[0], faults) for p in pieces))


def _add_word(pieces: list[str | tuple[str, bytes]], found: re.Match[str], faults: Faults) -> None:
    charset, data = found[1].lower(), _word_bytes(found[2], found[3], faults)
    last = pieces[-1] if pieces else None
    if isinstance(last, tuple) and last[0] == charset:
        pieces[-1] = (charset, last[1] + data)
    else:
        pieces.append((charset, data))


def _word_bytes(kind: str, letters: str, faults: Faults) -> bytes:
    raw = letters.encode("utf-8", "replace")
    read: Callable[[bytes], bytes] = (
        (lambda data: from_base64(data, faults)) if kind in "Bb" else lambda data: binascii.a2b_qp(data, header=True)
    )
    return read(raw)
