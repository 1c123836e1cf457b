"""Design by doing: what was done in a finished case becomes a draft service goal, which the studio opens."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caseloom.cases.drafting import NothingCommon, draft_service_goal, key_of
from caseloom.cases.queries import read_case
from caseloom.cases.reuse import past_case
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.library.drafts import new_draft
from caseloom.library.models import DefinitionRow
from caseloom.sdk.access import Access
from caseloom.web.desk.commands import refusal
from caseloom.web.desk.people import plan_of, wants
from caseloom.web.rights import needs, no_such


@require_POST
@needs("write library")
def draft(request: HttpRequest, access: Access, case: int) -> HttpResponseBase:
    """Make the draft and lead to its page in the studio."""
    view, past = read_case(access, case), past_case(access, case)
    if view is None or past is None:
        return no_such(request, "case")
    state = view.state
    title = wants(state.title, state.service_goal, plan_of(state.service_goal, state.version))
    key = _free(f"{key_of(title)[:60]} as in {case}")
    try:
        text = draft_service_goal([past], key, title)
    except NothingCommon:
        says = _("Nothing was done in this case that a service goal could be made of.")
        return refusal(request, access, case, Refused("wrong state", says, next=(NextStep(_("Take another case")),)))
    answer = new_draft(access, key, "service goal", text)
    if isinstance(answer, Refused):
        return refusal(request, access, case, answer)
    return redirect("studio:edit", key=key)


def _free(key: str) -> str:
    """The key, with a number behind it where there is such a definition already."""
    taken = set(DefinitionRow.objects.filter(key__startswith=key).values_list("key", flat=True))
    names = (key, *(f"{key} {number}" for number in range(2, 1000)))
    return next(name for name in names if name not in taken)
