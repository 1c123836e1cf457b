"""The definitions in force, as the studio shows them."""

from datetime import datetime
from typing import Final

import msgspec

from caseloom.engine.rules.language.vocabulary import Vocabulary
from caseloom.engine.rules.plan import Plan
from caseloom.engine.spec.service_goal import HouseRules, RuleSpec, ServiceGoal
from caseloom.library.models import VersionRow
from caseloom.library.plans import HOUSE, house_version, latest_versions, the_plans
from caseloom.web.studio.kept import Kept

_vocabularies: Final[Kept[Vocabulary]] = Kept(16)


class Definition(msgspec.Struct, frozen=True):
    """A service goal or the house rules, in the version that new cases get."""

    key: str
    version: int
    plan: Plan

    @property
    def is_house(self) -> bool:
        return self.plan.service_goal is None

    @property
    def body(self) -> ServiceGoal | HouseRules:
        """What its author wrote."""
        return self.plan.service_goal or self.plan.house

    @property
    def rules(self) -> int:
        """How many rules it has, sentences and expressions together."""
        body = self.body
        goals = sum(goal.reached_when is not None for goal in body.goals.values())
        return len(body.rules) + len(body.boundary_rules) + len(body.data_rules) + len(body.reactions) + goals

    def vocabulary(self) -> Vocabulary:
        """The words that its sentences may use."""
        return _vocabularies.get(self.plan, "", lambda: Vocabulary.of(self.plan.service_goal, self.plan.house))

    def rule(self, sentence: str) -> RuleSpec | None:
        """The rule with this sentence."""
        rules = (RuleSpec(rule=rule) if isinstance(rule, str) else rule for rule in self.body.rules)
        return next((rule for rule in rules if rule.rule == sentence), None)


class Published(msgspec.Struct, frozen=True):
    """The text of a version, and whose it is."""

    text: str
    at: datetime
    by: str


def find_definition(key: str, known: int = 0) -> Definition | None:
    """The service goal or house rules of this key that are in force. `known` is a version that was published, perhaps a
    moment ago by another process: what is remembered of before is dropped then.
    """
    kind, version = latest_versions().get(key, ("", 0))
    if version < known:
        latest_versions.forget()  # type: ignore[attr-defined]
        kind, version = latest_versions().get(key, ("", 0))
    if kind not in ("service goal", "house rules"):
        return None
    plan = the_plans("", 0, version) if kind == "house rules" else the_plans(key, version, house_version())
    return Definition(key, version, plan)


def definitions() -> list[Definition]:
    """All that are in force: the house first, then the service goals by title."""
    found = [one for key in latest_versions() if (one := find_definition(key)) is not None]
    return sorted(found, key=lambda one: (one.key != HOUSE, one.body.title))


def published_at() -> dict[tuple[str, int], datetime]:
    """(key, version) → when it was published, of all versions."""
    rows = VersionRow.objects.values_list("key", "version", "published_at")
    return {(key, version): at for key, version, at in rows}


def published(definition: Definition) -> Published:
    """When and by whom it was published, with its text."""
    row = VersionRow.objects.get(key=definition.key, version=definition.version)
    return Published(row.text, row.published_at, row.published_by)
