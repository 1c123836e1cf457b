"""What is wrong in a model of flows before it runs: what leads nowhere, is never reached, or may have no way on."""

from collections.abc import Callable, Collection, Iterator

from caseloom.engine.feel import FeelSyntaxError, compile
from caseloom.engine.spec.flow import ElementSpec, FlowModel, ProcessSpec, SequenceFlowSpec
from caseloom.interchange.bpmn_names import SUB_PROCESSES
from caseloom.interchange.bpmn_source import Effect, Finding
from caseloom.interchange.bpmn_ways import may_all_fail

_Found = Iterator[tuple[str, Effect, str]]


def lint(model: FlowModel, lines: dict[str, int], callable_processes: Collection[str] | None = None) -> list[Finding]:
    """The findings of all processes, in the order of their lines.

    `lines` leads from an id to its line; `callable_processes` are the ids that a call activity may name beside those of
    the model, or None where any may be added later.
    """
    known = None if callable_processes is None else {*callable_processes, *model.processes}
    found = []
    for process in model.processes.values():
        graph = _Graph(process)
        for key, effect, message in graph.findings(known):
            found.append(Finding(lines.get(key, 0), key, effect, message))
    return sorted(found, key=lambda one: (one.line, one.message))


class _Graph:
    """The nodes of a process with the flows between them."""

    def __init__(self, process: ProcessSpec) -> None:
        self.process = process
        self.elements = process.elements
        self.out: dict[str, list[SequenceFlowSpec]] = {}
        self.into: dict[str, list[SequenceFlowSpec]] = {}
        for flow in process.flows.values():
            if flow.source in self.elements and flow.target in self.elements:
                self.out.setdefault(flow.source, []).append(flow)
                self.into.setdefault(flow.target, []).append(flow)
        self.inner: dict[str, list[ElementSpec]] = {}
        self.attached: dict[str, list[ElementSpec]] = {}
        self.caught: dict[tuple[str, str], list[ElementSpec]] = {}
        """The link catch events by the scope that they stand in and the name of their link."""
        for element in self.elements.values():
            self.inner.setdefault(element.parent, []).append(element)
            self.attached.setdefault(element.attached_to, []).append(element)
            link = _link_name(element, "intermediateCatchEvent")
            self.caught.setdefault((element.parent, link), []).append(element)

    def findings(self, known: Collection[str] | None) -> _Found:
        yield from self._flows()
        yield from self._scopes()
        for element in self.elements.values():
            for check in _CHECKS:
                yield from check(self, element)
            if element.kind == "callActivity":
                yield from _call(element, known)
        yield from self._unreached()

    def _flows(self) -> _Found:
        for flow in self.process.flows.values():
            for end, word in ((flow.source, "comes from"), (flow.target, "leads to")):
                if end not in self.elements:
                    yield flow.id, "cannot run", f"The sequence flow {word} {end!r}, which is not there."

    # -- where things begin, and what is reached -----------------------------------------------------------------

    def _scopes(self) -> _Found:
        scopes = [("", self.process.id), *((one.id, one.id) for one in self.elements.values() if _is_scope(one))]
        for key, place in scopes:
            inside = self.inner.get(key, [])
            scope = self.elements.get(key)
            if scope is not None and scope.kind == "adHocSubProcess":
                continue
            if not inside:
                yield place, "no effect", "Nothing stands in it."
            elif scope is not None and scope.triggered_by_event:
                yield from self._event_sub_process(scope, inside)
            elif not self.starts(key):
                yield place, "cannot run", "Nothing begins here. Draw a start event."

    def _event_sub_process(self, scope: ElementSpec, inside: list[ElementSpec]) -> _Found:
        starts = [one for one in inside if one.kind == "startEvent"]
        if len(starts) != 1 or not starts[0].definitions:
            message = "An event sub-process has one start event, which says what triggers it."
            yield scope.id, "cannot run", message
        if self.into.get(scope.id) or self.out.get(scope.id):
            yield scope.id, "no effect", "No sequence flow leads to or from an event sub-process."

    def starts(self, scope: str) -> list[ElementSpec]:
        """What begins with a scope: start events, else what no flow leads to (§10.2, §13.2)."""
        inside = self.inner.get(scope, [])
        starts = [one for one in inside if one.kind == "startEvent" or (one.instantiate and not self.into.get(one.id))]
        return starts or [one for one in inside if self._begins_by_itself(one)]

    def _begins_by_itself(self, one: ElementSpec) -> bool:
        return not (
            self.into.get(one.id)
            or one.kind in ("startEvent", "boundaryEvent")
            or one.triggered_by_event
            or one.is_for_compensation
            or _link_name(one, "intermediateCatchEvent")
        )

    def reached(self) -> set[str]:
        """The ids of the nodes that a token can come to."""
        found: set[str] = set()
        ahead = self.starts("")
        ahead += [one for one in self.inner.get("", []) if one.triggered_by_event]
        while ahead:
            one = ahead.pop()
            if one.id not in found:
                found.add(one.id)
                ahead += self._next(one)
        return found

    def _next(self, one: ElementSpec) -> Iterator[ElementSpec]:
        yield from (self.elements[flow.target] for flow in self.out.get(one.id, ()))
        yield from self.attached.get(one.id, ())
        if one.handler in self.elements:
            yield self.elements[one.handler]
        link = _link_name(one, "intermediateThrowEvent")
        yield from self.caught.get((one.parent, link), ()) if link else ()
        if _is_scope(one):
            inside = self.inner.get(one.id, [])
            yield from inside if one.kind == "adHocSubProcess" else self.starts(one.id)
            yield from (other for other in inside if other.triggered_by_event)

    def _unreached(self) -> _Found:
        found = self.reached()
        for element in self.elements.values():
            inside_unreached = element.parent and element.parent not in found
            if element.id not in found and not inside_unreached:
                yield element.id, "no effect", "No token ever comes here."


def _is_scope(element: ElementSpec) -> bool:
    return element.kind in SUB_PROCESSES


def _link_name(element: ElementSpec, kind: str) -> str:
    if element.kind != kind:
        return ""
    return next((one.name for one in element.definitions if one.kind == "link"), "")


# -- single nodes ----------------------------------------------------------------------------------------------


def _call(element: ElementSpec, known: Collection[str] | None) -> _Found:
    if element.called is None:
        yield element.id, "cannot run", "The call activity names no process."
        return
    try:
        called = compile(element.called)
    except FeelSyntaxError:
        return
    target = None if called.reads else called.evaluate({})
    if known is not None and isinstance(target, str) and target not in known:
        yield element.id, "cannot run", f"It calls the process {target!r}, which is in none of the files."


def _attached(graph: _Graph, element: ElementSpec) -> _Found:
    if element.kind == "boundaryEvent" and element.attached_to not in graph.elements:
        yield element.id, "cannot run", f"It is attached to {element.attached_to!r}, which is not there."
    compensates = any(one.kind == "compensation" for one in element.definitions)
    if element.kind == "boundaryEvent" and compensates and not element.handler:
        yield element.id, "no effect", "No association leads to what compensates."


def _default(graph: _Graph, element: ElementSpec) -> _Found:
    if element.default and not any(flow.id == element.default for flow in graph.out.get(element.id, ())):
        yield element.id, "warning", f"Its default flow {element.default!r} does not leave it."


def _ways_on(graph: _Graph, element: ElementSpec) -> _Found:
    out = graph.out.get(element.id, [])
    if element.kind not in ("exclusiveGateway", "inclusiveGateway", "complexGateway") or len(out) < 2:
        return
    rest = [flow for flow in out if flow.id != element.default]
    open_flows = [flow for flow in rest if flow.condition is None]
    if open_flows and len(rest) > 1 and element.kind == "exclusiveGateway":
        names = ", ".join(repr(flow.name or flow.id) for flow in open_flows)
        yield element.id, "warning", f"{names} has no condition: what comes after it in the file is never taken."
    conditions = [flow.condition for flow in rest if flow.condition is not None]
    if not element.default and not open_flows and may_all_fail(conditions, graph.process.names):
        yield element.id, "warning", "It has no default flow, and its conditions may all be false."


def _links(graph: _Graph, element: ElementSpec) -> _Found:
    if element.kind != "intermediateThrowEvent" or not any(one.kind == "link" for one in element.definitions):
        return
    name = _link_name(element, "intermediateThrowEvent")
    if not name or (element.parent, name) not in graph.caught:
        yield element.id, "cannot run", f"No link catch event beside it is named {name!r}."


def _loop(graph: _Graph, element: ElementSpec) -> _Found:
    loop = element.loop
    if loop is None:
        return
    if loop.kind != "standard" and loop.cardinality is None and loop.collection is None:
        yield element.id, "cannot run", "It says neither how often it runs nor for each of what."
    if loop.kind == "standard" and loop.condition is None and loop.maximum is None:
        yield element.id, "warning", "The loop has no condition and no maximum: it never ends by itself."


def _waits(graph: _Graph, element: ElementSpec) -> _Found:
    if element.kind != "eventBasedGateway":
        return
    for flow in graph.out.get(element.id, ()):
        target = graph.elements[flow.target]
        if target.kind not in ("intermediateCatchEvent", "receiveTask"):
            message = f"It leads to {target.name or target.id!r}, which is no catch event and no receive task."
            yield element.id, "cannot run", message


_CHECKS: tuple[Callable[[_Graph, ElementSpec], _Found], ...] = (_attached, _default, _ways_on, _links, _loop, _waits)
