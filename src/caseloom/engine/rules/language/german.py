"""The German phrases of a vocabulary."""

from caseloom.engine.rules.language.lexicon import Lexicon
from caseloom.engine.rules.language.vocabulary import Vocabulary


def lexicon(vocabulary: Vocabulary) -> Lexicon:
    """All German phrases of a vocabulary."""
    return Lexicon()
