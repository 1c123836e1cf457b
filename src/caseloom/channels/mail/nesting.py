"""HTML that a parser reads in bounded time and space.

An HTML parser's work grows with the square of the nesting, and it repeats formatting elements that stay open
in every block that follows: 1 MB of hostile HTML takes minutes. Short HTML is harmless and passes as it is.
Longer HTML is rewritten so that every `<` belongs to a plain tag, counted here as the parser will see it;
then depth can be bounded.
"""

import re

_FEW_TAGS, _MANY_TAGS = 400, 20_000
_DEPTH, _FORMATS, _REPEATS = 200, 40, 60_000

# Possessive throughout: each try ends at the next "<", so the whole is one pass.
_TAG = re.compile(
    r"<(?P<end>/?+)(?P<name>[a-zA-Z][a-zA-Z0-9:]*+)"
    r"(?:\s++[^\s\"'<>/=]++(?:\s*+=\s*+(?:\"[^\"<>]*+\"|'[^'<>]*+'|[^\s\"'<>=`]++))?+)*+\s*+/?+>"
    r"|<"
)
# Elements whose content is no markup, or markup of another kind; none is ever shown.
_UNSHOWN = "style|script|title|textarea|xmp|svg|math|template|noscript|iframe|object|noembed|noframes|plaintext|select"
_UNSHOWN_START = re.compile(rf"<!--|<({_UNSHOWN})\b", re.I)
_UNSHOWN_NAMES = frozenset(_UNSHOWN.split("|"))
_FORMATTING = frozenset(
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"]
)
# Elements that need no end tag; counting them as open would refuse sound mails.
_NO_DEPTH = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "embed",
        "hr",
        "img",
        "input",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
        "p",
        "li",
        "dt",
        "dd",
        "td",
        "th",
        "tr",
        "thead",
        "tbody",
        "tfoot",
        "option",
        "colgroup",
        "html",
        "head",
        "body",
    ]
)


def bounded(source: str) -> str | None:
    """HTML that means the same to a reader and costs a parser little, or None if it is nested too deeply."""
    marks = source.count("<")
    if marks <= _FEW_TAGS:
        return source
    if marks > 5 * _MANY_TAGS:
        return None
    rewriter = _Rewriter()
    rewritten = _TAG.sub(rewriter.tag, _without_unshown(source))
    return rewritten if rewriter.is_bounded() else None


def _without_unshown(source: str) -> str:
    """Without comments and elements that are never shown; one that is not closed takes the rest, as in a
    browser.
    """
    kept: list[str] = []
    lower = source.lower() if len(source.lower()) == len(source) else source
    position = 0
    while found := _UNSHOWN_START.search(source, position):
        kept.append(source[position : found.start()])
        close = f"</{found[1].lower()}" if found[1] else "-->"
        end = lower.find(close, found.end())
        if end < 0:
            return "".join(kept)
        position = end + len(close)
        if found[1]:
            after = source.find(">", position)
            position = after + 1 if after >= 0 else len(source)
    return "".join(kept) + source[position:]


class _Rewriter:
    def __init__(self) -> None:
        self._tags = self._depth = self._formats = 0
        self._deepest = self._most_formats = 0

    def tag(self, found: re.Match[str]) -> str:
        """The tag as it is, or a `<` that starts none as a character."""
        name = (found["name"] or "").lower()
        if not name:
            return "&lt;"
        if name in _UNSHOWN_NAMES:
            return ""
        self._count(name, -1 if found["end"] else 1)
        return found[0]

    def _count(self, name: str, step: int) -> None:
        self._tags += 1
        if name in _FORMATTING:
            self._formats = max(0, self._formats + step)
            self._most_formats = max(self._most_formats, self._formats)
        if name not in _NO_DEPTH:
            self._depth = max(0, self._depth + step)
            self._deepest = max(self._deepest, self._depth)

    def is_bounded(self) -> bool:
        return (
            self._tags <= _MANY_TAGS
            and self._deepest <= _DEPTH
            and self._most_formats <= _FORMATS
            and self._most_formats * self._tags <= _REPEATS
        )
