"""What could stand at a place of a sentence: for faults, and for an editor that completes."""

import difflib
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from caseloom.engine.rules.language.fault import SentenceFault
from caseloom.engine.rules.language.grammar import END, Half, Stack
from caseloom.engine.rules.language.reading import Match, Reading, starts
from caseloom.engine.rules.language.values import VALUES, samples
from caseloom.engine.rules.language.vocabulary import Vocabulary

KEYWORD: Final = "word"
VALUE: Final = "a value"
_CALLED: Final = {
    "": KEYWORD,
    "NOUN": "what is done",
    "DONE": "an act",
    "DOING": "an act",
    "CLAUSE": "what happens",
    "UNDONE": "what has not happened",
    "DID": "what someone did",
    "VERB": "an act",
    "OBJECT": "what it is done to",
    "FACT": "a fact",
    "FACTNAME": "a fact",
    "FACTS": "a list",
    "EACH": "a member of a list",
    "ROLE": "a role",
    "KIND": "who acts",
    "SKILL": "a skill",
    "TEAM": "a team",
    "GOAL": "a goal",
    "TASK": "a task",
    "OFFER": "an offer",
    "CHANNEL": "a channel",
    "ADDRESSEE": "a role or team",
    **dict.fromkeys(VALUES, VALUE),
}
_AND_OR: Final = {"en": ("and", "or", "both", "and", "either"), "de": ("und", "oder", "sowohl", "als auch", "entweder")}
_MOST_EXPECTED: Final = 8


class Option(NamedTuple):
    """A phrase that may stand somewhere, and its terminal; none for a word of the language itself."""

    phrase: str
    terminal: str = ""

    @property
    def called(self) -> str:
        """What sort of word it is, in words."""
        return _CALLED[self.terminal.split("_")[0]]


def options(reading: Reading, stack: Stack, begun: str = "") -> Iterator[Option]:
    """The phrases that may stand on a stack and begin with a text. Literals stand as samples."""
    possible = frozenset(t for t in reading.grammar.actions(stack) if reading.grammar.accepts(stack, t))
    for terminal, phrase in reading.grammar.keywords.items():
        if terminal in possible and phrase.startswith(begun):
            yield Option(phrase)
    for phrase in reading.lexicon.beginning_with(begun):
        for entry in reading.lexicon.index[phrase]:
            match = Match(entry.terminal, entry.word or Half(entry.terminal, phrase, 0), 1)
            if entry.terminal in possible and reading.goes_with(stack, match):
                yield Option(phrase, entry.terminal)
    for terminal, sample in samples(begun, reading.language):
        if terminal in possible and sample.startswith(begun):
            yield Option(sample, terminal)


class _Stop(NamedTuple):
    """Where reading stopped, and what could have stood there: the rest of phrases begun before."""

    at: int
    options: tuple[Option, ...]


def stopped(reading: Reading, vocabulary: Vocabulary) -> SentenceFault:
    """The fault of a text that is no sentence."""
    if not reading.pieces:
        return SentenceFault("Here stands nothing. A rule is a sentence, such as “The refund must be known.”")
    if reading.faults:
        return reading.faults[-1]
    stop = _furthest(reading)
    mixed = _mixed(reading, stop.at, vocabulary)
    return mixed or _fault(reading, stop)


def _furthest(reading: Reading) -> _Stop:
    count, best = len(reading.pieces), -1
    found: dict[Option, None] = {}
    for at in range(count, -1, -1):
        for stack in reading.stacks[at]:
            for length in range(count - at, -1, -1):
                if at + length < best:
                    break
                rest = _rests(reading, stack, at, length)
                if rest:
                    found = {} if at + length > best else found
                    best = at + length
                    found.update(dict.fromkeys(rest))
                    break
    return _Stop(best, tuple(found))


def _rests(reading: Reading, stack: Stack, at: int, length: int) -> list[Option]:
    """What may follow on some pieces: the rests of the phrases that begin with them."""
    if not length:
        return list(options(reading, stack))
    rests: list[Option] = []
    for first in starts(reading.pieces, at):
        begun = " ".join([first, *(piece.text for piece in reading.pieces[at + 1 : at + length])]) + " "
        rests += [option._replace(phrase=option.phrase[len(begun) :]) for option in options(reading, stack, begun)]
    return rests


def _fault(reading: Reading, stop: _Stop) -> SentenceFault:
    pieces, end = reading.pieces, "the end of the sentence"
    word = pieces[stop.at].text if stop.at < len(pieces) else ""
    at = pieces[stop.at].at if stop.at < len(pieces) else len(reading.text.rstrip())
    suggestion = _meant(reading, stop)
    expected = _in_words(stop.options, suggestion)
    if any(reading.grammar.accepts(stack, END) for stack in reading.stacks[stop.at]):
        expected = (*expected, end)
    before = " ".join(piece.text for piece in pieces[max(0, stop.at - 3) : stop.at])
    place = f"After “{before}” I expected" if before else "I expected"
    message = f"{place} {'one of: ' if len(expected) > 1 else ''}{'; '.join(expected)}. "
    message += f"I read {f'“{word}”' if word else end}."
    message += f" Did you mean “{suggestion}”?" if suggestion else ""
    return SentenceFault(message, at, word, expected, suggestion)


def _in_words(found: Iterable[Option], suggestion: str) -> tuple[str, ...]:
    """What was expected: words of the vocabulary by what they are, with some of them; keywords as they are. What
    holds the suggestion stands first.
    """
    groups: dict[str, list[str]] = {}
    for option in found:
        phrases = groups.setdefault(option.called, [])
        if option.phrase not in phrases:
            phrases.append(option.phrase)
    said = [
        f"{called} such as {', '.join(f'“{phrase}”' for phrase in _some(phrases, suggestion))}"
        for called, phrases in groups.items()
        if called != KEYWORD
    ]
    in_words = [*said, *(f"“{phrase}”" for phrase in groups.get(KEYWORD, []))]
    return tuple(sorted(in_words, key=lambda words: f"“{suggestion}”" not in words))[:_MOST_EXPECTED]


def _some(phrases: list[str], suggestion: str) -> list[str]:
    """Three of them, the suggestion among them."""
    return phrases[:3] if suggestion not in phrases[3:] else [suggestion, *phrases[:2]]


def _meant(reading: Reading, stop: _Stop) -> str:
    """The expected phrase that is most like what stands there."""
    by_length: dict[int, list[str]] = {}
    for option in stop.options:
        by_length.setdefault(option.phrase.count(" ") + 1, []).append(option.phrase)
    best, likeness = "", 0.0
    for length, phrases in by_length.items():
        text = " ".join(piece.text for piece in reading.pieces[stop.at : stop.at + length])
        for near in difflib.get_close_matches(text, phrases, n=1):
            ratio = difflib.SequenceMatcher(None, text, near).ratio()
            if ratio > likeness:
                best, likeness = near, ratio
    return best


def _mixed(reading: Reading, stop: int, vocabulary: Vocabulary) -> SentenceFault | None:
    """The fault of a sentence that mixes “and” with “or”: it names the two readings, each as it has to be written."""
    texts = [piece.text for piece in reading.pieces]
    conjunction, disjunction, both, and_, either = _AND_OR[reading.language]
    words = (conjunction, disjunction)
    if stop >= len(texts) or texts[stop] not in words:
        return None
    other = words[texts[stop] == conjunction]
    before = next((at for at in range(stop - 1, 0, -1) if texts[at] == other), None)
    if before is None:
        return None
    groups = {conjunction: (both, and_), disjunction: (either, disjunction)}
    first = _readable(reading, texts, before, groups[other], vocabulary)
    opened, closed = groups[texts[stop]]
    second = _text([*texts[: before + 1], opened, *texts[before + 1 : stop], closed, *texts[stop + 1 :]])
    if not first or not _reads(second, reading.language, vocabulary):
        return None
    return SentenceFault(
        f"“{other}” and “{texts[stop]}” together can be read in two ways. Write “{first}” or “{second}”.",
        reading.pieces[stop].at,
        texts[stop],
        (first, second),
    )


def _readable(
    reading: Reading, texts: list[str], before: int, group: tuple[str, str], vocabulary: Vocabulary
) -> str | None:
    """The sentence with the earlier two conditions as a group, from wherever the first of them begins."""
    opened, closed = group
    for start in range(before - 1, 0, -1):
        text = _text([*texts[:start], opened, *texts[start:before], closed, *texts[before + 1 :]])
        if _reads(text, reading.language, vocabulary):
            return text
    return None


def _text(texts: list[str]) -> str:
    return " ".join(texts).replace(" ,", ",")


def _reads(text: str, language: str, vocabulary: Vocabulary) -> bool:
    return len(Reading(text, language, vocabulary).sentences()) == 1
