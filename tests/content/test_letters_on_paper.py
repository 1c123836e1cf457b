"""A letter as PDF: tagged, with its words, and nothing loaded from outside."""

import re
import zlib
from contextlib import suppress

import pytest

from caseloom.content.letter_sheet import DocumentsMissing, LetterSheet, letter_pdf, sheet_html

SHEET = LetterSheet(
    house="Lindholt Bank & Net",
    to="Maria Keller",
    day="2 March 2026",
    reference="Number 1807-9",
    subject="Your new PIN <b>",
    text="Dear Maria Keller,\n\nit comes by post.\nKind regards\n\n<img src='https://example.org/x.png'>",
)


def test_what_comes_from_outside_is_escaped() -> None:
    page = sheet_html(SHEET)
    assert "<b>" not in page
    assert "<img" not in page
    assert "it comes by post.<br>Kind regards" in page


def test_it_is_a_tagged_pdf() -> None:
    try:
        pdf = letter_pdf(SHEET)
    except DocumentsMissing as missing:
        pytest.skip(str(missing))
    assert pdf.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in plain(pdf)


def plain(pdf: bytes) -> bytes:
    """The file with its compressed streams opened."""
    found = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        with suppress(zlib.error):
            found.append(zlib.decompress(stream))
    return b"".join(found)
