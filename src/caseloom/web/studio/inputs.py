"""The forms of a definition's parts: which inputs each has, what stands in them, and what a filled form changes."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, get_args

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from caseloom.engine.rules.fault import Path
from caseloom.engine.spec.service_goal import Channel, Need, Priority, TaskKind
from caseloom.interchange.yaml_patch import value_at

Words = "str | Promise"
Widget = Literal["line", "area", "code", "check", "choice", "keys", "lines", "rule", "pairs"]
Part = Literal["head", "goal", "option", "task", "stage", "milestone", "fact", "letter", "article", "offer", "house"]
FACT_TYPES: Final = (
    "text", "boolean", "number", "money", "choice", "date", "date and time", "time", "days and time duration", "object",
    "list of text", "list of object",
)  # fmt: skip


class Input(msgspec.Struct, frozen=True):
    """One input of a form. `name` is its path inside the part, `of` the list of keys that it draws from, `customer`
    whether the customer sees what stands in it.
    """

    name: tuple[str, ...]
    label: "str | Promise"
    widget: Widget = "line"
    help: "str | Promise" = ""
    choices: tuple[str, ...] = ()
    of: str = ""
    customer: bool = False
    must: bool = False

    @property
    def field(self) -> str:
        return "f/" + "/".join(self.name)


def _i(name: str, label: "str | Promise", widget: Widget = "line", **more: Any) -> Input:
    return Input(tuple(name.split("/")), label, widget, **more)


_FEEL: Final = _('An expression in FEEL, such as: card status = "active"')
_TERM: Final = _("Such as: 4 business hours, or 2 days")
_KEYS: Final = _("One a line")

INPUTS: Final[dict[Part, tuple[Input, ...]]] = {
    "head": (
        _i("customer title", _("What the customer wants, in their words"), customer=True, must=True),
        _i("self service", _("Customers may start it themselves"), "check", customer=True),
        _i("start form", _("What they are asked then"), "keys", of="facts", help=_KEYS, customer=True),
        _i("confirm within", _("The customer confirms the outcome within"), help=_TERM, customer=True),
        _i("title", _("Title"), must=True),
        _i("description", _("Description"), "area"),
        _i("owner", _("Process owner"), must=True),
        _i("team", _("Team"), "choice", of="teams", must=True),
        _i("channels", _("Channels"), "lines", choices=get_args(Channel), help=_KEYS),
        _i("recognise/keywords", _("Words by which a contact is recognised"), "lines", help=_KEYS),
        _i("recognise/mailboxes", _("Mailboxes"), "lines", help=_KEYS),
        _i("products", _("Products"), "lines", help=_KEYS),
        _i("segments", _("Segments"), "lines", help=_KEYS),
        _i("complaint", _("It is a complaint"), "check"),
        _i("calendar", _("Business calendar")),
        _i("learning/opens", _("A message opens a case by itself"), help=_("at most 1 in 100 wrong, or: never")),
        _i("learning/advice", _("The next step is learned and advised"), "rule", help=_("true or false")),
    ),
    "house": (
        _i("perception", _("How we ask how it is going"), customer=True),
        _i("title", _("Title"), must=True),
        _i("recovery goal", _("Goal for customers who are unhappy"), "choice", of="goals"),
        _i("roles", _("Roles"), "pairs", help=_("role: what it is for; one a line")),
        _i("teams", _("Teams"), "pairs", help=_("team: title; one a line")),
        _i("skills", _("Skills"), "pairs", help=_("skill: what it means; one a line")),
    ),
    "goal": (
        _i("customer title", _("In the customer's words"), customer=True),
        _i("perception", _("What the customer is asked when it is reached"), customer=True),
        _i("title", _("Title"), must=True),
        _i("reached when", _("It is reached when"), "code", help=_FEEL),
        _i("need", _("Need"), "choice", choices=get_args(Need)),
        _i("parent", _("It is a part of the goal"), "choice", of="goals"),
        _i("after", _("It opens after"), "keys", of="all", help=_KEYS),
        _i("when", _("It comes into the case when"), "code", help=_FEEL),
        _i("clock/within", _("To be reached within"), help=_TERM),
        _i("clock/warn", _("Warn before"), help=_TERM),
        _i("clock/since", _("The time runs from"), "choice", choices=("goal", "contact", "case")),
        _i("priority", _("Priority"), "choice", choices=get_args(Priority)),
        _i("script", _("What the agent should say and ask"), "area"),
        _i("knowledge", _("Knowledge for the agent"), "keys", of="knowledge", help=_KEYS),
        _i("added only", _("It comes by a reaction or by hand alone"), "check"),
    ),
    "option": (
        _i("for customer", _("The customer may choose it"), "check", customer=True),
        _i("title", _("Title"), must=True),
        _i("tasks", _("Tasks, stages and milestones"), "keys", of="items", help=_KEYS),
        _i("when", _("It may be chosen when"), "code", help=_FEEL),
        _i("help", _("Advice on when to choose it"), "area"),
        _i("automatic", _("It is chosen by itself"), "check"),
    ),
    "task": (
        _i("by customer", _("The customer does it"), "check", customer=True),
        _i("customer title", _("In the customer's words"), customer=True),
        _i("customer help", _("What the customer should know"), "area", customer=True),
        _i("title", _("Title")),
        _i("kind", _("Kind"), "choice", choices=get_args(TaskKind)),
        _i("form", _("The form asks for"), "keys", of="facts", help=_KEYS),
        _i("must", _("Of these it needs"), "keys", of="facts", help=_KEYS),
        _i("letter", _("Letter"), "choice", of="letters"),
        _i("model", _("Flow or decision model"), "choice", of="models"),
        _i("flow", _("Process of the flow model")),
        _i("decision", _("Decision of the decision model")),
        _i("after", _("It comes after"), "keys", of="all", help=_KEYS),
        _i("when", _("It comes when"), "code", help=_FEEL),
        _i("team", _("Team"), "choice", of="teams"),
        _i("role", _("Role"), "choice", of="roles"),
        _i("skill", _("Skill"), "choice", of="skills"),
        _i("due/within", _("To be done within"), help=_TERM),
        _i("required", _("Required"), "rule", help=_("true, false, or an expression")),
        _i("manual", _("Somebody has to start it"), "rule", help=_("true, false, or an expression")),
        _i("automatic", _("It goes out by itself"), "check"),
        _i("sets", _("What it makes of facts"), "pairs", help=_("fact: expression; one a line")),
        _i("script", _("What the agent should know"), "area"),
    ),
    "stage": (
        _i("title", _("Title")),
        _i("tasks", _("Tasks, stages and milestones"), "keys", of="items", help=_KEYS),
        _i("after", _("It comes after"), "keys", of="all", help=_KEYS),
        _i("when", _("It comes when"), "code", help=_FEEL),
        _i("required", _("Required"), "rule", help=_("true, false, or an expression")),
        _i("repeat", _("It is repeated while"), "code", help=_FEEL),
    ),
    "milestone": (
        _i("customer title", _("In the customer's words"), customer=True),
        _i("title", _("Title")),
        _i("after", _("It is reached after"), "keys", of="all", help=_KEYS),
        _i("when", _("It is reached when"), "code", help=_FEEL),
        _i("required", _("Required"), "rule", help=_("true, false, or an expression")),
    ),
    "fact": (
        _i("customer label", _("How the customer is asked"), customer=True),
        _i("label", _("Label")),
        _i("type", _("Type"), "choice", choices=FACT_TYPES),
        _i("choices", _("Choices"), "lines", help=_KEYS),
        _i("initial", _("It begins with")),
        _i("help", _("Advice")),
        _i("personal", _("It is personal: it goes when the customer is erased"), "check"),
        _i("from customer", _("It is copied from the customer's fact")),
    ),
    "letter": (
        _i("subject", _("Subject"), customer=True, must=True),
        _i("text", _("Text"), "area", help=_("{{ … }} holds a fact or an expression"), customer=True, must=True),
        _i("title", _("Title")),
        _i("automatic", _("It goes out by itself"), "check"),
        _i("corrected by", _("The letter that corrects it"), "choice", of="letters"),
    ),
    "article": (_i("title", _("Title"), must=True), _i("text", _("Text"), "area", must=True)),
    "offer": (
        _i("title", _("Title"), customer=True, must=True),
        _i("text", _("Text"), "area", customer=True),
        _i("when", _("It may be offered when"), "code", help=_FEEL),
    ),
}  # fmt: skip
SECTIONS: Final[dict[str, Part]] = {
    "goals": "goal", "tasks": "task", "stages": "stage", "milestones": "milestone", "facts": "fact",
    "letters": "letter", "knowledge": "article", "offers": "offer",
}  # fmt: skip


class Filled(msgspec.Struct, frozen=True):
    """An input with what stands in it, its faults, and what it may hold."""

    input: Input
    value: str
    options: tuple[tuple[str, str], ...] = ()
    faults: tuple[str, ...] = ()
    id: str = ""

    @property
    def on(self) -> bool:
        return self.value == "true"


def part_at(path: Path, value: Mapping[str, Any]) -> Part | None:
    """Which kind of part a path leads to; None for what has no form."""
    if not path:
        return "house" if "house rules" in value else "head"
    if len(path) == 2:
        return SECTIONS.get(str(path[0]))
    return "option" if len(path) == 4 and path[0] == "goals" and path[2] == "options" else None


def shown(widget: Widget, value: Any) -> str:
    """What stands in an input for a plain value."""
    if value is None or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "\n".join(str(one) for one in value)
    if isinstance(value, dict):
        return "\n".join(f"{name}: {one}" for name, one in value.items())
    return str(value)


def changes(part: Part, before: Any, form: Mapping[str, str]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """What a filled form changes of a part: path inside it and the new value, None to take it out."""
    for one in INPUTS[part]:
        if one.field not in form and one.widget != "check":
            continue
        was = shown(one.widget, value_at(before, one.name))
        typed = form.get(one.field, "").replace("\r\n", "\n")
        if one.widget == "check":
            typed = "true" if typed else ("false" if was == "false" else "")
        if _trimmed(one.widget, typed) != _trimmed(one.widget, was):
            yield one.name, _meant(one.widget, typed)


def _trimmed(widget: Widget, text: str) -> str:
    if widget in ("keys", "lines", "pairs"):
        return "\n".join(line.strip() for line in text.split("\n") if line.strip())
    return text.strip()


def _meant(widget: Widget, text: str) -> Any:
    text = _trimmed(widget, text)
    if not text:
        return None
    if widget == "check" or (widget == "rule" and text in ("true", "false")):
        return text == "true"
    if widget in ("keys", "lines"):
        return text.split("\n")
    if widget == "pairs":
        return {name.strip(): said.strip() for name, _colon, said in (line.partition(":") for line in text.split("\n"))}
    return text + "\n" if widget == "area" and "\n" in text else text
