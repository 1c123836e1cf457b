"""Text to a tree, by the grammar of its language and the words of a vocabulary."""

from caseloom.engine.rules.language.expectation import stopped
from caseloom.engine.rules.language.fault import SentenceFault
from caseloom.engine.rules.language.printer import write_node
from caseloom.engine.rules.language.reading import Reading
from caseloom.engine.rules.language.tree import Sentence
from caseloom.engine.rules.language.vocabulary import Vocabulary


def read(text: str, language: str, vocabulary: Vocabulary) -> Sentence:
    """The tree of a sentence.

    Raises:
        SentenceFault: the text is no rule; the fault names the word at which reading stopped and what was expected,
            or the two readings of a sentence that has two.
    """
    reading = Reading(text, language, vocabulary)
    found = reading.sentences()
    if len(found) > 1:
        raise _ambiguous(found, language, vocabulary)
    if not found:
        raise stopped(reading, vocabulary)
    return found[0]


def _ambiguous(found: list[Sentence], language: str, vocabulary: Vocabulary) -> SentenceFault:
    """Both readings are named with the keys of their words, by which each can be written so that it has one."""
    readings = tuple(write_node(sentence.root, language, vocabulary, "keyed") for sentence in found[:2])
    one, other = readings
    return SentenceFault(f"The sentence can be read in two ways: “{one}” or “{other}”. Write it so.", expected=readings)
