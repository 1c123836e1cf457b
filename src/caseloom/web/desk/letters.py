"""The composer: to whom, which letter, what words; what is not known yet stays visible as `[…]`."""

import re
from collections.abc import Iterable
from typing import Final

import msgspec

from caseloom.cases.queries import CaseView
from caseloom.channels.links import PLACEHOLDER
from caseloom.customers.customer import Customer
from caseloom.engine.case.scope import CaseScope
from caseloom.web.desk.fields import Typed

FORM: Final = "compose-form"
_OPEN_SLOT: Final = re.compile(rf"((?!{re.escape(PLACEHOLDER)})\[[^\[\]\n]{{1,200}}\])")
"""A place that a person has to fill in; the one for the portal's link is filled when the letter goes out."""


class Choice(msgspec.Struct, frozen=True):
    key: str
    title: str


class Composer(msgspec.Struct, frozen=True):
    """What stands in the composer."""

    to: str
    addresses: tuple[str, ...]
    subject: str
    text: str
    letter: str
    item: int | None
    answers: int | None
    letters: tuple[Choice, ...]
    open: bool


def composer(
    view: CaseView,
    customer: Customer | None,
    scope: CaseScope,
    letter: str = "",
    item: int | None = None,
    typed: Typed | None = None,
) -> Composer:
    """A composer with this letter in it; what was typed before a refusal stands in it again."""
    addresses = tuple(value for kind, value in (customer.identities if customer else ()) if kind == "mail")
    known = view.plan.letters.get(letter)
    again = typed if typed is not None and typed.get("form") == FORM else {}
    subject = known.subject.render(scope) if known else ""
    return Composer(
        to=again.get("to", addresses[0] if addresses else ""),
        addresses=addresses,
        subject=again.get("subject", subject),
        text=again.get("text", known.text.render(scope) if known else ""),
        letter=again.get("letter", letter if known else ""),
        item=item if item in view.state.items else _item_of(view, letter),
        answers=view.state.unanswered[-1] if view.state.unanswered else None,
        letters=tuple(
            Choice(key, plan.title or key)
            for key, plan in view.plan.letters.items()
            if not plan.automatic or key == letter
        ),
        open=bool(again or known),
    )


def _item_of(view: CaseView, letter: str) -> int | None:
    """The open task that this letter fulfils."""
    for item in view.state.items.values():
        task = view.plan.task(item.key)
        if letter and task is not None and task.letter == letter and item.status == "active" and item.message is None:
            return item.id
    return None


def paragraphs(text: str) -> list[list[tuple[str, bool]]]:
    """The text in paragraphs, each in pieces; True marks a place that somebody has to fill in."""
    return [
        [(piece, bool(_OPEN_SLOT.fullmatch(piece))) for piece in _OPEN_SLOT.split(part) if piece]
        for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    ]


def unfilled(texts: Iterable[str]) -> list[str]:
    """The places that still have to be filled in."""
    return [slot for text in texts for slot in _OPEN_SLOT.findall(text)]
