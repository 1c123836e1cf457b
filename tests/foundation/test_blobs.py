"""Bytes in the database: whole again in chunks, unreadable and gone with their person."""

import pytest
from django.db import connection

from caseloom.config.wiring import make_blobs
from caseloom.foundation.blobs import CHUNK, BlobDamaged, BlobGone, NewBlob
from tests.streams.kit import a_customer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("truncate blob, blob_chunk")


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_what_was_put_is_read(size: int) -> None:
    content = bytes(range(256)) * (size // 256) + b"z" * (size % 256)
    blobs, person = make_blobs(), a_customer()
    blobs.put([NewBlob(1, person, content)])
    pieces = list(blobs.read(1))
    assert b"".join(pieces) == content
    assert max(map(len, pieces)) <= CHUNK
    assert blobs.size(1) == size


def test_the_bytes_are_not_stored_in_clear() -> None:
    make_blobs().put([NewBlob(1, a_customer(), b"account statement")])
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from blob_chunk where position(%s in sealed) > 0", (b"statement",))
        assert cursor.fetchone() == (0,)


def test_without_the_persons_key_nobody_reads_them() -> None:
    blobs, person = make_blobs(), a_customer()
    blobs.put([NewBlob(1, person, b"x")])
    with connection.cursor() as cursor:
        cursor.execute("update person_key set key = null")
    with pytest.raises(BlobGone):
        list(blobs.read(1))
    blobs.put([NewBlob(2, person, b"y")])
    assert blobs.size(2) is None
    assert blobs.delete_of(person) == 1
    assert blobs.size(1) is None


@pytest.mark.parametrize(
    "change",
    [
        "update blob_chunk set number = number + 5",
        "delete from blob_chunk where number = 1",
        "update blob set size = 262144",
        "update blob_chunk set sealed = sealed || '\\x00'",
    ],
)
def test_a_chunk_that_was_moved_lost_or_changed_is_noticed(change: str) -> None:
    blobs = make_blobs()
    blobs.put([NewBlob(1, a_customer(), b"x" * (CHUNK + 10))])
    with connection.cursor() as cursor:
        cursor.execute(change)
    with pytest.raises(BlobDamaged):
        list(blobs.read(1))


def test_deleted_blobs_are_gone() -> None:
    blobs = make_blobs()
    blobs.put([NewBlob(1, a_customer(), b"x")])
    assert blobs.delete([1, 2]) == 1
    with pytest.raises(BlobGone):
        blobs.read_whole(1)
