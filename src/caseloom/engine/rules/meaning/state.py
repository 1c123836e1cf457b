"""Data rules, and boundary rules on one act: what must hold of data, or at the moment of an act, as FEEL."""

from collections.abc import Callable
from typing import Final

from caseloom.engine.feel import compile, is_true
from caseloom.engine.feel.strings import quoted
from caseloom.engine.rules.language.fault import SentenceFault
from caseloom.engine.rules.language.tree import Slot, Value, Word, the_node, the_word
from caseloom.engine.rules.meaning.acts import names_of, require_ours, subject_of
from caseloom.engine.rules.meaning.feel import WEEKEND, is_condition, is_test, operand_and_value, subject_and_test
from caseloom.engine.rules.meaning.said import Said
from caseloom.engine.spec.service_goal import BoundaryRuleSpec, DataRuleSpec


def data(said: Said) -> DataRuleSpec | BoundaryRuleSpec:
    """What data is valid. What is not known yet is valid; that it must be known is asked when the case is closed."""
    if said.kind in ("must_be_known", "must_be_known_if"):
        return _known(said)
    require = _DATA[said.kind](said)
    if said.kind in _OF_TEXT:
        require = f"{_operand(said)[0]} = null or {require}"
    # What somebody may override is a limit, and no matter of what data can be.
    return (
        _bound(said, require, ())
        if said.override
        else DataRuleSpec(says=said.says, require=require, way_on=said.way_on)
    )


def boundary(said: Said) -> BoundaryRuleSpec:
    """What must hold when an act is done."""
    words = said.acts or [clause.word for clause in said.clauses]
    for word in words:
        require_ours(word)
    require = _BOUNDARY[said.kind](said)
    narrowing = [clause.condition for clause in said.clauses if clause.condition] + [said.qualifier]
    for condition in narrowing:
        require = f"not({condition}) or {require}" if condition else require
    guards = tuple(name for word in words for name in names_of(word, said.vocabulary))
    return _bound(said, require, guards, subject_of(words, said.vocabulary))


def states() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The kinds of data rules, and those of boundary rules on one act."""
    return (*_DATA, "must_be_known", "must_be_known_if"), tuple(_BOUNDARY)


def _bound(said: Said, require: str, guards: tuple[str, ...], subject: str = "") -> BoundaryRuleSpec:
    return BoundaryRuleSpec(
        says=said.says,
        require=require,
        guards=guards,
        way_on=said.way_on,
        override=said.override,
        subject=subject,
        each=said.vocabulary.member_name(subject) if subject else "",
    )


def _known(said: Said) -> BoundaryRuleSpec:
    operand = said.feel.operand(next(slot for slot in said.node.slots if not is_condition(slot)))
    require = f"{operand} != null"
    if said.strict_condition:
        require = f"not({said.strict_condition}) or {require}"
    return _bound(said, require, ("close",))


# --- data ---------------------------------------------------------------------------------------------------------


def _operand(said: Said) -> tuple[str, str]:
    slot = next(slot for slot in said.node.slots if not isinstance(slot, Value))
    return said.feel.operand(slot), said.feel.type_of(slot)


def _tested(said: Said) -> tuple[str, str]:
    """The operand of a sentence and its test."""
    slot, test = subject_and_test(said.node)
    operand = said.feel.operand(slot)
    return operand, said.feel.test(operand, said.feel.type_of(slot), test)


def _must(said: Said) -> str:
    operand, test = _tested(said)
    return f"{operand} = null or {test}"


def _must_not(said: Said) -> str:
    operand, test = _tested(said)
    return f"{operand} = null or not({test})"


def _must_if(said: Said) -> str:
    return f"not({said.strict_condition}) or {_must(said)}"


def _each_must(said: Said) -> str:
    slot, test = subject_and_test(said.node)
    fact = the_word(slot).key
    name, member = said.vocabulary.member_name(fact), said.feel.member(fact)
    return f"every {name} in {fact} satisfies {member} = null or {said.feel.test(member, '', test)}"


def _must_all_differ(said: Said) -> str:
    fact = said.word("fact")
    return f"count(distinct values({fact})) = count({fact})"


def _whole(said: Said) -> str:
    operand, type_ = _operand(said)
    if type_ not in ("number", ""):
        raise SentenceFault(f"“{operand}” is of type {type_}; only a number can be whole.")
    return f"{operand} = null or {operand} = floor({operand})"


def _dated(test: str) -> Callable[[Said], str]:
    def require(said: Said) -> str:
        return f"{said.feel.day(said.node.slots[0])} {test} today()"

    return require


def _text(said: Said) -> tuple[str, str]:
    """The operand as text, and the literal of the sentence."""
    slot, value = operand_and_value(said.node)
    operand, type_ = said.feel.operand(slot), said.feel.type_of(slot)
    if type_ not in ("text", "choice", "number"):
        raise SentenceFault(f"“{operand}” is of type {type_}; only a text has characters.")
    return f"string({operand})" if type_ == "number" else operand, value.text


def _digits(said: Said) -> str:
    operand, number = _text(said)
    return f"matches({operand}, {quoted(f'^[0-9]{{{_whole_number(number)}}}$')})"


def _whole_number(number: str) -> str:
    if not number.isdecimal() or len(number) > 4:
        raise SentenceFault(f"Write a whole number of characters, not {number}.", word=number)
    return number


def _length(operator: str) -> Callable[[Said], str]:
    def require(said: Said) -> str:
        operand, number = _text(said)
        return f"string length({operand}) {operator} {_whole_number(number)}"

    return require


def _match(said: Said) -> str:
    operand, pattern = _text(said)
    tried = compile(f"matches({quoted('')}, {quoted(pattern)}) != null").evaluate({})
    if not is_true(tried):
        raise SentenceFault(f"“{pattern}” is no regular expression of XPath.", word=pattern)
    return f"matches({operand}, {quoted(f'^({pattern})$')})"


def _called(function: str, negated: bool = False) -> Callable[[Said], str]:
    def require(said: Said) -> str:
        operand, text = _text(said)
        call = f"{function}({operand}, {quoted(text)})"
        return f"not({call})" if negated else call

    return require


_DATA: Final[dict[str, Callable[[Said], str]]] = {
    "must": _must,
    "must_not": _must_not,
    "must_if": _must_if,
    "each_must": _each_must,
    "must_all_differ": _must_all_differ,
    "must_be_whole": _whole,
    "must_be_past": _dated("<"),
    "must_be_future": _dated(">"),
    "must_not_be_past": _dated(">="),
    "must_not_be_future": _dated("<="),
    "must_have_digits": _digits,
    "must_have_characters": _length("="),
    "must_have_at_most_characters": _length("<="),
    "must_have_at_least_characters": _length(">="),
    "must_match": _match,
    "must_begin_with": _called("starts with"),
    "must_end_with": _called("ends with"),
    "must_contain": _called("contains"),
    "must_not_contain": _called("contains", negated=True),
}

_OF_TEXT: Final = tuple(
    kind for kind in _DATA if kind.startswith(("must_have_", "must_match", "must_begin", "must_end"))
)

# --- at an act ----------------------------------------------------------------------------------------------------


def _only_by_if(said: Said) -> str:
    return f"not({said.strict_condition}) or {said.who}"


def _by_channel(operator: str) -> Callable[[Said], str]:
    return lambda said: f"case.channel {operator} {quoted(said.word('channel'))}"


def _times(said: Said) -> str:
    opens, closes = (_minutes(value.text) for value in said.values)
    if opens >= closes:
        raise SentenceFault("The first time must be earlier than the second.")
    return f"(now().hour * 60 + now().minute >= {opens} and now().hour * 60 + now().minute < {closes})"


def _minutes(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)


def _on_date(operator: str) -> Callable[[Said], str]:
    def require(said: Said) -> str:
        date = next(slot for slot in said.others() if not _is_act(slot))
        return f"today() {operator} {said.feel.day(date)}"

    return require


def _is_act(slot: Slot) -> bool:
    return isinstance(slot, Word) and slot.of == "act"


def _known_before(said: Said) -> str:
    return f"{said.feel.operand(said.others()[0])} != null"


def _must_when(said: Said) -> str:
    operand = said.others()[0]
    test = the_node(next(slot for slot in said.node.slots if is_test(slot)))
    return said.feel.test(said.feel.operand(operand), said.feel.type_of(operand), test)


_BOUNDARY: Final[dict[str, Callable[[Said], str]]] = {
    "never": lambda said: "false",
    "by": lambda said: str(said.who),
    "not_by": lambda said: f"not({said.who})",
    "only_by": lambda said: str(said.who),
    "only_by_if": _only_by_if,
    "only_if": lambda said: str(said.condition),
    "not_if": lambda said: f"not({said.strict_condition})",
    "only_by_channel": _by_channel("="),
    "not_by_channel": _by_channel("!="),
    "not_on_weekends": lambda said: f"not({WEEKEND})",
    "only_between_times": _times,
    "not_before_date": _on_date(">="),
    "not_after_date": _on_date("<="),
    "known_before": _known_before,
    "must_when": _must_when,
}
