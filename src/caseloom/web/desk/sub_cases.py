"""A case of its own for a task: opened for the same customer beside the case, which waits for its first goal."""

from uuid import UUID, uuid5

from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caseloom.cases.queries import CaseView, read_case
from caseloom.customers.queries import known_facts
from caseloom.engine.case import commands as c
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import Item
from caseloom.library.plans import house_version, latest
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Order
from caseloom.streams.door import the_door
from caseloom.web.desk.commands import accepted, refusal
from caseloom.web.desk.goals import goal_title
from caseloom.web.desk.parts import part_title
from caseloom.web.forms import FormFaulty, check_text, command_id
from caseloom.web.rights import needs, no_such


@require_POST
@needs("work cases")
def open_sub_case(request: HttpRequest, access: Access, case: int) -> HttpResponseBase:
    """Open a case for the task `item` from the service goal that the form names. Sent twice, it is opened once."""
    view = read_case(access, case)
    if view is None:
        return no_such(request, "case")
    step = command_id(request.POST)
    try:
        opening, item = _opening(access, view, request.POST)
    except FormFaulty as fault:
        return refusal(request, access, case, Refused("invalid", fault.says))
    answer = the_door().handle(Order("case", opening.case, opening, step, access))
    if isinstance(answer, Refused):
        return refusal(request, access, case, answer)
    refused = _wait_for(access, view, answer.stream, item, step)
    if refused is not None:
        return refusal(request, access, case, refused)
    return accepted(request, access, case, _("Case %s is open for it.") % answer.stream)


def _opening(access: Access, view: CaseView, form: QueryDict) -> tuple[c.OpenCase, Item]:
    """Raises `FormFaulty`."""
    number, key, title = form.get("item", ""), form.get("service_goal", "")[:80], form.get("title", "").strip()
    check_text("title", [key, title])
    item = view.state.items.get(int(number) if number.isdecimal() and len(number) < 10 else 0)
    if item is None or item.kind != "task":
        raise FormFaulty("item", _("This task is not open any more."))
    version = latest(key)
    if not version:
        raise FormFaulty("service_goal", _("Choose a service goal that is offered."))
    opening = c.OpenCase(
        case=next(the_door().ids),
        customer=view.state.customer,
        service_goal=key,
        version=version,
        house_version=house_version(),
        channel=view.state.channel,
        title=title or part_title(view, item),
        customer_facts=known_facts(access, view.state.customer),
        parent=view.state.id,
        parent_item=item.id,
    )
    return opening, item


def _wait_for(access: Access, view: CaseView, child: int, item: Item, step: UUID) -> Refused | None:
    """Let the task's goal wait for the first goal of the new case."""
    there = read_case(access, child)
    goals = [goal for goal in there.state.goals.values() if goal.need == "required"] if there is not None else []
    if there is None or not goals:
        return None
    before = view.state.goals.get(item.goal or 0)
    waits = before is not None and before.status in ("available", "active") and before.mirror is None
    mirror = c.MirrorGoal(
        case=child,
        goal=goals[0].id,
        title=goal_title(there.plan, goals[0]),
        before=before.id if waits and before is not None else None,
    )
    answer = the_door().handle(Order("case", view.state.id, mirror, uuid5(step, "wait for it"), access))
    return answer if isinstance(answer, Refused) else None
