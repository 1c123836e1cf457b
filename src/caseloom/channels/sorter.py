"""The sorter: where a mail belongs. This is the first, plain one; a learned one has the same type (DESIGN §3).

A mail belongs to the case that it answers: by our signed token, by the Message-ID of a contact, by the number in its
subject, by the marker in its body, in this order. A hint counts only if the sender is the case's customer or a known
participant; otherwise the mail opens a case of its own, with a note that says so. Without a case it is a want:
recognised by its mailbox, then by a keyword, else by nobody yet. Automatic mail never opens a case.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final

import msgspec

from caseloom.cases.models import CaseRow
from caseloom.channels.mail.message import InboundMail
from caseloom.channels.mail.threading import Hint, case_number, thread_hints
from caseloom.channels.models import ContactRow
from caseloom.channels.reading import Reading
from caseloom.customers.queries import leading
from caseloom.engine.spec.service_goal import ServiceGoal
from caseloom.library.plans import house_version, latest, offered_goals, the_plans
from caseloom.staff.models import Team
from caseloom.streams.door import the_door
from caseloom.streams.replay import read_state

PROOFS: Final = frozenset(("in-reply-to", "references", "delivery-report", "body"))
_SEARCHED: Final = 20_000


class Unsorted(msgspec.Struct, frozen=True):
    """A contact that looks for its place. `customer` is None where the sender is not known yet."""

    contact: int
    mail: InboundMail
    mailbox: str
    customer: int | None


class Joins(msgspec.Struct, frozen=True):
    """It belongs to this case of this customer. `answers` is the contact of ours that it answers, where that is
    certain.
    """

    case: int
    customer: int
    team: str
    answers: int | None = None
    reading: Reading | None = None


class Opens(msgspec.Struct, frozen=True):
    """It is a new want; `service_goal` is empty where nobody knows yet which. `more` are further wants of the same
    message (service goal and its version), each a case of its own.
    """

    service_goal: str = ""
    version: int = 0
    house_version: int = 0
    team: str = ""
    note: str = ""
    more: tuple[tuple[str, int], ...] = ()
    reading: Reading | None = None


class Stays(msgspec.Struct, frozen=True):
    """It is kept as a contact without a case."""


Destination = Joins | Opens | Stays
Sorter = Callable[[Sequence[Unsorted]], Sequence[Destination]]
"""A destination for each, in the same order."""


class _Standing(msgspec.Struct, frozen=True):
    """What the sorter knows of a case."""

    customer: int
    team: str


class _Found(msgspec.Struct, frozen=True):
    """A hint that led to a case that exists."""

    case: int
    contact: int | None
    proved: bool


class PlainSorter:
    """Call it with a batch. `key` signs tokens; `default_team` gets what nobody recognises ("" for the first team of
    the house).
    """

    def __init__(self, key: bytes, default_team: str = "") -> None:
        self._key, self._default_team = key, default_team

    def __call__(self, batch: Sequence[Unsorted]) -> list[Destination]:
        """A destination for each contact, in the same order."""
        hints = [thread_hints(one.mail, self._key).hints for one in batch]
        contacts = _contacts_by_message_id(hints)
        found = [_follow(each, contacts) for each in hints]
        cases = _cases({one.case for each in found for one in each})
        return [self._place(one, each, cases) for one, each in zip(batch, found, strict=True)]

    def _place(self, one: Unsorted, found: Sequence[_Found], cases: Mapping[int, _Standing]) -> Destination:
        known = [each for each in found if each.case in cases]
        if one.mail.automatic is not None:
            return _place_automatic(one, known, cases)
        for each in known:
            if one.customer is not None and _belongs(one.customer, each.case, cases[each.case].customer):
                return _join(each, cases[each.case])
        return self._open(one, _note(known))

    def _open(self, one: Unsorted, note: str) -> Opens:
        goal = recognise(one, offered_goals())
        if goal is not None:
            return Opens(goal.service_goal, latest(goal.service_goal), house_version(), note=note)
        return Opens(house_version=house_version(), team=self._team(one.mailbox), note=note)

    def _team(self, mailbox: str) -> str:
        local = mailbox.partition("@")[0].lower()
        if Team.objects.filter(pk=local).exists():
            return local
        house = the_plans("", 0, house_version()).house
        return self._default_team or next(iter(house.teams), "")


def _contacts_by_message_id(hints: Sequence[Sequence[Hint]]) -> dict[str, tuple[int, int]]:
    """Message-ID → (case, contact) of the mails out that went by it."""
    wanted = {hint.message_id for each in hints for hint in each if hint.message_id}
    if not wanted:
        return {}
    rows = ContactRow.objects.filter(message_id__in=wanted, case_id__isnull=False).values_list(
        "message_id", "case_id", "id"
    )
    return {message_id: (case, contact) for message_id, case, contact in rows if case is not None}


def _follow(hints: Sequence[Hint], contacts: Mapping[str, tuple[int, int]]) -> list[_Found]:
    found = []
    for hint in hints:
        if hint.token is not None:
            found.append(_Found(hint.token.case_id, hint.token.contact_id, hint.kind in PROOFS))
        elif hint.message_id is not None and hint.message_id in contacts:
            case, contact = contacts[hint.message_id]
            found.append(_Found(case, contact, proved=True))
        elif hint.case_id is not None:
            found.append(_Found(hint.case_id, None, proved=False))
    return found


def _cases(numbers: set[int]) -> dict[int, _Standing]:
    if not numbers:
        return {}
    rows = CaseRow.objects.filter(pk__in=numbers).values_list("id", "customer", "team")
    return {number: _Standing(customer, team) for number, customer, team in rows}


def _belongs(sender: int, case: int, customer: int) -> bool:
    """Whether the sender is the case's customer (also under another record of theirs) or takes part in it."""
    if sender == customer or leading(customer) == sender:
        return True
    # Imported by name: the case's kind is looked up in the door, which has the one in force.
    door = the_door()
    state = read_state(door, door.kinds["case"], case)
    return state is not None and sender in state[0].participants


def _place_automatic(one: Unsorted, found: Sequence[_Found], cases: Mapping[int, _Standing]) -> Destination:
    """A report or a holiday note joins the case whose mail it answers, if a signature proves which; it opens none."""
    for each in found:
        if each.proved and each.contact is not None:
            trusted = one.mail.automatic == "bounce" or (
                one.customer is not None and _belongs(one.customer, each.case, cases[each.case].customer)
            )
            if trusted:
                return _join(each, cases[each.case])
    return Stays()


def _join(found: _Found, standing: _Standing) -> Joins:
    return Joins(found.case, standing.customer, standing.team, found.contact if found.proved else None)


def _note(found: Sequence[_Found]) -> str:
    if not found:
        return ""
    return (
        f"This mail refers to case {case_number(found[0].case)}, but its sender is not known there, "
        "so it opened a case of its own. "
        "If they belong together, answer from the other case."
    )


def recognise(one: Unsorted, goals: Sequence[ServiceGoal]) -> ServiceGoal | None:
    """The service goal whose mailbox the mail came to, else the one whose keywords it holds most of; the subject
    counts double.
    """
    boxes = {
        one.mailbox.lower(),
        one.mailbox.partition("@")[0].lower(),
        *(address.lower() for address in one.mail.delivered_to),
    }
    boxes |= {address.key for address in one.mail.to}
    by_mail = [goal for goal in goals if not goal.channels or "mail" in goal.channels]
    for goal in by_mail:
        if boxes & {box.lower() for box in goal.recognise.mailboxes}:
            return goal
    scored = [(_score(one.mail, goal.recognise.keywords), goal) for goal in by_mail]
    best = max(scored, key=lambda pair: pair[0], default=(0, None))
    return best[1] if best[0] > 0 else None


def _score(mail: InboundMail, keywords: tuple[str, ...]) -> int:
    text = mail.reply_text[:_SEARCHED]
    return sum(
        2 * bool(_word(keyword).search(mail.subject)) + bool(_word(keyword).search(text)) for keyword in keywords
    )


@lru_cache(maxsize=4096)
def _word(keyword: str) -> re.Pattern[str]:
    """The keyword as whole words, blanks of any length, in any case."""
    inner = r"\s+".join(map(re.escape, keyword.split()))
    return re.compile(rf"(?<!\w){inner}(?!\w)", re.IGNORECASE)
