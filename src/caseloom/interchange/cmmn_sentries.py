"""Sentries of a CMMN file (CMMN 1.1 §5.4.6) to conditions in the words of a definition."""

from collections.abc import Iterator, Mapping

from lxml import etree

from caseloom.engine.spec.occurrences import BY, OF_FACT, OF_ITEM
from caseloom.engine.spec.service_goal import SentrySpec
from caseloom.interchange import cmmn_expressions as x
from caseloom.interchange.cmmn_names import DONE, OWN, TRANSITIONS
from caseloom.interchange.cmmn_source import Source, key_from, text_of

_VARIABLE_EVENTS = {"create": "create", "update": "update", "delete": "delete"}


class Sentries:
    """Reads sentries. `keys` leads from the id of a plan item to its key, `facts` from that of a case file item to its
    fact.
    """

    def __init__(self, source: Source, keys: Mapping[str, str], facts: Mapping[str, str]) -> None:
        self._source, self._keys, self._facts = source, keys, facts

    def criteria(self, item: etree._Element, kind: str) -> tuple[SentrySpec, ...]:
        """The criteria of a plan item; `kind` is `entry` or `exit`. CMMN 1.0 names their sentries in an attribute."""
        found = []
        for criterion in self._source.children(item, f"{kind}Criterion"):
            reference = criterion.get("sentryRef") or self._source.vendor(criterion, "sentryRef")
            sentry = self._source.refers(criterion, reference, "sentry")
            if sentry is not None:
                found.append(self._sentry(sentry, key_from(criterion.get("id"), criterion.get("name"))))
        for reference in (item.get(f"{kind}CriteriaRefs") or "").split():
            sentry = self._source.refers(item, reference, "sentry")
            if sentry is not None:
                found.append(self._sentry(sentry, key_from(reference)))
        return tuple(one for one in found if one is not None)

    def _sentry(self, sentry: etree._Element, name: str) -> SentrySpec | None:
        source = self._source
        after = tuple(self.on_parts(sentry, "OnPart"))
        if None in after:
            return None
        when = next((x.condition(source, part) for part in source.children(sentry, "ifPart")), None)
        if not after and when is None:
            source.find(sentry, "changed", "It has neither an on-part nor an if-part; it is satisfied at once.")
        return SentrySpec(after=tuple(one for one in after if one), when=when, name=name)

    def on_parts(self, holder: etree._Element, what: str) -> Iterator[str | None]:
        """The occurrences that on-parts (or start triggers) wait for; None for one that can never come."""
        source = self._source
        for part in source.children(holder, f"planItem{what}", f"caseFileItem{what}"):
            yield self._of_item(part) if source.name(part).startswith("planItem") else self._of_fact(part)
        for part in holder.iter(f"{{{OWN}}}onPart"):
            yield part.get("occurrence") or ""
        for part in source.extension(holder, "variableOnPart"):
            name = (part.get("variableName") or "").strip()
            event = next((text_of(child) for child in part.iterchildren("*")), "")
            if not name or event not in _VARIABLE_EVENTS:
                source.find(holder, "cannot run", f"It waits for {event or 'no event'!r} of the variable {name!r}.")
                yield None
                continue
            source.facts.setdefault(name, x.BOOLEAN)
            yield name + OF_FACT[_VARIABLE_EVENTS[event]]

    def _of_item(self, part: etree._Element) -> str | None:
        source = self._source
        reference, event = part.get("sourceRef"), text_of(source.child(part, "standardEvent"))
        if not reference and not event:
            source.find(part, "no effect", "It names no source and no event.")
            return ""
        item = source.refers(part, reference, "plan item")
        if item is None:
            return None
        key = self._keys.get(item.get("id") or "")
        if key is None:
            source.find(part, "cannot run", f"It waits for {reference!r}, which does not come about here.")
            return None
        criterion = part.get("exitCriterionRef") or part.get("sentryRef")
        if event in DONE:
            return key
        if event not in TRANSITIONS:
            source.find(part, "cannot run", f"{event!r} is no standard event that a plan item can have.")
            return None
        if event == "exit" and criterion:
            return f"{key}{BY}{key_from(criterion)}"
        return key + OF_ITEM[TRANSITIONS[event]]

    def _of_fact(self, part: etree._Element) -> str | None:
        source = self._source
        item = source.refers(part, part.get("sourceRef"), "case file item")
        fact = self._facts.get((item.get("id") if item is not None else None) or "")
        event = text_of(source.child(part, "standardEvent"))
        if fact is None or event not in OF_FACT:
            source.find(part, "cannot run", f"{event!r} is no standard event of a case file item of this case.")
            return None
        return fact + OF_FACT[event]
