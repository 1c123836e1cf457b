"""Knowledge at the desk: what the definition tells for the present goal, what helped in like cases, and a search."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from caseloom.cases.projections import next_goal
from caseloom.cases.queries import CaseView, read_case
from caseloom.engine.case.knowledge_events import KnowledgeRated
from caseloom.learning.knowledge import Ranked, Ranking
from caseloom.learning.knowledge_shelf import Found, Piece, article_of, search, searched, shelf_of
from caseloom.learning.queries import known_of
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Recorded
from caseloom.web.desk.work import frame
from caseloom.web.rights import needs, no_such

SHOWN: Final = 4
LONGEST: Final = 200


class PieceLine(msgspec.Struct, frozen=True):
    """An article or a letter as it stands in the list. `mine` is what this person said of it in this case: `helped`,
    `not`, or nothing yet.
    """

    form: str
    article: str
    kind: str
    key: str
    title: str
    text: str
    home: str
    says: str
    mine: str


class KnowledgeView(msgspec.Struct, frozen=True):
    """Script and knowledge for the present goal. Not `near`: nothing is about what the customer wrote."""

    goal: str
    script: str
    lines: list[PieceLine]
    near: bool


def knowledge_view(view: CaseView, ranking: Ranking | None, history: Sequence[Recorded], actor: str) -> KnowledgeView:
    """What may help now. Before anything was learned it is what the definition names for the goal."""
    goal = next_goal(view.state)
    known = view.plan.goals.get(goal.key) if goal is not None else None
    pieces = shelf_of(view.plan)
    ranked = {one.article: one for one in ranking.articles} if ranking is not None else {}
    named = [article_of(view.plan, key) for key in known.spec.knowledge] if known is not None else []
    names = dict.fromkeys([*list(ranked)[:SHOWN], *named])
    if not names.keys() <= pieces.keys():
        pieces |= {piece.article: piece for piece in _searched(view).pieces}
    return KnowledgeView(
        goal=known.spec.title if known is not None else "",
        script=known.spec.script if known is not None else "",
        lines=list(_lines([pieces[name] for name in names if name in pieces], "know", ranked, view, history, actor)),
        near=ranking is None or ranking.near,
    )


def found_lines(view: CaseView, asked: str, ranking: Ranking | None) -> list[PieceLine]:
    """What has these words, wherever in the house it was written."""
    ranked = {one.article: one for one in ranking.articles} if ranking is not None else {}
    chances = {one.article: one.chance for one in ranked.values()}
    return list(_lines(search(_searched(view), asked, chances), "found", ranked, view, (), ""))


def _searched(view: CaseView) -> Found:
    state = view.state
    return searched(view.plan, state.service_goal, state.version, state.house_version)


def _lines(
    pieces: Iterable[Piece],
    form: str,
    ranked: Mapping[str, Ranked],
    view: CaseView,
    history: Sequence[Recorded],
    actor: str,
) -> Iterator[PieceLine]:
    mine = {
        one.event.article: "helped" if one.event.helped else "not"
        for one in history
        if isinstance(one.event, KnowledgeRated) and one.actor == actor
    }
    for number, piece in enumerate(pieces, 1):
        count = ranked.get(piece.article)
        own = piece.home in ("house", view.state.service_goal)
        yield PieceLine(
            form=f"{form}-{number}",
            article=piece.article,
            kind=piece.kind,
            key=piece.key,
            title=piece.title,
            text=piece.text,
            home="" if own else piece.home_title,
            says=_helped(count) if count is not None else "",
            mine=mine.get(piece.article, ""),
        )


def _helped(count: Ranked) -> str:
    """What was said of it, in words; nothing where nobody said anything."""
    parts = []
    if count.of:
        said = ngettext("helped %(helped)s of %(of)s time", "helped %(helped)s of %(of)s times", count.of)
        parts.append(said % {"helped": count.helped, "of": count.of})
    if count.used:
        parts.append(ngettext("sent %s time", "sent %s times", count.used) % count.used)
    return ", ".join(parts)


@require_GET
@needs("read cases")
def find(request: HttpRequest, access: Access, case: int) -> HttpResponse:
    """What has the words of `q`: to htmx the list alone, to a browser a page."""
    view = read_case(access, case)
    if view is None:
        return no_such(request, "case")
    asked = request.GET.get("q", "")[:LONGEST].replace("\0", "").strip()
    context: dict[str, Any] = {
        "asked": asked,
        "lines": found_lines(view, asked, known_of(case).ranking) if asked else [],
        "case": case,
        "rates": access.may("work cases") and view.state.status in ("active", "suspended"),
        "title": view.state.title or _("this case"),
    }
    if request.headers.get("HX-Request"):
        return render(request, "desk/part/found.html", context)
    # A page of its own has no case beside it that a word or a message would go to.
    return render(request, "desk/knowledge.html", frame(request, access) | context | {"rates": False})
