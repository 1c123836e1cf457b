"""The structure of a mail (RFC 5322, RFC 2045, RFC 2046), split within bounds and without recursion.

The standard library's parser recurses once a level and has no bound; a mail of 2,000 nested parts ends it.
Here size, nesting, number of parts and size of headers are checked while splitting, and a part is a span of
the raw bytes.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from msgspec import Struct, field

from caseloom.channels.mail.charset import Faults, decoded, header_text, note, untransferred, words

_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_HEADER = re.compile(rb"([!-9;-~]{1,200})[ \t]*:[ \t]*")
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,80})\s*=\s*("(?:[^"\\]|\\.)*"?|[^;\s]*)', re.S)
_SECTION = re.compile(r"([^*]+)\*(\d{1,3})?(\*)?")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
_ENOUGH_FOR_PARAMETERS = 8_000


class MailLimits(Struct, frozen=True):
    """Bounds that are checked before anything is decoded. Raise one and try again to read what was refused.

    size: bytes of the whole mail. header_bytes: bytes of one part's headers. nesting: levels of multipart.
    parts: number of parts. addresses: mailboxes in one header. text: characters of text or HTML that are
    kept.
    """

    size: int = 50_000_000
    header_bytes: int = 256_000
    nesting: int = 50
    parts: int = 1_000
    addresses: int = 1_000
    text: int = 1_000_000


class Unreadable(Struct, frozen=True):
    """Why a mail is not read. The raw source stays; a person may look at it, or try again with other limits.

    reason: one sentence that says what is wrong and what to do. place: the part or header, such as `part 12`.
    """

    reason: str
    place: str


class Headers(Struct, frozen=True):
    """The headers of one part: lower-case names to the values in their order, unfolded, as bytes."""

    fields: dict[str, list[bytes]] = field(default_factory=dict)

    def first(self, name: str) -> str:
        """The first value as text with its encoded words unread, or "" if there is none."""
        values = self.fields.get(name)
        return header_text(values[0]) if values else ""

    def all(self, name: str) -> list[str]:
        """Every value as text, in order."""
        return [header_text(value) for value in self.fields.get(name, ())]

    def has(self, name: str) -> bool:
        """Whether the header stands there, also with an empty value."""
        return name in self.fields


class Parameters(Struct, frozen=True):
    """A structured header such as Content-Type: its value in lower case, and its parameters (RFC 2045 §5.1,
    RFC 2231).
    """

    value: str
    given: dict[str, str]


class Part(Struct):
    """One part of a mail: `raw[start:end]` is its body, still in its transfer encoding."""

    raw: bytes
    headers: Headers
    start: int
    end: int
    content_type: Parameters
    disposition: Parameters
    children: list["Part"] = field(default_factory=list)

    @property
    def media_type(self) -> str:
        """The media type in lower case; `text/plain` where it is missing (RFC 2045 §5.2)."""
        return self.content_type.value

    @property
    def filename(self) -> str:
        """The file's name, from either header that may hold it, or ""."""
        return self.disposition.given.get("filename") or self.content_type.given.get("name", "")

    def content(self, faults: Faults) -> bytes:
        """The body's bytes, decoded from the transfer encoding."""
        encoding = self.headers.first("content-transfer-encoding").partition(";")[0]
        return untransferred(self.raw[self.start : self.end], encoding, faults)

    def text(self, faults: Faults, limit: int) -> str:
        """The body as text, at most `limit` characters."""
        content = self.content(faults)
        if len(content) > 4 * limit:  # No charset of mail takes more than four bytes a character.
            content = content[: 4 * limit]
        text = decoded(content, self.content_type.given.get("charset"), faults)
        if len(text) > limit:
            note(faults, f"The text is longer than {limit} characters; the rest stands in the raw source.")
        return text[:limit]

    def leaves(self) -> Iterator["Part"]:
        """The parts without children, in their order, without recursion."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            if part.children:
                waiting.extend(reversed(part.children))
            else:
                yield part


def split(raw: bytes, limits: MailLimits, faults: Faults) -> Part | Unreadable:
    """Take a mail apart, or say why not."""
    if len(raw) > limits.size:
        return Unreadable(
            f"The mail has {len(raw)} bytes, more than {limits.size}; raise the limit `size` and try again.",
            "mail",
        )
    if b"\n" not in raw and b"\r" in raw:
        note(faults, "Lines end with a lone carriage return; they were mended.")
        raw = raw.replace(b"\r", b"\n")
    root = _read_part(raw, 0, len(raw), limits, faults)
    if root is None:
        return _too_much_header("part 1", limits)
    return _split_below(root, limits, faults) or root


def _split_below(root: Part, limits: MailLimits, faults: Faults) -> Unreadable | None:
    waiting, count = [(root, 1)], 1
    while waiting:
        part, depth = waiting.pop()
        for start, end in _sections(part, faults):
            count += 1
            if depth > limits.nesting or count > limits.parts:
                return _too_many(depth, limits, count)
            child = _read_part(part.raw, start, end, limits, faults)
            if child is None:
                return _too_much_header(f"part {count}", limits)
            part.children.append(child)
            waiting.append((child, depth + 1))
    return None


def _too_many(depth: int, limits: MailLimits, count: int) -> Unreadable:
    name, bound = ("nesting", limits.nesting) if depth > limits.nesting else ("parts", limits.parts)
    what = "levels of nested parts" if name == "nesting" else "parts"
    return Unreadable(
        f"The mail has more than {bound} {what}; raise the limit `{name}` and try again.",
        f"part {count}",
    )


def _too_much_header(place: str, limits: MailLimits) -> Unreadable:
    return Unreadable(
        f"The headers are over {limits.header_bytes} bytes; raise the limit `header_bytes` and try again.",
        place,
    )


def _read_part(raw: bytes, start: int, end: int, limits: MailLimits, faults: Faults) -> Part | None:
    body, block_end = _end_of_headers(raw, start, end, limits.header_bytes)
    if block_end is None:
        return None
    headers, broken_at = _read_headers(raw[start:block_end])
    if broken_at is not None:
        note(faults, "The headers break off without an empty line; what follows is read as the body.")
        body = start + broken_at
    content_type = parameters(headers.first("content-type"), faults)
    if not _MEDIA_TYPE.fullmatch(content_type.value):
        if content_type.value:
            note(faults, "A part names no sound media type; it is read as plain text.")
        content_type = Parameters("text/plain", content_type.given)
    disposition = parameters(headers.first("content-disposition"), faults)
    return Part(raw, headers, body, end, content_type, disposition)


def _end_of_headers(raw: bytes, start: int, end: int, limit: int) -> tuple[int, int | None]:
    """Where the body starts, and where the headers end (None: beyond the limit)."""
    first_line = raw[start : min(start + 2, end)]
    if first_line[:1] == b"\n" or first_line == b"\r\n":
        return start + first_line.index(b"\n") + 1, start
    found = _END_OF_HEADERS.search(raw, start, min(end, start + limit + 4))
    if found:
        return found.end(), found.start()
    return end, end if end - start <= limit else None


def _read_headers(block: bytes) -> tuple[Headers, int | None]:
    """The headers of a block, and where in it the body starts if a line is no header (None: it is sound)."""
    fields: dict[str, list[list[bytes]]] = {}
    current: list[bytes] = []
    position = 0
    for line in block.split(b"\n"):
        bare = line.rstrip(b"\r")
        if bare[:1] in (b" ", b"\t"):
            current.append(bare)
        elif found := _HEADER.match(bare):
            current = [bare[found.end() :]]
            fields.setdefault(found[1].decode("ascii").lower(), []).append(current)
        elif bare and not (position == 0 and bare.startswith((b"From ", b">From "))):
            return _joined(fields), position
        position += len(line) + 1
    return _joined(fields), None


def _joined(fields: dict[str, list[list[bytes]]]) -> Headers:
    return Headers({name: [b"".join(lines).strip() for lines in values] for name, values in fields.items()})


def _sections(part: Part, faults: Faults) -> Iterator[tuple[int, int]]:
    """The spans between the boundary lines of a multipart (RFC 2046 §5.1.1); a missing last line ends with
    the part.
    """
    boundary = part.content_type.given.get("boundary", "").rstrip()
    if not part.media_type.startswith("multipart/"):
        return
    if not boundary:
        note(faults, "A multipart names no boundary; it is read as one part.")
        return
    opened: int | None = None
    for line_start, line_end, closes in _boundary_lines(part, b"--" + boundary.encode("utf-8", "replace")):
        if opened is not None:
            yield opened, _without_line_end(part.raw, opened, line_start)
        if closes:
            return
        opened = line_end
    note(faults, "A multipart never ends; its last part goes to the end.")
    if opened is not None:
        yield opened, part.end


def _boundary_lines(part: Part, mark: bytes) -> Iterator[tuple[int, int, bool]]:
    raw, position = part.raw, part.start
    while (at := raw.find(mark, position, part.end)) >= 0:
        position = at + len(mark)
        if at > part.start and raw[at - 1] != 0x0A:
            continue
        newline = raw.find(b"\n", position, part.end)
        line_end = part.end if newline < 0 else newline + 1
        rest = raw[position : min(line_end, position + 80)].strip()
        if rest in (b"", b"--"):
            yield at, line_end, rest == b"--"
            position = line_end


def _without_line_end(raw: bytes, start: int, end: int) -> int:
    """The line end before a boundary belongs to the boundary (RFC 2046 §5.1.1)."""
    if end > start and raw[end - 1] == 0x0A:
        end -= 1
        if end > start and raw[end - 1] == 0x0D:
            end -= 1
    return end


def parameters(value: str, faults: Faults) -> Parameters:
    """Read `value; name=text; …` with RFC 2231's continued and encoded parameters."""
    value = value[:_ENOUGH_FOR_PARAMETERS]
    head, semicolon, _ = value.partition(";")
    if not semicolon:
        return Parameters(head.strip().lower(), {})
    plain: dict[str, str] = {}
    sections: dict[str, list[tuple[int, str, bool]]] = {}
    for found in _PARAMETER.finditer(value):
        name, text = found[1].lower(), _unquoted(found[2])
        if section := _SECTION.fullmatch(name):
            number, encoded = int(section[2] or 0), bool(section[3] or section[2] is None)
            sections.setdefault(section[1], []).append((number, text, encoded))
        else:
            plain.setdefault(name, words(text, faults) if name != "boundary" else text)
    for name, texts in sections.items():
        plain[name] = _continued(sorted(texts), faults)
    return Parameters(head.strip().lower(), plain)


def _unquoted(text: str) -> str:
    if text[:1] != '"':
        return text
    return re.sub(r"\\(.)", r"\1", text[1:].removesuffix('"'))


def _continued(sections: list[tuple[int, str, bool]], faults: Faults) -> str:
    charset = "utf-8"
    joined = bytearray()
    for position, (_, text, encoded) in enumerate(sections):
        if encoded and position == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        joined += unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace")
    return words(decoded(bytes(joined), charset or "utf-8", faults), faults)
