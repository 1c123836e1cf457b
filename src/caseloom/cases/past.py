"""What was done in a case, told from its events: what an earlier case has to give to another, or to a definition."""

from collections.abc import Iterable

import msgspec

from caseloom.engine.case import events as e
from caseloom.engine.case import planned as p
from caseloom.engine.case.state import CaseState, Goal, WayStep
from caseloom.engine.rules.plan import Plan
from caseloom.engine.spec.history import Event
from caseloom.engine.spec.service_goal import TaskSpec


class DoneTask(msgspec.Struct):
    """A task that was done: when it came and when it was done, counted in events."""

    key: str
    title: str
    form: tuple[str, ...]
    role: str
    team: str
    goal: int | None
    came: int
    done: int | None = None

    @property
    def known_as(self) -> str:
        """What it is called in every case that did it: its key, or, made up on the spot, its title."""
        return self.key or self.title.strip().casefold()

    @property
    def step(self) -> WayStep:
        return WayStep(key=self.key, title=self.title, form=self.form, team=self.team, role=self.role)


class PastCase(msgspec.Struct, frozen=True):
    """A case with the definition that it followed, and its done tasks in the order in which they were done."""

    number: int
    plan: Plan
    state: CaseState
    tasks: tuple[DoneTask, ...]

    def of_goal(self, goal: int) -> tuple[DoneTask, ...]:
        return tuple(task for task in self.tasks if task.goal == goal)

    def goal_title(self, goal: Goal) -> str:
        known = self.plan.goals.get(goal.key)
        return goal.title or (known.spec.title if known is not None else "") or goal.key

    def spec(self, task: DoneTask) -> TaskSpec | None:
        return self.plan.task(task.key)


def told(number: int, plan: Plan, state: CaseState, events: Iterable[Event]) -> PastCase:
    """What these events of a case tell of its work. What was deleted or undone was not done."""
    found: dict[int, DoneTask] = {}
    for place, event in enumerate(events):
        _hear(found, plan, place, event)
    done = sorted((task for task in found.values() if task.done is not None), key=lambda task: task.done or 0)
    return PastCase(number, plan, state, tuple(task for task in done if task.known_as))


def _hear(found: dict[int, DoneTask], plan: Plan, place: int, event: Event) -> None:
    match event:
        case e.ItemCreated(kind="task"):
            spec = plan.task(event.key)
            title = event.private.title or (spec.title if spec is not None else "") or event.key
            found[event.item] = DoneTask(event.key, title, event.form, event.role, event.team, event.goal, place)
        case p.ItemModified() if event.item in found:
            _change(found[event.item], event)
        case e.ItemTransitioned(status="completed") if event.item in found:
            found[event.item].done = place
        case e.TaskReset() if event.item in found:
            # Done once more, it is told by the task that came instead.
            found[event.item].done = None
        case p.ItemDeleted():
            found.pop(event.item, None)
        case p.WorkUndone():
            for item in event.items:
                if item in found:
                    found[item].done = None
        case _:
            pass


def _change(task: DoneTask, event: p.ItemModified) -> None:
    task.title = event.private.title if event.titled else task.title
    task.form = task.form if event.form is None else event.form
    task.role = task.role if event.role is None else event.role
    task.goal = task.goal if event.goal is None else event.goal or None
