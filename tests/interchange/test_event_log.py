"""Event logs are read as plain rows, and what is wrong in them is told with its place."""

import gzip
import io
from datetime import UTC, datetime

import pytest

from caseloom.interchange.event_log import Columns, EventLogFaulty, LoggedEvent, read_event_log

CSV = "case,activity,time,resource,product\n1,Open,2026-01-05 09:00:00,ann,card\n1,Close,2026-01-05 10:00:00,,\n"

XES = """<?xml version="1.0"?>
<log xmlns="http://www.xes-standard.org/">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <global scope="event"><string key="concept:name" value="none"/></global>
  <trace>
    <string key="concept:name" value="c1"/>
    <float key="amount" value="2.5"/>
    <event>
      <string key="concept:name" value="Open"/>
      <string key="org:resource" value="ann"/>
      <string key="lifecycle:transition" value="start"/>
      <int key="floor" value="3"><string key="inner" value="ignored"/></int>
      <date key="time:timestamp" value="2026-01-05T09:00:00.000+01:00"/>
    </event>
  </trace>
</log>
"""

OCEL = """{"objectTypes": [], "eventTypes": [],
 "objects": [{"id": "o1", "type": "order", "attributes": [
    {"name": "price", "time": "1970-01-01T00:00:00Z", "value": 5},
    {"name": "price", "time": "2026-01-06T00:00:00Z", "value": 7}]},
   {"id": "o2", "type": "order"}, {"id": "i1", "type": "item"}],
 "events": [
  {"id": "e1", "type": "Place", "time": "2026-01-05T09:00:00Z", "attributes": [{"name": "resource", "value": "ann"}],
   "relationships": [{"objectId": "o1", "qualifier": "order"}, {"objectId": "i1", "qualifier": "item"}]},
  {"id": "e2", "type": "Ship", "time": "2026-01-07T09:00:00Z",
   "relationships": [{"objectId": "o1", "qualifier": "order"}, {"objectId": "o2", "qualifier": "order"}]}]}
"""

OCEL_XML = """<log>
  <object-types/><event-types/>
  <objects><object id="o1" type="order"><attributes>
  <attribute name="price" time="1970-01-01T00:00:00Z">5</attribute></attributes>
  </object></objects>
  <events><event id="e1" type="Place" time="2026-01-05T09:00:00Z">
    <objects><relationship object-id="o1" qualifier=""/></objects>
    <attributes><attribute name="channel">mail</attribute></attributes></event></events>
</log>
"""


def read(text: str | bytes, name: str, columns: Columns | None = None) -> list[LoggedEvent]:
    data = text if isinstance(text, bytes) else text.encode()
    return list(read_event_log(io.BytesIO(data), name, columns))


def fault(text: str | bytes, name: str, columns: Columns | None = None) -> EventLogFaulty:
    with pytest.raises(EventLogFaulty) as raised:
        read(text, name, columns)
    return raised.value


def test_csv_is_read_with_its_lines() -> None:
    first, second = read(CSV, "log.csv")
    assert first == LoggedEvent("1", "Open", datetime(2026, 1, 5, 9, tzinfo=UTC), "ann", {"product": "card"}, {}, 2)
    assert (second.resource, second.attributes, second.line) == ("", {}, 3)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_are_seen_by_themselves(separator: str) -> None:
    assert read(CSV.replace(",", separator), "log.csv") == read(CSV, "log.csv")


def test_packed_logs_are_read() -> None:
    assert read(gzip.compress(CSV.encode()), "log.csv.gz") == read(CSV, "log.csv")
    assert read(gzip.compress(XES.encode()), "LOG.XES.GZ") == read(XES, "log.xes")


def test_columns_can_be_named() -> None:
    text = "Ticket;What;When\n7;Open;05/01/2026 09:00\n"
    columns = Columns(case="Ticket", activity="What", time="When", zone="Europe/Rome", time_format="%d/%m/%Y %H:%M")
    (event,) = read(text, "log.csv", columns)
    assert event.moment.isoformat() == "2026-01-05T09:00:00+01:00"


@pytest.mark.parametrize(
    "written",
    ["2026-01-05T09:00:00Z", "2026/01/05 09:00:00", "05.01.2026 09:00", "05-01-2026 09:00:00.000", "2026-01-05 09:00"],
)
def test_usual_ways_of_writing_a_time_are_known(written: str) -> None:
    (event,) = read(f"case,activity,time\n1,Open,{written}\n", "log.csv")
    assert event.moment == datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 0, "empty"),
        ("a,b,c\n1,2,3\n", 1, "looks like the case"),
        (CSV + "2,Open,yesterday,ann,card\n", 4, "“yesterday” is no time"),
        (CSV + "2,Open,01/02/2026 10:00,ann,card\n", 4, "--time-format"),
        (CSV + "2,Open,2026-01-05\n", 4, "3 fields, the header 5"),
        (CSV + ",Open,2026-01-05,,\n", 4, "names no case"),
        (CSV + "1,,2026-01-05,,\n", 4, "names no activity"),
        (CSV + "1,\0,2026-01-05,,\n", 4, "NUL"),
        (CSV + '1,"Open,2026-01-05,,\n', 4, "no CSV"),
        (CSV.encode() + "1,Öffnen,2026-01-05,,\n".encode("latin-1"), 4, "not UTF-8"),
    ],
)
def test_what_is_wrong_in_a_csv_is_told_with_its_line(text: str | bytes, line: int, said: str) -> None:
    found = fault(text, "log.csv")
    assert said in found.message
    assert found.file == "log.csv"
    assert found.line == line


def test_a_column_that_is_not_there_is_told_with_those_that_are() -> None:
    found = fault(CSV, "log.csv", Columns(case="ticket"))
    assert "“ticket”" in found.message
    assert "activity, time" in found.message
    assert "--case" in found.message


def test_xes_is_read_with_attributes_of_event_and_trace() -> None:
    (event,) = read(XES, "log.xes")
    assert (event.case, event.activity, event.resource) == ("c1", "Open", "ann")
    assert event.moment.isoformat() == "2026-01-05T09:00:00+01:00"
    assert event.attributes == {"floor": 3, "lifecycle:transition": "start"}
    assert event.of_case == {"amount": 2.5}


def test_the_lifecycle_is_joined_where_it_is_wanted() -> None:
    (event,) = read(XES, "log.xes", Columns(lifecycle=True))
    assert event.activity == "Open+start"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2026-01-05T09:00:00.000+01:00", "soon", "“soon” is no time"),
        ('"3"', '"three"', "“three” is no int"),
        ('key="time:timestamp"', 'key="when"', "no “time:timestamp”"),
        ("</trace>", "", "no XML"),
        ("<event>", "<event", "no XML"),
    ],
)
def test_what_is_wrong_in_an_xes_is_told_with_its_line(old: str, new: str, said: str) -> None:
    found = fault(XES.replace(old, new), "log.xes")
    assert said in found.message
    assert found.line > 0


def test_another_xml_is_no_xes() -> None:
    assert "this is no XES" in fault("<html/>", "log.xes").message
    assert "no XML" in fault("", "log.xes").message


def test_a_doctype_is_refused() -> None:
    bomb = '<!DOCTYPE log [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    assert "DOCTYPE" in fault(XES.replace("<log", bomb + "<log"), "log.xes").message


def test_an_xes_of_many_traces_is_read_a_trace_at_a_time() -> None:
    head, _, rest = XES.partition("  <trace>")
    trace = "  <trace>" + rest.partition("</log>")[0]
    events = read_event_log(io.BytesIO((head + trace * 2000 + "</log>").encode()), "log.xes")
    assert sum(1 for _ in events) == 2000


def test_ocel_is_flattened_to_a_type_of_objects() -> None:
    place, ship, other = read(OCEL, "log.json", Columns(case="order"))
    assert (place.case, place.activity, place.resource) == ("o1", "Place", "ann")
    assert (ship.case, other.case, other.activity) == ("o1", "o2", "Ship")


def test_an_attribute_of_an_object_is_known_from_when_it_was_set() -> None:
    place, ship, _ = read(OCEL, "log.jsonocel", Columns(case="order"))
    assert place.of_case == {"price": 5}
    assert ship.of_case == {"price": 7}


def test_ocel_xml_is_read_alike() -> None:
    (event,) = read(OCEL_XML, "log.xmlocel", Columns(case="order"))
    assert (event.case, event.activity, event.attributes, event.of_case) == (
        "o1",
        "Place",
        {"channel": "mail"},
        {"price": "5"},
    )
    assert event.line > 1


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        (OCEL, "log.json", "Which type of objects is the case? The types are item, order"),
        (OCEL.replace("2026-01-07T09:00:00Z", "late"), "log.json", "events[1]"),
        (OCEL.replace('"events"', '"happenings"'), "log.json", "no OCEL 2.0 JSON"),
        ("[1", "log.json", "no OCEL 2.0 JSON"),
        ("<log/>", "log.xml", "no events"),
        (OCEL_XML.replace('type="Place" ', ""), "log.xml", "no “type”"),
        ("x", "log.txt", "says no format"),
        (b"no gzip", "log.csv.gz", "compressed file is broken"),
    ],
)
def test_what_is_wrong_in_other_files_is_told(text: str | bytes, name: str, said: str) -> None:
    columns = Columns() if "Which" in said else Columns(case="order")
    assert said in fault(text, name, columns).message


def test_a_zone_that_is_not_there_is_told() -> None:
    assert "no time zone" in fault(CSV, "log.csv", Columns(zone="Mars/Olympus")).message
