"""Several wants in one message: read as a whole, then clause by clause, and joined."""

import msgspec

from caseloom.learning.intake.message_text import clauses
from caseloom.learning.intake.model import Scorer, Scores, Signs

MOST_CLAUSES = 6
MOST_ENCODED = 240
"""Characters of clauses that are encoded for one message; so a long mail takes no longer than its whole reading
allows."""
WORTH_ENCODING = 0.25
"""The probability that a clause's words alone must give a goal before the clause is read whole."""
SURE = 0.8
"""The probability from which a clause's own goal joins the message's: on pairs of training messages put together it
finds two thirds and more of the second wants, and reads one message in 25 as two that was one."""
OUTSIDE = 0.5
HINTED = 0.01
"""The whole message's probability of a clause's goal, below which the goal is proposed but never opened by itself."""


class Want(msgspec.Struct, frozen=True):
    """A goal that a message wants, with its probability and the place in the text where it says so (characters).

    firm: whether the whole message speaks for it too, and not a clause of it alone.
    """

    goal: str
    probability: float
    start: int
    end: int
    firm: bool


def wants(scorer: Scorer, text: str, signs: Signs, scores: Scores) -> tuple[Want, ...]:
    """Each want once, the likeliest of the whole message first.

    The whole says what it is about; where earlier messages had several goals at once, it says so of each goal. A
    clause adds its own goal where it is surer of it than not and looks like our messages. To save time, a clause is
    encoded only where its words alone point to a goal that the whole has not.
    """
    found = _of_whole(scorer, text, signs, scores)
    pieces = clauses(text, MOST_CLAUSES)
    spoken = "en" if signs.vector is not None else "other"
    encoded = 0
    for start, end in pieces if len(pieces) > 1 else []:
        piece = text[start:end]
        quick = scorer.words_chances(piece)
        if scorer.names[int(quick.argmax())] in found or quick.max() < WORTH_ENCODING:
            continue
        if signs.vector is None or encoded + len(piece) <= MOST_ENCODED:
            encoded += len(piece)
            _add(scorer, found, piece, (start, end), scores, spoken)
    return tuple(found.values())


def _of_whole(scorer: Scorer, text: str, signs: Signs, scores: Scores) -> dict[str, Want]:
    first = int(scores.chances.argmax())
    found = {scorer.names[first]: Want(scorer.names[first], round(float(scores.chances[first]), 4), 0, len(text), True)}
    presence = scorer.route(signs).presence
    if presence is not None and not scores.votes.weights:
        likely = presence.chances(scores.words, scores.chances)
        for place in (-likely).argsort(kind="stable").tolist():
            if likely[place] >= presence.bound:
                goal = scorer.names[place]
                found.setdefault(goal, Want(goal, round(float(likely[place]), 4), 0, len(text), True))
    return found


def _add(
    scorer: Scorer, found: dict[str, Want], piece: str, place: tuple[int, int], whole: Scores, spoken: str
) -> None:
    scores = scorer.scores(scorer.signs(piece, spoken))
    first = int(scores.chances.argmax())
    goal, chance = scorer.names[first], float(scores.chances[first])
    if chance >= SURE and scores.outside < OUTSIDE:
        firm = bool(whole.chances[first] >= HINTED)
        found.setdefault(goal, Want(goal, round(chance, 4), *place, firm))
