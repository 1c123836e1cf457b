"""Sentences on order and time as automata (`engine.rules.order`).

Of each kind stands here what its letters are and how they lead from state to state. A condition on the object (“a
refund above 500 EUR”) belongs to the letter that it forbids: what is not known to be outside it is forbidden too (ADR
7), so nothing slips through because nobody asked.
"""

from collections.abc import Callable
from typing import Final, Literal

from caseloom.engine.rules.language.fault import SentenceFault
from caseloom.engine.rules.language.tree import Word
from caseloom.engine.rules.meaning.acts import Happening, item_of
from caseloom.engine.rules.meaning.automaton import Automaton
from caseloom.engine.rules.meaning.said import Said
from caseloom.engine.rules.order import OrderSpec

_MOST: Final = 50
"""More than so many times is not counted by states."""


def order(said: Said) -> OrderSpec:
    """The automaton of a sentence on order or time."""
    automaton = Automaton(said)
    _KINDS[said.kind](automaton, said)
    return automaton.spec()


def orders() -> tuple[str, ...]:
    """The kinds of sentences that are automata."""
    return tuple(_KINDS)


def _before(a: Automaton, said: Said) -> None:
    """The act (by those who may) unlocks the clause."""
    first = a.letter(Happening(said.act, said.who))
    then = a.gate(said.clauses[0], said.qualifier, said.strict_condition)
    a.move(0, first, 1)
    a.forbid(0, then)


def _sometime(a: Automaton, said: Said) -> None:
    first = a.letter(Happening(said.act))
    a.move(0, first, 1)
    a.forbid(0, a.gate(Happening(Word("act", "close")), said.qualifier))


def _only_after(a: Automaton, said: Said) -> None:
    gated = a.gate(Happening(said.act), said.qualifier)
    before = a.letter(said.clauses[0])
    a.move(0, before, 1)
    a.forbid(0, gated)


def _not_while_undone(a: Automaton, said: Said) -> None:
    act, other = said.acts
    gated = a.gate(Happening(act), said.qualifier)
    a.move(0, a.letter(Happening(other)), 1)
    a.forbid(0, gated)


def _not_before_both(a: Automaton, said: Said) -> None:
    gated = a.gate(Happening(said.act), said.qualifier)
    one, other = (a.letter(clause) for clause in said.clauses)
    a.move(0, one, 1)
    a.move(0, other, 2)
    a.move(1, other, 3)
    a.move(2, one, 3)
    a.forbid((0, 1, 2), gated)


def _not_before_either(a: Automaton, said: Said) -> None:
    gated = a.gate(Happening(said.act), said.qualifier)
    for clause in said.clauses:
        a.move(0, a.letter(clause), 1)
    a.forbid(0, gated)


def _not_after(a: Automaton, said: Said) -> None:
    gated = a.gate(Happening(said.act), said.qualifier)
    a.move(0, a.letter(said.clauses[0]), 1)
    a.forbid(1, gated)


def _between(allowed: bool) -> Callable[[Automaton, Said], None]:
    def kind(a: Automaton, said: Said) -> None:
        gated = a.gate(Happening(said.act), said.qualifier)
        opens, closes = (a.letter(clause) for clause in said.clauses)
        a.move(0, opens, 1)
        a.move(1, closes, 0)
        a.forbid(0 if allowed else 1, gated)

    return kind


def _each_anew(a: Automaton, said: Said) -> None:
    gated = a.gate(Happening(said.act), said.qualifier)
    a.move(0, a.letter(said.clauses[0]), 1)
    a.forbid(0, gated)
    a.move(1, gated, 0)


def _next(a: Automaton, said: Said) -> None:
    _without_qualifier(said)
    first, act = a.gate(said.clauses[0]), a.letter(Happening(said.act))
    others = a.more(tuple(f"complete {task}" for task in said.vocabulary.tasks))
    a.move(0, first, 1)
    a.move(1, act, 0)
    a.forbid(1, first)
    a.forbid(1, others)
    a.unfinished = (1,)


def _by_turns(a: Automaton, said: Said) -> None:
    one, other = (a.gate(Happening(act)) for act in said.acts)
    a.move(0, one, 1)
    a.move(1, other, 0)
    a.forbid(0, other)
    a.forbid(1, one)


def _in_order(a: Automaton, said: Said) -> None:
    first = a.letter(Happening(said.acts[0]))
    second, third = (a.gate(Happening(act)) for act in said.acts[1:])
    a.move(0, first, 1)
    a.move(1, second, 2)
    a.forbid(0, second)
    a.forbid((0, 1), third)


def _one_of(a: Automaton, said: Said) -> None:
    happenings = said.clauses or [Happening(act) for act in said.acts]
    letters = [a.gate(happening) for happening in happenings]
    for number, letter in enumerate(letters, 1):
        a.move(0, letter, number)
        a.forbid([state for state in range(1, len(letters) + 1) if state != number], letter)


def _together(a: Automaton, said: Said) -> None:
    one, other = (a.letter(clause) for clause in said.clauses)
    a.move(0, one, 1)
    a.move(0, other, 2)
    a.move(1, other, 3)
    a.move(2, one, 3)
    a.unfinished = (1, 2)


def _followed(a: Automaton, said: Said) -> None:
    trigger = a.letter(_also(said.clauses[0], said.qualifier))
    act = a.letter(Happening(said.act))
    a.move(0, trigger, 1)
    a.move(1, act, 0)
    a.unfinished = (1,)


def _followed_within(a: Automaton, said: Said) -> None:
    """In state 1 it is due, in state 2 late; late it is still to be done."""
    _followed(a, said)
    a.deadline(1, 2)
    a.move(2, 1, 0)
    a.unfinished = (1, 2)


def _within_opening(a: Automaton, said: Said) -> None:
    _without_qualifier(said)
    opening, act = a.letter(Happening(Word("act", "open"))), a.letter(Happening(said.act))
    a.move(0, opening, 1)
    a.deadline(1, 2)
    a.move((1, 2), act, 3)
    a.unfinished = (1, 2)


def _at_most_times(a: Automaton, said: Said) -> None:
    gated = a.gate(Happening(said.act), said.qualifier)
    _count(a, gated, _few(said.count))
    a.forbid(said.count, gated)


def _at_most_times_within(a: Automaton, said: Said) -> None:
    gated = a.gate(Happening(said.act), said.qualifier)
    a.time(gated, gated, "sooner", _few(said.count))


def _at_most_times_before(a: Automaton, said: Said) -> None:
    _at_most_times(a, said)
    a.move(range(said.count + 1), a.letter(said.clauses[0]), said.count + 1)


def _at_least_times_before(a: Automaton, said: Said) -> None:
    act = a.letter(Happening(said.act))
    _count(a, act, _few(said.count))
    a.forbid(range(said.count), a.gate(said.clauses[0], said.qualifier))


def _exactly_times_before(a: Automaton, said: Said) -> None:
    gated = a.gate(Happening(said.act), said.qualifier)
    then = a.gate(said.clauses[0], said.qualifier)
    _count(a, gated, _few(said.count))
    a.forbid(said.count, gated)
    a.forbid(range(said.count), then)
    a.move(said.count, then, said.count + 1)


def _not_again_within(a: Automaton, said: Said) -> None:
    gated = a.gate(Happening(said.act), said.qualifier)
    a.time(gated, gated, "sooner")


def _timed(relation: Literal["sooner", "later"]) -> Callable[[Automaton, Said], None]:
    def kind(a: Automaton, said: Said) -> None:
        gated = a.gate(Happening(said.act), said.qualifier)
        a.time(gated, a.letter(said.clauses[0]), relation)

    return kind


def _not_while_open(a: Automaton, said: Said) -> None:
    task = said.word("task")
    if item_of(said.act) == task:
        raise SentenceFault(f"The task “{task}” is open until it is done, so it could never be done.")
    gated = a.gate(Happening(said.act), said.qualifier)
    # A task may stand open several times: the state is how many there are. One that is reset stays open, or comes anew.
    comes = a.more((f"create {task}",))
    _count(a, comes, _MOST)
    ends = a.more((f"complete {task}", f"cancel {task}", f"leave {task}"))
    for state in range(1, _MOST + 1):
        a.move(state, ends, state - 1)
    a.forbid(range(1, _MOST + 1), gated)


def _two_persons(person: Literal["same", "different"]) -> Callable[[Automaton, Said], None]:
    def kind(a: Automaton, said: Said) -> None:
        one, other = (a.gate(Happening(act)) for act in said.acts)
        a.person(one, other, person)
        a.person(other, one, person)

    return kind


def _only_doer(a: Automaton, said: Said) -> None:
    did, act = a.letter(Happening(said.acts[0])), a.gate(Happening(said.acts[1]))
    a.move(0, did, 1)
    a.forbid(0, act)
    a.person(act, did, "same")


def _not_doer(a: Automaton, said: Said) -> None:
    did, act = a.letter(Happening(said.acts[0])), a.gate(Happening(said.acts[1]))
    a.person(act, did, "different")


def _each_time(person: Literal["same", "different"]) -> Callable[[Automaton, Said], None]:
    def kind(a: Automaton, said: Said) -> None:
        act = a.gate(Happening(said.act))
        a.person(act, act, person)

    return kind


def _by_different_persons(a: Automaton, said: Said) -> None:
    number = said.values[-1].text
    if not number.isdecimal() or not 2 <= int(number) <= _MOST:
        raise SentenceFault(f"Write a whole number of persons from 2 to {_MOST}, not {number}.", word=number)
    act = a.gate(Happening(said.act))
    _count(a, act, int(number))
    a.person(act, act, "different")
    a.forbid(range(int(number)), a.gate(said.clauses[0], said.qualifier))


def _count(a: Automaton, letter: int, times: int) -> None:
    for state in range(times):
        a.move(state, letter, state + 1)


def _few(count: int) -> int:
    if count > _MOST:
        raise SentenceFault(f"A rule counts up to {_MOST} times.")
    return count


def _also(happening: Happening, condition: str | None) -> Happening:
    both = [part for part in (happening.condition, condition) if part]
    return Happening(happening.word, " and ".join(both) or None)


def _without_qualifier(said: Said) -> None:
    if said.qualifier is not None:
        raise SentenceFault("In this kind of rule the object cannot be narrowed by “above …” or “below …”.")


_KINDS: Final[dict[str, Callable[[Automaton, Said], None]]] = {
    "before": _before,
    "before_by": _before,
    "before_if": _before,
    "not_before": _only_after,
    "not_until": _only_after,
    "not_while_undone": _not_while_undone,
    "only_after": _only_after,
    "only_until": _not_after,
    "not_after": _not_after,
    "never_again": _not_after,
    "not_before_both": _not_before_both,
    "not_before_either": _not_before_either,
    "only_between": _between(allowed=True),
    "not_between": _between(allowed=False),
    "each_anew": _each_anew,
    "next": _next,
    "by_turns": _by_turns,
    "in_order": _in_order,
    "not_both": _one_of,
    "not_both_clauses": _one_of,
    "one_of_three": _one_of,
    "sometime": _sometime,
    "together": _together,
    "followed": _followed,
    "followed_within": _followed_within,
    "within_opening": _within_opening,
    "at_most_times": _at_most_times,
    "at_most_times_within": _at_most_times_within,
    "at_most_times_before": _at_most_times_before,
    "at_least_times_before": _at_least_times_before,
    "exactly_times_before": _exactly_times_before,
    "not_again_within": _not_again_within,
    "not_within": _timed("sooner"),
    "not_later": _timed("later"),
    "not_while_open": _not_while_open,
    "not_same_person": _two_persons("different"),
    "same_person": _two_persons("same"),
    "only_doer": _only_doer,
    "not_doer": _not_doer,
    "another_each_time": _each_time("different"),
    "always_same": _each_time("same"),
    "by_different_persons": _by_different_persons,
}
