"""The rail and the lines of the worklist. A page has fifty, most of them the same as a moment ago: what was rendered
is kept.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from caseloom.web.desk.work import Line, RailView, Shown

register = template.Library()


@register.simple_tag
def rail_links(rail: tuple[RailView, ...], shown: Shown, listed: bool) -> SafeString:
    """The views with their counts; `listed` is whether the page shows the list of one of them."""
    return _rail(rail, shown, listed, get_language())


@lru_cache(maxsize=512)
def _rail(rail: tuple[RailView, ...], shown: Shown, listed: bool, language: str | None) -> SafeString:
    return render_to_string("desk/part/rail.html", {"rail": rail, "shown": shown, "listed": listed})


@register.simple_tag(takes_context=True)
def work_lines(context: dict[str, Any], lines: Iterable[Line]) -> SafeString:
    """The lines; `m` in the context is the case that is open beside the list."""
    matter, shown, language = context.get("m"), context["shown"], get_language()
    current = matter.id if matter is not None else 0
    return SafeString("".join(_rendered(line, shown, line.case == current, language) for line in lines))


@lru_cache(maxsize=4096)
def _rendered(line: Line, shown: Shown, current: bool, language: str | None) -> SafeString:
    # The words of a line are in the person's language and zone already; the language counts for those of the template.
    return render_to_string("desk/part/line.html", {"line": line, "shown": shown, "current": current})
