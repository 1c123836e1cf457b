"""Codec: events and snapshots to bytes and back, personal fields sealed per person.

A person has one data key (AES-256-GCM, NIST SP 800-38D), wrapped by the master key of the installation. Erasing a
person deletes the wrapped key: what was sealed under it can be read by nobody, and decodes to the defaults of its
`private` struct. The hash chain (`head`) runs over what is stored, so it holds after an erasure too.
"""

import hashlib
import os
from functools import lru_cache
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE: Final = 12
NO_HEAD: Final = b"\0" * 16
_encode = msgspec.msgpack.Encoder().encode


class Damaged(Exception):
    """Stored bytes that do not decode: the store was changed from outside, or the master key is another one."""


class Keyring:
    """Wraps and unwraps data keys under the master key (32 bytes)."""

    def __init__(self, master: bytes) -> None:
        self._master = AESGCM(master)
        self._unwrap = lru_cache(maxsize=4096)(self._unwrapped)

    def make(self) -> bytes:
        """A fresh data key, wrapped."""
        nonce = os.urandom(NONCE)
        return nonce + self._master.encrypt(nonce, AESGCM.generate_key(256), None)

    def open(self, wrapped: bytes) -> AESGCM:
        """The data key behind a wrapped one.

        Raises:
            Damaged: it was wrapped by another master key.
        """
        return self._unwrap(bytes(wrapped))

    def _unwrapped(self, wrapped: bytes) -> AESGCM:
        try:
            return AESGCM(self._master.decrypt(wrapped[:NONCE], wrapped[NONCE:], None))
        except InvalidTag as error:
            raise Damaged(
                "The master key (CASELOOM_MASTER_KEY) is not the one that this database was written with."
            ) from error


def seal(key: AESGCM, plain: bytes) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + key.encrypt(nonce, plain, None)


def unseal(key: AESGCM, sealed: bytes) -> bytes:
    """Raises Damaged when the bytes were sealed under another key or changed."""
    try:
        return key.decrypt(bytes(sealed[:NONCE]), bytes(sealed[NONCE:]), None)
    except InvalidTag as error:
        raise Damaged("Sealed bytes were changed, or belong to another key.") from error


class EventCodec:
    """Coding for one event type: `private`, where the type has it, goes apart."""

    def __init__(self, event_type: type[Any]) -> None:
        self.name: str = event_type.stored
        private = getattr(event_type, "__struct_fields__", ())
        self._private = "private" in private
        self._decode = msgspec.msgpack.Decoder(event_type, strict=False).decode
        if self._private:
            field = next(field for field in msgspec.structs.fields(event_type) if field.name == "private")
            self._empty = field.default
            self._decode_private = msgspec.msgpack.Decoder(field.type, strict=False).decode

    def encode(self, event: Any, key: AESGCM | None) -> tuple[bytes, bytes | None]:
        """The open part, and the sealed one (None where nothing is personal, or the person is erased)."""
        if not self._private or event.private == self._empty:
            return _encode(event), None
        sealed = None if key is None else seal(key, _encode(event.private))
        return _encode(self.bare(event)), sealed

    def bare(self, event: Any) -> Any:
        """The event as it is read again when its person is erased."""
        return msgspec.structs.replace(event, private=self._empty) if self._private else event

    def decode(self, data: bytes, sealed: bytes | None, key: AESGCM | None) -> Any:
        event = self._decode(data)
        if sealed is None or key is None:
            return event
        return msgspec.structs.replace(event, private=self._decode_private(unseal(key, sealed)))


class Codec:
    """Coding for one kind of stream."""

    def __init__(self, events: dict[str, type[Any]] | Any, state: type[Any]) -> None:
        self._by_type = {event_type: EventCodec(event_type) for event_type in events.values()}
        self._by_name = {codec.name: codec for codec in self._by_type.values()}
        self._decode_state = msgspec.msgpack.Decoder(state, strict=False).decode

    def encode(self, event: Any, key: AESGCM | None) -> tuple[str, bytes, bytes | None]:
        """Stored name, open part, sealed part."""
        codec = self._by_type[type(event)]
        return (codec.name, *codec.encode(event, key))

    def bare(self, event: Any) -> Any:
        """The event without its personal fields."""
        return self._by_type[type(event)].bare(event)

    def decode(self, name: str, data: bytes, sealed: bytes | None, key: AESGCM | None) -> Any:
        try:
            return self._by_name[name].decode(data, sealed, key)
        except (KeyError, msgspec.DecodeError) as error:
            raise Damaged(f"An event of the type “{name}” cannot be read: {error}") from error

    def encode_state(self, state: Any, key: AESGCM | None) -> bytes:
        plain = _encode(state)
        return b"\0" + plain if key is None else b"\1" + seal(key, plain)

    def decode_state(self, stored: bytes, key: AESGCM | None) -> Any:
        if stored[:1] == b"\0":
            return self._decode_state(stored[1:])
        if key is None:
            raise Damaged("A snapshot of an erased person was not rebuilt.")
        return self._decode_state(unseal(key, stored[1:]))


def chain(head: bytes, name: str, data: bytes, sealed: bytes | None) -> bytes:
    """The next link of a stream's hash chain (BLAKE2b, 16 bytes)."""
    digest = hashlib.blake2b(head, digest_size=16)
    digest.update(name.encode())
    digest.update(data)
    digest.update(sealed or b"")
    return digest.digest()
