"""A major issue at the desk: one case is worked on, others wait for its goal; they are found, added, and told together.

What takes long comes in portions, as in the studio: the page asks for the next one, and what came of it so far travels
with the page. A portion that is sent twice reaches nobody twice.
"""

from collections.abc import Iterator, Sequence
from time import monotonic
from typing import Any, Final, Literal
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caseloom.cases import issue
from caseloom.cases.issue import Affected, Reached
from caseloom.cases.queries import CaseView, cases_like, find_cases, read_case, search_cases
from caseloom.channels.mail.threading import spoken_number
from caseloom.customers.queries import names
from caseloom.engine.case.refusal import Refused
from caseloom.engine.rules.letter import Template
from caseloom.engine.spec.service_goal import Need
from caseloom.foundation.clock import now
from caseloom.foundation.text import find_fault
from caseloom.sdk.access import Access
from caseloom.web.desk.goals import STATUS, goal_title
from caseloom.web.desk.letters import paragraphs, unfilled
from caseloom.web.desk.matter import STATUS as CASE_STATUS
from caseloom.web.desk.matter import case_lines
from caseloom.web.desk.people import plan_of, wants
from caseloom.web.desk.sheets import NEEDS, sheet_answer
from caseloom.web.forms import FormFaulty, check_text, command_id
from caseloom.web.rights import needs, no_such

PAGE: Final = 25
MOST: Final = 2_000
"""Cases that a search brings at most."""
PORTION: Final = 1.0
CHUNK: Final = 50
LISTED: Final = 100
LONGEST: Final = 100_000


class Round(msgspec.Struct, forbid_unknown_fields=True):
    """How far a round over many cases has come: those up to number `last` are done. `refused` lists cases with what
    was in the way.
    """

    does: Literal["join", "tell"]
    key: UUID
    goal: int = 0
    need: Need = "required"
    asked: str = ""
    subject: str = ""
    text: str = ""
    last: int = 0
    done: int = 0
    total: int = 0
    reached: int = 0
    refused: list[tuple[int, str]] = []
    finished: bool = False


class AffectedLine(msgspec.Struct, frozen=True):
    """An affected case as it is shown."""

    case: int
    customer: str
    wants: str
    status: str
    says: Any
    case_says: Any


@needs("work cases")
def show(request: HttpRequest, access: Access, case: int) -> HttpResponseBase:
    """Whom the issue affects, whom else it may, and the message to all."""
    view = read_case(access, case)
    if view is None:
        return no_such(request, "case")
    return _sheet(request, access, view, {})


@needs("work cases")
def more(request: HttpRequest, access: Access, case: int) -> HttpResponse:
    """The affected cases after the one in the address."""
    if read_case(access, case) is None:
        return no_such(request, "case")
    return render(request, "desk/part/affected.html", _affected(access, case, request.GET.get("after", "")))


@require_POST
@needs("work cases")
def join(request: HttpRequest, access: Access, case: int) -> HttpResponseBase:
    """Let chosen cases (`cases`), or all that the search finds, wait for a goal of this one."""
    view = read_case(access, case)
    if view is None:
        return no_such(request, "case")
    form = request.POST
    if form.get("all") or "round" in form:
        return _round(
            request, access, view, Round("join", command_id(form), _number(form, "goal"), _need(form), _asked(form))
        )
    chosen = [int(one) for one in form.getlist("cases")[:MOST] if one.isdecimal() and len(one) < 19]
    if not chosen:
        return _sheet(request, access, view, {"fault": _("Choose the cases that it affects.")}, 422)
    try:
        reached = issue.join(
            access, case, _number(form, "goal"), _reachable(access, chosen), _need(form), command_id(form)
        )
    except LookupError:
        return _sheet(request, access, view, {"fault": _("Choose the goal that they wait for.")}, 422)
    told = Round("join", command_id(form), finished=True, total=len(reached))
    _count(told, reached)
    return _sheet(request, access, view, {"round": told})


@require_POST
@needs("work cases")
def preview(request: HttpRequest, access: Access, case: int) -> HttpResponse:
    """The message as the first of the affected customers gets it."""
    view = read_case(access, case)
    if view is None:
        return no_such(request, "case")
    subject, text = request.POST.get("subject", ""), request.POST.get("text", "")
    lines = issue.affected_lines(access, case, limit=1)
    try:
        check_text("text", [subject, text])
        words = issue.words_for(access, lines[0].case, subject, text) if lines else None
    except FormFaulty as fault:
        words = Refused("invalid", fault.says)
    if words is None or isinstance(words, Refused):
        refused = words or Refused("wrong state", _("No case is affected yet: add some first."))
        return render(request, "desk/part/refused.html", {"refused": refused}, status=422)
    context = {
        "to": f"{lines[0].customer_name} ({words.to})",
        "subject": words.subject,
        "paragraphs": paragraphs(words.text),
        "open": unfilled((words.subject, words.text)),
    }
    return render(request, "desk/part/preview.html", context)


@require_POST
@needs("work cases")
def tell(request: HttpRequest, access: Access, case: int) -> HttpResponseBase:
    """Send one message to all who are affected, a portion a request."""
    view = read_case(access, case)
    if view is None:
        return no_such(request, "case")
    subject, text = request.POST.get("subject", "").strip(), request.POST.get("text", "").strip()
    if "round" not in request.POST:
        try:
            check_text("text", [subject, text])
        except FormFaulty as fault:
            return _sheet(request, access, view, {"unsent": fault.says}, 422)
        holes = unfilled((subject, text))
        if not subject or not text or holes:
            says = _("Still to be filled in: %s") % ", ".join(holes) if holes else _("Give it a subject, and words.")
            return _sheet(request, access, view, {"unsent": says}, 422)
    return _round(request, access, view, Round("tell", command_id(request.POST), subject=subject, text=text))


@needs("work cases")
def letter(request: HttpRequest, access: Access, case: int) -> HttpResponse:
    """The words of a letter, with its expressions as they stand: each case fills them in by itself."""
    view = read_case(access, case)
    if view is None:
        return no_such(request, "case")
    return render(request, "desk/part/issue_words.html", _words(view, request.GET.get("letter", "")))


# --- the sheet --------------------------------------------------------------------------------------------------------


def _sheet(
    request: HttpRequest, access: Access, view: CaseView, more: dict[str, Any], status: int = 200
) -> HttpResponseBase:
    case = view.state.id
    typed = request.POST if request.method == "POST" else request.GET
    goals = [
        goal for goal in view.state.goals.values() if goal.status in ("available", "active") and goal.mirror is None
    ]
    # What others wait for is what the case has to come to, and not what is nice to have on the way.
    present = next((goal for goal in goals if goal.need == "required"), None)
    counts = issue.affected_counts(access, case)
    asked = _asked(typed)
    found = _found(access, view, asked)
    known = names(access, {row.customer for row in found[:PAGE]})
    again = typed if "unsent" in more else {}
    context = {
        "title": _("Major issue"),
        "says": wants(view.state.title, view.state.service_goal, view.plan),
        "goals": [(str(goal.id), goal_title(view.plan, goal)) for goal in goals],
        "goal": typed.get("goal", "") or str(present.id if present is not None else ""),
        "needs": [(key, says) for key, says in NEEDS.items() if key != "alternative"],
        "total": sum(counts.values()),
        "counts": [(STATUS.get(one, one), count) for one, count in sorted(counts.items())],
        "asked": asked,
        "found": [
            (line, known.get(row.customer, ""))
            for line, row in zip(case_lines(found[:PAGE], now()), found[:PAGE], strict=True)
        ],
        "found_all": len(found),
        "letters": [(key, plan.title or key) for key, plan in view.plan.letters.items() if not plan.automatic],
        **_words(view, again.get("letter", ""), again.get("subject"), again.get("text")),
        **_affected(access, case, ""),
    }
    return sheet_answer(request, access, view, "issue", context | more, status)


def _affected(access: Access, case: int, after: str) -> dict[str, Any]:
    first, _bar, second = after.partition(".")
    place = (int(first), int(second)) if _is_number(first) and _is_number(second) else (0, 0)
    lines = issue.affected_lines(access, case, place, PAGE + 1)
    last = lines[PAGE - 1] if len(lines) > PAGE else None
    return {
        "case": case,
        "affected": [_affected_line(line) for line in lines[:PAGE]],
        "after": f"{last.case}.{last.goal}" if last is not None else "",
    }


def _affected_line(line: Affected) -> AffectedLine:
    title = wants(line.wants, line.service_goal, plan_of(line.service_goal, line.version))
    return AffectedLine(
        line.case,
        line.customer_name,
        title,
        line.status,
        STATUS.get(line.status, line.status),
        CASE_STATUS[line.case_status] if line.case_status != "active" else "",
    )


def _found(access: Access, view: CaseView, asked: str) -> list[Any]:
    """Open cases that may be affected, oldest first: those of the search, or else of the same kind; none that waits
    already.
    """
    rows = (
        search_cases(access, spoken_number(asked), MOST, running=True)
        if asked.strip()
        else cases_like(access, view.state.service_goal, MOST, running=True)
    )
    known = {view.state.id, *issue.affected(access, view.state.id)}
    return sorted((row for row in rows if row.id not in known), key=lambda row: row.id)


def _words(view: CaseView, letter: str, subject: str | None = None, text: str | None = None) -> dict[str, Any]:
    known = view.plan.letters.get(letter)
    return {
        "letter": letter if known is not None else "",
        "subject": subject if subject is not None else _source(known.subject) if known is not None else "",
        "text": text if text is not None else _source(known.text) if known is not None else "",
    }


def _source(words: Template) -> str:
    """A letter as its author wrote it."""
    return "".join(piece if isinstance(piece, str) else f"{{{{ {piece.text.strip()} }}}}" for piece in words.pieces)


# --- a round over many ------------------------------------------------------------------------------------------------


def _round(request: HttpRequest, access: Access, view: CaseView, begun: Round) -> HttpResponseBase:
    round_ = _read(request.POST["round"], begun.does) if "round" in request.POST else begun
    if round_ is None:
        return no_such(request, "page")
    try:
        _go_on(access, view, round_)
    except LookupError:
        return _sheet(request, access, view, {"fault": _("Choose the goal that they wait for.")}, 422)
    context = {"round": round_, "kept": msgspec.json.encode(round_).decode(), "case": view.state.id}
    if not round_.finished and "round" in request.POST and request.headers.get("HX-Request"):
        return render(request, "desk/part/round.html", context)
    if not round_.finished:
        return sheet_answer(request, access, view, "round", context | {"title": _("Major issue"), "says": ""})
    answer = _sheet(request, access, read_case(access, view.state.id) or view, context)
    # The last portion brings the whole sheet anew, and not its line of progress alone.
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = ".sheet-body", "innerHTML"
    return answer


def _go_on(access: Access, view: CaseView, round_: Round) -> None:
    """Reach the next cases for about a second."""
    case = view.state.id
    if round_.does == "join":
        cases = [row.id for row in _found(access, view, round_.asked)]
    else:
        cases = list(dict.fromkeys(issue.affected(access, case)))
    left = [one for one in cases if one > round_.last]
    round_.total = round_.total or len(left)
    until, first = monotonic() + PORTION, round_.done
    for part in _chunks(left):
        if round_.done > first and monotonic() > until:
            return
        if round_.does == "join":
            _count(round_, issue.join(access, case, round_.goal, part, round_.need, round_.key))
        else:
            _count(round_, issue.tell_all(access, case, round_.subject, round_.text, round_.key, part))
        round_.done, round_.last = round_.done + len(part), part[-1]
    round_.finished = True


def _chunks(cases: list[int]) -> Iterator[list[int]]:
    return (cases[start : start + CHUNK] for start in range(0, len(cases), CHUNK))


def _count(round_: Round, reached: Sequence[Reached]) -> None:
    refused = [(one.case, one.refused.message) for one in reached if one.refused is not None]
    round_.reached += len(reached) - len(refused)
    round_.refused += refused[: max(0, LISTED - len(round_.refused))]


def _read(text: str, does: str) -> Round | None:
    """A round as the page of before told it; None where somebody bent it."""
    if len(text) > LONGEST or find_fault(text) is not None:
        return None
    try:
        read = msgspec.json.decode(text, type=Round)
    except msgspec.DecodeError:
        return None
    return read if read.does == does else None


def _reachable(access: Access, cases: list[int]) -> list[int]:
    return [row.id for row in find_cases(access, cases)]


def _asked(form: QueryDict) -> str:
    return form.get("q", "")[:200].replace("\0", "")


def _need(form: QueryDict) -> Need:
    return "optional" if form.get("need") == "optional" else "required"


def _number(form: QueryDict, name: str) -> int:
    text = form.get(name, "")
    return int(text) if _is_number(text) else 0


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) < 19
