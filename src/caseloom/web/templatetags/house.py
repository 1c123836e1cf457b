"""Tags that every screen uses: icons, faces, moments, the theme."""

from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any, Final
from uuid import uuid4

from django import template
from django.http import HttpRequest
from django.template.base import Node, Parser, Token, Variable
from django.templatetags.i18n import TranslateNode, do_translate
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from caseloom.foundation.clock import now
from caseloom.web.words import ago, exact, face_words

register = template.Library()
_MINUTE: Final = timedelta(minutes=1)
THEMES: Final = ("light", "dark")
ICONS: Final = {
    "mail": "M2 4h12v8H2zM2 4.5l6 4.5 6-4.5",
    "phone": (
        "M4 2.5l2 .2.8 3-1.4 1.1a8 8 0 0 0 3.8 3.8l1.1-1.4 3 .8.2 2c0 .8-.6 1.5-1.4 1.5C6.6 13.5"
        " 2.5 9.4 2.5 3.9 2.5 3.1 3.2 2.5 4 2.5z"
    ),
    "letter": "M3.5 1.5h6l3 3v10h-9zM9.5 1.5v3h3M5.5 8h5M5.5 11h5",
    "chat": "M2 3h12v8H7l-3 3v-3H2z",
    "form": "M3 2h10v12H3zM5.5 5h5M5.5 8h5M5.5 11h3",
    "counter": "M2 7h12M3 7v7h10V7M5.5 4a2.5 2.5 0 0 1 5 0",
    "globe": "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM2 8h12M8 2c-4 4-4 8 0 12M8 2c4 4 4 8 0 12",
    "search": "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.5 10.5l3 3",
    "plus": "M8 3v10M3 8h10",
    "check": "M3 8.5l3.2 3.2L13 5",
    "flag": "M4 14V2.5h8L10.5 5.5 12 8.5H4",
    "note": "M3 2.5h10v7l-4 4H3zM13 9.5H9v4",
    "gear": (
        "M8 5.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM8 1.5v2M8 12.5v2M1.5 8h2M12.5 8h2M3.4 3.4l1.4"
        " 1.4M11.2 11.2l1.4 1.4M12.6 3.4l-1.4 1.4M4.8 11.2l-1.4 1.4"
    ),
    "person": "M8 2.5a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4zM2.8 14c.4-3 2.5-4.4 5.2-4.4s4.8 1.4 5.2 4.4",
    "people": (
        "M6 3.5a2.2 2.2 0 1 0 0 4.4 2.2 2.2 0 0 0 0-4.4zM1.5 13.5c.3-2.6 2-3.8 4.5-3.8s4.2 1.2 4.5"
        " 3.8M10.5 3.8a2.1 2.1 0 0 1 0 4M12 9.9c1.5.5 2.3 1.7 2.5 3.6"
    ),
    "chart": "M2.5 13.5h11M4.5 11V8M8 11V4M11.5 11V6.5",
    "clock": "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.8V8l2.3 1.5",
    "inbox": "M2 9l2-6h8l2 6v4H2zM2 9h3.5l1 1.8h3l1-1.8H14",
    "hourglass": "M4 2h8M4 14h8M5 2c0 4 6 4 6 6s-6 2-6 6M11 2c0 4-6 4-6 6s6 2 6 6",
    "list": "M2.5 4h11M2.5 8h11M2.5 12h11",
    "filter": "M2.5 4h11M4.5 8h7M6.5 12h3",
    "bell": "M4 11V7a4 4 0 0 1 8 0v4l1.2 1.5H2.8zM6.8 14.3h2.4",
    "shield": "M8 1.8l5 2v4c0 3.2-2.1 5.5-5 6.4-2.9-.9-5-3.2-5-6.4v-4z",
    "star": "M8 2l1.8 3.8 4.2.5-3.1 2.9.8 4.1L8 11.3l-3.7 2 .8-4.1L2 6.3l4.2-.5z",
    "send": "M2 8l12-5.5L9.5 14 7.5 9z",
    "clip": "M12.5 7.5l-5 5a3 3 0 0 1-4.3-4.3l5.6-5.6a2 2 0 0 1 2.9 2.9l-5.5 5.5a1 1 0 0 1-1.5-1.5l5-5",
    "undo": "M5.5 3L2.5 6l3 3M2.5 6H10a3.5 3.5 0 0 1 0 7H6.5",
    "left": "M10 3L5 8l5 5",
    "right": "M6 3l5 5-5 5",
    "down": "M3 6l5 5 5-5",
    "moon": "M13.5 9.5A6 6 0 1 1 6.5 2.5a5 5 0 0 0 7 7z",
    "keys": "M1.5 4h13v8h-13zM4 6.5h.01M7 6.5h.01M10 6.5h.01M12.5 6.5h.01M4.5 9.5h7",
    "lock": "M4 7h8v6.5H4zM5.5 7V5a2.5 2.5 0 0 1 5 0v2",
    "out": "M6 2.5H3v11h3M7 8h7M11.5 5.5L14 8l-2.5 2.5",
}
"""Sixteen by sixteen, drawn for this product with one line of 1.5."""
CHANNEL_ICONS: Final = {
    "mail": "mail", "phone": "phone", "letter": "letter", "fax": "letter", "sms": "chat", "chat": "chat",
    "web form": "form", "counter": "counter", "social": "globe",
}  # fmt: skip
MOUTHS: Final = {
    1: "M5 11.8c1.5-2.4 4.5-2.4 6 0",
    2: "M5.2 11.3c1.5-1.4 4.1-1.4 5.6 0",
    3: "M5.2 10.5h5.6",
    4: "M5.2 10c1.5 1.4 4.1 1.4 5.6 0",
    5: "M4.8 9.5c1.5 3 4.9 3 6.4 0z",
}


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str) -> SafeString:
    """A small line drawing; the words beside it say the same."""
    return format_html(
        '<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d="{}"/></svg>',
        ICONS.get(name, ICONS["list"]),
    )


@register.simple_tag
def channel_icon(channel: str) -> SafeString:
    """The icon of a channel."""
    return icon(CHANNEL_ICONS.get(channel, "chat"))


@register.simple_tag
def face(score: int | None) -> SafeString:
    """How the customer felt: a face, the number, and the word for those who do not see it."""
    if score is None:
        return SafeString("")
    return format_html(
        '<span class="face face-{0}" title="{1}"><svg class="icon" viewBox="0 0 16 16" aria-hidden="true">'
        '<circle cx="8" cy="8" r="6.5"/><path d="M5.8 6.3v.4M10.2 6.3v.4"/><path d="{2}"/></svg>'
        '<span aria-hidden="true">{0}/5</span><span class="unseen">{1}</span></span>',
        score,
        face_words(score),
        MOUTHS.get(score, MOUTHS[3]),
    )


@register.simple_tag
def since(moment: datetime | None) -> SafeString:
    """A moment, relative, with the exact one on hover."""
    if moment is None:
        return SafeString("")
    return _since(moment, (now() - moment) // _MINUTE, timezone.get_current_timezone(), get_language())


@lru_cache(maxsize=8192)
def _since(moment: datetime, minutes: int, zone: tzinfo, language: str | None) -> SafeString:
    """Kept for the minute in which it says the same, in a person's zone and language."""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        exact(moment),
        ago(moment, moment + minutes * _MINUTE),
    )


@register.simple_tag(takes_context=True)
def theme(context: dict[str, Any]) -> str:
    """The set of colours that the person chose, or empty for that of their machine."""
    request = context.get("request")
    chosen = request.COOKIES.get("theme", "") if isinstance(request, HttpRequest) else ""
    return chosen if chosen in THEMES else ""


@register.simple_tag
def fresh_id() -> str:
    """The id under which a form's command happens once, however often it is sent."""
    return str(uuid4())


class ConstantWords(Node):
    """Words of a template, looked up once for each language: a page has more than a hundred of them."""

    def __init__(self, words: TranslateNode) -> None:
        self.words = words
        self._said: dict[str | None, str] = {}

    def render(self, context: template.Context) -> str:
        language = get_language()
        said = self._said.get(language)
        if said is None:
            said = self._said[language] = self.words.render(context)
        return said


@register.tag
def translate(parser: Parser, token: Token) -> Node:
    """Django's tag, which this library replaces where it is loaded after `i18n`; words that stand in the template
    themselves are kept.
    """
    node = do_translate(parser, token)
    if node.asvar or node.noop or node.message_context:
        return node
    words = node.filter_expression
    constant = isinstance(words.var, Variable) and words.var.literal is not None and not words.filters
    return ConstantWords(node) if constant else node
