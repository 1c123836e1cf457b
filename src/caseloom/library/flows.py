"""Flow models of the library: BPMN files, read and checked, pinned by what uses them (docs/adr/0009)."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from caseloom.engine.flow.compiler import FlowFaulty, compile_flow
from caseloom.engine.flow.published import PublishedFlow
from caseloom.engine.spec.flow import FlowModel
from caseloom.foundation.memo import remember
from caseloom.interchange.bpmn_names import BPMN
from caseloom.interchange.bpmn_reader import BpmnFile, read_bpmn
from caseloom.interchange.bpmn_source import BpmnFault
from caseloom.interchange.yaml_text import LONGEST, Place, TextFaulty
from caseloom.library.decisions import DECLARATION, KEY
from caseloom.library.models import DefinitionRow, VersionRow

KIND: Final = "flow model"


def is_flow(text: str) -> bool:
    """Whether an XML text is a BPMN model."""
    return BPMN in text[:20_000]


def read_file(text: str) -> BpmnFile:
    """The BPMN file of a text, with all that was found in it. Raises `TextFaulty` for what is none."""
    if len(text) > LONGEST:
        raise TextFaulty((Place(1, 1, "", f"the text is longer than {LONGEST:,} characters"),))
    try:
        # The text was decoded already; what it says of its encoding counts no more.
        return read_bpmn(DECLARATION.sub("", text.lstrip("\ufeff")).encode())
    except BpmnFault as fault:
        raise TextFaulty((Place(max(fault.line, 1), 1, "", fault.message),)) from None


def read_flow(text: str) -> FlowModel:
    """The model of a BPMN text that can run.

    Raises:
        TextFaulty: with every fault that keeps it from being used, and its line.
    """
    file = read_file(text)
    places = tuple(_faults(file))
    if places:
        raise TextFaulty(places)
    return file.model


def _faults(file: BpmnFile) -> Iterator[Place]:
    if not KEY.fullmatch(file.model.key):
        yield Place(1, 1, "", "<definitions> needs an id of at most 80 characters, without . : / [ ] { } #")
    if not file.model.processes:
        yield Place(1, 1, "", "the model holds no process; draw one")
    for process in file.model.processes.values():
        try:
            compile_flow(process)
        except FlowFaulty as faulty:
            for fault in faulty.faults if process.executable else ():
                line = file.lines.get(fault.element or fault.process, 1)
                yield Place(max(line, 1), 1, fault.element or fault.process, fault.message)


def remarks(text: str) -> tuple[Place, ...]:
    """What the author of a sound model should know: what has no effect, what was translated, what may get stuck."""
    return tuple(Place(max(one.line, 1), 1, one.element, one.message) for one in read_file(text).findings)


class PublishedFlows:
    """(key, version) → model. A published version never changes, so nothing has to be dropped."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._models: dict[tuple[str, int], PublishedFlow] = {}

    def __call__(self, key: str, version: int) -> PublishedFlow:
        """Raises KeyError when there is no such published version."""
        found = self._models.get((key, version))
        if found is None:
            text = VersionRow.objects.filter(key=key, version=version, kind=KIND).values_list("text", flat=True).first()
            if text is None:
                raise KeyError(f"There is no version {version} of the flow model “{key}” in the library.")
            found = PublishedFlow(version, read_file(text).model)
            with self._lock:
                self._models[key, version] = found
        return found

    def forget(self) -> None:
        """Drop what was read: the database behind was replaced (tests do)."""
        self._models.clear()
        latest_flows.forget()  # type: ignore[attr-defined]


the_flows: Final = PublishedFlows()


@remember(timedelta(seconds=1))
def latest_flows() -> dict[str, int]:
    """Key → latest published version of all flow models that are offered."""
    rows = DefinitionRow.objects.filter(offered=True, version__gt=0, kind=KIND)
    return dict(rows.values_list("key", "version"))
