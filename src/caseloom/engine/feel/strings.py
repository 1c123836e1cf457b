"""String literals: what stands between the quotes, and back (DMN 1.5 §10.3.1.2, rule 35 and 64)."""

import re

from caseloom.engine.feel.faults import FeelSyntaxError

_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{6}|.)", re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}
_QUOTED = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def unquoted(text: str, start: int, end: int) -> str:
    """The string that `text[start:end]`, the inside of the quotes, stands for. Raises `FeelSyntaxError`."""

    def character(escape: re.Match[str]) -> str:
        code = escape[1]
        if len(code) > 1 and int(code[1:], 16) <= 0x10FFFF:
            return chr(int(code[1:], 16))
        if code in _PLAIN:
            return _PLAIN[code]
        # What is no escape of FEEL stays as it is written, as patterns such as "\d+" need.
        return escape[0]

    inside = _ESCAPE.sub(character, text[start:end])
    if _SURROGATE.search(inside):
        inside = inside.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if "\0" in inside or ("\ufffd" in inside and "\ufffd" not in text):
        raise FeelSyntaxError(text, start, "The text holds a character that cannot be kept.")
    return inside


def quoted(value: str) -> str:
    """The literal of a string."""
    return '"' + "".join(_QUOTED.get(character, character) for character in value) + '"'
