"""A letter on paper: the words of a contact as a tagged PDF (PDF/UA-1, ISO 14289-1), by the extra `documents`."""

import html
import re
from datetime import date
from typing import Any

import msgspec


class DocumentsMissing(RuntimeError):
    """The extra `documents` is not installed; the message says how to get it."""


class LetterSheet(msgspec.Struct, frozen=True):
    """What stands on the sheet. `day` is written by the reader's locale already; `reference` is the case's number."""

    house: str
    to: str
    day: str
    reference: str
    subject: str
    text: str
    language: str = "en"


_STYLE = """
@page { size: A4; margin: 25mm 20mm 22mm 25mm; @bottom-right { content: counter(page) " / " counter(pages) } }
body { font: 11pt/1.5 'Inter', 'DejaVu Sans', sans-serif; color: #1a1c22; }
header { display: flex; justify-content: space-between; margin: 0 0 18mm; font-size: 10pt; }
header strong { font-size: 13pt; }
.to { margin: 0 0 14mm; }
.about { margin: 0 0 8mm; color: #555; font-size: 10pt; }
h1 { font-size: 12.5pt; margin: 0 0 6mm; }
p { margin: 0 0 4mm; }
"""


def sheet_html(sheet: LetterSheet) -> str:
    """The sheet as HTML; everything that came from outside is escaped."""
    blocks = [block for block in re.split(r"\n[ \t]*\n", sheet.text.strip()) if block.strip()]
    paragraphs = "".join(f"<p>{_lines(block)}</p>" for block in blocks)
    return (
        f'<!doctype html><html lang="{html.escape(sheet.language)}"><head><meta charset="utf-8">'
        f"<title>{html.escape(sheet.subject)}</title><style>{_STYLE}</style></head><body>"
        f"<header><strong>{html.escape(sheet.house)}</strong><span>{html.escape(sheet.day)}</span></header>"
        f'<p class="to">{html.escape(sheet.to)}</p><p class="about">{html.escape(sheet.reference)}</p>'
        f"<h1>{html.escape(sheet.subject)}</h1>{paragraphs}</body></html>"
    )


def _lines(block: str) -> str:
    return html.escape(block.strip("\n")).replace("\n", "<br>")


def letter_pdf(sheet: LetterSheet) -> bytes:
    """The sheet as PDF.

    Raises:
        DocumentsMissing: WeasyPrint, or the Pango library that it draws with, is not there.
    """
    try:
        from weasyprint import HTML
    except (ImportError, OSError) as error:
        raise DocumentsMissing(
            "Letters as PDF need the extra `documents` (pip install 'caseloom[documents]') and the library Pango."
        ) from error
    page: Any = HTML(string=sheet_html(sheet), url_fetcher=_nothing_from_outside)
    pdf: bytes = page.write_pdf(pdf_variant="pdf/ua-1")
    return pdf


def _nothing_from_outside(address: str, *args: Any, **kwargs: Any) -> Any:
    """A letter loads nothing: no picture that tells somebody when it was printed."""
    raise ValueError(f"A letter may not load {address[:80]}")


def file_name(reference: str, day: date) -> str:
    """What a downloaded letter is called."""
    return f"{day:%Y-%m-%d} {reference}.pdf"
