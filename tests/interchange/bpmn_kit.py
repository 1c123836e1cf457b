"""Small BPMN files for tests."""

from caseloom.engine.spec.flow import ElementSpec, ProcessSpec
from caseloom.interchange.bpmn_reader import BpmnFile, read_bpmn

NAMESPACES = (
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:flowable="http://flowable.org/bpmn"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:maker="urn:maker"'
    ' xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
    ' xmlns:di="http://www.omg.org/spec/DD/20100524/DI"'
)


def file_of(inside: str, roots: str = "", definitions: str = "", after: str = "") -> bytes:
    """A file with one executable process `p`; `roots` stand before it, `after` behind it."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<definitions {NAMESPACES} id="d" targetNamespace="t" {definitions}>'
        f'\n{roots}\n<process id="p" isExecutable="true">\n{inside}\n</process>\n{after}\n</definitions>\n'
    ).encode()


def read(inside: str, roots: str = "", definitions: str = "") -> BpmnFile:
    return read_bpmn(file_of(inside, roots, definitions))


def process(file: BpmnFile) -> ProcessSpec:
    return file.model.processes["p"]


def element(inside: str, roots: str = "", key: str = "x", definitions: str = "") -> ElementSpec:
    """One flow node of a file."""
    return process(read(inside, roots, definitions)).elements[key]


def said(inside: str, roots: str = "", definitions: str = "") -> list[str]:
    """The findings of a file, as `line element: message [effect]`."""
    return [f"{one.line} {one}" for one in read(inside, roots, definitions).findings]
