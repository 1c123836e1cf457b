"""What the benchmarks of the door work on: a case of 8 goals, 12 open tasks and 20 rules, and commands that keep it
open.
"""

from collections.abc import Iterator
from typing import Final
from uuid import uuid4

from caseloom.customers.customer import CreateCustomer
from caseloom.engine.case import commands as c
from caseloom.engine.case.refusal import Refused
from caseloom.library.plans import house_version, latest
from caseloom.library.publishing import publish
from caseloom.sdk.access import program
from caseloom.sdk.stream import Answer, Order
from caseloom.streams.door import the_door

BENCH: Final = program("bench")
GOALS, TASKS, RULES = 8, 12, 20


def definition() -> str:
    """The service goal, as YAML."""
    per_goal = [TASKS // GOALS + (number < TASKS % GOALS) for number in range(GOALS)]
    lines = ["service goal: bench", "title: Bench", "customer title: Bench", "owner: bench", "team: bench", "facts:"]
    lines += [f"  fact {n}: {{type: number, initial: 0}}" for n in range(GOALS)]
    lines += ["  note: {personal: true}", "goals:"]
    for n in range(GOALS):
        tasks = ", ".join(f"task {n} {place}" for place in range(per_goal[n]))
        option = f"{{way: {{title: Way, automatic: true, tasks: [{tasks}]}}}}"
        lines.append(
            f'  goal {n}: {{title: Goal {n}, reached when: "fact {n} > 1000000", '
            f"clock: {{within: 400 days}}, options: {option}}}"
        )
    lines.append("tasks:")
    lines += [f"  task {n} {p}: {{title: Task, form: [fact {n}]}}" for n in range(GOALS) for p in range(per_goal[n])]
    # Goal rules count too: with them the case has 20 rules.
    lines.append("boundary rules:")
    lines += [f'  - {{says: Rule {n}, require: "fact {n % GOALS} < {2000000 + n}"}}' for n in range(RULES - GOALS)]
    return "\n".join(lines) + "\n"


def open_cases(count: int) -> list[int]:
    """Publish the definition and open that many cases for one customer."""
    published = publish(BENCH, definition(), thorough=False)
    if isinstance(published, Refused):
        raise RuntimeError(published.message)
    door = the_door()
    customer = next(door.ids)
    accept(Order("customer", customer, CreateCustomer(customer=customer, name="Bench"), uuid4(), BENCH))
    cases = [next(door.ids) for _ in range(count)]
    for case in cases:
        command = c.OpenCase(
            case=case, customer=customer, service_goal="bench", version=latest("bench"), house_version=house_version()
        )
        accept(Order("case", case, command, uuid4(), BENCH))
    return cases


def accept(order: Order) -> Answer:
    """Send a command that has to be accepted."""
    verdict = the_door().handle(order)
    if isinstance(verdict, Refused):
        raise RuntimeError(verdict.message)
    return verdict


def orders(case: int, tasks: list[int], start: int = 0) -> Iterator[Order]:
    """Commands without end, in turn: a fact that three rules read, a task taken, a note, a task put back."""
    number = start
    while True:
        task = tasks[number // 4 % len(tasks)]
        turn: tuple[c.Command, ...] = (
            c.SetFacts(facts={f"fact {number // 4 % GOALS}": number + 1}),
            c.ClaimTask(item=task, assignee="agent:1"),
            c.AddNote(text="The customer called again and asks how far it is."),
            c.ClaimTask(item=task, assignee=""),
        )
        yield Order("case", case, turn[number % 4], uuid4(), BENCH)
        number += 1
