"""Decision tasks of a definition checked against the models that they name, and made ready."""

import difflib
from collections.abc import Callable, Mapping
from typing import Final

from caseloom.engine.decision.published import RESULT, DecisionPlan, Models, decisions_of, inputs_of
from caseloom.engine.decision.run import Compiled
from caseloom.engine.feel import Expression, compile
from caseloom.engine.rules.fault import Path
from caseloom.engine.spec.service_goal import FactSpec, TaskSpec

_FEEL_TYPES: Final = {
    "text": "string",
    "choice": "string",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
    "time": "time",
    "date and time": "date and time",
    "days and time duration": "days and time duration",
    "years and months duration": "years and months duration",
    "money": "money",
}
_OTHER_NAMES: Final = {
    "dateTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
}


class DecisionTasks:
    """Makes decision tasks ready. The compiler lends its checks: `known(key, among, what, path)` and `fault(path,
    message)` tell what is wrong, `required(text, path, each=name)` compiles an expression.
    """

    def __init__(
        self,
        facts: Mapping[str, FactSpec],
        known: Callable[..., bool],
        fault: Callable[[Path, str], None],
        required: Callable[..., Expression],
    ) -> None:
        self._facts, self._known, self._fault, self._required = facts, known, fault, required

    def plan(self, task: TaskSpec, models: Models, path: Path) -> DecisionPlan | None:
        """What the task does when it is entered; None where it is no decision task, or cannot be one."""
        if task.kind != "decision":
            if (task.model and task.kind != "flow") or task.decision or (task.inputs and task.kind != "case"):
                self._fault(path, "`model`, `decision` and `inputs` are for tasks of the kind `decision`")
            return None
        if task.by_customer or task.repeat is not None:
            self._fault(path, "a decision task is made by itself and once: take `by customer` and `repeat` out")
        if not self._known(task.model, models, "published decision model", (*path, "model")):
            return None
        model = models[task.model].model
        what = f"decision in the model “{task.model}”:"
        if not self._known(task.decision, decisions_of(model), what, (*path, "decision")):
            return None
        needed = inputs_of(model, task.decision)
        for name in task.inputs:
            what = f"input of the decision “{task.decision}” called"
            self._known(name, [one.name for one in needed], what, (*path, "inputs", name))
        inputs = tuple((one.name, self._input(one, task, path)) for one in needed)
        return DecisionPlan(task.model, models[task.model], task.decision, inputs, self._outcomes(task, path))

    def _outcomes(self, task: TaskSpec, path: Path) -> tuple[tuple[str, Expression], ...]:
        sets = task.sets or ({task.decision: RESULT} if task.decision in self._facts else {})
        if not sets:
            advice = "say what the decision sets, such as `sets: {FACT: result}`"
            self._fault((*path, "sets"), f"no fact is called “{task.decision}”; {advice}")
        return tuple((name, self._required(said, (*path, "sets", name), each=RESULT)) for name, said in sets.items())

    def _input(self, one: Compiled, task: TaskSpec, path: Path) -> Expression:
        """What an input gets: what the task says, else the fact of its name."""
        said = task.inputs.get(one.name, one.name)
        place = (*path, "inputs", one.name) if one.name in task.inputs else (*path, "inputs")
        if said in self._facts:
            self._check_type(one, said, place)
        elif one.name not in task.inputs:
            near = difflib.get_close_matches(one.name, self._facts, n=1)
            advice = f"say what it is, such as `{one.name}: {near[0] if near else 'FACT'}`"
            self._fault(place, f"the decision reads “{one.name}”, and no fact is called so; {advice}")
            return compile("null")
        return self._required(said, place)

    def _check_type(self, one: Compiled, name: str, place: Path) -> None:
        """A fact that goes to an input as it is has to be of the input's type, where both are simple."""
        declared = (one.node.variable.type or "") if one.node.variable else ""
        wanted = _OTHER_NAMES.get(declared, declared)
        given = _FEEL_TYPES.get(self._facts[name].type)
        if given is None or wanted not in _FEEL_TYPES.values() or wanted == given:
            return
        advice = f"`{one.name}: {name}.amount`" if (given, wanted) == ("money", "number") else f"`{one.name}: …`"
        self._fault(
            place,
            f"the input “{one.name}” is a {wanted}, the fact “{name}” a {given}; say what it is, such as {advice}",
        )
