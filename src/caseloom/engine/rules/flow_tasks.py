"""Flow tasks of a definition made ready: the processes that they run are compiled, and what people do in them becomes
tasks and facts of the definition, so that rules, forms and history treat them like any other.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, Generic, NamedTuple, TypeVar

import msgspec

from caseloom.engine.decision.published import Models
from caseloom.engine.flow.compiler import FlowFault, FlowFaulty, compile_flow
from caseloom.engine.flow.plan import FlowPlan, Step
from caseloom.engine.flow.published import FlowModels
from caseloom.engine.rules.fault import Fault
from caseloom.engine.rules.models import Used, decisions_in, flows_in
from caseloom.engine.spec.flow import FieldSpec, ProcessSpec
from caseloom.engine.spec.service_goal import Body, FactSpec, HouseRules, ServiceGoal, TaskSpec

B = TypeVar("B", ServiceGoal, HouseRules)
_UNFIT: Final = re.compile(r"[\x00-\x1f:.\[\]{}#/]+")
LONGEST_KEY: Final = 80


class Woven(NamedTuple, Generic[B]):
    """The definition with the tasks and facts of its flows, the compiled processes by id, the process of each flow
    task, and what is wrong.
    """

    body: B
    plans: dict[str, FlowPlan]
    process_of: dict[str, str]
    faults: tuple[Fault, ...]


def weave(definition: B, models: Used, house: HouseRules) -> Woven[B]:
    """Bring the processes of a definition's flow tasks into it, out of the flow `models` that it may use."""
    weaver = _Weaver(definition, flows_in(models), house)
    process_of = dict(weaver.processes())
    plans = weaver.compiled(set(process_of.values()), decisions_in(models))
    facts, tasks = weaver.tasks(plans)
    body = definition if not plans else msgspec.structs.replace(definition, facts=facts, tasks=tasks)
    return Woven(body, plans, process_of, tuple(weaver.faults))


class _Weaver:
    def __init__(self, definition: Body, flows: FlowModels, house: HouseRules) -> None:
        self._definition, self._house = definition, house
        self._flows = flows
        self.faults: list[Fault] = []
        self._all: dict[str, ProcessSpec] = {}
        for published in flows.values():
            self._all.update(published.model.processes)
        self._taken = {*definition.goals, *definition.stages, *definition.milestones, *house.goals, *house.tasks}
        self._taken |= {*house.stages, *house.milestones}

    def processes(self) -> Iterator[tuple[str, str]]:
        """Flow task → its process."""
        for key, task in self._definition.tasks.items():
            if task.kind != "flow":
                continue
            found = self._flows.get(task.model)
            if found is None:
                known = ", ".join(sorted(self._flows)) or "none"
                says = f"there is no flow model “{task.model}” in the library; published are: {known}"
                self.faults.append(Fault(("tasks", key, "model"), says))
                continue
            processes = found.model.processes
            first = next((one.id for one in processes.values() if one.executable), next(iter(processes), ""))
            chosen = task.flow or first
            if chosen not in processes:
                says = f"“{task.model}” has no process “{chosen}”; it has: {', '.join(processes) or 'none'}"
                self.faults.append(Fault(("tasks", key, "flow"), says))
                continue
            yield key, chosen

    def compiled(self, wanted: set[str], models: Models) -> dict[str, FlowPlan]:
        """The plans of these processes and of all that they call."""
        names = {*self._definition.facts, *self._house.facts}
        plans: dict[str, FlowPlan] = {}
        ahead = sorted(wanted)
        while ahead:
            key = ahead.pop()
            if key in plans or key not in self._all:
                continue
            try:
                plan = compile_flow(self._all[key], names, models, self._all)
            except FlowFaulty as faulty:
                self.faults += [Fault(self._place(fault), str(fault)) for fault in faulty.faults]
                continue
            plans[key] = plan
            ahead += _called(plan, self._all)
        return plans

    def _place(self, fault: FlowFault) -> tuple[str, ...]:
        for key, task in self._definition.tasks.items():
            if task.kind == "flow" and fault.process in (task.flow, ""):
                return ("tasks", key)
        return ("tasks",)

    def tasks(self, plans: dict[str, FlowPlan]) -> tuple[dict[str, FactSpec], dict[str, TaskSpec]]:
        """The facts and tasks of the definition, with what the user tasks of its processes bring."""
        facts, tasks = dict(self._definition.facts), dict(self._definition.tasks)
        for plan in plans.values():
            for step in plan.steps.values():
                if step.kind != "userTask":
                    continue
                own = self._own(step)
                if own:
                    step.task = own
                    continue
                for field in step.spec.form:
                    if field.name not in facts and field.name not in self._house.facts:
                        facts[field.name] = _fact(field)
                step.task = self._key(step, plan.spec.id, tasks)
                tasks[step.task] = self._task(step)
        return facts, tasks

    def _own(self, step: Step) -> str:
        """The task of the definition that a user task is: the one that it names, or that is called as it is."""
        for key in (step.spec.task, step.title, _spoken(step.title)):
            if key and key in self._definition.tasks and self._definition.tasks[key].kind == "human":
                return key
        return ""

    def _key(self, step: Step, process: str, tasks: Iterable[str]) -> str:
        """The title of the step where it is free, else with the process, else with its id."""
        title = _spoken(step.title)
        for key in (title, f"{title} ({_fit(process)})", f"{title} ({_fit(process)} {_fit(step.id)})"):
            if key not in tasks and key not in self._taken:
                return key
        return f"{_fit(process)} {_fit(step.id)}"

    def _task(self, step: Step) -> TaskSpec:
        lane = step.spec.lane
        return TaskSpec(
            title=step.title,
            form=tuple(field.name for field in step.spec.form),
            must=tuple(field.name for field in step.spec.form if field.required),
            role=lane if lane in self._house.roles else "",
            team=lane if lane in self._house.teams else "",
            script=step.spec.documentation,
        )


def _called(plan: FlowPlan, known: dict[str, ProcessSpec]) -> list[str]:
    """The processes that a process may call: where an expression says which, any."""
    found: list[str] = []
    for step in plan.steps.values():
        if step.called is not None:
            one = None if step.called.reads else step.called.evaluate({})
            found += [one] if isinstance(one, str) else list(known) if one is None else []
    return found


def _fact(field: FieldSpec) -> FactSpec:
    return FactSpec(type=field.type, label=field.label, choices=field.choices)


def _spoken(title: str) -> str:
    """A title as rules say it: “check the claim”."""
    fit = _fit(title)
    return fit if fit[1:2].isupper() else fit[:1].lower() + fit[1:]


def _fit(name: str) -> str:
    return " ".join(_UNFIT.sub(" ", name).split())[:LONGEST_KEY] or "step"
