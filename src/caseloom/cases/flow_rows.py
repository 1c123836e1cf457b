"""The projection of flows: a row for each node on which a token rests."""

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

from caseloom.engine.case.clocks import STANDING_STILL
from caseloom.engine.case.state import CaseState
from caseloom.engine.flow import events as f
from caseloom.engine.flow.state import ROOT, Flow, Node
from caseloom.engine.flow.steps import first_due, timer_name, timers
from caseloom.sdk.stream import Decided, Row, Table
from caseloom.streams.timers import timer

FLOW_NODE: Final = Table(
    "flow_node",
    {"case_id": "bigint", "flow": "integer", "node": "integer"},
    {
        "process": "text", "element": "text", "status": "text", "item": "integer", "topic": "text", "worker": "text",
        "until": "timestamptz", "retries": "integer", "heard": "text", "note": "text",
    },
)  # fmt: skip
_OF_NODES: Final = (
    f.NodeEntered, f.NodeLeft, f.ElementPassed, f.TokenArrived, f.WaitsChanged, f.IncidentRaised, f.IncidentResolved,
    f.WorkMoved,
)  # fmt: skip


def flow_rows(decided: Decided) -> Iterable[Row]:
    """The rows of the nodes that this command moved."""
    state: CaseState = decided.state
    touched: dict[tuple[int, int], None] = {}
    moved: set[tuple[int, int]] = set()
    came: set[tuple[int, int]] = set()
    for event in decided.events:
        if isinstance(event, f.ElementPassed) and not event.node:
            # It has rested nowhere.
            continue
        if isinstance(event, f.NodeEntered):
            came.add((event.flow, event.node))
        elif isinstance(event, f.NodeLeft | f.WaitsChanged):
            moved.add((event.flow, event.node))
        elif isinstance(event, f.FlowStarted):
            came.add((event.flow, ROOT))
        elif isinstance(event, f.FlowEnded):
            moved.add((event.flow, ROOT))
        if isinstance(event, _OF_NODES):
            touched[event.flow, event.node] = None
        elif isinstance(event, f.FlowStarted | f.FlowEnded):
            touched[event.flow, ROOT] = None
    for flow, node in touched:
        running = state.flows.get(flow)
        found = running.nodes.get(node) if running is not None else None
        if found is None and (flow, node) in came:
            continue
        values = _values(running, found) if running is not None and found is not None else None
        yield Row(FLOW_NODE, (state.id, flow, node), values)
        due = first_due(found) if found is not None and state.status not in STANDING_STILL else None
        if due is not None or (flow, node) in moved:
            yield timer(state.id, timer_name(flow, node), due)


def timer_rows(state: CaseState) -> Iterable[Row]:
    """The timers of all nodes: gone while the case stands still."""
    still = state.status in STANDING_STILL
    for name, due in timers(state.flows).items():
        yield timer(state.id, name, None if still else due)


def _values(flow: Flow, node: Node) -> tuple[object, ...]:
    work = node.work
    return (
        flow.process,
        node.element,
        node.status,
        node.item,
        work.topic if work is not None else "",
        work.worker if work is not None else "",
        work.until if work is not None else None,
        work.retries if work is not None else 0,
        heard_by(node),
        node.note,
    )


def heard_by(node: Node) -> str:
    """The digests of what a node waits for."""
    keys = node.keys or ("",) * len(node.waits)
    found = [digest(wait.kind, wait.name, key) for wait, key in zip(node.waits, keys, strict=False)]
    return " ".join(one for one in found if one)


def digest(kind: str, name: str, key: str = "") -> str:
    """What a message (by name and correlation key) or a signal (by name) is found by; nothing for other events. The key
    may be personal, so it does not stand there in clear.
    """
    if kind not in ("message", "signal"):
        return ""
    return blake2b(f"{kind}\0{name}\0{key if kind == 'message' else ''}".encode(), digest_size=9).hexdigest()
