"""Blobs: bytes in PostgreSQL, in chunks, each sealed under its person's key (AES-256-GCM, NIST SP 800-38D).

Nodes share nothing but the database, so bytes live there too (DESIGN §3). A chunk is sealed together with its blob's
id, its number and whether it is the last, so that none can be taken out, swapped or cut off unnoticed. Erasing the
person's key makes them unreadable; `delete_of` takes them out.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec
import psycopg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from psycopg.rows import tuple_row

CHUNK: Final = 256 * 1024
"""Bytes of a chunk before it is sealed."""
_NONCE: Final = 12

KeyOf = Callable[[int], AESGCM | None]
"""Person → data key; None for one who is erased. It may raise LookupError for one who never was."""


class BlobGone(LookupError):
    """There is no such blob, or its person is erased: nobody can read it any more."""


class BlobDamaged(ValueError):
    """A chunk was changed, lost or moved, or sealed under another key."""


class NewBlob(msgspec.Struct, frozen=True):
    """Bytes to be kept. `id` is fresh (from the streams' sequence), `person` whose they are."""

    id: int
    person: int
    content: bytes


class Blobs:
    """The store of blobs. `connection` hands the psycopg connection, so that blobs commit with whatever else its
    transaction holds.
    """

    def __init__(self, connection: Callable[[], "psycopg.Connection[Any]"], key_of: KeyOf) -> None:
        self._connection, self._key_of = connection, key_of

    def put(self, blobs: Sequence[NewBlob]) -> None:
        """Keep these; one of an erased person is dropped, and one whose id is kept already stays as it is."""
        keyed = [(blob, key) for blob in blobs if (key := self._key_of(blob.person)) is not None]
        if not keyed:
            return
        chunks = [chunk for blob, key in keyed for chunk in _sealed(blob, key)]
        with psycopg.Cursor(self._connection()) as cursor:
            cursor.execute(
                "insert into blob (id, person, size) "
                "select * from unnest(%s::bigint[], %s::bigint[], %s::bigint[]) on conflict do nothing",
                ([b.id for b, _ in keyed], [b.person for b, _ in keyed], [len(b.content) for b, _ in keyed]),
            )
            cursor.execute(
                "insert into blob_chunk (blob, number, sealed) "
                "select * from unnest(%s::bigint[], %s::integer[], %s::bytea[]) on conflict do nothing",
                tuple(list(column) for column in zip(*chunks, strict=True)),
            )

    def read(self, blob: int) -> Iterator[bytes]:
        """The bytes, a chunk at a time.

        Raises:
            BlobGone: there is no such blob, or its person is erased.
            BlobDamaged: what is stored is not what was put.
        """
        row = self._one("select person, size from blob where id = %s", blob)
        key = None if row is None else self._key_of(row[0])
        if row is None or key is None:
            raise BlobGone(f"The file {blob} does not exist any more.")
        number, left = 0, row[1]
        while number == 0 or left > 0:
            stored = self._one("select sealed from blob_chunk where blob = %s and number = %s", blob, number)
            plain = _opened(key, stored, blob, number, left <= CHUNK)
            left -= len(plain)
            number += 1
            yield plain

    def read_whole(self, blob: int) -> bytes:
        """All bytes at once; raises as `read` does."""
        return b"".join(self.read(blob))

    def size(self, blob: int) -> int | None:
        """Bytes of a blob; None where there is none."""
        row = self._one("select size from blob where id = %s", blob)
        return None if row is None else int(row[0])

    def delete(self, blobs: Iterable[int]) -> int:
        """Take these out; how many there were."""
        return self._run("delete from blob where id = any(%s)", list(blobs))

    def delete_of(self, person: int) -> int:
        """Take out all that belongs to a person; how many there were."""
        return self._run("delete from blob where person = %s", person)

    def _one(self, statement: str, *arguments: Any) -> tuple[Any, ...] | None:
        with psycopg.Cursor(self._connection(), row_factory=tuple_row) as cursor:
            cursor.execute(statement.encode(), arguments)
            return cursor.fetchone()

    def _run(self, statement: str, *arguments: Any) -> int:
        with psycopg.Cursor(self._connection()) as cursor:
            return cursor.execute(statement.encode(), arguments).rowcount


def _place(blob: int, number: int, last: bool) -> bytes:
    return f"blob {blob} {number} {'last' if last else 'more'}".encode()


def _sealed(blob: NewBlob, key: AESGCM) -> Iterator[tuple[int, int, bytes]]:
    count = max(1, -(-len(blob.content) // CHUNK))
    for number in range(count):
        nonce = os.urandom(_NONCE)
        plain = blob.content[number * CHUNK : (number + 1) * CHUNK]
        yield blob.id, number, nonce + key.encrypt(nonce, plain, _place(blob.id, number, number == count - 1))


def _opened(key: AESGCM, stored: tuple[Any, ...] | None, blob: int, number: int, last: bool) -> bytes:
    if stored is None:
        raise BlobDamaged(f"Part {number + 1} of the file {blob} is missing.")
    sealed = bytes(stored[0])
    try:
        return key.decrypt(sealed[:_NONCE], sealed[_NONCE:], _place(blob, number, last))
    except InvalidTag as error:
        raise BlobDamaged(f"Part {number + 1} of the file {blob} was changed, or belongs to another key.") from error
