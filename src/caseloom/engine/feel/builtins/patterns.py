"""Functions of regular expressions (DMN 1.5 §10.3.4.3) in the language of XPath (XPath functions 3.1 §5.6).

elementpath checks a pattern and translates it. The `regex` package runs it where a backtracker can only take few
tries on a text of this length; all else goes to our own machine, whose steps are counted. So no pattern can run away,
and whether one is too dear does not depend on the clock.
"""

import functools
import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

import regex
from elementpath.regex import RegexError, translate_pattern

from caseloom.engine.feel.builtins.signature import builtin
from caseloom.engine.feel.env import Env
from caseloom.engine.feel.faults import Faulted, NoValue
from caseloom.engine.feel.kinds import Value
from caseloom.engine.feel.pattern_machine import Machine
from caseloom.engine.feel.pattern_tree import DEAR, Part, read_pattern, tries

MAX_TEXT = 100_000
MAX_PATTERN = 2_000
# Steps of the machine that count as one of an evaluation.
STEPS_A_STEP = 10

# Where a match and its groups begin and end, by number; (-1, -1) for a group that took no part.
Spans: TypeAlias = list[tuple[int, int]]

_FLAGS = {"s": re.DOTALL, "m": re.MULTILINE, "i": re.IGNORECASE}
_REFERENCE = re.compile(r"\\(.)|\$(\d+)|(.)", re.DOTALL)
_SPACE = re.compile(r"\s+")


class _Pattern:
    """A pattern in both forms; `machine` is made when it is first needed."""

    def __init__(self, text: str, flags: int, literally: bool) -> None:
        self.text, self.flags = text, flags
        source = regex.escape(text) if literally else translate_pattern(text, flags)
        self.fast = regex.compile(source, flags | regex.VERSION0)
        self.groups = self.fast.groups
        self.tree: Part | None = None if literally else read_pattern(text)

    @functools.cached_property
    def machine(self) -> Machine:
        if self.tree is None:
            raise AssertionError("A plain text is never dear.")
        return Machine(self.tree, self.groups, self._set_test, bool(self.flags & re.MULTILINE))

    def _set_test(self, text: str) -> Callable[[str], bool]:
        one = regex.compile(translate_pattern(text, self.flags), self.flags | regex.VERSION0)
        return functools.lru_cache(maxsize=4096)(lambda character: one.fullmatch(character) is not None)

    def is_dear(self, length: int) -> bool:
        return self.tree is not None and tries(self.tree, length) >= DEAR

    def spans(self, env: Env, text: str) -> Iterator[Spans]:
        """All matches in a text, one behind the other."""
        if not self.is_dear(len(text)):
            for match in self.fast.finditer(text):
                yield [match.span(number) for number in range(self.groups + 1)]
            return
        for found in self.machine.matches(text, lambda steps: _spend_part(env, steps)):
            yield list(zip(found.saves[::2], found.saves[1::2], strict=True))


def _spend_part(env: Env, steps: int) -> None:
    env.spend(1 + steps // STEPS_A_STEP)


@functools.lru_cache(maxsize=512)
def _compiled(pattern: str, flags: str) -> _Pattern:
    """The pattern, ready. Raises `NoValue` for what is no pattern of XPath."""
    if set(flags) - set("smixq"):
        raise NoValue(f"{flags!r} are no flags; they are s, m, i, x, q.")
    if len(pattern) > MAX_PATTERN:
        raise Faulted(f"The pattern is longer than {MAX_PATTERN} characters.")
    number = 0
    for flag in flags:
        number |= _FLAGS.get(flag, 0)
    if "x" in flags and "q" not in flags:
        pattern = _without_space(pattern)
    try:
        return _Pattern(pattern, number, "q" in flags)
    except (RegexError, regex.error, OverflowError, ValueError, IndexError) as why:
        raise NoValue(f"{pattern!r} is no pattern: {why}.") from None


def _without_space(pattern: str) -> str:
    """Flag x: white space does not count, except in a character class."""
    parts = re.split(r"(\[[^\]]*\])", pattern)
    return "".join(part if part.startswith("[") else _SPACE.sub("", part) for part in parts)


def _matches(env: Env, text: str, pattern: str, flags: str | None = None) -> Value:
    found = _compiled(pattern, flags or "")
    return next(found.spans(env, _bounded(env, text)), None) is not None


def _replaced(env: Env, text: str, pattern: str, replacement: str, flags: str | None = None) -> Value:
    found = _compiled(pattern, flags or "")
    parts = _replacement(replacement, "q" in (flags or ""), found.groups)
    if next(found.spans(env, ""), None) is not None:
        raise NoValue("The pattern to replace matches the empty text.")
    written, end = [], 0
    for spans in found.spans(env, _bounded(env, text)):
        start, behind = spans[0]
        written.append(text[end:start])
        written += [part if isinstance(part, str) else text[slice(*spans[part])] for part in parts]
        end = behind
        env.spend(len(parts))
    result = "".join([*written, text[end:]])
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
    parts: list[str] = []
    end = 0
    for spans in _compiled(delimiter, "").spans(env, _bounded(env, text)):
        start, behind = spans[0]
        parts.append(text[end:start])
        end = behind
    env.spend(len(parts))
    return [*parts, text[end:]]


def _bounded(env: Env, text: str) -> str:
    if len(text) > MAX_TEXT:
        raise Faulted(f"The text is longer than {MAX_TEXT} characters, too long for a pattern.")
    env.spend(1 + len(text) // 100)
    return text


FUNCTIONS = (
    builtin("matches", ("input: string, pattern: string, flags?: string", _matches), with_env=True),
    builtin(
        "replace",
        ("input: string, pattern: string, replacement: string, flags?: string", _replaced),
        with_env=True,
    ),
    builtin("split", ("string: string, delimiter: string", _split), with_env=True),
)
