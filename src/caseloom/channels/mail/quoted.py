"""What a person wrote anew in a reply, without the history that their mail program quoted below or between.

English, German and French, in the ways of Outlook, Exchange, Gmail, Apple Mail, Thunderbird and the
webmailers. One pass over the lines. When nothing would be left (a forwarded mail, an answer by quoting
alone), the whole text is kept.
"""

import re

_SEPARATOR = re.compile(
    r"\W{0,3}(?:-{2,}|_{2,})\s?(?:original message|original appointment|reply message|"
    r"ursprüngliche nachricht|original-?nachricht|ursprünglicher termin|"
    r"message d.origine|message original|message initial)\s?"
    r"(?:-{2,}|_{2,})?\s*",
    re.I,
)
_FIRST_FIELD = re.compile(r"[>*_\s]{0,6}(?:from|von|de|expéditeur)\s{0,2}\*{0,2}\s?:\*{0,2}\s", re.I)
_NEXT_FIELD = re.compile(
    r"[>*_\s]{0,6}(sent|date|to|cc|subject|gesendet|datum|an|betreff|envoyé|à|a|objet|importance|priorität)"
    r"\s{0,2}\*{0,2}\s?:",
    re.I,
)
_ATTRIBUTION_START = re.compile(
    r"[>\s]{0,6}(?:on\b|am\b|den\b|le\b|von\b|\S.{0,80}(?:\bschrieb\b|\bwrote\b|<[^>]{3,80}>))", re.I
)
_ATTRIBUTION = re.compile(
    r"[>\s]{0,6}(?:on\b.{5,300}\bwrote\s?:|(?:am|den)\b.{5,300}\bschrieb\b.{0,200}:|le\b.{5,300}\ba\sécrit\s?:|"
    r"von\b.{5,300}\bgeschrieben\s?:|.{1,120}\bschrieb\s(?:am|um|on)\b.{4,120}:|"
    r".{0,120}<[^<>@\s]{1,100}@[^<>\s]{1,100}>.{0,60}\b(?:wrote|schrieb|a\sécrit)\b.{0,60}:)\s*",
    re.I,
)
_RULE = re.compile(r"\s*_{10,}\s*")
_EMPTY_LINES = re.compile(r"\n{3,}")
_WRAPPED_OVER = 4


def reply_of(text: str) -> str:
    """The part of a mail's text that its sender wrote now; the whole text where that would be nothing."""
    lines = text.split("\n")
    kept: list[str] = []
    position = 0
    while position < len(lines):
        line = lines[position]
        if line.startswith(">"):
            position += 1
            continue
        if _starts_history(lines, position):
            break
        if length := _attribution_length(lines, position):
            if not _quote_follows(lines, position + length):
                break
            position += length
            continue
        kept.append(line)
        position += 1
    return _tidy(kept) or text.strip()


def _starts_history(lines: list[str], position: int) -> bool:
    line = lines[position]
    if line[:3].strip()[:1] in ("-", "_", "*") and _SEPARATOR.fullmatch(line):
        return True
    if ":" not in line[:24] or not _FIRST_FIELD.match(line):
        return False
    fields = {found[1].lower() for after in lines[position + 1 : position + 7] if (found := _NEXT_FIELD.match(after))}
    return len(fields) >= 2


def _attribution_length(lines: list[str], position: int) -> int:
    """How many lines the `On …, … wrote:` takes that starts here (mail programs wrap it), or 0."""
    if not _ATTRIBUTION_START.match(lines[position]):
        return 0
    joined = ""
    for length, line in enumerate(lines[position : position + _WRAPPED_OVER], start=1):
        if length > 1 and not line.strip():
            return 0
        joined = f"{joined} {line}".strip()
        if joined.endswith(":") and len(joined) <= 500 and _is_attribution(joined):
            return length
    return 0


def _is_attribution(line: str) -> bool:
    return any(c.isdigit() or c == "@" for c in line) and bool(_ATTRIBUTION.fullmatch(line))


def _quote_follows(lines: list[str], position: int) -> bool:
    """Whether marked lines follow: then what stands after them is the answer (written below, or between)."""
    return next((line.startswith(">") for line in lines[position : position + 4] if line.strip()), False)


def _tidy(lines: list[str]) -> str:
    while lines and (not lines[-1].strip() or _RULE.fullmatch(lines[-1])):
        lines.pop()
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()
