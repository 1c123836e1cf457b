"""The BPMN files of others: all are read, nothing is lost, and what cannot run is named."""

from pathlib import Path

import pytest
from lxml import etree
from msgspec.structs import replace

from caseloom.cli.bpmn import check_files, files_below, summary
from caseloom.engine.spec.flow import FlowModel
from caseloom.interchange.bpmn_reader import BpmnFile, read_bpmn
from caseloom.interchange.bpmn_same import first_difference
from caseloom.interchange.bpmn_writer import write_bpmn

DATA = Path(__file__).parents[3] / "shared" / "data"
FOLDERS = [DATA / "bpmn-miwg", DATA / "bpmn-real"]
pytestmark = pytest.mark.skipif(
    not all(folder.is_dir() for folder in FOLDERS), reason="the files are not in ../shared/data/bpmn-miwg and bpmn-real"
)


@pytest.fixture(scope="module")
def files() -> list[tuple[Path, bytes, BpmnFile]]:
    found = [(path, path.read_bytes()) for path in files_below(FOLDERS)]
    return [(path, data, read_bpmn(data)) for path, data in found]


def test_every_file_is_read_and_written_back_the_same(files: list[tuple[Path, bytes, BpmnFile]]) -> None:
    assert len(files) == 127
    for path, data, file in files:
        assert first_difference(data, write_bpmn(file.model, data)) is None, path


def test_every_model_can_be_written_without_its_file(files: list[tuple[Path, bytes, BpmnFile]]) -> None:
    for _, _, file in files:
        write_bpmn(file.model)  # it is read again and compared there


def test_a_new_name_changes_one_attribute_of_one_element(files: list[tuple[Path, bytes, BpmnFile]]) -> None:
    for path, data, file in files:
        written = write_bpmn(_renamed(file.model), data)
        before, after = (list(etree.fromstring(one).iter()) for one in (data, written))
        assert len(before) == len(after), path
        other = [(a, b) for a, b in zip(before, after, strict=True) if _said(a) != _said(b)]
        assert [b.get("name") for _, b in other] == ["A name of its own"], path


def _renamed(model: FlowModel) -> FlowModel:
    """The first activity or gateway gets another name; an event may lend its name to its message."""
    process, key, element = next(
        (process, key, element)
        for process in model.processes.values()
        for key, element in process.elements.items()
        if not element.definitions
    )
    elements = {**process.elements, key: replace(element, name="A name of its own")}
    return replace(model, processes={**model.processes, process.id: replace(process, elements=elements)})


def _said(node: etree._Element) -> tuple[object, ...]:
    return str(node.tag), sorted(node.attrib.items()), node.text, node.tail


def test_expressions_are_translated_or_told(files: list[tuple[Path, bytes, BpmnFile]]) -> None:
    untranslated = sum(file.counts.untranslated for _, _, file in files)
    translated = sum(file.counts.translated for _, _, file in files)
    assert translated >= 160
    assert untranslated <= 5
    told = [one for _, _, file in files for one in file.findings if "read instead" in one.message]
    called = [one for _, _, file in files for one in file.findings if one.message.startswith("The call ")]
    assert len(told) + len(called) >= untranslated


def test_the_table_counts_what_stands_in_the_files(files: list[tuple[Path, bytes, BpmnFile]]) -> None:
    checked = check_files(FOLDERS, run=False)
    lines = list(summary(checked))
    assert "processes: 153, executable 103" in lines
    assert "written back the same: 127 of 127" in lines
    assert [line.split() for line in lines if line.startswith("userTask ")] == [["userTask", "108", "107"]]
