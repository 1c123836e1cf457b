"""Which part of a log is learned from, and which is asked about (`evaluation`)."""

import msgspec


class Split(msgspec.Struct, frozen=True):
    """`share` of the cases is learned from and nothing after; 0 goes on learning. Asked from `prefix` events on."""

    share: float = 0.0
    prefix: int = 1
