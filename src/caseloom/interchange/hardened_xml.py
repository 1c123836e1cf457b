"""XML from strangers: nothing is fetched, no entity is expanded, a DOCTYPE is refused."""

from lxml import etree

MAX_BYTES = 50_000_000


class XmlFaulty(ValueError):
    """What is no XML that we take; `line` counts from 1, or is 0 where it is not known."""

    def __init__(self, message: str, line: int = 0) -> None:
        self.message, self.line = message, line
        super().__init__(f"Line {line}: {message}" if line else message)


def parse_xml(data: bytes) -> etree._Element:
    """The root element. Raises `XmlFaulty` for what is no XML, too long, too deep, or has a DOCTYPE."""
    if len(data) > MAX_BYTES:
        raise XmlFaulty(f"The file is longer than {MAX_BYTES} bytes.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as why:
        if b"<!DOCTYPE" in data:
            raise _doctype(data) from None
        raise XmlFaulty(f"The file is no XML: {(why.msg or 'it is empty').rstrip('.')}.", why.lineno or 0) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _doctype(data)
    return root


def _doctype(data: bytes) -> XmlFaulty:
    line = data[: max(data.find(b"<!DOCTYPE"), 0)].count(b"\n") + 1
    return XmlFaulty("The file has a DOCTYPE, which is not taken. Remove it.", line)


def line_of(node: etree._Element) -> int:
    """The line at which an element begins, or 0."""
    line: object = node.sourceline
    return line if isinstance(line, int) else 0


def text_in(node: etree._Element) -> str:
    """All text within an element."""
    return "".join(str(part) for part in node.itertext())


def local_name(node: etree._Element) -> str:
    """The name of an element without its namespace."""
    return etree.QName(node).localname
