"""Whether two XML files say the same: names with their namespaces, attributes, text, comments and order, and the
prefixes that text may refer to. How attributes are ordered and quoted does not count.
"""

from itertools import zip_longest

from lxml import etree

from caseloom.interchange.hardened_xml import line_of, parse_xml


def first_difference(one: bytes, other: bytes) -> str | None:
    """Where two files differ first, in words; None where they are the same. Raises `XmlFaulty`."""
    left, right = parse_xml(one), parse_xml(other)
    if left.getroottree().docinfo.encoding != right.getroottree().docinfo.encoding:
        return "the encoding"
    for a, b in zip_longest(_around(left), _around(right)):
        if a is None or b is None:
            return "the number of elements"
        what = _difference(a, b)
        if what is not None:
            return f"line {line_of(a)}: {what} of {_said(a)}"
    return None


def _around(root: etree._Element) -> list[etree._Element]:
    """All nodes of a document in order: what stands before its root, the root with all in it, what comes after."""
    before = [*root.itersiblings(preceding=True)][::-1]
    return [*before, *root.iter(), *root.itersiblings()]


def _difference(a: etree._Element, b: etree._Element) -> str | None:
    if a.tag != b.tag:
        return f"the name ({_said(b)})"
    if (a.text or "") != (b.text or ""):
        return "the text"
    if (a.tail or "") != (b.tail or ""):
        return "the text after the end"
    if not _is_element(a):
        return None
    if sorted(a.attrib.items()) != sorted(b.attrib.items()):
        return "the attributes"
    if len(a) != len(b):
        return "the number of children"
    return None if a.nsmap == b.nsmap else "the prefixes"


def _said(node: etree._Element) -> str:
    return str(node.tag) if _is_element(node) else "a comment or instruction"


def _is_element(node: etree._Element) -> bool:
    tag: object = node.tag
    return isinstance(tag, str)
