"""Replay everything: each stream is rebuilt from its events alone and compared with what stands in the database."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Final

import psycopg
from django.db import connection
from msgspec import Struct
from psycopg.rows import tuple_row

from caseloom.streams import store
from caseloom.streams.door import the_door
from caseloom.streams.replay import Difference, all_streams, compare

PORTION: Final = 250


class Replayed(Struct, frozen=True):
    """What came of it."""

    streams: int
    events: int
    differences: tuple[Difference, ...]


def replay_all(processes: int, say: Callable[[str], None]) -> Replayed:
    """Compare every stream of every kind, in so many processes (1: in this one)."""
    portions = list(_portions())
    total, done = sum(len(streams) for _, streams in portions), 0
    differences: list[Difference] = []
    for (_, streams), found in zip(portions, _compared(portions, processes), strict=True):
        differences += found
        done += len(streams)
        say(f"{done} of {total} streams")
    return Replayed(total, _count_events(), tuple(differences))


Portion = tuple[str, list[int]]


def _portions() -> Iterator[Portion]:
    for kind in the_door().kinds.values():
        after = 0
        while streams := all_streams(kind, after, PORTION):
            yield kind.name, streams
            after = streams[-1]


def _compared(portions: list[Portion], processes: int) -> Iterator[list[Difference]]:
    if processes < 2:
        yield from map(compare_portion, portions)
        return
    connection.close()
    # A forked process would share our connections.
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), initializer=_set_up) as pool:
        yield from pool.map(compare_portion, portions)


def _set_up() -> None:
    import django

    django.setup()


def compare_portion(portion: Portion) -> list[Difference]:
    """The differences of some streams of one kind."""
    door = the_door()
    kind = door.kinds[portion[0]]
    return [found for stream in portion[1] for found in compare(door, kind, stream)]


def _count_events() -> int:
    with psycopg.Cursor(store.raw_connection(), row_factory=tuple_row) as cursor:
        cursor.execute("select count(*) from event")
        row = cursor.fetchone()
        return int(row[0]) if row else 0
