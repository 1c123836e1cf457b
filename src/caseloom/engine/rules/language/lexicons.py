"""The lexicon of a vocabulary in each language."""

import functools

from caseloom.engine.rules.language import english, german
from caseloom.engine.rules.language.lexicon import Lexicon
from caseloom.engine.rules.language.vocabulary import Vocabulary


@functools.lru_cache(maxsize=64)
def lexicon(vocabulary: Vocabulary, language: str) -> Lexicon:
    """All phrases of a vocabulary in a language, worked out once."""
    return _MAKERS[language](vocabulary)


_MAKERS = {"en": english.lexicon, "de": german.lexicon}
