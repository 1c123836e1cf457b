"""Published decision models over the API: what there is, and what a decision comes to."""

import difflib
from collections.abc import Iterable
from typing import Any, Final

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Router

from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.decision.plain import PlainFault, inputs_of, to_plain
from caseloom.engine.decision.published import PublishedModel, decisions_of, evaluate
from caseloom.engine.decision.published import inputs_of as inputs_of_decision
from caseloom.engine.feel import NOW, Fault, Note
from caseloom.foundation.clock import now
from caseloom.library.decisions import latest_models, the_models
from caseloom.web.api import schema as s
from caseloom.web.api.problem import Problem
from caseloom.web.api.route import route

router = Router(tags=["decisions"])
_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


@route(router, "get", "", "read library", response=list[s.DecisionModelOut])
def list_decisions(request: HttpRequest) -> list[s.DecisionModelOut]:
    """The decision models in force, each with its decisions and what they are to be given."""
    return [_shown(key, the_models(key, version)) for key, version in sorted(latest_models().items())]


def _shown(key: str, published: PublishedModel) -> s.DecisionModelOut:
    model = published.model
    found = []
    for name in decisions_of(model):
        inputs = [
            s.DecisionInputOut(name=one.name, type=(one.node.variable.type or "") if one.node.variable else "")
            for one in inputs_of_decision(model, name)
        ]
        found.append(s.DecisionOut(name=name, inputs=inputs))
    return s.DecisionModelOut(key=key, version=published.version, decisions=found)


@route(router, "post", "/{key}/evaluate", "read library", response=s.EvaluatedOut)
def evaluate_decision(request: HttpRequest, key: str, body: s.EvaluateIn) -> HttpResponse:
    """Make a decision. Nothing is kept. A result of null comes with notes that say where and why."""
    s.sound({"key": key, **body.dict()}, "")
    published = _published(key, body.version)
    names = decisions_of(published.model)
    if body.decision not in names:
        raise _unknown("decision", body.decision, names)
    notes: list[Note] = []
    given = {NOW: now(), **_inputs(published, body)}
    result = evaluate(published.model, body.decision, given, notes)
    if isinstance(result, Fault):
        raise Problem(Refused("invalid", f"“{body.decision}” could not be decided: {result}"))
    told = {
        "key": key,
        "version": published.version,
        "decision": body.decision,
        "result": to_plain(result),
        "notes": [{"where": n.where, "line": n.line, "column": n.column, "message": n.message} for n in notes],
    }
    return HttpResponse(_encode(told), content_type="application/json")


def _published(key: str, version: int | None) -> PublishedModel:
    """The version that is asked for, or the latest one."""
    known = latest_models()
    if version is None and key not in known:
        raise _unknown("published decision model", key, known)
    try:
        return the_models(key, known[key] if version is None else version)
    except KeyError as error:
        look = NextStep("Look at GET /api/v1/decisions")
        raise Problem(Refused("not found", str(error.args[0]), next=(look,))) from None


def _inputs(published: PublishedModel, body: s.EvaluateIn) -> dict[str, Any]:
    needed = [one.name for one in inputs_of_decision(published.model, body.decision)]
    for name in body.inputs:
        if name not in needed:
            raise _unknown(f"input of the decision “{body.decision}” called", name, needed)
    try:
        return inputs_of(published.model, body.inputs)
    except PlainFault as fault:
        raise Problem(Refused("invalid", str(fault), facts={"place": "inputs"})) from None


def _unknown(what: str, name: str, known: Iterable[str]) -> Problem:
    choices = list(known)
    near = difflib.get_close_matches(name, choices, n=1)
    advice = f"Did you mean “{near[0]}”?" if near else f"Known are: {', '.join(sorted(choices)) or 'none'}."
    refused = Refused("not found", f"There is no {what} “{name}”. {advice}", facts={"given": name})
    return Problem(refused, 422 if what.startswith("input") else None)
