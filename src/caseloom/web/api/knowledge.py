"""Knowledge of a case over the API. Whether it helped is a command (`POST /cases/{case}/rate-knowledge`)."""

from django.http import Http404, HttpRequest
from ninja import Router, Schema

from caseloom.cases.queries import read_case
from caseloom.learning.knowledge import Ranked
from caseloom.learning.queries import known_of
from caseloom.web.api import schema as s
from caseloom.web.api.route import access_of, route
from caseloom.web.desk.knowledge import PieceLine, found_lines, knowledge_view

router = Router(tags=["learning"])


class PieceOut(Schema):
    """An article or a letter. `article` names it in commands. Of `of` people who said so it helped `helped`; `used`
    times its words were sent; `chance` is how probably it helps in such a case (null where it was not ranked for it).
    """

    article: str
    kind: str
    title: str
    text: str
    helped: int
    of: int
    used: int
    chance: float | None


class KnowledgeOut(Schema):
    """The `script` of the present goal, and what may help, the best first. Not `near`: no article is about what the
    customer wrote.
    """

    goal: str
    script: str
    near: bool
    articles: list[PieceOut]


@route(router, "get", "/cases/{int:case}/knowledge", "read cases", response=KnowledgeOut)
def knowledge(request: HttpRequest, case: int, q: str = "") -> KnowledgeOut:
    """What may help in a case as it stands; with `q`, the articles and letters that have these words."""
    s.sound(q, "q")
    access = access_of(request)
    view = read_case(access, case)
    if view is None:
        raise Http404
    ranking = known_of(case).ranking
    shown = knowledge_view(view, ranking, (), access.actor.id)
    lines = found_lines(view, q, ranking) if q.strip() else shown.lines
    ranked = {one.article: one for one in ranking.articles} if ranking is not None else {}
    return KnowledgeOut(
        goal=shown.goal,
        script=shown.script,
        near=shown.near,
        articles=[_piece(line, ranked.get(line.article)) for line in lines],
    )


def _piece(line: PieceLine, ranked: Ranked | None) -> PieceOut:
    return PieceOut(
        article=line.article,
        kind=line.kind,
        title=line.title,
        text=line.text,
        helped=ranked.helped if ranked is not None else 0,
        of=ranked.of if ranked is not None else 0,
        used=ranked.used if ranked is not None else 0,
        chance=ranked.chance if ranked is not None else None,
    )
