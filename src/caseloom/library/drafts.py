"""The drafts that definitions are worked on in: the list of all, the text of one, and how it is saved."""

from datetime import datetime
from typing import Final
from uuid import uuid4

import msgspec
import psycopg
from psycopg.rows import tuple_row

from caseloom.engine.case.refusal import Refused
from caseloom.library.definition import (
    DEFINITIONS,
    DefinitionDrafted,
    DefinitionKind,
    DefinitionPublished,
    DraftDefinition,
    WithdrawDefinition,
)
from caseloom.library.models import DefinitionRow, VersionRow
from caseloom.library.publishing import forget_latest
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Answer, Order
from caseloom.streams import store
from caseloom.streams.door import the_door
from caseloom.streams.replay import read_history, read_state

_LAST: Final = """
select distinct on (stream) stream, at, actor from event where stream = any(%s) order by stream, version desc
"""


class Draft(msgspec.Struct, frozen=True):
    """A definition as it is worked on. `seen` is the version of its stream: what an edit is based on. `version` is the
    one that was published last, 0 for none; `published` its text.
    """

    id: int
    key: str
    kind: DefinitionKind
    text: str
    seen: int
    version: int
    offered: bool
    published: str
    at: datetime
    by: str

    @property
    def changed(self) -> bool:
        """Whether the draft differs from what was published last."""
        return self.text != self.published


class Listed(msgspec.Struct, frozen=True):
    """A definition in the list of all: when and by whom it was changed last."""

    key: str
    kind: DefinitionKind
    title: str
    version: int
    offered: bool
    changed: bool
    at: datetime
    by: str


def find_draft(key: str) -> Draft | None:
    """The definition of this key as it is worked on."""
    row = DefinitionRow.objects.filter(key=key).order_by("id").first()
    found = read_state(the_door(), DEFINITIONS, row.id) if row is not None else None
    if row is None or found is None:
        return None
    state, seen = found
    last = read_history(the_door(), DEFINITIONS, row.id, seen - 1, seen)[0]
    published = VersionRow.objects.filter(definition=row.id, version=state.version).values_list("text", flat=True)
    text = published.first() if state.version else ""
    return Draft(
        row.id, key, state.kind, state.draft, seen, state.version, state.offered, text or "", last.at, last.actor
    )


def draft_at(draft: Draft, seen: int) -> str:
    """The draft's text as it stood at an earlier version of its stream; empty before the first."""
    history = read_history(the_door(), DEFINITIONS, draft.id, 0, seen)
    texts = [one.event.text for one in history if isinstance(one.event, DefinitionDrafted | DefinitionPublished)]
    return str(texts[-1]) if texts else ""


def all_definitions() -> list[Listed]:
    """Every definition, drafts and those that were withdrawn too; the newest change first."""
    rows = list(DefinitionRow.objects.all())
    last = _last([row.id for row in rows])
    versions = {(one.definition, one.version): one for one in VersionRow.objects.filter(definition__in=last)}
    found = []
    for row in rows:
        at, actor = last[row.id]
        now = versions.get((row.id, row.version))
        title = now.title if now is not None else row.key
        changed = now is None or now.text != row.draft
        found.append(Listed(row.key, row.kind, title or row.key, row.version, row.offered, changed, at, actor))  # type: ignore[arg-type]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _last(streams: list[int]) -> dict[int, tuple[datetime, str]]:
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        return {stream: (at, actor) for stream, at, actor in cursor.execute(_LAST, (streams,)).fetchall()}


def save_draft(access: Access, draft: Draft, text: str, seen: int) -> Answer | Refused:
    """Save a text that is based on version `seen` of the definition's stream; stale where somebody saved meanwhile."""
    command = DraftDefinition(definition=draft.id, key=draft.key, kind=draft.kind, text=text)
    return the_door().handle(Order("definition", draft.id, command, uuid4(), access, expected=seen))


def new_draft(access: Access, key: str, kind: DefinitionKind, text: str) -> Answer | Refused:
    """Begin a definition of its own."""
    if DefinitionRow.objects.filter(key=key).exists():
        return Refused("duplicate", f"There is a definition “{key}” already; open it, or choose another key.")
    number = next(the_door().ids)
    command = DraftDefinition(definition=number, key=key, kind=kind, text=text)
    return the_door().handle(Order("definition", number, command, uuid4(), access))


def withdraw(access: Access, draft: Draft) -> Answer | Refused:
    """Offer a definition no more: running cases go on, no new one is opened from it."""
    answer = the_door().handle(Order("definition", draft.id, WithdrawDefinition(), uuid4(), access))
    forget_latest()
    return answer
