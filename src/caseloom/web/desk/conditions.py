"""The condition of a way in plain words: `line test = "weak"` is said as “Line test is weak”."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caseloom.engine.feel import Expression, tree
from caseloom.engine.spec.service_goal import FactSpec

COMPARED: Final[dict[str, "str | Promise"]] = {
    "=": gettext_lazy("%(what)s is %(value)s"),
    "!=": gettext_lazy("%(what)s is not %(value)s"),
    "<": gettext_lazy("%(what)s is below %(value)s"),
    "<=": gettext_lazy("%(what)s is at most %(value)s"),
    ">": gettext_lazy("%(what)s is above %(value)s"),
    ">=": gettext_lazy("%(what)s is at least %(value)s"),
}


def title_of(name: str, facts: Mapping[str, FactSpec]) -> str:
    """What a fact is called on the desk."""
    spec = facts.get(name)
    return (spec.label if spec is not None else "") or name[:1].upper() + name[1:]


def condition_words(when: Expression, facts: Mapping[str, FactSpec]) -> str:
    """When a way opens, as a sentence; what has no plain reading is told by the facts that it depends on."""
    said = _said(when.tree, facts)
    if said:
        return _("Opens when %s") % said
    reads = [title_of(name, facts) for name in sorted(when.reads) if name in facts]
    return _("Not open now; it depends on: %s") % ", ".join(reads) if reads else _("Not open now")


def _said(node: tree.Node, facts: Mapping[str, FactSpec]) -> str:
    """The words of a condition, empty where there are none that could not be misread."""
    match node:
        case tree.And(operands) | tree.Or(operands):
            # “a and b or c” leaves open what belongs together.
            if any(isinstance(one, tree.And | tree.Or) for one in operands):
                return ""
            parts = [_said(one, facts) for one in operands]
            return (_(" and ") if isinstance(node, tree.And) else _(" or ")).join(parts) if all(parts) else ""
        case tree.Comparison("=", tree.Path(tree.Name("actor"), "kind"), tree.Text("customer")):
            return _("the customer chooses it")
        case tree.Comparison(operator, tree.Name(name), tree.Null()) if operator in ("=", "!=") and name in facts:
            known = _("%s is known") if operator == "!=" else _("%s is not known")
            return known % title_of(name, facts)
        case tree.Comparison(operator, tree.Name(name), value) if name in facts:
            words = _value(value)
            return str(COMPARED[operator]) % {"what": title_of(name, facts), "value": words} if words else ""
        case tree.Name(name) if name in facts:
            return _("%s is yes") % title_of(name, facts)
        case _:
            return ""


def _value(node: tree.Node) -> str:
    match node:
        case tree.Text(text):
            return f"“{text}”"
        case tree.Boolean(true):
            return _("yes") if true else _("no")
        case tree.Number(number):
            return f"{number:f}"
        case tree.Call(tree.Name("money"), (tree.Number(amount), tree.Text(currency))):
            return f"{amount:f} {currency}"
        case _:
            return ""
