"""From a process to its plan: wire the steps, compile the expressions, gather every fault with its place."""

from collections.abc import Iterable, Iterator

import msgspec

from caseloom.engine.decision import model as m
from caseloom.engine.decision.published import Models, PublishedModel
from caseloom.engine.feel import Expression, FeelSyntaxError, compile
from caseloom.engine.flow.plan import Definition, FlowPlan, LoopPlan, Sequence, Step
from caseloom.engine.spec.flow import ElementSpec, EventDefinition, LoopSpec, Mapping, ProcessSpec

MAX_ELEMENTS = 10_000
SCOPES = ("subProcess", "adHocSubProcess", "transaction")
ACTIVITIES = (
    "task", "userTask", "manualTask", "serviceTask", "sendTask", "receiveTask", "scriptTask", "businessRuleTask",
    "callActivity", *SCOPES,
)  # fmt: skip
JOINING = ("parallelGateway", "inclusiveGateway", "complexGateway")


class FlowFault(msgspec.Struct, frozen=True):
    """What is wrong in a process: the element (empty for the process itself), and the words."""

    process: str
    element: str
    message: str

    def __str__(self) -> str:
        return f"{self.process}, {self.element}: {self.message}" if self.element else f"{self.process}: {self.message}"


class FlowFaulty(ValueError):
    """A process cannot run; every fault with its place."""

    def __init__(self, faults: tuple[FlowFault, ...]) -> None:
        self.faults = faults
        super().__init__("\n".join(map(str, faults)))


def compile_flow(
    process: ProcessSpec,
    names: Iterable[str] = (),
    models: Models | None = None,
    processes: Iterable[str] | None = None,
) -> FlowPlan:
    """The plan of one process.

    `names` are those of the facts around it, needed for names of several words; `models` the decision models that its
    business rule tasks may use; `processes` the ids that call activities may name, or None where any may be added
    later.

    Raises:
        FlowFaulty: with every fault.
    """
    return _Compiler(process, frozenset(names), models or {}, None if processes is None else set(processes)).plan()


class _Compiler:
    def __init__(self, process: ProcessSpec, names: frozenset[str], models: Models, processes: set[str] | None) -> None:
        self._process = process
        self._names = names | frozenset(_names_of(process))
        self._models, self._processes = models, processes
        self._faults: list[FlowFault] = []
        self._root = Step(ElementSpec(id="", kind="subProcess", name=process.name))
        self._steps: dict[str, Step] = {"": self._root}
        self._readers: dict[str, list[Step]] = {}

    def plan(self) -> FlowPlan:
        elements = self._process.elements.values()
        if len(elements) > MAX_ELEMENTS:
            fault = FlowFault(self._process.id, "", f"{len(elements)} elements are too many; at most {MAX_ELEMENTS}.")
            raise FlowFaulty((fault,))
        self._steps.update((spec.id, Step(spec)) for spec in elements)
        for spec in elements:
            self._nest(self._steps[spec.id])
        self._wire()
        for spec in elements:
            self._fill(self._steps[spec.id])
        for step in self._steps.values():
            self._settle_scope(step)
        self._fill_data()
        if not self._faults:
            for step in self._steps.values():
                if step.joins and step.kind != "parallelGateway":
                    step.reach = {flow.id: _reaching(flow, step) for flow in step.into}
            self._check_rest()
        if self._faults:
            raise FlowFaulty(tuple(self._faults))
        readers = {name: tuple(steps) for name, steps in self._readers.items()}
        return FlowPlan(self._process, self._root, self._steps, readers)

    def _fault(self, step: Step, message: str) -> None:
        self._faults.append(FlowFault(self._process.id, step.id, message))

    # --- structure ----------------------------------------------------------------------------------------------------

    def _nest(self, step: Step) -> None:
        parent = self._steps.get(step.spec.parent)
        if parent is None:
            self._fault(step, f"it stands in “{step.spec.parent}”, which is not there")
            return
        step.parent = parent
        parent.inner += (step,)
        if step.spec.triggered_by_event:
            parent.events += (step,)
        if step.spec.attached_to:
            host = self._steps.get(step.spec.attached_to)
            if host is None or host.kind not in ACTIVITIES:
                self._fault(step, f"it is attached to “{step.spec.attached_to}”, which is no activity here")
            else:
                host.boundary += (step,)
        if step.spec.handler:
            step.handler = self._steps.get(step.spec.handler)
            if step.handler is None:
                self._fault(step, f"it leads to “{step.spec.handler}”, which is not there")

    def _wire(self) -> None:
        for spec in self._process.flows.values():
            source, target = self._steps.get(spec.source), self._steps.get(spec.target)
            if source is None or target is None:
                missing = spec.source if source is None else spec.target
                fault = f"the sequence flow “{spec.id}” leads from or to “{missing}”, which is not there"
                self._fault(self._root, fault)
                continue
            if source.parent is not target.parent:
                self._fault(source, f"the sequence flow “{spec.id}” crosses the border of a sub-process")
            flow = Sequence(spec.id, source, target, self._feel(source, spec.condition))
            source.out += (flow,)
            target.into += (flow,)
            if source.spec.default == spec.id:
                source.default = flow

    def _settle_scope(self, step: Step) -> None:
        if step.kind not in SCOPES:
            return
        starts = [one for one in step.inner if one.kind == "startEvent"]
        step.start = next((one for one in starts if not one.definitions), None)
        instantiating = [one for one in step.inner if one.spec.instantiate and not one.into]
        step.starts = (*(one for one in starts if one.definitions), *instantiating)
        if step.kind == "adHocSubProcess" or not step.inner:
            return
        if step.spec.triggered_by_event:
            if len(step.starts) != 1 or step.start is not None:
                self._fault(step, "an event sub-process has one start event, which says what triggers it")
        elif step.start is None and not step.starts and not implicit_starts(step):
            self._fault(step, "nothing begins here: it has no start event")
        elif step.parent is not None and step.start is None and not implicit_starts(step):
            self._fault(step, "an embedded sub-process begins at a start event without a trigger")

    # --- expressions --------------------------------------------------------------------------------------------------

    def _feel(self, step: Step, text: str | None) -> Expression | None:
        if text is None:
            return None
        try:
            return compile(text, self._names)
        except FeelSyntaxError as error:
            self._fault(step, str(error))
            return None

    def _must(self, step: Step, text: str) -> Expression:
        return self._feel(step, text) or compile("null")

    def _fill(self, step: Step) -> None:
        spec = step.spec
        step.inputs = self._assignments(step, spec.inputs)
        step.outputs = self._assignments(step, spec.outputs)
        step.headers = self._assignments(step, spec.headers)
        step.fields = tuple((f.name, self._must(step, f.initial)) for f in spec.form if f.initial)
        step.definitions = tuple(self._definition(step, one) for one in spec.definitions)
        step.loop = self._loop(step, spec.loop) if spec.loop else None
        step.activation = self._feel(step, spec.activation_condition)
        step.completion = self._feel(step, spec.completion_condition)
        step.script = self._feel(step, spec.script)
        step.called = self._feel(step, spec.called)
        step.assignee = self._feel(step, spec.assignee)
        step.candidates = self._feel(step, spec.candidate_groups)
        step.due = self._feel(step, spec.due)
        step.retries = self._feel(step, spec.retries)
        step.branches = any(flow.condition is not None for flow in step.out) or step.default is not None
        step.joins = step.kind in JOINING and len(step.into) > 1
        step.compensable = step.kind in ACTIVITIES and not spec.is_for_compensation and _can_be_undone(step)
        step.plain = not (step.assignee or step.candidates or step.due or step.fields)
        if spec.decision is not None:
            step.decision = self._decision(spec.decision.decision, spec.decision.model)
        step.passes = _passes(step)
        self._check_call(step)
        for definition in step.definitions:
            reads = definition.condition.reads if definition.condition else ()
            for name in reads:
                self._readers.setdefault(name, []).append(step)

    def _assignments(self, step: Step, given: tuple[Mapping, ...]) -> tuple[tuple[str, Expression], ...]:
        return tuple((one.target, self._must(step, one.source)) for one in given)

    def _definition(self, step: Step, spec: EventDefinition) -> Definition:
        timer = self._feel(step, spec.timer.value) if spec.timer else None
        if spec.kind == "timer" and spec.timer is None:
            self._fault(step, "a timer says when it comes: a date, a duration or a cycle")
        if spec.kind == "conditional" and spec.condition is None:
            self._fault(step, "a conditional event has a condition")
        if spec.kind == "link" and step.kind == "intermediateThrowEvent" and link_target(step, spec.name) is None:
            self._fault(step, f"no link catch event here is named “{spec.name}”")
        return Definition(spec, timer, self._feel(step, spec.condition), self._feel(step, spec.correlation))

    def _loop(self, step: Step, spec: LoopSpec) -> LoopPlan:
        if spec.kind != "standard" and spec.cardinality is None and spec.collection is None:
            self._fault(step, "a multi-instance activity says how often: by a number or a collection")
        return LoopPlan(
            spec,
            condition=self._feel(step, spec.condition),
            cardinality=self._feel(step, spec.cardinality),
            collection=self._feel(step, spec.collection),
            output=self._feel(step, spec.output_element),
            completion=self._feel(step, spec.completion),
        )

    def _decision(self, decision: str, model: str) -> tuple[PublishedModel, str] | None:
        """The published model that knows the decision; None leaves it to a worker outside."""
        for key, published in self._models.items():
            found = published.model.named(decision, m.Decision, m.DecisionService) if model in ("", key) else None
            if found is not None:
                return published, found.name
        return None

    def _check_call(self, step: Step) -> None:
        if step.kind != "callActivity":
            return
        if step.called is None:
            self._fault(step, "a call activity names the process that it calls")
        elif self._processes is not None and not step.called.reads:
            called = step.called.evaluate({})
            if called not in self._processes:
                known = ", ".join(sorted(self._processes)) or "none"
                self._fault(step, f"it calls the process “{called}”, which is not there; known are: {known}")

    def _fill_data(self) -> None:
        """What a scope's variables begin with: a data object that says so."""
        for data in self._process.data:
            scope = self._steps.get(data.parent)
            if scope is not None and data.initial is not None:
                scope.inputs += ((data.name, self._must(scope, data.initial)),)

    # --- rest ---------------------------------------------------------------------------------------------------------

    def _check_rest(self) -> None:
        """A ring of steps that pass by themselves, with no way out, would run without end."""
        before: dict[str, list[Step]] = {}
        for step in self._steps.values():
            for other in _next(step):
                before.setdefault(other.id, []).append(step)
        ahead = [step for step in self._steps.values() if _may_rest(step) or not _next(step)]
        rests = {step.id for step in ahead}
        while ahead:
            for step in before.get(ahead.pop().id, ()):
                if step.id not in rests:
                    rests.add(step.id)
                    ahead.append(step)
        for step in self._steps.values():
            if step.id not in rests:
                self._fault(step, "from here it goes round without end, and nothing ever waits or ends")


def _names_of(process: ProcessSpec) -> Iterator[str]:
    """The variables that a process sets, and those that it says it reads."""
    yield from process.names
    yield from (data.name for data in process.data)
    for element in process.elements.values():
        yield from (one.target for one in (*element.inputs, *element.outputs))
        yield from (field.name for field in element.form)
        loop = element.loop
        given = [element.result, loop.element if loop else "", loop.output_collection if loop else ""]
        given += [name for one in element.definitions for name in (one.code_variable, one.message_variable)]
        yield from filter(None, given)


def link_target(step: Step, name: str) -> Step | None:
    """The link catch event of this name beside a throwing one (§10.5.5, link)."""
    beside = step.parent.inner if step.parent else ()
    return next(
        (
            one
            for one in beside
            if one.kind == "intermediateCatchEvent"
            and any(definition.kind == "link" and definition.name == name for definition in one.spec.definitions)
        ),
        None,
    )


def implicit_starts(scope: Step) -> tuple[Step, ...]:
    """What begins with its scope where no start event says so: nodes without incoming flow (§10.2, §13.2)."""
    return tuple(
        one
        for one in scope.inner
        if not one.into
        and one.kind not in ("startEvent", "boundaryEvent")
        and not one.spec.triggered_by_event
        and not one.spec.is_for_compensation
        and not (one.kind == "intermediateCatchEvent" and any(d.kind == "link" for d in one.spec.definitions))
    )


def _can_be_undone(step: Step) -> bool:
    """Whether something compensates this activity, or something in it (§10.6.2)."""
    if any(d.kind == "compensation" for event in step.boundary for d in event.spec.definitions):
        return True
    return any(
        _can_be_undone(one)
        or (one.spec.triggered_by_event and any(_is_compensation_start(start) for start in one.inner))
        for one in step.inner
    )


def _passes(step: Step) -> bool:
    """Whether nothing of an activity outlasts the moment."""
    if step.kind not in ("task", "manualTask", "scriptTask", "businessRuleTask") or step.boundary or step.compensable:
        return False
    if step.kind in ("scriptTask", "businessRuleTask") and step.script is None and step.decision is None:
        return False
    return not (step.inputs or step.outputs or step.spec.is_for_compensation)


def _is_compensation_start(step: Step) -> bool:
    return step.kind == "startEvent" and any(d.kind == "compensation" for d in step.spec.definitions)


def _next(step: Step) -> tuple[Step, ...]:
    link = next((d.name for d in step.spec.definitions if d.kind == "link"), None)
    if link is not None and step.kind == "intermediateThrowEvent":
        target = link_target(step, link)
        return (target,) if target else ()
    return tuple(flow.target for flow in step.out)


def _may_rest(step: Step) -> bool:
    """Whether a token may stay here, or leave the ring for good."""
    if step.kind in ("exclusiveGateway", "parallelGateway", "inclusiveGateway", "task", "manualTask", "scriptTask"):
        return bool(step.boundary) or step.loop is not None
    return step.kind not in ("intermediateThrowEvent", "startEvent", "boundaryEvent")


def _reaching(flow: Sequence, gateway: Step) -> frozenset[str]:
    """The ids of the nodes from which a token can still come by `flow` without passing the gateway (§13.3.3)."""
    found: set[str] = set()
    ahead = [flow.source]
    while ahead:
        step = ahead.pop()
        if step is gateway or step.id in found:
            continue
        found.add(step.id)
        ahead += [before.source for before in step.into]
        if step.kind == "boundaryEvent" and step.spec.attached_to and step.parent:
            ahead += [one for one in step.parent.inner if one.id == step.spec.attached_to]
        if step.kind == "intermediateCatchEvent" and step.parent:
            names = {d.name for d in step.spec.definitions if d.kind == "link"}
            ahead += [
                one
                for one in step.parent.inner
                if one.kind == "intermediateThrowEvent"
                and any(d.kind == "link" and d.name in names for d in one.spec.definitions)
            ]
    return frozenset(found)
