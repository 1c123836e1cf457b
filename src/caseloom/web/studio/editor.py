"""The editor of one rule: completed as one types, tried on past cases, published."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from caseloom.engine.case.refusal import Refused
from caseloom.engine.rules.fault import DefinitionFaulty
from caseloom.engine.spec.service_goal import RuleSpec
from caseloom.interchange.rule_text import HandWritten, NoSuchRule, with_rule
from caseloom.interchange.yaml_patch import drop
from caseloom.interchange.yaml_text import Text, TextFaulty
from caseloom.library.drafts import find_draft, save_draft
from caseloom.library.publishing import publish as publish_text
from caseloom.sdk.access import Access
from caseloom.web.forms import FormFaulty, check_text
from caseloom.web.rights import needs, no_such
from caseloom.web.studio.definitions import Definition, find_definition, published
from caseloom.web.studio.sentence import LONGEST, Written, look_at, next_words
from caseloom.web.studio.trying import SHOWN, SIZES, Attempt, Progress, go_on


class Draft(msgspec.Struct, frozen=True):
    """What stands in the editor. `was` is the sentence that is changed, empty for a new one."""

    sentence: str = ""
    way_on: str = ""
    was: str = ""


class Unfit(Exception):
    """A draft that cannot be tried or published; `says` tells a person why, a line for each fault."""

    def __init__(self, *says: str) -> None:
        super().__init__("\n".join(says))
        self.says = says


@require_GET
@needs("write library")
def write(request: HttpRequest, access: Access, key: str) -> HttpResponse:
    """The editor: empty, or with the rule that `rule` names by its sentence."""
    found = find_definition(key)
    if found is None:
        return no_such(request, "definition")
    was = request.GET.get("rule", "")
    spec = found.rule(was) if was else None
    if was and spec is None:
        return no_such(request, "rule")
    draft = Draft(spec.rule, spec.way_on, spec.rule) if spec is not None else Draft()
    return _editor(request, access, found, draft)


@require_GET
@needs("write library")
def complete(request: HttpRequest, access: Access, key: str) -> HttpResponse:
    """What may come behind `before`, and what is to be said of the whole `text`."""
    found = find_definition(key)
    if found is None:
        return no_such(request, "definition")
    vocabulary, before, text = found.vocabulary(), request.GET.get("before", ""), request.GET.get("text", "")
    written = look_at(text, vocabulary) if text.strip() else None
    context = {"completions": next_words(before, vocabulary), "written": written}
    return render(request, "studio/part/help.html", context)


@require_POST
@needs("write library")
def try_it(request: HttpRequest, access: Access, key: str) -> HttpResponse:
    """A portion of past cases, with what the sentence would have done in them."""
    found = find_definition(key)
    if found is None:
        return no_such(request, "definition")
    draft = _draft(request.POST)
    before = progress_of(request.POST)
    try:
        written = _sound(found, draft)
        named = (found.key, str(found.version), *msgspec.structs.astuple(draft))
        candidate = Attempt(definition=_changed(found, draft), named=named)
        after, cases = go_on(access, candidate, written.sentences, before)
    except DefinitionFaulty as fault:
        return _unfit(request, access, found, draft, tuple(one.message for one in fault.faults))
    except Unfit as unfit:
        return _unfit(request, access, found, draft, unfit.says)
    context = {
        "definition": found,
        "draft": draft,
        "progress": after,
        "try_url": reverse("studio:try", args=(found.key,)),
        "tried_fields": list(msgspec.structs.asdict(draft).items()),
        "fields": msgspec.structs.asdict(after),
        "bars": bars_of(after),
        "cases": cases,
        "first": before.done == 0,
        "listed": SHOWN,
    }
    if request.headers.get("HX-Request"):
        return render(request, "studio/part/trial.html", context)
    return _editor(request, access, found, draft, context | {"first": True, "tried": True})


@require_POST
@needs("publish library")
def publish(request: HttpRequest, access: Access, key: str) -> HttpResponseBase:
    """Write the sentence into the definition's text, and publish that as the next version."""
    found = find_definition(key)
    if found is None:
        return no_such(request, "definition")
    draft = _draft(request.POST)
    try:
        _sound(found, draft)
        text = _text(found, draft)
    except Unfit as unfit:
        return _unfit(request, access, found, draft, unfit.says)
    return _published(request, access, found, draft, text, lambda other: _put(other, draft))


@require_POST
@needs("publish library")
def take_away(request: HttpRequest, access: Access, key: str) -> HttpResponseBase:
    """Take the rule `was` out of the definition's text, and publish that as the next version."""
    found = find_definition(key)
    if found is None:
        return no_such(request, "definition")
    draft = _draft(request.POST)
    try:
        text = _without(published(found).text, draft.was)
    except NoSuchRule:
        return _unfit(request, access, found, draft, (_gone(),))
    except HandWritten as fault:
        return _unfit(request, access, found, draft, (str(fault),))
    return _published(request, access, found, draft, text, lambda other: _without(other, draft.was))


def _without(text: str, sentence: str) -> str:
    """The text without the rule of this sentence. Raises `NoSuchRule`, `HandWritten`."""
    for number, rule in enumerate(Text(text).value.get("rules") or ()):
        if sentence and (rule.get("rule") if isinstance(rule, dict) else rule) == sentence:
            return drop(text, ("rules", number))
    raise NoSuchRule(sentence)


def _put(text: str, draft: Draft) -> str:
    return with_rule(text, draft.sentence, draft.way_on, draft.was)


def _published(
    request: HttpRequest, access: Access, found: Definition, draft: Draft, text: str, again: Callable[[str], str]
) -> HttpResponseBase:
    """Publish the text. A draft that somebody works on beside it stays, with the same change made in it (`again`)."""
    beside = find_draft(found.key)
    answer = publish_text(access, text)
    if isinstance(answer, Refused):
        return _unfit(request, access, found, draft, tuple(answer.message.splitlines()))
    if beside is not None and beside.changed:
        with suppress(NoSuchRule, HandWritten, TextFaulty):
            beside = msgspec.structs.replace(beside, text=again(beside.text))
        now = find_draft(found.key)
        if now is not None:
            save_draft(access, now, beside.text, now.seen)
    version = find_definition(found.key)
    return redirect(f"{reverse('studio:definition', args=(found.key,))}?published={version.version if version else 0}")


# --- the draft --------------------------------------------------------------------------------------------------------


def _draft(form: QueryDict) -> Draft:
    return Draft(" ".join(form.get("sentence", "").split()), form.get("way_on", "").strip(), form.get("was", ""))


def _sound(found: Definition, draft: Draft) -> Written:
    """The sentence, read. Raises `Unfit`."""
    if not draft.sentence:
        raise Unfit(_("Write a sentence first: the list below the field shows how one may begin."))
    try:
        check_text("sentence", [draft.sentence, draft.way_on])
    except FormFaulty as fault:
        raise Unfit(fault.says) from fault
    if len(draft.sentence) > LONGEST:
        raise Unfit(_("This is longer than %(most)s characters; make two sentences of it.") % {"most": LONGEST})
    written = look_at(draft.sentence, found.vocabulary(), draft.way_on)
    if written.fault is not None:
        raise Unfit(written.fault.message)
    same = found.rule(written.text)
    if same is not None and (written.text != draft.was or same.way_on == draft.way_on):
        raise Unfit(_("This rule is in force already, word for word. Change it, or write another."))
    return written


def _changed(found: Definition, draft: Draft) -> Any:
    """The definition with the rule in it."""
    body = found.body
    rules = [RuleSpec(rule=rule) if isinstance(rule, str) else rule for rule in body.rules]
    new = RuleSpec(rule=draft.sentence, way_on=draft.way_on)
    if draft.was and found.rule(draft.was) is None:
        raise Unfit(_gone())
    kept = tuple(new if rule.rule == draft.was else rule for rule in rules)
    return msgspec.structs.replace(body, rules=kept if draft.was else (*kept, new))


def _text(found: Definition, draft: Draft) -> str:
    try:
        return with_rule(published(found).text, draft.sentence, draft.way_on, draft.was)
    except NoSuchRule as fault:
        raise Unfit(_gone()) from fault
    except HandWritten as fault:
        raise Unfit(str(fault)) from fault


def _gone() -> str:
    return _(
        "Somebody has changed or taken away the rule that you are changing. What you typed still stands here; look at "
        "the rules in force, then add yours as a new one if it is still wanted."
    )


def progress_of(form: QueryDict) -> Progress:
    """How far the page says the trial has come; from the start where it says nothing sound."""
    numbers = {
        name: form.get(name, "")
        for name in Progress.__struct_fields__
        if name not in ("most", "finished") and form.get(name, "").isdecimal() and len(form.get(name, "")) < 19
    }
    most = form.get("most", "")
    return Progress(most if most in SIZES else "100", **{name: int(number) for name, number in numbers.items()})  # type: ignore[arg-type]


def bars_of(progress: Progress) -> list[tuple[str, int, int]]:
    """(outcome, cases, hundredths of all cases that were looked at)."""
    return [
        (name, count, max(1, round(100 * count / progress.done)) if count else 0)
        for name in ("refused", "held", "fired", "broken")
        for count in (getattr(progress, name),)
    ]


# --- the answers ------------------------------------------------------------------------------------------------------


def _unfit(
    request: HttpRequest, access: Access, found: Definition, draft: Draft, says: tuple[str, ...]
) -> HttpResponse:
    """What is wrong with it; what was typed is kept."""
    if request.headers.get("HX-Request"):
        return render(request, "studio/part/unfit.html", {"says": says}, status=422)
    return _editor(request, access, found, draft, {"says": says}, status=422)


def _editor(
    request: HttpRequest,
    access: Access,
    found: Definition,
    draft: Draft,
    more: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    written = look_at(draft.sentence, found.vocabulary()) if draft.sentence else None
    context: dict[str, Any] = {
        "definition": found,
        "draft": draft,
        "written": written,
        "sizes": tuple(SIZES),
        "may": access.rights,
    }
    return render(request, "studio/editor.html", context | (more or {}), status=status)
