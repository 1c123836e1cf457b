"""Address lists of mail headers (RFC 5322 §3.4), read in one pass over the text.

The standard library's parser takes 19 s for 20,000 addresses; this one is linear. Encoded words are read
after the list has been taken apart, so that an encoded comma cannot smuggle in an address.
"""

import re

from msgspec import Struct

from caseloom.channels.mail.charset import Faults, words
from caseloom.foundation.text import mended_line

# Closing marks are optional, so that a mark that never closes costs one pass and not one a character.
_TOKEN = re.compile(
    r'"(?:[^"\\]|\\.)*"?|<[^>]*>?|\((?:[^()\\]|\\.)*\)?|[,;:]|'
    r'=\?[^?\s]{1,40}\?[bBqQ]\?[^?]{0,400}\?=|[^"<(,;:=]+|=',
    re.S,
)
_ADDRESS = re.compile(r"[^\s@<>()\",;:\\\[\]]+@[^\s@<>()\",;:\\]+|\"(?:[^\"\\]|\\.)*\"@[^\s@<>()\",;:\\]+")
_LONGEST = 1_000
_ESCAPED = re.compile(r"\\(.)", re.S)


class Address(Struct, frozen=True):
    """A mailbox: the display name (may be empty) and the address as it was written, such as
    `ada@example.org`.
    """

    name: str
    address: str

    @property
    def key(self) -> str:
        """The address for comparing: in lower case. RFC 5321 §2.4 lets local parts differ by case; no
        provider does.
        """
        return self.address.lower()


def read_addresses(value: str, faults: Faults, limit: int) -> tuple[Address, ...]:
    """The mailboxes of an address list, in order; at most `limit` + 1 of them, so that the caller sees an
    excess.
    """
    found: list[Address] = []
    entry: list[str] = []
    for mark in _TOKEN.findall(value):
        if mark == ":":
            entry.clear()  # What stood before the colon is the name of a group.
        elif mark in ",;":
            _close(entry, found, faults)
            if len(found) > limit:
                break
        else:
            entry.append(mark)
    _close(entry, found, faults)
    return tuple(found[: limit + 1])


def _close(entry: list[str], found: list[Address], faults: Faults) -> None:
    if address := _mailbox(entry, faults):
        found.append(address)
    entry.clear()


def _mailbox(entry: list[str], faults: Faults) -> Address | None:
    in_angles = [mark[1:].rstrip(">").strip() for mark in entry if mark[0] == "<"]
    if in_angles:
        address = mended_line(in_angles[-1].rpartition(":")[2][:_LONGEST])
        name = words("".join(_plain(mark) for mark in entry if mark[0] not in "<(")[:_LONGEST], faults)
        return Address(name, address) if address else None
    text = "".join(mark for mark in entry if mark[0] != "(").strip()[:_LONGEST]
    if not (match := _ADDRESS.search(text)):
        return None
    comment = " ".join(mark.strip("()") for mark in entry if mark[0] == "(")[:_LONGEST]
    return Address(words(comment or text.replace(match[0], ""), faults), mended_line(match[0]))


def _plain(mark: str) -> str:
    return _ESCAPED.sub(r"\1", mark[1:].removesuffix('"')) if mark[0] == '"' else mark
