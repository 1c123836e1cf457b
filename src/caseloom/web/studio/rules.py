"""The rules of a definition in sentences: grouped, in the language asked for, with who may cross them."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, Literal, TypeAlias

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from caseloom.engine.rules.language.fault import SentenceFault
from caseloom.engine.rules.language.printer import write
from caseloom.engine.rules.language.reader import read
from caseloom.engine.rules.language.vocabulary import Vocabulary
from caseloom.engine.rules.meaning import Part, meaning
from caseloom.engine.rules.meaning.parts import GoalRuleSpec
from caseloom.engine.rules.order import OrderSpec
from caseloom.engine.rules.sentences import LANGUAGE
from caseloom.engine.spec.service_goal import BoundaryRuleSpec, DataRuleSpec, ReactionSpec, RuleSpec
from caseloom.interchange.rule_text import sentences_of
from caseloom.library.models import VersionRow
from caseloom.web.studio.definitions import Definition

Group: TypeAlias = Literal["data", "boundary", "order", "goal", "reaction"]
GROUPS: Final[dict[Group, "str | Promise"]] = {
    "data": _("What data is valid"),
    "boundary": _("What must never be crossed"),
    "order": _("Order and time"),
    "goal": _("Goals"),
    "reaction": _("What follows"),
}
LANGUAGES: Final = {"en": "English", "de": "Deutsch"}
LOOKED_BACK: Final = 20
"""How many versions are read to find since when a rule stands."""


class RuleView(msgspec.Struct, frozen=True):
    """A rule for the eye.

    `sentence` is its text in the file, empty where it is written as an expression; `says` the text in `language`, which
    is English where the vocabulary lacks words of the language that was asked for. `expression` is the FEEL of a rule
    that is no sentence; `asked` the acts at which it is asked.
    """

    group: Group
    says: str
    language: str
    sentence: str = ""
    way_on: str = ""
    override: tuple[str, ...] = ()
    expression: str = ""
    asked: tuple[str, ...] = ()
    since: int = 0
    older: bool = False


def rule_groups(definition: Definition, language: str) -> list[tuple["str | Promise", list[RuleView]]]:
    """All rules of the definition, by group; groups without a rule are left out."""
    found = [*_sentences(definition, language), *_expressions(definition)]
    since = _since(definition)
    shown = [_with_since(rule, since) for rule in found]
    groups = [(title, [rule for rule in shown if rule.group == group]) for group, title in GROUPS.items()]
    return [(title, rules) for title, rules in groups if rules]


def told(text: str, way_on: str, language: str, vocabulary: Vocabulary) -> tuple[RuleView, tuple[Part, ...]]:
    """A sentence of a file as a rule for the eye, and what it means.

    Raises:
        SentenceFault: it cannot be read, or means nothing.
    """
    sentence = read(text, LANGUAGE, vocabulary)
    parts = meaning(sentence, vocabulary, way_on)
    says, spoken = text, LANGUAGE
    if language != LANGUAGE:
        try:
            says, spoken = write(sentence, language, vocabulary), language
        except SentenceFault:
            """The vocabulary lacks words of this language: the English ones are shown."""
    override = next((part.override for part in parts if isinstance(part, BoundaryRuleSpec | OrderSpec)), ())
    return RuleView(_group(parts), says, spoken, text, way_on, override), parts


def _group(parts: tuple[Part, ...]) -> Group:
    kinds: dict[type[Part], Group] = {
        DataRuleSpec: "data", BoundaryRuleSpec: "boundary", OrderSpec: "order", GoalRuleSpec: "goal",
        ReactionSpec: "reaction",
    }  # fmt: skip
    return kinds[type(parts[0])]


def _sentences(definition: Definition, language: str) -> Iterator[RuleView]:
    vocabulary = definition.vocabulary()
    for rule in definition.body.rules:
        spec = RuleSpec(rule=rule) if isinstance(rule, str) else rule
        yield told(spec.rule, spec.way_on, language, vocabulary)[0]


def _expressions(definition: Definition) -> Iterator[RuleView]:
    body = definition.body
    for data in body.data_rules:
        yield RuleView("data", data.says, LANGUAGE, expression=data.require)
    for rule in body.boundary_rules:
        yield RuleView(
            "boundary", rule.says, LANGUAGE, way_on=rule.way_on, override=rule.override, expression=rule.require,
            asked=rule.guards,
        )  # fmt: skip
    for key, goal in body.goals.items():
        if goal.reached_when is not None:
            says = gettext("“%(goal)s” is reached") % {"goal": goal.title or key}
            yield RuleView("goal", says, LANGUAGE, expression=goal.reached_when)
    for reaction in body.reactions:
        yield RuleView("reaction", reaction.says, LANGUAGE, expression=reaction.when or "", asked=reaction.after)


# --- since when -------------------------------------------------------------------------------------------------------


def _since(definition: Definition) -> list[tuple[int, frozenset[str]]]:
    """The versions that came before, newest first, with what their rules say."""
    rows = VersionRow.objects.filter(key=definition.key, version__lte=definition.version).order_by("-version")
    texts = rows.values_list("version", "text")[:LOOKED_BACK]
    return [(version, _kept_sentences(text)) for version, text in texts]


@lru_cache(maxsize=256)
def _kept_sentences(text: str) -> frozenset[str]:
    return sentences_of(text)


def _with_since(rule: RuleView, versions: list[tuple[int, frozenset[str]]]) -> RuleView:
    words, since, older = rule.sentence or rule.says, 0, True
    for version, sentences in versions:
        if words not in sentences:
            older = False
            break
        since = version
    return msgspec.structs.replace(rule, since=since, older=older and since > 1)
