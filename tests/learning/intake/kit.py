"""A small service centre's messages, and an encoder of words that needs no weights."""

import hashlib
from functools import cache

import numpy as np
import numpy.typing as npt

from caseloom.learning.intake.example import Example
from caseloom.learning.intake.message_text import plain, words_of

OPENINGS = (
    "",
    "Hello, ",
    "Please help: ",
    "Good morning. ",
    "I am writing because ",
    "Can you help me? ",
    "Dear team, ",
    "Hi, ",
)
SAID = {
    "lost card": (
        "I lost my bank card yesterday",
        "my card was stolen from my bag",
        "I cannot find my credit card anywhere",
        "somebody took my wallet with the card",
        "please block the card that I lost",
    ),
    "new address": (
        "I moved to a new flat, please change my address",
        "my address has changed since last month",
        "we are moving house next week, note the new address",
        "update the street and the city in my file",
        "how do I change the address on my account",
    ),
    "late delivery": (
        "my parcel has not arrived yet",
        "the delivery is late by a week",
        "where is the package that I ordered",
        "the order should have been delivered on Monday",
        "tracking says delivered but no parcel came",
    ),
    "refund": (
        "I want my money back for the broken lamp",
        "please refund the amount that I paid twice",
        "when do I get the refund for my return",
        "you charged me twice, pay it back",
        "the item was sent back and the money is missing",
    ),
    "Vertrag kündigen": (
        "ich möchte meinen Vertrag kündigen",
        "hiermit kündige ich den Vertrag zum Ende des Monats",
        "bitte bestätigen Sie die Kündigung meines Vertrags",
        "wie kann ich das Abo beenden",
        "ich will nicht mehr Kunde sein und kündige",
    ),
}


def examples(per_goal: int = 24) -> list[Example]:
    """For each goal so many messages, each of a person of its own."""
    return [
        Example(opening + said, (goal,), key=f"{goal} {number}", person=f"person {number}")
        for goal, texts in SAID.items()
        for number, (opening, said) in enumerate(_pairs(texts)[:per_goal])
    ]


def _pairs(texts: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(opening, said) for opening in OPENINGS for said in texts]


class WordEncoder:
    """A vector of a text: the sum of one fixed random direction a word, brought to length one."""

    fingerprint = "words of the tests"

    def vector(self, text: str) -> npt.NDArray[np.float32]:
        found = np.sum([_direction(word) for word in words_of(plain(text))] or [np.zeros(64)], axis=0)
        return np.asarray(found / (np.linalg.norm(found) or 1), np.float32)


@cache
def _direction(word: str) -> npt.NDArray[np.float64]:
    seed = int.from_bytes(hashlib.sha256(word.encode("utf-8", "replace")).digest()[:4], "big")
    return np.random.default_rng(seed).standard_normal(64)
