"""What can be wrong with a sentence."""


class SentenceFault(ValueError):
    """A sentence that cannot be read, or means nothing.

    `at` is the offset in the text where reading stopped, `word` what stands there, `expected` what could have stood
    there, `suggestion` the one that was probably meant.
    """

    def __init__(
        self, message: str, at: int = 0, word: str = "", expected: tuple[str, ...] = (), suggestion: str = ""
    ) -> None:
        super().__init__(message)
        self.at = at
        self.word = word
        self.expected = expected
        self.suggestion = suggestion
