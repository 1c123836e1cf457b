"""DMN as XML: what is read, what is refused and where, and that writing loses nothing."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caseloom.engine.decision import model as m
from caseloom.engine.decision.graph import compile_model
from caseloom.interchange.dmn_names import MODEL
from caseloom.interchange.dmn_reader import read_dmn
from caseloom.interchange.dmn_tests import read_suite
from caseloom.interchange.dmn_writer import write_dmn
from caseloom.interchange.hardened_xml import XmlFaulty
from tests.engine.decision.models import of_table, with_inputs

KIT = Path(__file__).parents[3] / "shared" / "data" / "dmn-tck"

FILE = """<?xml version="1.0"?>
<dmn:definitions xmlns:dmn="{namespace}" xmlns:maker="urn:maker" xmlns:feel="http://www.omg.org/spec/FEEL/20140401"
    name="fees" namespace="urn:fees" id="f" maker:colour="red">
  <dmn:extensionElements><maker:note at="1"><maker:b/> text </maker:note></dmn:extensionElements>
  <dmn:itemDefinition name="tFee"><dmn:typeRef>{number}</dmn:typeRef></dmn:itemDefinition>
  <dmn:inputData id="age" name="age"><dmn:variable name="age" typeRef="{number}"/></dmn:inputData>
  <dmn:decision id="d" name="fee &amp; more">
    <dmn:description> A fee. </dmn:description>
    <dmn:informationRequirement><dmn:requiredInput href="#age"/></dmn:informationRequirement>
    <dmn:authorityRequirement><dmn:requiredAuthority href="#k"/></dmn:authorityRequirement>
    <dmn:decisionTable hitPolicy="FIRST">
      <dmn:input><dmn:inputExpression><dmn:text>age</dmn:text></dmn:inputExpression></dmn:input>
      <dmn:output/>
      <dmn:rule>
        <dmn:inputEntry><dmn:text>&lt; 18</dmn:text></dmn:inputEntry>
        <dmn:outputEntry><dmn:text>1</dmn:text></dmn:outputEntry>
      </dmn:rule>
      <dmn:rule>
        <dmn:inputEntry><dmn:text/></dmn:inputEntry>
        <dmn:outputEntry><dmn:text>2</dmn:text></dmn:outputEntry>
      </dmn:rule>
    </dmn:decisionTable>
  </dmn:decision>
  <dmn:knowledgeSource id="k" name="law"/>
  <x:DMNDI xmlns:x="urn:diagram"><x:shape of="d"/></x:DMNDI>
</dmn:definitions>
"""


def file_of(version: str) -> bytes:
    number = "feel:number" if version == "1.1" else "number"
    return FILE.format(namespace=MODEL[version], number=number).encode()


@pytest.mark.parametrize("version", sorted(MODEL))
def test_every_version_is_read_and_decides(version: str) -> None:
    model = read_dmn(file_of(version))
    assert model.version == version
    assert model.items[0].type == "number"
    compiled = compile_model(model)
    assert compiled.findings == []
    assert [compiled.evaluate("fee & more", {"age": age}) for age in (Decimal(5), Decimal(30))] == [1, 2]


@pytest.mark.parametrize("version", sorted(MODEL))
def test_what_is_written_is_read_as_the_same_model(version: str) -> None:
    model = read_dmn(file_of(version))
    written = write_dmn(model)
    assert read_dmn(written) == model
    assert write_dmn(read_dmn(written)) == written
    for kept in (b"urn:maker", b"knowledgeSource", b"authorityRequirement", b"<x:shape", b"> text <", b'colour="red"'):
        assert kept in written


@pytest.mark.skipif(not KIT.is_dir(), reason="the test kit is not in ../shared/data/dmn-tck")
def test_every_model_of_the_kit_survives_reading_and_writing() -> None:
    files = sorted(KIT.glob("*/*/*.dmn"))
    for file in files:
        model = read_dmn(file.read_bytes())
        assert read_dmn(write_dmn(model)) == model, file.name
    assert len(files) == 120


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t\r"), max_size=12)
words = st.text("ab <&>\"'é", min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(texts, words, st.lists(st.tuples(texts, texts), max_size=3))
def test_any_text_survives_reading_and_writing(text: str, name: str, rows: list[tuple[str, str]]) -> None:
    table = of_table([([test], [output]) for test, output in rows])
    model = with_inputs(table, name)
    shown = m.Decision(id="z", name=name, description=text, logic=m.LiteralExpression(text=text, label=text))
    model = m.Model(name=text, namespace="urn:x", nodes=(*model.nodes, shown), prefixes=(("", MODEL["1.5"]),))
    assert read_dmn(write_dmn(model)) == model


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("<dmn:definitions", "<!DOCTYPE x [<!ENTITY e 'boo'>]>\n<dmn:definitions", 2, "DOCTYPE"),
        ("</dmn:definitions>", "", 27, "no XML"),
        (MODEL["1.5"], "urn:other", 3, "no <definitions> of DMN"),
        ('href="#age"', "", 9, "<requiredInput> has no href"),
        ('id="d" name="fee &amp; more"', 'id="d"', 7, "<decision> has no name"),
        ('id="d" name', 'id="age" name', 7, "given twice"),
        ("<dmn:output/>", "<dmn:output/><dmn:output/>", 14, "1 output entries; the table has 1 inputs and 2"),
        ('<dmn:requiredInput href="#age"/>', "", 9, "says not what it requires"),
        ("<dmn:decisionTable", "<dmn:literalExpression/><dmn:decisionTable", 7, "more than one expression"),
    ],
)
def test_a_broken_model_names_line_and_element(old: str, new: str, line: int, words: str) -> None:
    text = file_of("1.5").decode().replace(old, new, 1)
    with pytest.raises(m.ModelFault) as fault:
        read_dmn(text.encode())
    assert words in fault.value.message
    assert fault.value.line == line


@pytest.mark.parametrize("data", [b"", b"\x00", b"<a>" * 5000, b"\xff\xfe<"])
def test_what_is_no_xml_is_refused(data: bytes) -> None:
    with pytest.raises(m.ModelFault):
        read_dmn(data)


def test_a_case_with_a_value_that_is_none_of_its_type_names_its_line() -> None:
    text = (
        '<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">\n'
        '<testCase id="1">\n<inputNode name="x"><value xsi:type="xsd:date">never</value></inputNode>\n'
        "</testCase></testCases>"
    )
    (case,) = read_suite(text.encode()).cases
    assert case.fault == "Line 3: 'never' is no value of the type 'date'."
    with pytest.raises(XmlFaulty, match="<other> is no <testCases>"):
        read_suite(b"<other/>")
