"""Files of messages with what they wanted: CSV, plain or gzipped, with a line of column names."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

TEXTS = ("text", "utterance", "message", "query")
LABELS = ("intent", "intents", "label", "labels", "goal", "goals", "category")
OUTSIDE = frozenset({"oos", "ood", "out_of_scope", "out-of-scope", "out of scope"})
"""Labels that mean: none of ours."""
BETWEEN = "|"
"""Between the labels of a message that wants several things."""
MOST_BYTES = 500_000_000
_LONGEST_FIELD = 50_000_000


class FileFaulty(ValueError):
    """A file cannot be used; the message names file and line, and says what to do."""


class Labelled(msgspec.Struct, frozen=True):
    """A message, its goals (none: fits none of ours), its branch (empty without one) and its line in the file."""

    text: str
    goals: tuple[str, ...]
    branch: str
    place: str


def read_labelled(
    file: Path, *, text: str = "", label: str = "", branch: str = "", outside: str = ""
) -> list[Labelled]:
    """All messages of a file, in order; those without a label are left out.

    text, label, branch: names of columns, found by their usual names where empty (branch: not read). outside: the label
    that means none of ours, beside `OUTSIDE`.

    Raises:
        FileFaulty: it cannot be opened or read, a column is missing, a line is too short, or no message is left.
    """
    rows = _rows(file)
    try:
        header = next(rows, [])
        columns = {name.strip(): place for place, name in enumerate(header)}
        at_text = _column(file, columns, text, TEXTS, "text")
        at_label = _column(file, columns, label, LABELS, "label")
        at_branch = _column(file, columns, branch, (), "by") if branch else None
        none_of_ours = OUTSIDE | ({outside} if outside else set())
        found = []
        for number, row in enumerate(rows, 2):
            if not row:
                continue
            if len(row) < len(header):
                raise FileFaulty(f"{file}: row {number} has {len(row)} columns, not {len(header)}. Mend the row.")
            goals = _goals(row[at_label], none_of_ours)
            if goals is not None:
                kept = row[at_branch] if at_branch is not None else ""
                found.append(Labelled(row[at_text], goals, kept, f"{file.name}:{number}"))
    except csv.Error as fault:
        raise FileFaulty(f"{file}: {fault}. Write it as CSV in UTF-8.") from fault
    if not found:
        raise FileFaulty(f"{file}: there is no message with a label in it.")
    return found


def _goals(cell: str, none_of_ours: frozenset[str] | set[str]) -> tuple[str, ...] | None:
    labels = tuple(dict.fromkeys(part.strip() for part in cell.split(BETWEEN) if part.strip()))
    if not labels:
        return None
    return tuple(name for name in labels if name.lower() not in none_of_ours and name not in none_of_ours)


def _column(file: Path, columns: dict[str, int], wanted: str, usual: Sequence[str], option: str) -> int:
    names = (wanted,) if wanted else usual
    for name in names:
        if name in columns:
            return columns[name]
    had = ", ".join(columns) or "nothing"
    raise FileFaulty(f"{file}:1: no column {' or '.join(names)}; it has {had}. Name the column with --{option}.")


def _rows(file: Path) -> Iterator[list[str]]:
    text = _decoded(file)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise FileFaulty(f"{file}:{line}: a NUL character, which no text holds. Write it as CSV in UTF-8.")
    before = csv.field_size_limit(_LONGEST_FIELD)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), strict=True)
    finally:
        csv.field_size_limit(before)


def _decoded(file: Path) -> str:
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except (EOFError, zlib.error) as fault:
        raise FileFaulty(f"{file}: the packed file is broken. Fetch it again.") from fault
    except OSError as fault:
        raise FileFaulty(f"{file}: {fault.strerror or fault}") from fault
    if len(data) > MOST_BYTES:
        raise FileFaulty(f"{file}: more than {MOST_BYTES // 1_000_000} MB. Split it.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        raise FileFaulty(f"{file}:{line}: not UTF-8. Write it in UTF-8 and try again.") from fault
