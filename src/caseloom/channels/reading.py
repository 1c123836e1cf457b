"""How an inbound message was read: which service goals it may want, what in it says so, and what it names."""

from typing import Literal

import msgspec

from caseloom.engine.spec.history import Private

ReadVerdict = Literal["opens", "asks", "reads"]
"""`opens`: sure enough that the case opens by itself; `asks`: an agent picks from the guesses; `reads`: a person reads
it.
"""


class Guess(msgspec.Struct, frozen=True, array_like=True):
    """A service goal that the message may want. `probability` is from 0 to 1."""

    goal: str
    probability: float


class Named(msgspec.Struct, frozen=True, array_like=True):
    """Something that the text names: from `start` to `end`, in characters, and what it means in one form. `kind` says
    what it is: date, amount, order number, phone number …
    """

    kind: str
    text: str
    value: str
    start: int
    end: int


class ReadPrivate(Private, frozen=True):
    """The words that carried the verdict, each with how much, and what the text names: these are the customer's."""

    words: tuple[tuple[str, float], ...] = ()
    named: tuple[Named, ...] = ()


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """A message, read. `model` names the version that read it; `wants` are the goals that it wants, where there are
    several; `outside` is how likely it is none of ours; `like` are the earlier contacts that are most like it; `cases`
    the open cases that it may belong to.
    """

    verdict: ReadVerdict
    model: str
    guesses: tuple[Guess, ...] = ()
    wants: tuple[str, ...] = ()
    outside: float = 0.0
    like: tuple[int, ...] = ()
    cases: tuple[int, ...] = ()
    private: ReadPrivate = ReadPrivate()
