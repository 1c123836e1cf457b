"""SpiffWorkflow on the same process, as a yardstick (dev extra)."""

import logging
from collections.abc import Callable
from io import BytesIO
from typing import Any, Final

from caseloom.cli.bench.flow_process import KINDS, WAYS

_BPMN: Final = "http://www.omg.org/spec/BPMN/20100524/MODEL"


def xml() -> str:
    """The process as BPMN, with conditions and script in Python as SpiffWorkflow has them."""
    ways = "".join(
        f'<sequenceFlow id="{a}-{b}" sourceRef="{a}" targetRef="{b}">'
        + ("<conditionExpression>amount &gt; 100</conditionExpression>" if (a, b) == ("enough", "reckon") else "")
        + "</sequenceFlow>"
        for a, b in WAYS
    )
    nodes = "".join(_node(id, kind) for id, kind in KINDS.items())
    process = f'<process id="bench" isExecutable="true">{nodes}{ways}</process>'
    return f'<definitions xmlns="{_BPMN}" id="d">{process}</definitions>'


def _node(id: str, kind: str) -> str:
    inside = "".join(f"<incoming>{a}-{b}</incoming>" for a, b in WAYS if b == id)
    inside += "".join(f"<outgoing>{a}-{b}</outgoing>" for a, b in WAYS if a == id)
    default = ' default="enough-end"' if id == "enough" else ""
    script = "<script>double = amount * 2</script>" if id == "reckon" else ""
    tag = "manualTask" if kind == "task" else kind
    return f'<{tag} id="{id}" name="{id}"{default}>{inside}{script}</{tag}>'


def workflow() -> Callable[[], Any]:
    """Makes a fresh instance, its data given."""
    from lxml import etree
    from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
    from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

    # It tells each step at INFO, which nobody would leave on for speed.
    logging.getLogger("spiff").setLevel(logging.WARNING)
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.parse(BytesIO(xml().encode())), filename="bench.bpmn")
    spec = parser.get_spec("bench")

    def fresh() -> Any:
        made = BpmnWorkflow(spec)
        made.task_tree.data["amount"] = 200
        return made

    return fresh


def instance(fresh: Callable[[], Any]) -> None:
    """One instance from start to end."""
    from SpiffWorkflow.util.task import TaskState

    running = fresh()
    running.do_engine_steps()
    while not running.is_completed():
        for task in running.get_tasks(state=TaskState.READY):
            task.run()
        running.do_engine_steps()


def make_table(db: Any) -> None:
    """The table of the instances."""
    db.execute("create table if not exists bench_spiff (id bigserial primary key, version integer, state json)")


class SpiffRow:
    """SpiffWorkflow with its state as JSON in one row: read, deserialised, stepped, serialised and written in one
    commit for each step that a person sees.
    """

    def __init__(self, db: Any) -> None:
        from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer

        self._db, self._fresh, self._serializer = db, workflow(), BpmnWorkflowSerializer()
        db.prepare_threshold = 0

    def __call__(self) -> None:
        """One instance from start to end."""
        running = self._fresh()
        running.do_engine_steps()
        state = self._serializer.serialize_json(running)
        statement = b"insert into bench_spiff (version, state) values (1, %s::json) returning id"
        (number,) = self._db.execute(statement, (state,)).fetchone()
        version = 1
        while self._step(number, version):
            version += 1

    def _step(self, number: int, version: int) -> bool:
        from SpiffWorkflow.util.task import TaskState

        read = b"select state::text from bench_spiff where id = %s and version = %s"
        (state,) = self._db.execute(read, (number, version)).fetchone()
        running = self._serializer.deserialize_json(state)
        for task in running.get_tasks(state=TaskState.READY, manual=True)[:1]:
            task.run()
        running.do_engine_steps()
        while not running.is_completed() and (
            quick := [
                task for task in running.get_tasks(state=TaskState.READY) if task.task_spec.name in ("left", "right")
            ]
        ):
            for task in quick:
                task.run()
            running.do_engine_steps()
        write = b"update bench_spiff set version = version + 1, state = %s::json where id = %s and version = %s"
        self._db.execute(write, (self._serializer.serialize_json(running), number, version))
        return not running.is_completed()
