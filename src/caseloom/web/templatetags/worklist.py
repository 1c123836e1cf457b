"""The lines of the worklist. A page has fifty, most of them the same as a moment ago: what was rendered is kept."""

from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from caseloom.web.desk.work import Line, Shown

register = template.Library()


@register.simple_tag(takes_context=True)
def work_line(context: dict[str, Any], line: Line) -> SafeString:
    """A line; `m` in the context is the case that is open beside the list."""
    matter = context.get("m")
    return _rendered(line, context["shown"], matter is not None and matter.id == line.case, get_language())


@lru_cache(maxsize=4096)
def _rendered(line: Line, shown: Shown, current: bool, language: str | None) -> SafeString:
    # The words of a line are in the person's language and zone already; the language counts for those of the template.
    return render_to_string("desk/part/line.html", {"line": line, "shown": shown, "current": current})
