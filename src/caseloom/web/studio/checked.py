"""A draft's text as it can be shown: its plain values, as far as it can be read, and everything that is wrong."""

from functools import lru_cache
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from caseloom.engine.spec.service_goal import HouseRules, ServiceGoal
from caseloom.interchange.rule_text import HandWritten
from caseloom.interchange.yaml_text import Place, TextFaulty, text_of
from caseloom.library.decisions import latest_models
from caseloom.library.definition import DefinitionKind
from caseloom.library.drafts import Draft
from caseloom.library.flows import latest_flows
from caseloom.library.plans import latest_versions
from caseloom.library.publishing import Checked, check
from caseloom.library.used import is_model, key_of

WORDS: dict[DefinitionKind, str] = {"service goal": "service goal", "house rules": "house rules"}
"""The first word of a text, which holds its key."""


class Read(msgspec.Struct, frozen=True):
    """What a text came to: `value` is what can be read of it at all (None for no YAML), `definition` the sound one."""

    value: dict[str, Any] | None
    places: tuple[Place, ...]
    definition: Checked | None = None

    @property
    def sound(self) -> bool:
        return not self.places


def read_draft(draft: Draft, text: str | None = None) -> Read:
    """A draft (or another text for it), checked against what is published now."""
    return _read(draft.text if text is None else text, draft.kind, draft.key, published_now())


def published_now() -> tuple[tuple[str, object], ...]:
    """All that is offered, with its version: what a text is checked against."""
    return (*sorted(latest_versions().items()), *sorted(latest_models().items()), *sorted(latest_flows().items()))


@lru_cache(maxsize=64)
def _read(text: str, kind: DefinitionKind, key: str, published: tuple[Any, ...]) -> Read:
    definition, places = check(text)
    value: Any = None
    if not is_model(text):
        try:
            value = text_of(text).value
        except TextFaulty:
            """Its faults are told already."""
    places = tuple(sorted((*_renamed(text, kind, key, value, definition), *places), key=lambda one: one.line))
    return Read(value if isinstance(value, dict) else None, places, definition if not places else None)


def _renamed(text: str, kind: DefinitionKind, key: str, value: Any, definition: Checked | None) -> tuple[Place, ...]:
    """A definition keeps its key: with another one the text would be published beside it."""
    if kind in WORDS:
        named = value.get(WORDS[kind]) if isinstance(value, dict) else key
    elif definition is None or isinstance(definition, ServiceGoal | HouseRules):
        named = key
    else:
        named = key_of(definition)
    if named == key:
        return ()
    line = next((n for n, line in enumerate(text.splitlines(), 1) if line.startswith(WORDS.get(kind, "<"))), 1)
    says = f"this definition is the {kind} “{key}”, and its key does not change; for another one begin a new definition"
    return (Place(line, 1, WORDS.get(kind, ""), says),)


def says_of(fault: Exception) -> str:
    """Why a text could not be changed, for a person."""
    if isinstance(fault, TextFaulty):
        return str(fault.places[0])
    return str(fault) if isinstance(fault, HandWritten) else _("There is no such part any more; load the page anew.")
