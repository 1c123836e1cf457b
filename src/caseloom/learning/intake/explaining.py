"""Why a message was read as it was: the words that carried it, each tried by leaving it out, and earlier messages."""

from collections.abc import Callable

import msgspec
import regex

from caseloom.learning.intake.neighbours import Neighbour, nearness
from caseloom.learning.intake.reader import Model

TRIED = 12
"""So many words are left out in turn; each costs one reading."""
NAMED = 5
LEAST = 0.01
"""Words whose absence moves the probability by less carry nothing."""
HALF = 0.5
"""Once the probability has fallen to so much of itself, enough words are named."""

_WORD = regex.compile(r"\w+(?:['’]\w+)*")


class Carrying(msgspec.Struct, frozen=True):
    """A word with its first place in the text; `effect` is how much less probable the goal is when it is left out
    beside those named before it.
    """

    word: str
    start: int
    end: int
    effect: float


class Why(msgspec.Struct, frozen=True):
    """What carried a goal: its probability, the words (heaviest first) and how much less probable it is without all of
    them together; the nearest earlier messages, and the corrections that had a say (both by key).
    """

    goal: str
    probability: float
    words: tuple[Carrying, ...]
    together: float
    neighbours: tuple[Neighbour, ...]
    corrections: tuple[str, ...]


def explain(model: Model, text: str, goal: str = "", *, language: str = "") -> Why:
    """The reasons for a goal (the likeliest, where none is named). Every figure is measured: the text is read again
    without the word.

    Raises:
        KeyError: the model does not know the goal.
    """
    scorer = model.scorer
    signs = scorer.signs(text, language)
    chances = scorer.chances(signs)
    if not len(chances):
        return Why("", 0.0, (), 0.0, (), ())
    place = scorer.names.index(goal) if goal in scorer.names else int(chances.argmax()) if not goal else -1
    if place < 0:
        raise KeyError(goal)
    whole = float(chances[place])
    # The language stays that of the whole text: without a word of it, another reading would be compared.
    spoken = "en" if signs.vector is not None else "other"

    def without(words: list[str]) -> float:
        return float(scorer.chances(scorer.signs(left_out(text, words), spoken))[place])

    order = {word: number for number, word in enumerate(_candidates(model, text, place))}
    ranked = sorted(order, key=lambda word: (without([word]), order[word]))
    named = _named(whole, ranked[:NAMED], without)
    kept = scorer.learned.neighbours
    nearest = kept.nearest(kept.likeness(signs.sparse, signs.vector), 20)
    alike = [one for one in nearest if scorer.names[place] in one.goals][:3]
    said = [one.key for one in scorer.corrections if nearness(one, signs.sparse, signs.vector) > 0]
    words = tuple(
        Carrying(text[s:e], s, e, round(effect, 4)) for word, effect in named for s, e in [_place(text, word)]
    )
    together = sum(effect for _, effect in named)
    return Why(scorer.names[place], round(whole, 4), words, round(together, 4), tuple(alike), tuple(said))


def _named(whole: float, ranked: list[str], without: Callable[[list[str]], float]) -> list[tuple[str, float]]:
    """The words, left out one after the other until the probability has halved; of a sure goal no single word takes
    much."""
    chances = [whole]
    for count in range(1, len(ranked) + 1):
        chances.append(without(ranked[:count]))
        if chances[-1] <= whole * HALF:
            break
    lowest = min(range(len(chances)), key=chances.__getitem__)
    if whole - chances[lowest] < LEAST:
        return []
    return [(ranked[number], chances[number] - chances[number + 1]) for number in range(lowest)]


def left_out(text: str, words: list[str]) -> str:
    """The text without each occurrence of the words, large or small."""
    gone = {word.lower() for word in words}
    return _WORD.sub(lambda found: " " if found[0].lower() in gone else found[0], text)


def _place(text: str, word: str) -> tuple[int, int]:
    return next((found.start(), found.end()) for found in _WORD.finditer(text) if found[0].lower() == word)


def _candidates(model: Model, text: str, place: int) -> list[str]:
    """The words worth trying: all of a short text, else those that most speak for the goal by words alone."""
    words = list(dict.fromkeys(found[0].lower() for found in _WORD.finditer(text[:4_000])))
    if len(words) <= TRIED:
        return words
    learned = model.scorer.learned
    if place >= len(learned.goals):
        return words[:TRIED]
    weights = learned.words.weights[:, place]
    weight = {word: float(learned.vocabulary.features(word).against(weights[:, None])[0]) for word in words}
    return sorted(words, key=lambda word: -weight[word])[:TRIED]
