"""How moments, clocks, waiting and ratings are said on every screen: in words, never by colour alone."""

from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any, Final, Literal

import msgspec
from django.utils import timezone
from django.utils.dates import MONTHS_3, WEEKDAYS_ABBR
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

Tone = Literal["good", "near", "late", "calm"]
SOON: Final = timedelta(hours=4)
_MINUTE: Final = timedelta(minutes=1)
CHANNELS: Final[dict[str, "str | Promise"]] = {
    "mail": gettext_lazy("mail"),
    "phone": gettext_lazy("phone"),
    "letter": gettext_lazy("letter"),
    "fax": gettext_lazy("fax"),
    "sms": gettext_lazy("SMS"),
    "chat": gettext_lazy("chat"),
    "web form": gettext_lazy("web form"),
    "counter": gettext_lazy("counter"),
    "social": gettext_lazy("social post"),
}
WAITS: Final[dict[str, "str | Promise"]] = {
    "us": gettext_lazy("waits for us"),
    "customer": gettext_lazy("waits for the customer"),
    "third": gettext_lazy("waits for a third party"),
}
FACES: Final[dict[int, "str | Promise"]] = {
    1: gettext_lazy("very bad"),
    2: gettext_lazy("bad"),
    3: gettext_lazy("so-so"),
    4: gettext_lazy("good"),
    5: gettext_lazy("very good"),
}


class ClockWords(msgspec.Struct, frozen=True):
    """A deadline for the eye: words, tone (with a shape of its own in the style), and the exact moment."""

    says: str
    tone: Tone
    exact: str = ""


def length(span: timedelta) -> str:
    """A length of time in its two largest units at most: `1 h 50`, `3 days`, `12 min`."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 60:
        return _("%(minutes)d min") % {"minutes": minutes}
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return (
            _("%(hours)d h %(minutes)02d") % {"hours": hours, "minutes": rest}
            if rest and hours < 10
            else _("%d h") % hours
        )
    days = hours // 24
    return ngettext("%d day", "%d days", days) % days


def ago(moment: datetime, now: datetime) -> str:
    """How long ago something was: `just now`, `5 min ago`, `3 days ago`, then the date."""
    span = now - moment
    if span < timedelta(minutes=1):
        return _("just now")
    return _("%s ago") % length(span) if span < timedelta(days=14) else date_format(timezone.localtime(moment), "j M Y")


def exact(moment: datetime) -> str:
    """The moment itself, for the hover and for screen readers."""
    return _exact(moment, timezone.get_current_timezone(), get_language())


@lru_cache(maxsize=8192)
def _exact(moment: datetime, zone: tzinfo, language: str | None) -> str:
    """Kept, since a list shows the same moments again and again; as `date_format` writes it, in a tenth of the time."""
    local = moment.astimezone(zone)
    day, month = WEEKDAYS_ABBR[local.weekday()], str(MONTHS_3[local.month]).title()
    return f"{day} {local.day} {month} {local.year}, {local:%H:%M}"


def clock_words(
    due: datetime | None, now: datetime, left: float | None = None, paused: bool = False
) -> ClockWords | None:
    """What a clock says now; None where there is none."""
    if due is None:
        if not paused and left is None:
            return None
        rest = _("paused, %s left") % length(timedelta(seconds=left)) if left is not None else _("paused")
        return ClockWords(rest, "calm")
    minutes = (due - now) // _MINUTE if due > now else -((now - due) // _MINUTE)
    return _clock(due, due > now, minutes, timezone.get_current_timezone(), get_language())


@lru_cache(maxsize=8192)
def _clock(due: datetime, ahead: bool, minutes: int, zone: tzinfo, language: str | None) -> ClockWords:
    """Kept for the minute in which it says the same: a list has fifty clocks, and comes again and again."""
    span = length(timedelta(minutes=abs(minutes)))
    if not ahead:
        return ClockWords(_("%s late") % span, "late", _exact(due, zone, language))
    tone: Tone = "near" if timedelta(minutes=minutes) < SOON else "good"
    return ClockWords(_("due in %s") % span, tone, _exact(due, zone, language))


def channel_words(channel: str) -> str:
    return str(CHANNELS.get(channel, channel))


def waits_words(waits_for: str) -> str:
    return str(WAITS.get(waits_for, waits_for))


def face_words(score: int | None) -> str:
    """`2 of 5, bad`; empty where nothing was said."""
    return "" if score is None else _("%(score)d of 5, %(word)s") % {"score": score, "word": FACES.get(score, "")}


def plain_value(value: Any) -> str:
    """A customer's fact, held as plain data, as words."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return ", ".join(plain_value(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {plain_value(one)}" for name, one in value.items())
    return "" if value is None else str(value)


def initials(name: str) -> str:
    """Two letters for a person."""
    words = name.split()
    return (words[0][:1] + words[-1][:1]).upper() if len(words) > 1 else name[:2].upper()
