"""The one validator of text that comes from outside: forms, API, mail, files.

PostgreSQL stores neither NUL nor lone surrogates, and other control characters break screens, headers and
exports. A form or an API call is refused with `find_fault`; a mail, which nobody can ask to be written
again, is mended with `mended`.
"""

import re

from msgspec import Struct

# C0 without tab and line ends, DEL, C1, surrogates (a Python str holds only lone ones), and the two
# noncharacters that end the basic plane.
_FORBIDDEN = "\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\ufffe\\uffff"
_IN_TEXT = re.compile(f"[{_FORBIDDEN}]")
_IN_LINE = re.compile(f"[{_FORBIDDEN}\\t\\n\\r\\u2028\\u2029]")
_LINE_END = re.compile(r"\r\n?|\x85|\u2028|\u2029")
_BLANKS = re.compile(r"[\t\n\r\x85\u2028\u2029 ]+")

REPLACEMENT = "\ufffd"


class TextFault(Struct, frozen=True):
    """Why a text from outside is refused.

    position: index of the first forbidden character, counted in characters from 0.
    code_point: that character's number in Unicode.
    """

    position: int
    code_point: int

    @property
    def reason(self) -> str:
        """One sentence for a person: what is wrong, where, and what to do."""
        name = f"U+{self.code_point:04X}"
        return f"The character {name} at position {self.position + 1} cannot be stored; remove it, send again."


def find_fault(text: str, *, one_line: bool = False) -> TextFault | None:
    """The first character that must not enter, or None if the text is sound.

    one_line: tabs and line ends are forbidden too, as in a name or a subject.
    """
    found = (_IN_LINE if one_line else _IN_TEXT).search(text)
    return TextFault(found.start(), ord(found[0])) if found else None


def mended(text: str) -> str:
    """The text with line ends as LF and every forbidden character as U+FFFD; sound text comes back
    unchanged.
    """
    return _IN_TEXT.sub(REPLACEMENT, _LINE_END.sub("\n", text))


def mended_line(text: str) -> str:
    """One line: runs of blanks and line ends become one space, forbidden characters U+FFFD, ends are
    trimmed.
    """
    return _IN_TEXT.sub(REPLACEMENT, _BLANKS.sub(" ", text)).strip()
