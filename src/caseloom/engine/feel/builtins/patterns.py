"""Functions of regular expressions (DMN 1.5 §10.3.4.3) in the language of XPath (XPath functions 3.1 §5.6).

elementpath translates a pattern, the `regex` package runs it under a limit, so that no pattern can run away.
"""

import functools
import re

import regex
from elementpath.regex import RegexError, translate_pattern

from caseloom.engine.feel.builtins.signature import builtin
from caseloom.engine.feel.env import Env
from caseloom.engine.feel.faults import Faulted, NoValue
from caseloom.engine.feel.kinds import Value

# Backtracking beyond this is a pattern that blows up; the steps of `spend` bound how many searches there are.
LIMIT_SECONDS = 0.5
MAX_TEXT = 100_000

_FLAGS = {"s": re.DOTALL, "m": re.MULTILINE, "i": re.IGNORECASE}
_REFERENCE = re.compile(r"\\(.)|\$(\d+)|(.)", re.DOTALL)
_SPACE = re.compile(r"\s+")


@functools.lru_cache(maxsize=512)
def _compiled(pattern: str, flags: str) -> "regex.Pattern[str]":
    """The pattern for the `regex` package. Raises `NoValue` for what is no pattern of XPath."""
    if set(flags) - set("smixq"):
        raise NoValue(f"{flags!r} are no flags; they are s, m, i, x, q.")
    number = 0
    for flag in flags:
        number |= _FLAGS.get(flag, 0)
    if "q" in flags:
        return regex.compile(regex.escape(pattern), number)
    if "x" in flags:
        pattern = _without_space(pattern)
    try:
        return regex.compile(translate_pattern(pattern, number), number | regex.VERSION0)
    except (RegexError, regex.error, OverflowError, ValueError, IndexError) as why:
        raise NoValue(f"{pattern!r} is no pattern: {why}.") from None


def _without_space(pattern: str) -> str:
    """Flag x: white space does not count, except in a character class."""
    parts = re.split(r"(\[[^\]]*\])", pattern)
    return "".join(part if part.startswith("[") else _SPACE.sub("", part) for part in parts)


def _matches(env: Env, text: str, pattern: str, flags: str | None = None) -> Value:
    found = _compiled(pattern, flags or "")
    try:
        return found.search(_bounded(env, text), timeout=LIMIT_SECONDS) is not None
    except TimeoutError:
        raise _runaway(pattern) from None


def _replaced(env: Env, text: str, pattern: str, replacement: str, flags: str | None = None) -> Value:
    found = _compiled(pattern, flags or "")
    parts = _replacement(replacement, "q" in (flags or ""), found.groups)
    if found.search("") is not None:
        raise NoValue("The pattern to replace matches the empty text.")

    def written(match: "regex.Match[str]") -> str:
        return "".join(part if isinstance(part, str) else match[part] or "" for part in parts)

    try:
        result = found.sub(written, _bounded(env, text), timeout=LIMIT_SECONDS)
    except TimeoutError:
        raise _runaway(pattern) from None
    env.spend(len(result) // 100)
    return result


def _replacement(text: str, literally: bool, groups: int) -> list[str | int]:
    """The parts of a replacement: text, and numbers of groups. `\\$` and `\\\\` are the signs themselves."""
    if literally:
        return [text]
    parts: list[str | int] = []
    for escaped, group, plain in _REFERENCE.findall(text):
        if (escaped and escaped not in "\\$") or plain in ("\\", "$"):
            raise NoValue("In a replacement, write \\\\ and \\$ for these signs, $1 for a group.")
        parts += _group(group, groups) if group else [escaped or plain]
    return parts


def _group(digits: str, groups: int) -> list[str | int]:
    """The longest number that names a group, and the digits behind it as text (XPath functions §5.6.4)."""
    length = len(digits)
    while length > 1 and int(digits[:length]) > groups:
        length -= 1
    number = int(digits[:length])
    return [number if number <= groups else "", digits[length:]]


def _split(env: Env, text: str, delimiter: str) -> Value:
    found = _compiled(delimiter, "")
    parts: list[str] = []
    end = 0
    try:
        for match in found.finditer(_bounded(env, text), timeout=LIMIT_SECONDS):
            parts.append(text[end : match.start()])
            end = match.end()
    except TimeoutError:
        raise _runaway(delimiter) from None
    env.spend(len(parts))
    return [*parts, text[end:]]


def _bounded(env: Env, text: str) -> str:
    if len(text) > MAX_TEXT:
        raise Faulted(f"The text is longer than {MAX_TEXT} characters, too long for a pattern.")
    env.spend(1 + len(text) // 100)
    return text


def _runaway(pattern: str) -> Faulted:
    return Faulted(f"The pattern {pattern!r} takes too long. Make it simpler.")


FUNCTIONS = (
    builtin("matches", ("input: string, pattern: string, flags?: string", _matches), with_env=True),
    builtin(
        "replace",
        ("input: string, pattern: string, replacement: string, flags?: string", _replaced),
        with_env=True,
    ),
    builtin("split", ("string: string, delimiter: string", _split), with_env=True),
)
