"""The pages of the studio that are read: what is in force, and the rules of one definition."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from caseloom.sdk.access import Access
from caseloom.web.desk.people import actor_name, team_titles
from caseloom.web.rights import needs, no_such
from caseloom.web.studio.definitions import definitions, find_definition, published, published_at
from caseloom.web.studio.rules import LANGUAGES, rule_groups


@require_GET
@needs("read library")
def studio(request: HttpRequest, access: Access) -> HttpResponse:
    """The house and all service goals, with how many rules each has."""
    teams, since = team_titles(), published_at()
    listed = [
        (one, since[one.key, one.version], teams.get(one.plan.service_goal.team, "") if one.plan.service_goal else "")
        for one in definitions()
    ]
    return render(request, "studio/studio.html", {"listed": listed, "may": access.rights})


@require_GET
@needs("read library")
def definition(request: HttpRequest, access: Access, key: str) -> HttpResponse:
    """The rules of a definition as sentences, in the language that the address names."""
    news = request.GET.get("published", "")
    found = find_definition(key, int(news) if news.isdecimal() and len(news) < 10 else 0)
    if found is None:
        return no_such(request, "definition")
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
        "may": access.rights,
    }
    return render(request, "studio/definition.html", context)
