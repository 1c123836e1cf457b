"""Conditions, tests and values of a sentence as FEEL text."""

from collections.abc import Callable
from typing import Final

from caseloom.engine.feel.strings import quoted
from caseloom.engine.rules.language.fault import SentenceFault
from caseloom.engine.rules.language.tree import Node, Slot, Value, Word, the_node, the_word
from caseloom.engine.rules.language.vocabulary import Vocabulary
from caseloom.engine.rules.meaning.comparable import checked
from caseloom.engine.spec.values import LIST_OF

WEEKEND: Final = 'day of week(today()) in ("Saturday", "Sunday")'
_OPERATORS: Final = {
    "at_most": "<=",
    "at_least": ">=",
    "above": ">",
    "below": "<",
    "earlier": "<",
    "later": ">",
    "exactly": "=",
}
_ASKED: Final = {"role": "roles", "skill": "skills", "team": "teams"}


class Feel:
    """Writes FEEL over the names of a vocabulary. What it writes always compiles with those names."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    # --- operands and values ------------------------------------------------------------------------------------------

    def operand(self, slot: Slot) -> str:
        """A fact, a sum, a number of members."""
        if isinstance(slot, Word):
            return slot.key
        node = the_node(slot)
        fact = the_word(node.slots[0]).key
        return f"count({fact})" if node.kind == "number_of" else f"sum({self._each_measure(fact)})"

    def _each_measure(self, fact: str) -> str:
        member = self._vocabulary.member_name(fact)
        return f"for {member} in {fact} return {self.member(fact)}"

    def member(self, fact: str) -> str:
        """What is measured of one member of a list fact: `refund.amount`."""
        name = self._vocabulary.member_name(fact)
        if self._vocabulary.type_of(fact) != LIST_OF + "object":
            return name
        return f"{name}.{self._vocabulary.word(fact).measure or 'amount'}"

    def type_of(self, slot: Slot) -> str:
        """The type of an operand or amount; empty where it is not known."""
        if isinstance(slot, Value):
            return {"truth": "boolean"}.get(slot.type, slot.type)
        if isinstance(slot, Word):
            return self._vocabulary.type_of(slot.key)
        if isinstance(slot, Node) and slot.kind in ("number_of", "today"):
            return {"number_of": "number", "today": "date"}[slot.kind]
        return ""

    def amount(self, slot: Slot) -> str:
        """A literal, another fact, or today."""
        if isinstance(slot, Value):
            return literal(slot)
        return "today()" if isinstance(slot, Node) and slot.kind == "today" else self.operand(slot)

    # --- tests and conditions -----------------------------------------------------------------------------------------

    def test(self, operand: str, type_: str, test: Node) -> str:
        """A test of an operand: `refund <= money(5000, "EUR")`."""
        amounts = test.slots if test.kind != "one_of" else tuple(members(test.slots[0]))
        for amount in amounts:
            checked(operand, type_, test.kind, amount, self.type_of(amount), self._choices(operand))
        if type_ == "date and time" and all(self.type_of(amount) == "date" for amount in amounts):
            operand = f"date({operand})"
        said = [self.amount(amount) for amount in amounts]
        if test.kind == "between":
            return f"({operand} between {said[0]} and {said[1]})"
        if test.kind == "one_of":
            return f"{operand} in ({', '.join(said)})"
        return f"{operand} {_OPERATORS[test.kind]} {said[0]}"

    def _choices(self, operand: str) -> tuple[str, ...]:
        fact = self._vocabulary.facts.get(operand)
        return fact.choices if fact else ()

    def day(self, slot: Slot) -> str:
        """A date or the date of a date and time."""
        said, type_ = self.amount(slot), self.type_of(slot)
        if type_ not in ("date", "date and time"):
            raise SentenceFault(f"“{said}” is no date; name a fact of type date, or write it like 2026-03-31.")
        return said if type_ == "date" else f"date({said})"

    def condition(self, node: Node, strict: bool = False) -> str:
        """A condition, in parentheses where it is a compound.

        A `strict` one is null while what it asks is unknown, as its denial has to be; FEEL's `=` says false then.
        """
        if node.kind in ("is_not", "actor_is_not"):
            return f"not({self._positive(node, strict=True)})"
        return self._positive(node, strict)

    def _positive(self, node: Node, strict: bool) -> str:
        if node.kind in _JOINED:
            return self._joined(node, _JOINED[node.kind], strict)
        operand, said = _CONDITIONS[node.kind](self, node)
        if strict and operand and (" = " in said or " in (" in said):
            return f"(if {operand} = null then null else {said})"
        return said

    def who(self, node: Node) -> str:
        """Whether the actor is one of those."""
        if node.kind == "any_who":
            return f"({' or '.join(self.who(the_node(slot)) for slot in node.slots)})"
        key = the_word(node.slots[0]).key
        if node.kind == "kind":
            return f"actor.kind = {quoted(key)}"
        return f"list contains(actor.{_ASKED[node.kind]}, {quoted(key)})"

    def _is(self, node: Node) -> tuple[str, str]:
        slot, test = subject_and_test(node)
        operand = self.operand(slot)
        return operand, self.test(operand, self.type_of(slot), test)

    def _has(self, node: Node) -> tuple[str, str]:
        fact = the_word(node.slots[0]).key
        if self._vocabulary.is_list(fact):
            return "", f"({fact} != null and count({fact}) > 0)"
        if self._vocabulary.type_of(fact) == "boolean":
            return fact, f"{fact} = true"
        return "", f"{fact} != null"

    def _has_no(self, node: Node) -> tuple[str, str]:
        fact = the_word(node.slots[0]).key
        if self._vocabulary.is_list(fact):
            return "", f"({fact} = null or count({fact}) = 0)"
        if self._vocabulary.type_of(fact) == "boolean":
            return fact, f"{fact} = false"
        return "", f"{fact} = null"

    def _text(self, function: str, node: Node) -> tuple[str, str]:
        operand, text = operand_and_value(node)
        return "", f"{function}({self.operand(operand)}, {literal(text)})"

    def _joined(self, node: Node, word: str, strict: bool) -> str:
        """Conditions joined by a word; a chain is one pair of parentheses."""
        return f"({f' {word} '.join(self.condition(part, strict) for part in _chain(node))})"


def _chain(node: Node) -> list[Node]:
    found: list[Node] = []
    for slot in node.slots:
        part = the_node(slot)
        found += _chain(part) if part.kind == node.kind and part.kind in ("all_of", "any_of") else [part]
    return found


def literal(value: Value) -> str:
    """A literal of FEEL."""
    if value.type == "text":
        return quoted(value.text)
    if value.type == "money":
        amount, currency = value.text.split()
        return f"money({amount}, {quoted(currency)})"
    return f"@{quoted(value.text)}" if value.type in ("date", "time") else value.text


def members(slot: Slot) -> list[Slot]:
    """The members of a written list, from the first."""
    if isinstance(slot, Node) and slot.kind == "list":
        return [member for part in slot.slots for member in members(part)]
    return [slot]


def is_test(slot: Slot) -> bool:
    """Whether a slot is a test, not an operand."""
    return isinstance(slot, Node) and (slot.kind in _OPERATORS or slot.kind in ("between", "one_of"))


def subject_and_test(node: Node) -> tuple[Slot, Node]:
    """What is tested, and how."""
    test = next(the_node(slot) for slot in node.slots if is_test(slot))
    return next(slot for slot in node.slots if slot is not test and not is_condition(slot)), test


def operand_and_value(node: Node) -> tuple[Slot, Value]:
    """What is looked at, and the literal that it is compared with."""
    value = next(slot for slot in node.slots if isinstance(slot, Value))
    return next(slot for slot in node.slots if slot is not value), value


def is_condition(slot: Slot) -> bool:
    """Whether a slot is a condition."""
    return isinstance(slot, Node) and (slot.kind in _CONDITIONS or slot.kind in _JOINED)


_JOINED: Final = {"all_of": "and", "both": "and", "any_of": "or", "either": "or"}
# Of each condition the operand whose being unknown an equation hides (or nothing), and its FEEL.
_CONDITIONS: Final[dict[str, Callable[[Feel, Node], tuple[str, str]]]] = {
    "is": Feel._is,
    "is_not": Feel._is,
    "is_known": lambda feel, node: ("", f"{feel.operand(node.slots[0])} != null"),
    "is_unknown": lambda feel, node: ("", f"{feel.operand(node.slots[0])} = null"),
    "is_past": lambda feel, node: ("", f"{feel.day(node.slots[0])} < today()"),
    "is_future": lambda feel, node: ("", f"{feel.day(node.slots[0])} > today()"),
    "contains": lambda feel, node: feel._text("contains", node),
    "begins_with": lambda feel, node: feel._text("starts with", node),
    "has": Feel._has,
    "has_no": Feel._has_no,
    "confirmed": lambda feel, node: ("", "customer has confirmed"),
    "not_confirmed": lambda feel, node: ("", "not(customer has confirmed)"),
    "actor_is": lambda feel, node: ("", feel.who(the_node(node.slots[0]))),
    "actor_is_not": lambda feel, node: ("", feel.who(the_node(node.slots[0]))),
    "came_by": lambda feel, node: ("", f"case.channel = {quoted(the_word(node.slots[0]).key)}"),
    "came_not_by": lambda feel, node: ("", f"case.channel != {quoted(the_word(node.slots[0]).key)}"),
    "is_weekend": lambda feel, node: ("", WEEKEND),
    "is_no_weekend": lambda feel, node: ("", f"not({WEEKEND})"),
}
