"""Which attributes of a log are taken as facts that may tell the next step, where nobody names them.

It is decided from the first 2,000 events in time order alone, and what is only known afterwards has to stay out, as
it would make a figure look better than the advice will be. An attribute is taken where all of this holds:

1. It stands at the event, not at the case as a whole: nothing says since when the attributes of an XES trace were
known.
2. It is neither a date nor a number with a fraction, and its name does not speak of the end (end, finish, result,
outcome, status, …).
3. It has two values or more, is no id (fewer than half as many values as events), and is not the activity in other
words.
4. It changes within a case; or, where it never does, as when a case's attribute was written on every row, its name
is that of
   something known when a case is opened (product, channel, customer, service, priority, …).

All are harmless where they tell nothing: their weights are learned. `--attributes` names others, also those of the
case.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from caseloom.interchange.event_log import LoggedEvent, Value

LOOKED_AT: Final = 2000
_DATE: Final = re.compile(r"\d{4}[-/]\d\d[-/]\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{4}|\d\d:\d\d")
_KNOWN_LATE: Final = re.compile(
    r"end|finish|clos|complet|result|outcome|status|last|final|decision|respons|resolution|duration|elapsed|remaining|label"
    r"|satisf|rating|part$|split|fold|variant",
    re.IGNORECASE,
)
_KNOWN_EARLY: Final = re.compile(
    r"product|channel|customer|client|segment|service|priorit|serious|sever|impact|urgen|type|categ|department|country|region"
    r"|language|source|origin|section|work.?group|level|topic|queue",
    re.IGNORECASE,
)


def telling_attributes(events: Iterable[LoggedEvent], at_most: int) -> tuple[str, ...]:
    """The names, in the order in which the log has them; `events` are in time order."""
    looked = [event for _, event in zip(range(LOOKED_AT), events, strict=False)]
    names = dict.fromkeys(name for event in looked for name in event.attributes)
    found = [
        name for name in names if _telling(name, [event for event in looked if name in event.attributes], len(looked))
    ]
    return tuple(found[:at_most])


def _telling(name: str, events: Sequence[LoggedEvent], looked: int) -> bool:
    values = [event.attributes[name] for event in events]
    different = len(set(values))
    if not 2 <= different <= looked / 2 or sum(map(_measured, values)) > len(values) / 2:
        return False
    if _is_activity(name, events):
        return False
    late = _KNOWN_LATE.search(name) is not None
    if _constant(name, events):
        return not late and _KNOWN_EARLY.search(name) is not None
    return not late


def _measured(value: Value) -> bool:
    return not isinstance(value, str | int) or (isinstance(value, str) and _DATE.match(value) is not None)


def _constant(name: str, events: Sequence[LoggedEvent]) -> bool:
    of: dict[str, Value] = {}
    return all(of.setdefault(event.case, event.attributes[name]) == event.attributes[name] for event in events)


def _is_activity(name: str, events: Sequence[LoggedEvent]) -> bool:
    of: dict[str, Value] = {}
    return all(of.setdefault(event.activity, event.attributes[name]) == event.attributes[name] for event in events)


def service_class_of(names: Sequence[str]) -> str:
    """The attribute that looks like the class of service, by which the plain median is told apart; empty for none."""
    for wanted in ("service_class", "service class", "service_level", "service level", "priority", "impact", "urgency"):
        for name in names:
            if wanted in name.lower():
                return name
    return ""
