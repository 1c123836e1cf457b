"""What a trial plays: a draft or a published version, with house and models in force or with their drafts."""

from functools import lru_cache
from typing import Any

import msgspec

from caseloom.engine.rules.compiler import compile_plan
from caseloom.engine.rules.models import Used
from caseloom.engine.rules.plan import Plan
from caseloom.interchange.yaml_text import TextFaulty, read_house_rules, read_service_goal
from caseloom.library.drafts import Draft
from caseloom.library.models import DefinitionRow, VersionRow
from caseloom.library.plans import HOUSE, house_version, the_plans
from caseloom.library.used import KINDS, draft_of, offered_models, pinned_models, read_model


class Candidate(msgspec.Struct, frozen=True):
    """What is played, and the text of each of its flow models by key."""

    plan: Plan
    flows: dict[str, str]


def published_candidate(key: str, version: int) -> Candidate:
    """A published version under today's house rules. Raises KeyError where there is none."""
    plan = the_plans(key, version, house_version())
    found = {model: one.version for model, one in pinned_models(key, version).items()}
    rows = VersionRow.objects.filter(key__in=found, kind="flow model").values_list("key", "version", "text")
    return Candidate(plan, {model: text for model, number, text in rows if found[model] == number})


def draft_candidate(draft: Draft, with_drafts: bool) -> Candidate:
    """A draft as it stands.

    Raises:
        TextFaulty: its text is faulty.
        DefinitionFaulty: it does not fit the house or its models.
    """
    drawn = tuple(sorted(_drafts(KINDS))) if with_drafts else ()
    house = dict(_drafts(("house rules",))).get(HOUSE, "") if with_drafts else ""
    offered = tuple(sorted((key, one.version) for key, one in offered_models().items()))
    plan = _compiled(draft.text, drawn, house, (offered, house_version()))
    keys = [key for key, _version in offered]
    rows = DefinitionRow.objects.filter(key__in=keys, kind="flow model").values_list("key", "version")
    versions = dict(rows)
    texts = VersionRow.objects.filter(key__in=versions).values_list("key", "version", "text")
    flows = {key: text for key, version, text in texts if versions[key] == version}
    return Candidate(plan, {**flows, **dict(drawn)})


def _drafts(kinds: tuple[str, ...]) -> list[tuple[str, str]]:
    return list(DefinitionRow.objects.filter(kind__in=kinds).values_list("key", "draft"))


@lru_cache(maxsize=16)
def _compiled(text: str, drawn: tuple[tuple[str, str], ...], house: str, published: tuple[Any, ...]) -> Plan:
    goal = read_service_goal(text)
    models: Used = dict(offered_models())
    for key, xml in drawn:
        try:
            models = {**models, key: draft_of(read_model(xml))}
        except TextFaulty:
            """A model that is faulty now stays as it was published."""
    around = the_plans("", 0, house_version()).house
    if house:
        around = read_house_rules(house)
    return compile_plan(goal, around, models, {**pinned_models(HOUSE, house_version()), **models})
