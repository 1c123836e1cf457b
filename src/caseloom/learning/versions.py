"""Versions of what was learned: saved whole with the place that the events had been followed to, and rolled back."""

import zlib
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from django.db import transaction
from django.db.models import Max

from caseloom.foundation.clock import now
from caseloom.learning.models import LearnedModel
from caseloom.streams.tail import Place

KEPT: Final = 5
"""Versions of one name that are kept, for going back to."""


class Version(msgspec.Struct, frozen=True):
    """A version as it was saved. `figures` are what was measured when it was made."""

    name: str
    number: int
    reached: Place
    body: bytes
    figures: Mapping[str, Any] = {}

    @property
    def label(self) -> str:
        """How an advice or a reading names it."""
        return f"{self.name} {self.number}"


def save(name: str, body: bytes, reached: Place, figures: Mapping[str, Any] | None = None) -> Version:
    """A new version, in force from now on; the oldest beyond `KEPT` go."""
    with transaction.atomic():
        known = LearnedModel.objects.filter(name=name)
        number = (known.aggregate(newest=Max("version"))["newest"] or 0) + 1
        LearnedModel.objects.create(
            name=name,
            version=number,
            made_at=now(),
            figures=msgspec.json.encode(figures or {}).decode(),
            reached_transaction=reached.transaction,
            reached_position=reached.position,
            body=zlib.compress(body, 1),
        )
        known.filter(version__lte=number - KEPT).delete()
    return Version(name, number, reached, body, figures or {})


def newest(name: str) -> Version | None:
    """The version in force; None where nothing was learned yet, or all was rolled back."""
    row = LearnedModel.objects.filter(name=name, state="active").order_by("-version").first()
    return _version(row) if row is not None else None


def newest_number(name: str) -> int:
    """Its number alone, which is quick to ask; 0 for none."""
    found = LearnedModel.objects.filter(name=name, state="active").order_by("-version")
    return found.values_list("version", flat=True).first() or 0


def roll_back(name: str) -> Version | None:
    """The version before is in force again; it, or None where there is none."""
    row = LearnedModel.objects.filter(name=name, state="active").order_by("-version").first()
    if row is not None:
        LearnedModel.objects.filter(pk=row.pk).update(state="rolled back")
    return newest(name)


def forget_before(name: str) -> None:
    """Drop all versions but the one in force: a person is erased, and the others were learned from theirs, too."""
    LearnedModel.objects.filter(name=name).exclude(version=newest_number(name)).delete()


def forget_all(name: str) -> None:
    """Drop every version."""
    LearnedModel.objects.filter(name=name).delete()


def _version(row: LearnedModel) -> Version:
    reached = Place(row.reached_transaction, row.reached_position)
    return Version(row.name, row.version, reached, zlib.decompress(bytes(row.body)), msgspec.json.decode(row.figures))
