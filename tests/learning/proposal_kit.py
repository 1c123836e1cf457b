"""A house in which people have taken to doing what its definition does not say."""

from typing import Any
from uuid import uuid4

from caseloom.engine.case import commands as c
from caseloom.engine.case.actor import Actor
from caseloom.library.plans import latest, latest_versions
from caseloom.library.publishing import publish
from caseloom.sdk.access import Access, program
from caseloom.sdk.stream import Answer, Order
from caseloom.streams.door import the_door
from tests.streams.kit import a_customer

REPAIR = """\
# Repairs, as the board wants them.
service goal: repair
title: Repair
customer title: My repair
owner: process owner
team: service
facts:
  name: {personal: true}
goals:
  works:
    title: It works
    clock: {within: 2 days}
    options:
      mend it:
        title: Mend it   # the usual one
        tasks: [look, mend]
      replace it: {title: Replace it, tasks: [look, swap]}
tasks:
  look: {title: Look at it}
  mend: {title: Mend it}
  swap: {title: Send a new one}
"""
CALL = "Call back the next day"
BEN, CLEO, DORA = (
    Access(Actor(f"agent:{number}", "agent", name, frozenset(("agent",))), program("test").rights)
    for number, name in ((1, "Ben"), (2, "Cleo"), (3, "Dora"))
)


def a_repair_shop(text: str = REPAIR) -> None:
    """Publish the definition."""
    answer = publish(program("test"), text, thorough=False)
    assert isinstance(answer, Answer), answer
    latest_versions.forget()  # type: ignore[attr-defined]


def a_repair(
    who: Access = BEN, *added: str, option: str = "mend it", without: tuple[str, ...] = (), score: int | None = None,
    customer: int = 0,
) -> int:  # fmt: skip
    """A case of it, worked by one agent to its end: what was added by hand, and left out; its number."""
    customer, case = customer or a_customer(), next(the_door().ids)
    opening = c.OpenCase(case=case, customer=customer, service_goal="repair", version=latest("repair"), channel="mail")
    do(case, who, opening)
    items = created(do(case, who, c.ChooseOption(goal=1, option=option)))
    *first, last = [item for name, item in items.items() if name not in without] or [0]
    for item in first:
        do(case, who, c.CompleteTask(item=item))
    for title in added:
        do(case, who, c.CompleteTask(item=created(do(case, who, c.CreateTask(title=title, goal=1)))[""]))
    if last:
        do(case, who, c.CompleteTask(item=last))
    if without:
        do(case, who, c.ReachGoal(goal=1))
    if score is not None:
        do(case, who, c.RecordPerception(score=score))
    return case


def do(case: int, who: Access, command: Any) -> Answer:
    """Carry out a command as somebody."""
    answer = the_door().handle(Order("case", case, command, uuid4(), who))
    assert isinstance(answer, Answer), answer
    return answer


def created(answer: Answer) -> dict[str, int]:
    """Key → item of the tasks that came."""
    return {
        event.key: event.item for event in answer.events if event.stored == "item_created.1" and event.kind == "task"
    }


def drifted(usual: int = 24, otherwise: int = 12) -> list[int]:
    """Cases as the definition says, then as many in which three people call back; the numbers of the latter."""
    people = (BEN, CLEO, DORA)
    order = [False] * (usual // 2)
    order += [number % 2 == 0 for number in range(2 * min(otherwise, usual - usual // 2))]
    order += [True] * (otherwise - sum(order)) + [False] * (usual - order.count(False))
    done = [
        (so, a_repair(people[number // 2 % 3], *([CALL] if so else []), score=5 if so else 3 + number // 2 % 2))
        for number, so in enumerate(order)
    ]
    return [case for so, case in done if so]
