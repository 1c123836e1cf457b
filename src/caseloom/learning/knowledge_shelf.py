"""What there is to know: the articles and letters of a definition and of the house, each by a name of its own."""

from collections.abc import Iterator, Mapping
from typing import Final, Literal

import msgspec

from caseloom.engine.rules.plan import Plan
from caseloom.engine.spec.service_goal import HouseRules, ServiceGoal
from caseloom.learning.knowledge_words import Index
from caseloom.library.plans import HOUSE, house_version, latest_versions, offered_goals, the_plans

MOST_FOUND: Final = 8


class Piece(msgspec.Struct, frozen=True):
    """An article or a letter. `article` is its name with its home, as events and the API give it: a letter is
    `HOME:letter:KEY`. No key has a colon in it.
    """

    article: str
    home: str
    kind: Literal["article", "letter"]
    key: str
    title: str
    text: str
    home_title: str = ""


Shelf = dict[str, Piece]


def shelf_of(plan: Plan) -> Shelf:
    """What a case under this plan has: of its service goal, and of the house. A key that both have is the service
    goal's.
    """
    own = dict(_pieces(plan.service_goal)) if plan.service_goal is not None else {}
    taken = {(piece.kind, piece.key) for piece in own.values()}
    house = {name: piece for name, piece in _pieces(plan.house) if (piece.kind, piece.key) not in taken}
    return own | house


def article_of(plan: Plan, key: str) -> str:
    """The name of the article that a goal's `knowledge` names."""
    goal = plan.service_goal
    return f"{goal.service_goal}:{key}" if goal is not None and key in goal.knowledge else f"{HOUSE}:{key}"


def letter_of(plan: Plan, key: str) -> str:
    """The name of the letter that was sent."""
    goal = plan.service_goal
    return f"{goal.service_goal if goal is not None and key in goal.letters else HOUSE}:letter:{key}"


def offered_articles() -> Shelf:
    """The articles of all service goals that are offered, and of the house, as they were published last."""
    house = the_plans("", 0, house_version()).house
    bodies: list[ServiceGoal | HouseRules] = [house, *offered_goals()]
    return {name: piece for body in bodies for name, piece in _pieces(body) if piece.kind == "article"}


def _pieces(body: ServiceGoal | HouseRules) -> Iterator[tuple[str, Piece]]:
    home = body.service_goal if isinstance(body, ServiceGoal) else HOUSE
    for key, article in body.knowledge.items():
        name = f"{home}:{key}"
        yield name, Piece(name, home, "article", key, article.title, article.text, body.title)
    for key, letter in body.letters.items():
        if not letter.automatic:
            name = f"{home}:letter:{key}"
            yield name, Piece(name, home, "letter", key, letter.title or letter.subject, letter.text, body.title)


class Found(msgspec.Struct, frozen=True):
    """All that can be searched from a case, with its index."""

    pieces: tuple[Piece, ...]
    index: Index


_indexes: dict[tuple[object, ...], Found] = {}
"""By what was published and what the case is under; published versions never change."""
_KEPT: Final = 40


def searched(plan: Plan, service_goal: str, version: int, house: int) -> Found:
    """What can be searched from a case under this plan: its own articles and letters, and all that is offered."""
    key = (service_goal, version, house, tuple(sorted(latest_versions().items())))
    found = _indexes.get(key)
    if found is None:
        pieces = tuple((offered_articles() | shelf_of(plan)).values())
        found = Found(pieces, Index([(piece.title, piece.text) for piece in pieces]))
        while len(_indexes) >= _KEPT:
            _indexes.pop(next(iter(_indexes)), None)
        _indexes[key] = found
    return found


def search(found: Found, query: str, chances: Mapping[str, float] | None = None) -> list[Piece]:
    """The articles and letters in which these words stand, the best first; of those that are as good, what helped more
    often.
    """
    hits = [found.pieces[number] for number in found.index.find(query, MOST_FOUND)]
    if not chances:
        return hits
    place = {piece.article: number for number, piece in enumerate(hits)}
    return sorted(hits, key=lambda piece: place[piece.article] - 2 * (chances.get(piece.article, 0.5) - 0.5))
