"""Design by doing: a finished case, or the common part of several, becomes a draft service goal, or a new option.

What all of these cases did is common: a goal that all reached, a task that all did for it. Order is said (`after`)
where all cases agree on it; the author of the draft loosens what was chance.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from caseloom.cases.past import DoneTask, PastCase
from caseloom.engine.case.state import Goal
from caseloom.engine.spec.service_goal import FactSpec, GoalSpec, LetterSpec, OptionSpec, ServiceGoal, TaskSpec
from caseloom.interchange.yaml_text import Text
from caseloom.interchange.yaml_writer import plain, write_definition, write_plain

UNFIT: Final = re.compile(r"[\x00-\x1f:.\[\]{}#]+")
USUAL: Final = "usual way"
KEPT: Final = (
    "title", "must", "team", "role", "skill", "by_customer", "customer_title", "customer_help", "due", "script",
)  # fmt: skip
"""What a draft takes over of a task's definition, besides its form and letter."""


class NothingCommon(Exception):
    """The cases have nothing in common that a draft could be made of."""


def draft_service_goal(cases: Sequence[PastCase], key: str, title: str) -> str:
    """The YAML text of a service goal that does what all these cases did.

    Raises:
        NothingCommon: there is no goal that all reached, and no task that all did.
    """
    draft = _Draft(cases)
    goals = draft.goals()
    if not goals:
        raise NothingCommon("These cases have no goal and no task in common; take cases that did the same.")
    first = cases[0].plan.service_goal
    numbers = ", ".join(str(case.number) for case in cases)
    return write_definition(
        ServiceGoal(
            service_goal=key_of(key),
            title=title,
            customer_title=first.customer_title if first is not None else title,
            description=f"Drafted from what was done in: {numbers}.",
            owner=first.owner if first is not None else "process owner",
            team=first.team if first is not None else cases[0].state.team,
            facts=draft.facts,
            goals=goals,
            tasks=draft.tasks,
            letters=draft.letters,
        )
    )


def draft_option(text: str, goal: str, title: str, cases: Sequence[PastCase]) -> str:
    """A service goal's text with one option more: what all these cases did for the goal of this key.

    Raises:
        NothingCommon: no task was done for that goal in all cases.
        TextFaulty: the text is no YAML.
    """
    definition: dict[str, Any] = Text(text).value
    draft = _Draft(cases, frozenset(definition.get("tasks") or {}))
    tasks = draft.way(goal)
    if not tasks or goal not in (definition.get("goals") or {}):
        raise NothingCommon(f"These cases did nothing in common for the goal “{goal}”.")
    options = definition["goals"][goal].setdefault("options", {})
    options[_free(key_of(title), options)] = plain(OptionSpec(title=title, tasks=tasks))
    for part, found in (("facts", draft.facts), ("tasks", draft.tasks), ("letters", draft.letters)):
        known = definition.get(part) or {}
        definition[part] = known | {key: plain(one) for key, one in found.items() if key not in known}
    return write_plain({key: value for key, value in definition.items() if value != {}})


def key_of(title: str) -> str:
    """A key that says the same as a title."""
    return " ".join(UNFIT.sub(" ", title).split())[:80].strip().lower() or "draft"


def _free(key: str, taken: Iterable[str]) -> str:
    known = set(taken)
    names = (key, *(f"{key[:76]} {number}" for number in range(2, 100)))
    return next(name for name in names if name not in known)


class _Draft:
    """The parts of a draft. `there` are the tasks that the definition has already: they are taken as they are."""

    def __init__(self, cases: Sequence[PastCase], there: frozenset[str] = frozenset()) -> None:
        self._cases, self._there = cases, there
        self.facts: dict[str, FactSpec] = {}
        self.tasks: dict[str, TaskSpec] = {}
        self.letters: dict[str, LetterSpec] = {}
        self._keys: dict[str, str] = {}

    def goals(self) -> dict[str, GoalSpec]:
        """The goals that all cases reached, each with what all did for it. What was done for no goal, or for one that
        is not common, stands under the first.
        """
        found: dict[str, GoalSpec] = {}
        common = [name for name in _reached(self._cases[0]) if all(name in _reached(case) for case in self._cases)]
        rest = self._common([self._loose(case, common) for case in self._cases])
        for name in common or [""]:
            tasks = (*self.way(name), *(() if found else rest))
            if tasks or name:
                title, spec = self._goal(name)
                options = {USUAL: OptionSpec(title="The usual way", tasks=tasks, automatic=True)} if tasks else {}
                key = _free(spec.key if spec is not None else key_of(title), (*found, *self.tasks))
                found[key] = self._goal_spec(title, spec.goal if spec is not None else None, options)
        return found

    def _goal(self, name: str) -> "tuple[str, _Known | None]":
        case = self._cases[0]
        goal = _reached(case).get(name)
        if goal is None:
            return "Done", None
        plan = case.plan.goals.get(goal.key)
        return case.goal_title(goal), _Known(goal.key, plan.spec) if plan is not None else None

    def _goal_spec(self, title: str, known: GoalSpec | None, options: dict[str, OptionSpec]) -> GoalSpec:
        if known is None:
            return GoalSpec(title=title, options=options)
        return GoalSpec(
            title=title,
            customer_title=known.customer_title,
            need=known.need if known.need != "alternative" else "required",
            clock=known.clock,
            perception=known.perception,
            options=options,
        )

    def _loose(self, case: PastCase, common: Sequence[str]) -> tuple[DoneTask, ...]:
        numbers = {goal.id for name, goal in _reached(case).items() if name in common}
        return tuple(task for task in case.tasks if task.goal not in numbers)

    def way(self, goal: str) -> tuple[str, ...]:
        """The keys of the tasks that all cases did for a goal, by its name."""
        of_cases = []
        for case in self._cases:
            found = [one for one in case.state.goals.values() if goal and goal in (one.key, _name(case, one))]
            of_cases.append(tuple(task for one in found for task in case.of_goal(one.id)))
        return self._common(of_cases)

    def _common(self, of_cases: Sequence[tuple[DoneTask, ...]]) -> tuple[str, ...]:
        if not of_cases:
            return ()
        places = [_firsts(tasks) for tasks in of_cases]
        names = [name for name in places[0] if all(name in others for others in places)]
        fresh = [name for name in names if name not in self._keys]
        for name in fresh:
            self._take(name)
        for name in fresh:
            key = self._keys[name]
            if key in self.tasks:
                after = tuple(self._keys[other] for other in _before(name, names, places))
                self.tasks[key] = msgspec.structs.replace(self.tasks[key], after=after)
        return tuple(self._keys[name] for name in names)

    def _take(self, name: str) -> None:
        case, task = next((case, task) for case in self._cases for task in case.tasks if task.known_as == name)
        if task.key in self._there:
            self._keys[name] = task.key
            return
        key = _free(task.key or key_of(task.title), (*self.tasks, *self._there))
        self._keys[name] = key
        self.tasks[key] = self._task(case, task)

    def _task(self, case: PastCase, task: DoneTask) -> TaskSpec:
        spec = case.spec(task) or TaskSpec()
        house = case.plan.house
        form = task.form or case.plan.items[task.key].form if task.key in case.plan.items else task.form
        kept = {name: getattr(spec, name) for name in KEPT} | {"title": task.title}
        kept["role"] = task.role if not house.roles or task.role in house.roles else ""
        kept["team"] = task.team if not house.teams or task.team in house.teams else ""
        kept["must"] = tuple(name for name in spec.must if name in form)
        self._facts_of(case, form)
        if spec.kind == "letter" and spec.letter:
            self._letter(case, spec.letter)
            return TaskSpec(**kept, form=form, kind="letter", letter=spec.letter, automatic=spec.automatic)
        return TaskSpec(**kept, form=form, kind="wait" if spec.kind == "wait" else "human")

    def _letter(self, case: PastCase, key: str) -> None:
        own = case.plan.service_goal.letters.get(key) if case.plan.service_goal is not None else None
        if own is None or key in self.letters:
            # The house's letters are every definition's.
            return
        self.letters[key] = own
        known = case.plan.letters[key]
        self._facts_of(case, sorted(known.subject.reads | known.text.reads))
        if own.corrected_by:
            self._letter(case, own.corrected_by)

    def _facts_of(self, case: PastCase, names: Iterable[str]) -> None:
        for name in names:
            if name in case.plan.facts and name not in case.plan.house.facts:
                self.facts[name] = case.plan.facts[name]


class _Known(msgspec.Struct, frozen=True):
    """A goal that a definition knows."""

    key: str
    goal: GoalSpec


def _name(case: PastCase, goal: Goal) -> str:
    return goal.key or case.goal_title(goal).strip().casefold()


def _reached(case: PastCase) -> dict[str, Goal]:
    return {_name(case, goal): goal for goal in case.state.goals.values() if goal.status == "reached"}


def _firsts(tasks: Iterable[DoneTask]) -> dict[str, int]:
    """When each thing was done first, in the order of that."""
    once: dict[str, int] = {}
    for task in tasks:
        once.setdefault(task.known_as, task.done or 0)
    return once


def _before(name: str, names: Sequence[str], places: Sequence[dict[str, int]]) -> tuple[str, ...]:
    """What was done before this in all cases, without what comes before that again."""

    def comes_first(one: str, other: str) -> bool:
        return all(place[one] < place[other] for place in places)

    earlier = [one for one in names if comes_first(one, name)]
    return tuple(one for one in earlier if not any(comes_first(one, other) for other in earlier))
