"""The pages of the studio that are read: all definitions, and the rules of one of them."""

from typing import Any, Final

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from caseloom.learning.proposals import new_proposals
from caseloom.library.definition import DefinitionKind
from caseloom.library.drafts import Listed, all_definitions, find_draft
from caseloom.sdk.access import Access
from caseloom.web.desk.people import actor_name, team_titles
from caseloom.web.rights import needs, no_such
from caseloom.web.studio.bench import head_context
from caseloom.web.studio.definitions import Definition, definitions, find_definition, published
from caseloom.web.studio.differently import found_words
from caseloom.web.studio.rules import LANGUAGES, rule_groups

KINDS: Final[dict[DefinitionKind, "str | Promise"]] = {
    "house rules": _("The house"),
    "service goal": _("Service goals"),
    "flow model": _("Flow models"),
    "decision model": _("Decision models"),
}
ICONS: Final[dict[DefinitionKind, str]] = {
    "house rules": "shield", "service goal": "flag", "flow model": "right", "decision model": "list",
}  # fmt: skip


class Line(msgspec.Struct, frozen=True):
    """A definition in the list. `rules` is None for what has none of its own."""

    listed: Listed
    title: str
    icon: str
    who: str
    rules: int | None
    team: str


@require_GET
@needs("read library")
def studio(request: HttpRequest, access: Access) -> HttpResponse:
    """All definitions by kind; `q` is sought in title and key."""
    wanted = request.GET.get("q", "").strip().casefold()[:100]
    teams = team_titles()
    in_force = {one.key: one for one in definitions()}
    lines = [_line(one, in_force.get(one.key) if one.offered else None, teams) for one in all_definitions()]
    found = [one for one in lines if wanted in f"{one.title} {one.listed.key}".casefold()]
    found.sort(key=lambda one: one.title.casefold())
    groups = [(kind, title, [one for one in found if one.listed.kind == kind]) for kind, title in KINDS.items()]
    groups = [group for group in groups if group[2]]
    titles = {one.listed.key: one.title for one in lines}
    new = [(key, titles.get(key, key), found_words(count)) for key, count in new_proposals(access).items()]
    context = {"groups": groups, "q": request.GET.get("q", ""), "may": access.rights, "proposed": new}
    return render(request, "studio/studio.html", context)


def _line(listed: Listed, force: Definition | None, teams: dict[str, str]) -> Line:
    goal = force.plan.service_goal if force is not None else None
    return Line(
        listed,
        force.body.title if force is not None else listed.title,
        ICONS[listed.kind],
        actor_name(listed.by),
        force.rules if force is not None else None,
        teams.get(goal.team, "") if goal is not None else "",
    )


@require_GET
@needs("read library")
def definition(request: HttpRequest, access: Access, key: str) -> HttpResponseBase:
    """The rules of a definition as sentences, in the language that the address names."""
    news = request.GET.get("published", "")
    found = find_definition(key, int(news) if news.isdecimal() and len(news) < 10 else 0)
    draft = find_draft(key)
    if draft is None:
        return no_such(request, "definition")
    if found is None:
        return redirect("studio:edit", key=key)
    language = request.GET.get("language", "en")
    language = language if language in LANGUAGES else "en"
    version = published(found)
    context: dict[str, Any] = {
        "definition": found,
        "groups": rule_groups(found, language),
        "language": language,
        "languages": LANGUAGES.items(),
        "published_at": version.at,
        "published_by": actor_name(version.by),
        "news": news == str(found.version),
    }
    return render(request, "studio/definition.html", head_context(access, draft, "rules") | context)
