"""The history of a case as the goals that were worked for: what was done for each, and how it ended. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

import msgspec

from caseloom.engine.case import events as e
from caseloom.engine.case import planned as p
from caseloom.engine.rules.plan import Plan
from caseloom.engine.spec.service_goal import StageSpec
from caseloom.learning.case_steps import CUSTOMER, GOOD, CaseView, settle, telling_facts
from caseloom.learning.ways import Done, Options, Worked
from caseloom.learning.ways_finding import own_name
from caseloom.sdk.stream import Recorded

LIKE: Final = 2
"""So many telling facts say what a case is like, beside its channel."""
BY_PEOPLE: Final = ("human", "letter")


class _Task(msgspec.Struct):
    name: str
    title: str
    goal: int | None
    came: int
    by_hand: bool
    creator: str
    ready: bool
    done: int | None = None
    by: str = ""


class _Goal(msgspec.Struct):
    key: str
    option: str = ""
    chosen: int = -1
    like: tuple[str, ...] | None = None
    at: datetime | None = None
    reached: bool = False
    late: bool = False


class Told(msgspec.Struct, frozen=True):
    """What a case tells: its goals that were worked for to their end, and the titles of steps that people made up in
    it, word for word, by name.
    """

    worked: tuple[Worked, ...] = ()
    titles: Mapping[str, str] = {}


def options_of(plan: Plan) -> Options:
    """Goal → option → the names of its tasks, those in its stages among them."""
    return {
        goal: {option: tuple(_tasks(plan, one.spec.tasks)) for option, one in found.options.items()}
        for goal, found in plan.goals.items()
    }


def _tasks(plan: Plan, keys: Iterable[str]) -> Iterable[str]:
    for key in keys:
        item = plan.items.get(key)
        if item is not None and isinstance(item.spec, StageSpec):
            yield from _tasks(plan, item.spec.tasks)
        elif plan.task(key) is not None:
            yield key


def told(case: int, customer: int, history: Iterable[Recorded], plan: Plan) -> Told:
    """What the history of a case tells, its titles unsealed, in the names of a plan (that of the version in force)."""
    story = _Story(plan)
    for place, recorded in enumerate(history):
        story.hear(place, recorded)
    return Told(tuple(story.worked(case, customer)), story.titles())


class _Story:
    """One case while its events go by."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._keys = {_plain(item.spec.title): key for key, item in plan.items.items() if plan.task(key) is not None}
        self._facts = telling_facts(plan)[:LIKE]
        self._view = CaseView()
        self._goals: dict[int, _Goal] = {}
        self._tasks: dict[int, _Task] = {}
        self._busy: int | None = None
        self._acted: Counter[str] = Counter()

    def hear(self, place: int, recorded: Recorded) -> None:
        event = recorded.event
        settle(self._view, event)
        if recorded.actor.startswith("agent:"):
            self._acted[recorded.actor] += 1
        match event:
            case e.GoalAdded():
                self._goals[event.goal] = _Goal(event.key)
            case e.OptionChosen() if event.goal in self._goals:
                goal = self._goals[event.goal]
                goal.option, goal.chosen = event.option, place
                goal.like = goal.like or self._like()
                self._busy = event.goal
            case e.GoalReached() | e.GoalWaived() | e.GoalCancelled() if event.goal in self._goals:
                goal = self._goals[event.goal]
                goal.at, goal.reached = recorded.at, isinstance(event, e.GoalReached)
                goal.late = isinstance(event, e.GoalReached) and event.late
            case p.GoalReset() if event.goal in self._goals:
                self._goals[event.goal].at = None
            case _:
                self._hear_task(place, recorded)

    def _hear_task(self, place: int, recorded: Recorded) -> None:
        event = recorded.event
        match event:
            case e.ItemCreated(kind="task"):
                title = event.private.title
                goal = event.goal if event.goal is not None else self._busy
                self._tasks[event.item] = _Task(
                    self._name(event.key, title),
                    title,
                    goal,
                    place,
                    event.by_hand,
                    recorded.actor,
                    _ready(event.status),
                )
            case e.ItemTransitioned() if event.item in self._tasks:
                task = self._tasks[event.item]
                task.ready = task.ready or _ready(event.status)
                if event.status == "completed":
                    task.done, task.by = place, recorded.actor
            case p.ItemModified() if event.item in self._tasks and event.titled:
                task = self._tasks[event.item]
                task.title = event.private.title
                task.name = self._name(event.key, task.title)
            case e.TaskReset() if event.item in self._tasks:
                self._tasks[event.item].done = None
            case p.ItemDeleted():
                self._tasks.pop(event.item, None)
            case p.WorkUndone():
                for item in event.items:
                    if item in self._tasks:
                        self._tasks[item].done = None
            case _:
                pass

    def _name(self, key: str, title: str) -> str:
        """The key of a known task, also where somebody made it up once more; empty where nothing is known of it."""
        if key:
            return key
        return self._keys.get(_plain(title)) or (own_name(title) if title.strip() else "")

    def _like(self) -> tuple[str, ...]:
        return (self._view.channel, *(self._view.facts.get(name, "") for name in self._facts))

    def worked(self, case: int, customer: int) -> Iterable[Worked]:
        score = self._view.score
        for number, goal in self._goals.items():
            if goal.at is None or goal.key not in self._plan.goals:
                continue
            tasks = [task for task in self._tasks.values() if task.goal == number and task.name]
            present = [task for task in tasks if task.by_hand or task.came >= goal.chosen]
            done = sorted((task for task in present if task.done is not None), key=lambda task: task.done or 0)
            yield Worked(
                case=case,
                customer=customer,
                goal=goal.key,
                option=goal.option,
                at=goal.at,
                actor=max(self._acted, key=lambda actor: (self._acted[actor], actor), default=""),
                like=goal.like or self._like(),
                done=tuple(Done(task.name, _who(task), task.by_hand) for task in done),
                left=tuple(task.name for task in present if self._is_left(goal, task)),
                in_time=goal.reached and not goal.late,
                rated_well=None if score is None else score >= GOOD,
            )

    def _is_left(self, goal: _Goal, task: _Task) -> bool:
        """Whether people reached the goal without a task of its option that they could have done."""
        spec = self._plan.task(task.name)
        by_people = spec is not None and spec.kind in BY_PEOPLE and not spec.automatic
        return goal.reached and by_people and task.ready and task.done is None and not task.by_hand

    def titles(self) -> dict[str, str]:
        return {task.name: task.title for task in self._tasks.values() if task.title and task.by_hand and task.done}


def _ready(status: str) -> bool:
    return status in ("active", "enabled")


def _who(task: _Task) -> str:
    """Whoever did it; of what followed by itself, or a customer did, who had added it."""
    for actor in (task.by, task.creator):
        if actor.startswith("agent:"):
            return actor
    return CUSTOMER


def _plain(title: str) -> str:
    return " ".join(title.casefold().split())
