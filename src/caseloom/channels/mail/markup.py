"""HTML of mails: made harmless, without calls to the outside, and as plain text.

Scripts, forms, frames and style sheets go. An image of another host would tell the sender that, when and
where the mail was read: its address is replaced by a placeholder and counted. Only images inside the mail
(`cid:`, RFC 2392) stay.
"""

import html
import re

import nh3
from msgspec import Struct

from caseloom.channels.mail.charset import Faults, note
from caseloom.channels.mail.nesting import bounded
from caseloom.foundation.text import mended

HELD_IMAGE = (
    "data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 24 24%22%3E"
    "%3Cpath fill=%22none%22 stroke=%22gray%22 stroke-dasharray=%222 2%22 d=%22M1 1h22v22H1z%22/%3E%3C/svg%3E"
)
"""What stands in place of a remote image: an empty dashed frame that calls nobody."""

_LAYOUT = {"align", "valign", "width", "height", "bgcolor", "style", "dir", "lang", "title"}
_TAGS = set(
    [
        "a",
        "abbr",
        "address",
        "article",
        "b",
        "bdi",
        "bdo",
        "big",
        "blockquote",
        "br",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "details",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "font",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "main",
        "mark",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "samp",
        "section",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "time",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
        "wbr",
    ]
)
_ATTRIBUTES = {
    "*": _LAYOUT,
    "a": {"href"},
    "img": {"src", "alt"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "table": {"border", "cellpadding", "cellspacing"},
    "font": {"color", "face", "size"},
    "ol": {"start", "type"},
    "col": {"span"},
}
_STYLES = re.compile(
    r"color|background-color|font(?:-(?:family|size|style|weight))?|text-(?:align|decoration|indent|transform)|line-height|"
    r"(?:margin|padding)(?:-(?:top|right|bottom|left))?|border(?:-(?:top|right|bottom|left|color|style|width|collapse|"
    r"spacing|radius))*|(?:max-|min-)?(?:width|height)|vertical-align|white-space|list-style-type|word-break|direction"
)
# A value holds no function but a colour, no escape and no comment, so no address can hide in it.
_STYLE_VALUE = re.compile(r"(?:(?:rgb|hsl)a?\([\d\s.,%/deg]{1,60}\)|[\w\s#%.,'\"!+-]){0,300}", re.I)
_OWN_IMAGE = re.compile(r"cid:[^\s]{1,400}|data:image/(?:png|gif|jpe?g|webp|bmp);base64,[A-Za-z0-9+/=\s]*", re.I)
_LINK = re.compile(r"(?:https?|mailto|tel):", re.I)

_REMOTE = r"[\s\"'(]*(?:https?:|ftp:)?[/\\]{2}"
_CALLS_OUT = re.compile(
    rf"\b(?:url\(|srcset=|imagesrcset=|background=|poster=|dynsrc=|lowsrc=|xlink:href=|data=|ping=){_REMOTE}|@import\b|"
    rf"<(?:link|iframe|frame|embed|input|video|audio|source|track|use|bgsound|script)\b[^<>]{{0,300}}?"
    rf"\b(?:src|href)\s{{0,9}}={_REMOTE}|<image\b[^<>]{{0,300}}?\bhref\s{{0,9}}={_REMOTE}",
    re.I,
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "blockquote",
        "caption",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tr",
        "ul",
        "br",
        "details",
        "summary",
    ]
)
_PIECE = re.compile(r'<(/?)([a-z][a-z0-9]*)((?:[^">]|"[^"]*")*)>|([^<]+)')
_ALT = re.compile(r'\balt="([^"]*)"')
_BLANKS = re.compile(r"[ \t\n\r\f]+")
_EMPTY_LINES = re.compile(r"\n{3,}")
# A placeholder is some twenty times longer than the shortest address that it replaces.
_GROWTH = 25
_LONGEST_VALUE = {"href": 4_000, "src": 1_000_000}


class CleanHtml(Struct, frozen=True):
    """Harmless HTML (a fragment), and how many calls to other hosts were taken out."""

    html: str
    images_held: int


def clean(source: str, faults: Faults) -> CleanHtml | None:
    """Harmless HTML, or None if the source is too deeply nested to be read in bounded time (a fault says
    so).
    """
    markup = bounded(source)
    cleaned = mended(_CLEANER.clean(markup)) if markup is not None else ""
    if markup is None or len(cleaned) > _GROWTH * len(source) + 20_000:
        note(faults, "The HTML is nested too deeply to be shown; its words were taken as plain text.")
        return None
    return CleanHtml(cleaned, cleaned.count(HELD_IMAGE) + len(_CALLS_OUT.findall(source)))


def _attribute(tag: str, name: str, value: str) -> str | None:
    if len(value) > _LONGEST_VALUE.get(name, 300):
        return None
    if name == "style":
        return _style(value)
    if name == "src":
        return value if _OWN_IMAGE.fullmatch(value.strip()) else HELD_IMAGE
    if name == "href":
        return value if _LINK.match(value.strip()) else None
    return value


def _style(value: str) -> str | None:
    kept = []
    for declaration in value.split(";"):
        name, _, text = declaration.partition(":")
        if _STYLES.fullmatch(name.strip().lower()) and _STYLE_VALUE.fullmatch(text.strip()):
            kept.append(f"{name.strip().lower()}:{text.strip()}")
    return ";".join(kept) or None


_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags={"script", "style", "title", "template", "noscript", "svg", "math", "object", "iframe"} - _TAGS,
    attributes=_ATTRIBUTES,
    attribute_filter=_attribute,
    link_rel="noopener noreferrer nofollow",
    url_schemes={"http", "https", "mailto", "tel", "cid", "data", "ftp", "file", "blob"},
)


def crude_text(source: str) -> str:
    """The words of HTML that is too hostile to be parsed: everything between angle brackets goes."""
    return mended(html.unescape(re.sub(r"<[^<>]{0,2000}>", " ", source)))


def text_of(cleaned: str) -> str:
    """Plain text of HTML that `clean` made; quoted blocks get `> ` before their lines as in a plain mail."""
    writer = _TextWriter()
    for closing, tag, attributes, text in _PIECE.findall(cleaned):
        if text:
            writer.write(text)
        elif tag in _BLOCKS:
            writer.block(tag, opens=not closing)
        elif tag == "img" and (alt := _ALT.search(attributes)):
            writer.write(alt[1])
        elif tag in ("td", "th"):
            writer.write(" ")
    return writer.text()


class _TextWriter:
    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quotes = 0
        self._verbatim = 0

    def write(self, text: str) -> None:
        text = html.unescape(text)
        if self._verbatim:
            first, *others = text.split("\n")
            self._line.append(first)
            for line in others:
                self._end_line()
                self._line.append(line)
        else:
            self._line.append(_BLANKS.sub(" ", text))

    def block(self, tag: str, *, opens: bool) -> None:
        if self._line or tag == "br":
            self._end_line()
        if tag == "blockquote":
            self._quotes = max(0, self._quotes + (1 if opens else -1))
        elif tag == "pre":
            self._verbatim = max(0, self._verbatim + (1 if opens else -1))
        elif opens and tag in ("li", "hr"):
            self._line.append("- " if tag == "li" else "________________________________")
        if not opens and tag in ("p", "ul", "ol", "blockquote", "pre"):
            self._end_line()  # An empty line, where a browser leaves space.

    def _end_line(self) -> None:
        line = "".join(self._line)
        line = line.rstrip() if self._verbatim else re.sub(" {2,}", " ", line).strip()
        # Depth is written at most five times; a thousand nested quotes would make the text a thousand times
        # longer.
        self._lines.append("> " * min(self._quotes, 5) + line)
        self._line.clear()

    def text(self) -> str:
        self._end_line()
        joined = "\n".join(line.rstrip() for line in self._lines)
        return _EMPTY_LINES.sub("\n\n", joined).strip()
