"""The inbox: raw mails, durable before the other side is told so, one insert for each gathered batch.

Nothing is understood here. A mail is unique by the hash of its bytes, so that it may be handed over any number of
times. Its id is the id of the contact that `intake` makes of it; its bytes and envelope stay sealed under the house's
key until then.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg.rows import tuple_row

from caseloom.channels.mail.receipt import Duplicate, ImapSource, RawMail, Receipt, Stored
from caseloom.streams import store
from caseloom.streams.codec import seal, unseal

_INSERT: Final = """
insert into raw_mail (id, sha256, mailbox, received_at, sealed)
select * from unnest(%s::bigint[], %s::bytea[], %s::text[], %s::timestamptz[], %s::bytea[])
on conflict (sha256) do nothing returning id
"""
_NEW: Final = """
select id, sha256, mailbox, received_at, attempts, sealed from raw_mail where state = 'new' and not id = any(%s)
order by id limit %s for update skip locked
"""
_ONE: Final = """
select id, sha256, mailbox, received_at, attempts, sealed from raw_mail
where id = %s and state = 'new' for update skip locked
"""


class Envelope(msgspec.Struct, frozen=True, array_like=True):
    """What is sealed: the bytes and what the transport knows."""

    raw: bytes
    sender: str | None
    recipients: tuple[str, ...]


class Waiting(msgspec.Struct, frozen=True):
    """A raw mail that waits to be sorted. `attempts` counts those that failed."""

    id: int
    sha256: bytes
    mailbox: str
    received_at: datetime
    attempts: int
    envelope: Envelope


class Inbox:
    """Stores raw mails. `house_key` seals them, `ids` are the streams', `wake` is called after each commit that
    brought something.
    """

    def __init__(self, house_key: AESGCM, ids: Iterator[int], wake: Callable[[], None] = lambda: None) -> None:
        self._key, self._ids, self._wake = house_key, ids, wake

    # --- in ---------------------------------------------------------------------------------------------------------

    def receive(self, mail: RawMail) -> Receipt:
        """Store one mail; see `receive_many`."""
        return self.receive_many([mail])[0]

    def receive_many(self, mails: Sequence[RawMail]) -> list[Receipt]:
        """Store these mails in one transaction: Stored, or Duplicate for one whose bytes are here already.

        Raises:
            psycopg.OperationalError: the database is away; none of them is stored.
        """
        ids = [next(self._ids) for _ in mails]
        columns = [
            ids,
            [bytes.fromhex(mail.sha256) for mail in mails],
            [mail.mailbox[:200] for mail in mails],
            [mail.received_at for mail in mails],
            [self._sealed(mail) for mail in mails],
        ]
        with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
            cursor.execute(_INSERT, columns, prepare=True)
            stored = {row[0] for row in cursor.fetchall()}
        if stored:
            self._wake()
        return [Stored() if number in stored else Duplicate() for number in ids]

    def _sealed(self, mail: RawMail) -> bytes:
        return seal(self._key, msgspec.msgpack.encode(Envelope(mail.raw, mail.envelope_from, mail.envelope_to)))

    # --- to be sorted -----------------------------------------------------------------------------------------------

    def waiting(self, limit: int, without: Sequence[int] = ()) -> list[Waiting]:
        """New mails, the oldest first, held until the transaction ends; those that another sorter holds are left
        out.
        """
        return self._fetch(_NEW, (list(without), limit))

    def waiting_one(self, mail: int) -> Waiting | None:
        """This one mail, held, unless it is sorted meanwhile or somebody else holds it."""
        return next(iter(self._fetch(_ONE, (mail,))), None)

    def raw_source(self, mail: int) -> bytes | None:
        """The bytes of a mail that is not sorted yet; None where there is none."""
        row = _one("select sealed from raw_mail where id = %s and sealed is not null", mail)
        return None if row is None else self._opened(row[0]).raw

    def _fetch(self, statement: str, arguments: tuple[Any, ...]) -> list[Waiting]:
        with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
            cursor.execute(statement.encode(), arguments, prepare=True)
            rows = cursor.fetchall()
        return [
            Waiting(number, sha256, mailbox, received_at, attempts, self._opened(sealed))
            for number, sha256, mailbox, received_at, attempts, sealed in rows
        ]

    def _opened(self, sealed: bytes) -> Envelope:
        return msgspec.msgpack.decode(unseal(self._key, sealed), type=Envelope)

    # --- sorted -----------------------------------------------------------------------------------------------------

    def mark_done(self, mails: Sequence[int]) -> None:
        """These have become contacts; what is kept is the hash, so that they are known again."""
        _run("update raw_mail set state = 'done', reason = '', sealed = null where id = any(%s)", list(mails))

    def mark_duplicate(self, mail: int) -> None:
        """This one came by another way already."""
        _run(
            "update raw_mail set state = 'done', reason = 'came by another way', sealed = null where id = %s",
            mail,
        )

    def quarantine(self, mail: int, reason: str) -> None:
        """Keep it, with the sentence that says why it is no contact."""
        _run(
            "update raw_mail set state = 'quarantined', reason = %s, attempts = attempts + 1 "
            "where id = %s and state = 'new'",
            reason[:2000],
            mail,
        )

    def release(self, mail: int) -> bool:
        """Let a quarantined mail be sorted again; whether there was one."""
        released = (
            _run(
                "update raw_mail set state = 'new', reason = '', attempts = 0 where id = %s and state = 'quarantined'",
                mail,
            )
            == 1
        )
        if released:
            self._wake()
        return released


class ImapLedger:
    """What was taken from IMAP mailboxes, in a table (`mail.imap_intake.Ledger`)."""

    def last_uid(self, mailbox: str, uidvalidity: int) -> int | None:
        """The highest UID that was taken, or None if none was under this UIDVALIDITY."""
        row = _one("select max(uid) from imap_taken where mailbox = %s and uidvalidity = %s", mailbox, uidvalidity)
        return None if row is None or row[0] is None else int(row[0])

    def taken(self, mailbox: str, uidvalidity: int, uids: Sequence[int]) -> set[int]:
        """Which of these UIDs were taken."""
        with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
            cursor.execute(
                "select uid from imap_taken where mailbox = %s and uidvalidity = %s and uid = any(%s)",
                (mailbox, uidvalidity, list(uids)),
            )
            return {row[0] for row in cursor.fetchall()}

    def holds(self, mailbox: str, sha256: str) -> bool:
        """Whether a mail with this content was taken from this mailbox, under whatever UID."""
        return (
            _one("select 1 from imap_taken where mailbox = %s and sha256 = %s limit 1", mailbox, bytes.fromhex(sha256))
            is not None
        )

    def record(self, source: ImapSource, sha256: str) -> None:
        """Write one mail down, durably; writing it again changes nothing."""
        _run(
            "insert into imap_taken (mailbox, uidvalidity, uid, sha256) values (%s, %s, %s, %s) on conflict do nothing",
            source.mailbox, source.uidvalidity, source.uid, bytes.fromhex(sha256),
        )  # fmt: skip


def _one(statement: str, *arguments: Any) -> tuple[Any, ...] | None:
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        cursor.execute(statement.encode(), arguments)
        return cursor.fetchone()


def _run(statement: str, *arguments: Any) -> int:
    with psycopg.Cursor(store.raw_connection()) as cursor:
        return cursor.execute(statement.encode(), arguments).rowcount
