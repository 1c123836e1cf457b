"""A letter as a simple HTML page: the house's name, the words in paragraphs, addresses of pages as links, nothing
else.
"""

import html
import re
from typing import Final

_URL: Final = re.compile(r"https?://[^\s<>\"']{1,2000}")
_AFTER: Final = ".,;:!?)]}»”"
"""What ends a sentence and not an address."""
_PAGE: Final = """<!doctype html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>
<body style="margin:0;padding:24px;background:#f4f5f7;color:#1d2430;
font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif">
<div style="max-width:620px;margin:0 auto;background:#fff;border-radius:8px;padding:28px 32px">
<p style="margin:0 0 20px;font-weight:600;color:#3b4a63">{house}</p>
{paragraphs}
</div></body></html>
"""


def letter_page(text: str, house: str) -> str:
    """The page for a plain text: a blank line parts paragraphs, a line end is kept."""
    blocks = [block.strip("\n") for block in re.split(r"\n[ \t]*\n", text.strip())]
    paragraphs = "\n".join(f'<p style="margin:0 0 14px">{_paragraph(block)}</p>' for block in blocks if block.strip())
    return _PAGE.format(house=html.escape(house), paragraphs=paragraphs)


def _paragraph(block: str) -> str:
    pieces, end = [], 0
    for found in _URL.finditer(block):
        address = found[0].rstrip(_AFTER)
        pieces += [
            html.escape(block[end : found.start()]),
            f'<a href="{html.escape(address)}">{html.escape(address)}</a>',
        ]
        end = found.start() + len(address)
    return "".join([*pieces, html.escape(block[end:])]).replace("\n", "<br>\n")
