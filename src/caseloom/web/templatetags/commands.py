"""The forms of the desk that send a command. A case page has thirty, so a form is written by one tag in Python: its
address, the token, a fresh command id, and the place where a refusal is answered.
"""

from collections.abc import Iterable
from functools import lru_cache
from html import escape

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from caseloom.web.templatetags.house import fresh_id

register = template.Library()


@register.simple_block_tag(takes_context=True)
def command(
    context: template.Context,
    content: SafeString,
    name: str,
    case: int,
    form: str,
    style: str = "",
    once: bool = False,
    answered: bool = True,
) -> SafeString:
    """A form with the id `form` that sends the command `name` to a case; its fields and buttons stand inside.

    Args:
        style: classes of the form.
        once: whether its button is disabled while the command runs.
        answered: whether a refusal is shown at its end; else the page has the place `answer-FORM` elsewhere.
    """
    of_class = f' class="{escape(style)}"' if style else ""
    waits = ' hx-disabled-elt="find button"' if once else ""
    where, key = escape(command_address(case, name)), escape(form)
    # `content` is what the template rendered, and escaped, already.
    return SafeString(
        f'<form id="{key}"{of_class} method="post" action="{where}" hx-post="{where}" hx-target="#matter"{waits}>'
        f'<input type="hidden" name="csrfmiddlewaretoken" value="{escape(str(context["csrf_token"]))}">'
        f'<input type="hidden" name="form" value="{key}">'
        f'<input type="hidden" name="command_id" value="{fresh_id()}">'
        f"{content}{answer(context, form) if answered else ''}</form>"
    )


@register.simple_tag(takes_context=True)
def answer(context: template.Context, form: str) -> SafeString:
    """The place where a form's refusal is told; without htmx the refusal stands in it already."""
    told, typed = "", context.get("typed")
    if context.get("refused") and typed and typed.get("form") == form:
        told = render_to_string(
            "desk/part/refused.html", {str(name): value for name, value in context.flatten().items()}
        )
    return SafeString(f'<div id="answer-{escape(form)}" class="answer" role="alert">{told}</div>')


@register.simple_tag
def choices(pairs: Iterable[tuple[str, str]], chosen: str = "") -> SafeString:
    """The options of a select, from (key, title): a house has hundreds of colleagues, and every task lists them."""
    return SafeString(
        "".join(
            f'<option value="{escape(key)}"{" selected" if key == chosen else ""}>{escape(title)}</option>'
            for key, title in pairs
        )
    )


@register.simple_tag
def sheet_link(case: int, what: str, number: int, title: str, key: str = "", mark: int = 0) -> SafeString:
    """The `…` that opens what can be planned for one thing; `mark` tells apart links to the same sheet."""
    return _dots(
        f"{_sheets_of(case)}{what}/{number}/", f"sheet-{what}-{number}{f'-{mark}' if mark else ''}", title, key
    )


@register.simple_tag
def step_link(case: int, flow: int, node: int, title: str, key: str = "") -> SafeString:
    """As `sheet_link`, for a step of a flow."""
    address = f"{_sheets_of(case).removesuffix('sheet/')}steps/{flow}/{node}/"
    return _dots(address, f"sheet-step-{flow}-{node}", title, key)


def _dots(address: str, mark: str, title: str, key: str) -> SafeString:
    says = gettext("Change or cancel: %s") % title
    keyed = f' data-key="{escape(key)}" data-does="{escape(says)}"' if key else ""
    hover = f"{says} ({key})" if key else says
    return SafeString(
        f'<a class="dots" id="{mark}" href="{address}" hx-get="{address}" hx-target="#sheet-body"{keyed}'
        f' title="{escape(hover)}"><span aria-hidden="true">…</span><span class="unseen">{escape(says)}</span></a>'
    )


@lru_cache(maxsize=256)
def _sheets_of(case: int) -> str:
    return reverse("desk:sheet", args=(case, "case", 0)).removesuffix("case/0/")


@register.simple_tag
def command_address(case: int, name: str) -> str:
    """Where a command of a case is sent to."""
    return f"{_commands_of(case)}{name}/"


@lru_cache(maxsize=256)
def _commands_of(case: int) -> str:
    """Kept, since all forms of a page share it and a route is slow to look up."""
    return reverse("desk:do", args=(case, "x")).removesuffix("x/")
