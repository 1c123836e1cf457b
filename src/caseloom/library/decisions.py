"""Decision models of the library: read, compiled once a process, and pinned by what uses them (docs/adr/0009)."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from caseloom.engine.decision.graph import DecisionModel, compile_model
from caseloom.engine.decision.lint import lint
from caseloom.engine.decision.model import ModelFault
from caseloom.engine.decision.published import PublishedModel, decisions_of
from caseloom.foundation.memo import remember
from caseloom.interchange.dmn_reader import read_dmn
from caseloom.interchange.yaml_text import LONGEST, Place, TextFaulty
from caseloom.library.models import DefinitionRow, VersionRow

KIND: Final = "decision model"
KEY: Final = re.compile(r"[^\x00-\x1f:.\[\]{}#/]{1,80}")
DECLARATION: Final = re.compile(r"^<\?xml[^>]*\?>")


def read_model(text: str) -> DecisionModel:
    """The model of a DMN text (1.1 to 1.5), compiled.

    Raises:
        TextFaulty: with every fault that keeps it from being used, and its line.
    """
    if len(text) > LONGEST:
        raise TextFaulty((Place(1, 1, "", f"the text is longer than {LONGEST:,} characters"),))
    try:
        # The text was decoded already; what it says of its encoding counts no more.
        model = compile_model(read_dmn(DECLARATION.sub("", text.lstrip("\ufeff")).encode()))
    except ModelFault as fault:
        raise TextFaulty((Place(max(fault.line, 1), 1, "", fault.message),)) from None
    places = [Place(max(one.line, 1), 1, one.where, one.message) for one in model.findings]
    places += [Place(max(model.model.line, 1), 1, "", says) for says in _unfit(model)]
    if places:
        raise TextFaulty(tuple(places))
    return model


def _unfit(model: DecisionModel) -> Iterator[str]:
    if not KEY.fullmatch(key_of(model)):
        yield "<definitions> needs a name of at most 80 characters, without . : / [ ] { } #: it is found by it"
    if not decisions_of(model):
        yield "the model holds no decision; draw one"


def key_of(model: DecisionModel) -> str:
    """The key of a model in the library: its name, else its id."""
    return model.model.name.strip() or model.model.id or ""


def remarks(model: DecisionModel) -> tuple[Place, ...]:
    """What the author of a sound model should know: names, types, gaps, overlaps, rules without effect."""
    return tuple(Place(max(one.line, 1), 1, one.where, str(one).removeprefix(f"{one.where}: ")) for one in lint(model))


class PublishedModels:
    """(key, version) → model. A published version never changes, so nothing has to be dropped."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._models: dict[tuple[str, int], PublishedModel] = {}

    def __call__(self, key: str, version: int) -> PublishedModel:
        """Raises KeyError when there is no such published version."""
        found = self._models.get((key, version))
        if found is None:
            text = VersionRow.objects.filter(key=key, version=version, kind=KIND).values_list("text", flat=True).first()
            if text is None:
                raise KeyError(f"There is no version {version} of the decision model “{key}” in the library.")
            found = PublishedModel(version, read_model(text))
            with self._lock:
                self._models[key, version] = found
        return found

    def forget(self) -> None:
        """Drop what was compiled: the database behind was replaced (tests do)."""
        self._models.clear()
        latest_models.forget()  # type: ignore[attr-defined]


the_models: Final = PublishedModels()


@remember(timedelta(seconds=1))
def latest_models() -> dict[str, int]:
    """Key → latest published version of all decision models that are offered."""
    rows = DefinitionRow.objects.filter(offered=True, version__gt=0, kind=KIND)
    return dict(rows.values_list("key", "version"))
