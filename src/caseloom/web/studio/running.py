"""The running cases of a service goal: which version they follow, and how they come to another one, and back.

A run over many cases comes in portions: the page asks for the next one until all are done. What came of it so far
travels with the page, so that any process may answer; a case that has gone over is not touched twice.
"""

from collections.abc import Iterator, Sequence
from time import monotonic
from typing import Any, Final, Literal, get_args

import msgspec
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from caseloom.cases import migration
from caseloom.cases.kind import CASES
from caseloom.cases.migration import Mapping, Standing, Verdict
from caseloom.cases.migration_plan import Kind, Unplaced, unplaced
from caseloom.cases.queries import find_cases
from caseloom.customers.queries import names
from caseloom.engine.rules.fault import DefinitionFaulty
from caseloom.engine.rules.plan import Plan
from caseloom.foundation.text import find_fault
from caseloom.library.drafts import Draft, find_draft
from caseloom.library.models import VersionRow
from caseloom.library.plans import the_plans
from caseloom.sdk.access import Access, program
from caseloom.streams.door import the_door
from caseloom.streams.replay import read_state
from caseloom.web.rights import needs, no_such
from caseloom.web.studio.bench import head_context

Does = Literal["try", "go", "back"]
PORTION: Final = 1.0
"""Seconds for which a request looks at cases."""
CHUNK: Final = 50
SHOWN: Final = 20
"""So many cases of each kind of outcome are listed; the rest are counted."""
MOST_GROUPS: Final = 60
LONGEST: Final = 400_000
ENDS: Final = "-"
"""Mapped to nothing: what is open of it ends."""
KINDS: Final[dict[Kind, "str | Promise"]] = {
    "goal": _("goal"),
    "way": _("way"),
    "task": _("task"),
    "stage": _("stage"),
    "milestone": _("milestone"),
    "listener": _("event"),
    "step": _("step of a process"),
}


class Group(msgspec.Struct, forbid_unknown_fields=True):
    """The cases with the same outcome, in the words of the verdict."""

    says: str
    refused: bool
    count: int
    cases: list[int]


class Run(msgspec.Struct, forbid_unknown_fields=True):
    """How far a run has come: over all cases that follow `before` (0: any other version) to `version`, those up to
    number `last` are done.
    """

    does: Does
    version: int
    before: int = 0
    plan: Mapping = Mapping()
    last: int = 0
    done: int = 0
    total: int = 0
    over: int = 0
    refused: int = 0
    groups: list[Group] = []
    finished: bool = False


class Row(msgspec.Struct, frozen=True):
    """What has no place in the new version, with the input that maps it."""

    unplaced: Unplaced
    kind: "str | Promise"
    name: str
    chosen: str


class Outcome(msgspec.Struct, frozen=True):
    """A kind of outcome as it is shown: the cases that are listed, and how many are not."""

    group: Group
    cases: list[tuple[int, str]]
    more: int


@require_GET
@needs("publish library")
def running(request: HttpRequest, access: Access, key: str) -> HttpResponseBase:
    """Where the running cases stand, and what they need to go over to the version `to` (from `from`, 0 for any)."""
    draft = find_draft(key)
    if draft is None or draft.kind != "service goal":
        return no_such(request, "definition")
    return render(request, "studio/running.html", _page(access, draft, request.GET))


@require_POST
@needs("publish library")
def run(request: HttpRequest, access: Access, key: str) -> HttpResponseBase:
    """A portion of a run (`try`, `go`, `back`): the first as the page's form asks for it, the next as the run says."""
    draft = find_draft(key)
    if draft is None or draft.kind != "service goal":
        return no_such(request, "definition")
    before = _read(request.POST.get("run", "")) if "run" in request.POST else _begun(access, draft, request.POST)
    if before is None:
        return no_such(request, "page")
    first = not before.last
    after = _go_on(access, key, before)
    context = {
        "draft": draft,
        "run": after,
        "kept": msgspec.json.encode(after).decode(),
        "goes": msgspec.json.encode(Run("go", after.version, after.before, after.plan)).decode(),
        "first": first,
        "outcomes": list(_outcomes(access, after)),
        "part": True,
        **_standing(access, draft),
    }
    if not request.headers.get("HX-Request"):
        whole = _page(access, draft, request.POST) | context | {"part": False}
        return render(request, "studio/running.html", whole)
    return render(request, "studio/part/migration.html", context)


# --- the page ---------------------------------------------------------------------------------------------------------


def _page(access: Access, draft: Draft, asked: QueryDict) -> dict[str, Any]:
    where = _standing(access, draft)
    version = _number(asked, "to")
    version = version if version in where["versions"] else draft.version
    others = [one for one in where["standing"] if one.version != version]
    before = _number(asked, "from")
    before = before if any(one.version == before for one in others) else 0
    moved = [one for one in others if before in (0, one.version)]
    return head_context(access, draft, "running") | {
        **where,
        "to": version,
        "from": before,
        "others": others,
        "moved": sum(one.cases for one in moved),
        "rows": _rows(draft.key, moved, version, asked),
        "ends": ENDS,
    }


def _standing(access: Access, draft: Draft) -> dict[str, Any]:
    standing = migration.standing(access, draft.key)
    most = max((one.cases for one in standing), default=1)
    rows = VersionRow.objects.filter(definition=draft.id).order_by("-version")
    return {
        "versions": list(rows.values_list("version", flat=True)),
        "standing": standing,
        "bars": [(one, max(1, round(100 * one.cases / most))) for one in standing],
    }


def _rows(key: str, moved: Sequence[Standing], version: int, asked: QueryDict) -> list[Row]:
    """What any of the versions that are left has, and the new one has not."""
    found: dict[tuple[str, str], Unplaced] = {}
    for one in moved:
        before, after = _plan_of(key, one, one.version), _plan_of(key, one, version)
        for part in unplaced(before, after) if before is not None and after is not None else ():
            found.setdefault((part.part, part.key), part)
    return [_row(part, asked) for part in found.values()]


def _row(part: Unplaced, asked: QueryDict) -> Row:
    name = f"{part.part}.{part.key}"
    chosen = asked.get(name, f"={part.near}" if part.near else "")
    return Row(part, KINDS[part.kind], name, chosen)


def _plan_of(key: str, one: Standing, version: int) -> Plan | None:
    """A version under the house rules that cases of before follow."""
    stored = read_state(the_door(), CASES, one.first)
    try:
        return the_plans(key, version, stored[0].house_version) if stored is not None else None
    except (KeyError, DefinitionFaulty):
        return None


# --- a run ------------------------------------------------------------------------------------------------------------


def _begun(access: Access, draft: Draft, form: QueryDict) -> Run | None:
    """A run as the form asks for it; None for what is none."""
    version = _number(form, "to")
    does: Does | None = next((one for one in get_args(Does) if one == form.get("does")), None)
    known = VersionRow.objects.filter(definition=draft.id, version=version).exists()
    if does is None or not known:
        return None
    return Run(does, version, _number(form, "from"), _mapping(form))


def _mapping(form: QueryDict) -> Mapping:
    """The plan that the form's rows make: `=KEY` is mapped to that key, `-` to nothing, the rest not at all."""
    parts: dict[str, dict[str, str]] = {"goals": {}, "items": {}, "elements": {}}
    for name in form:
        part, _dot, key = name.partition(".")
        value = form.get(name, "")
        fit = key and find_fault(f"{key}{value}") is None and len(value) < 500
        if part in parts and fit and (value == ENDS or value.startswith("=")):
            parts[part][key] = value[1:]
    return Mapping(**parts)


def _read(text: str) -> Run | None:
    """A run as the page of before told it; None where somebody bent it."""
    if len(text) > LONGEST or find_fault(text) is not None:
        return None
    try:
        return msgspec.json.decode(text, type=Run)
    except msgspec.DecodeError:
        return None


def _go_on(access: Access, key: str, run: Run) -> Run:
    """Do the next cases for about a second."""
    back = run.does == "back"
    version, before = (0, run.version) if back else (run.version, run.before)
    cases = migration.running_cases(key, version, before, run.last, access.hidden)
    if not run.last:
        run.total = len(cases)
    until = monotonic() + PORTION
    for start in range(0, len(cases), CHUNK):
        if start and monotonic() > until:
            break
        part = cases[start : start + CHUNK]
        for verdict in _verdicts(access, run, part):
            _count(run, verdict)
        run.done, run.last = run.done + len(part), part[-1]
    run.total = max(run.total, run.done)
    run.finished = not cases or run.last == cases[-1]
    return run


def _verdicts(access: Access, run: Run, cases: list[int]) -> Iterator[Verdict]:
    # No person says that a case follows another version: Caseloom does, for the one who has the right to publish it.
    acts = program(f"migration for {access.actor.id}")
    if run.does == "back":
        return migration.revert(acts, migration.came_over(cases))
    act = migration.migrate if run.does == "go" else migration.try_migration
    return act(acts, cases, run.version, run.plan)


def _count(run: Run, verdict: Verdict) -> None:
    refused = verdict.refused is not None
    says = verdict.refused.message if verdict.refused is not None else verdict.says
    run.over, run.refused = run.over + (not refused), run.refused + refused
    group = next((one for one in run.groups if one.says == says and one.refused == refused), None)
    if group is None and len(run.groups) >= MOST_GROUPS:
        group = next((one for one in run.groups if one.refused == refused), None)
    if group is None:
        group = Group(says, refused, 0, [])
        run.groups.append(group)
    group.count += 1
    if len(group.cases) < SHOWN:
        group.cases.append(verdict.case)


def _outcomes(access: Access, run: Run) -> Iterator[Outcome]:
    """What is in the way first, then the rest, the most cases first."""
    rows = find_cases(access, [case for group in run.groups for case in group.cases])
    known = names(access, {row.customer for row in rows})
    listed = {
        row.id: f"{known.get(row.customer, '') or row.customer} · {row.title}".removesuffix(" · ") for row in rows
    }
    for group in sorted(run.groups, key=lambda one: (not one.refused, -one.count)):
        cases = [(case, listed[case]) for case in group.cases if case in listed]
        yield Outcome(group, cases, group.count - len(cases))


def _number(form: QueryDict, name: str) -> int:
    text = form.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0
