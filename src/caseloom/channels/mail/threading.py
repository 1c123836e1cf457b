"""Which case a mail belongs to: five hints, strongest first, and the signs in our own mail that make them.

Providers rewrite Message-IDs, people answer from other addresses, and anybody can write a number into a
subject. So no hint decides alone, and this rule binds whoever sorts:

    Strangers never join a case. Any hint counts only if the sender's address belongs to the case's customer
    or to a known participant of the case. Otherwise the mail opens a case of its own, and an agent may join
    the two.

Signs carry a token: case, contact, and an HMAC (RFC 2104) over both, in lower case only, since some
providers change the case of letters. A token proves that we wrote the sign; it does not prove who sends it
back.
"""

import hashlib
import hmac
import re
from typing import Literal, Protocol

from msgspec import Struct

from caseloom.channels.mail.automatic import DeliveryStatus

HintKind = Literal["in-reply-to", "references", "message-id", "subject", "body", "delivery-report"]

STRANGERS_RULE = (
    "Strangers never join a case: a hint counts only if the sender's address belongs to the case's customer "
    "or to a known participant of the case."
)

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_NUMBER = "[0-9a-z]{1,13}"
_TOKEN = rf"cl1-({_NUMBER})-({_NUMBER})-([a-z2-7]{{16}})"
_OWN_ID = re.compile(rf"<?\s*{_TOKEN}@[^<>\s@]{{1,255}}\s*>?", re.I)
_MARKER = re.compile(rf"(?<![0-9a-z-]){_TOKEN}(?![0-9a-z-])", re.I)
_SUBJECT = re.compile(r"\[?#\s?([0-9]{1,18})-([0-9])(?![0-9])\]?")
_CASE_NUMBER = re.compile(r"#?([0-9]{1,18})-([0-9])")
_MAC_BYTES = 10
_LOOKED_THROUGH = 200_000
_MARKERS_AT_MOST = 20
_LARGEST_ID = 2**63 - 1

# Damm's quasigroup of order 10 (H. M. Damm, Total anti-symmetrische Quasigruppen, 2004): every single wrong
# digit and every swap of two neighbours is found.
_DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip


class Token(Struct, frozen=True):
    """Case and contact (a mail out) that one of our signs names; its signature was right."""

    case_id: int
    contact_id: int


class Hint(Struct, frozen=True):
    """One sign of what a mail answers.

    Exactly one of token (signed), case_id (a number in the subject, not signed) and message_id (to be looked
    up, since a provider may have rewritten ours) is set.
    """

    kind: HintKind
    token: Token | None = None
    message_id: str | None = None
    case_id: int | None = None


class ThreadHints(Struct, frozen=True):
    """Hints in the order of their strength, each once. See the module for the rule on strangers."""

    hints: tuple[Hint, ...]

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The signed tokens alone, strongest first."""
        return tuple(hint.token for hint in self.hints if hint.token)


class Threaded(Protocol):
    """What threading reads of a mail; `InboundMail` has it."""

    @property
    def in_reply_to(self) -> str | None: ...
    @property
    def references(self) -> tuple[str, ...]: ...
    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def html(self) -> str | None: ...
    @property
    def delivery_reports(self) -> tuple[DeliveryStatus, ...]: ...


def make_message_id(domain: str, case_id: int, contact_id: int, key: bytes) -> str:
    """The Message-ID of a mail out, with angle brackets; the same whenever this contact is sent."""
    return f"<{_token(case_id, contact_id, key)}@{domain.lower()}>"


def make_marker(case_id: int, contact_id: int, key: bytes) -> str:
    """The reference for the body of a mail out; it comes back in the quoted part of an answer."""
    return _token(case_id, contact_id, key)


def read_token(message_id: str, key: bytes) -> Token | None:
    """The token in one of our Message-IDs, or None if it is not ours or not signed with this key."""
    found = _OWN_ID.fullmatch(message_id.strip())
    return _verified(found, key) if found else None


def find_markers(text: str, key: bytes) -> tuple[Token, ...]:
    """The signed references in a body, each once, in order."""
    tokens: list[Token] = []
    for count, found in enumerate(_MARKER.finditer(text[:_LOOKED_THROUGH])):
        token = _verified(found, key)
        if token and token not in tokens:
            tokens.append(token)
        if count >= _MARKERS_AT_MOST:
            break
    return tuple(tokens)


def case_number(case_id: int) -> str:
    """The number that people read and say: the case's id and a check digit after Damm, such as `12345-9`."""
    return f"{case_id}-{_damm(str(case_id))}"


def subject_tag(case_id: int) -> str:
    """The number as it stands in a subject, such as `[#12345-9]`."""
    return f"[#{case_number(case_id)}]"


def parse_case_number(number: str) -> int | None:
    """The case's id out of `12345-9` or `#12345-9`, or None if the check digit is wrong."""
    found = _CASE_NUMBER.fullmatch(number.strip())
    return _checked(found) if found else None


def spoken_number(asked: str) -> str:
    """What to search for, when somebody types the number that customers are told (`12345-9`): the case's id."""
    case = parse_case_number(asked)
    return asked if case is None else str(case)


def case_in_subject(subject: str) -> int | None:
    """The first case number with a right check digit in a subject; it needs its `#`."""
    return next((c for found in _SUBJECT.finditer(subject) if (c := _checked(found)) is not None), None)


def without_tags(subject: str) -> str:
    """The subject without any case number in brackets."""
    return re.sub(r"\s{2,}", " ", re.sub(r"\[#\s?[0-9]{1,18}-[0-9]\]", " ", subject)).strip()


def thread_hints(mail: Threaded, key: bytes) -> ThreadHints:
    """Every hint of a mail: tokens of In-Reply-To, then of References (newest first), a bounced mail's
    token, plain Message-IDs, the number in the subject, markers in the body.
    """
    answered = [mail.in_reply_to] if mail.in_reply_to else []
    earlier = [i for i in reversed(mail.references) if i not in answered]
    returned = [r.original_message_id for r in mail.delivery_reports if r.original_message_id]
    hints = [
        *_signed("in-reply-to", answered, key),
        *_signed("references", earlier, key),
        *_signed("delivery-report", returned, key),
        *(Hint("message-id", message_id=i) for i in [*answered, *earlier, *returned] if read_token(i, key) is None),
    ]
    if (case_id := case_in_subject(mail.subject)) is not None:
        hints.append(Hint("subject", case_id=case_id))
    markers = find_markers(mail.text, key) or find_markers(mail.html or "", key)
    hints += [Hint("body", token=token) for token in markers]
    return ThreadHints(tuple(dict.fromkeys(hints)))


def _signed(kind: HintKind, message_ids: list[str], key: bytes) -> list[Hint]:
    return [Hint(kind, token=token) for i in message_ids if (token := read_token(i, key))]


def _token(case_id: int, contact_id: int, key: bytes) -> str:
    if case_id < 0 or contact_id < 0:
        raise ValueError("Ids in a token are not negative; pass the stored ids of case and contact.")
    case, contact = _base36(case_id), _base36(contact_id)
    return f"cl1-{case}-{contact}-{_mac(case, contact, key)}"


def _mac(case: str, contact: str, key: bytes) -> str:
    digest = hmac.digest(key, f"caseloom mail token 1 {case} {contact}".encode(), hashlib.sha256)
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    number = int.from_bytes(digest[:_MAC_BYTES], "big")
    return "".join(letters[number >> shift & 31] for shift in range(_MAC_BYTES * 8 - 5, -1, -5))


def _verified(found: re.Match[str], key: bytes) -> Token | None:
    case, contact, mac = (group.lower() for group in found.groups())
    # re.I lets a few letters outside ASCII match (such as the Kelvin sign); no token of ours has them.
    if not f"{case}{contact}{mac}".isascii() or not hmac.compare_digest(mac, _mac(case, contact, key)):
        return None
    token = Token(int(case, 36), int(contact, 36))
    return token if max(token.case_id, token.contact_id) <= _LARGEST_ID else None


def _base36(number: int) -> str:
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
        if not number:
            return digits


def _damm(digits: str) -> str:
    interim = 0
    for digit in digits:
        interim = int(_DAMM[interim][int(digit)])
    return str(interim)


def _checked(found: re.Match[str]) -> int | None:
    # A leading zero would let two spellings name one case, and would escape Damm's check.
    sound = found[1] == str(int(found[1])) and _damm(found[1]) == found[2]
    return int(found[1]) if sound else None
