"""What people keep doing otherwise than the definition says, and what comes of it: from worked goals to findings.

Only what is frequent is found (`LEAST` cases and `SHARE` of the last `LAST` of the kind), and nothing that one person
alone does: that is a habit of theirs. Its effect is told by comparing like with like: cases since it was first done,
in groups of the same person and the same kind of case in which both ways were taken, by the doubly robust estimator
(`steps/outcomes.py`). Where no such groups are, nothing is said of the effect.

Pure and deterministic: the same cases in any order give the same findings.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from math import sqrt
from typing import Final

import msgspec
import numpy as np

from caseloom.learning.steps.outcomes import Choices, doubly_robust, share_worth
from caseloom.learning.ways_finding import TARGETS, Effect, Finding, Kind, Month, Target

LAST: Final = 200
LEAST: Final = 8
SHARE: Final = 0.05
ONE_ALONE: Final = 0.8
"""Where one person does more than this share of it, it is theirs alone."""
FEW: Final = 3
"""So often it has to be done with an option at least for the option to be named."""
CUSTOMERS: Final = 3
"""What was done for fewer customers than these is told of nobody."""
UNLIKE: Final = 2
"""By so many steps a whole way differs from every option."""
BOTH: Final = 2
"""So often each of both has to stand in a group that is compared."""
COMPARED: Final = 0.6
"""So much of what was done has to stand in groups that can be compared; else they are made wider."""
ENOUGH: Final = 8
"""Cases that are compared, on either side."""
NEARLY: Final = 0.9
MONTHS: Final = 12
EXAMPLES: Final = 5

Options = Mapping[str, Mapping[str, Sequence[str]]]
"""Goal → option → the names of its tasks."""


class Done(msgspec.Struct, frozen=True):
    """A task that was done: its name, and who did it; `by_hand` where somebody had added it."""

    name: str
    by: str
    by_hand: bool = False


class Worked(msgspec.Struct, frozen=True, kw_only=True):
    """A goal of a case that was worked for to its end. `option` is the last one chosen, empty for none; `actor` who did
    most; `like` what the case is like, what tells most first; `left` the tasks that stood ready and were not done. An
    outcome of None is not known.
    """

    case: int
    customer: int
    goal: str
    option: str
    at: datetime
    actor: str
    like: tuple[str, ...] = ()
    done: tuple[Done, ...] = ()
    left: tuple[str, ...] = ()
    in_time: bool | None = None
    rated_well: bool | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """What was done, each once, in the order in which it was done first."""
        return tuple(dict.fromkeys(one.name for one in self.done))


class _Candidate(msgspec.Struct, frozen=True):
    """Something that may be found: the cases that it could have been done in, and who did it where."""

    kind: Kind
    goal: str
    options: tuple[str, ...]
    steps: tuple[str, ...]
    rows: Sequence[Worked]
    who: Mapping[int, str]
    """Place in `rows` → who did it."""


def findings(worked: Iterable[Worked], options: Options) -> tuple[Finding, ...]:
    """What is done otherwise than the options say, the most frequent first."""
    rows = sorted(worked, key=lambda one: (one.at, one.case))
    single = [
        found
        for goal, ways in options.items()
        for one in _steps(goal, ways, [row for row in rows if row.goal == goal])
        if (found := _found(one)) is not None
    ]
    known = {(one.goal, name) for one in single for name in one.steps}
    whole = [
        found
        for goal, ways in options.items()
        for one in _whole(goal, ways, [row for row in rows if row.goal == goal], known)
        if (found := _found(one)) is not None
    ]
    return tuple(sorted((*single, *whole), key=lambda one: (-one.share, one.key)))


def _steps(goal: str, ways: Mapping[str, Sequence[str]], rows: Sequence[Worked]) -> Iterator[_Candidate]:
    """The steps that were added to options that do not have them, and those of an option that were left out."""
    ways = ways or {"": ()}
    chosen = [row for row in rows if row.option in ways]
    added = {one.name for row in chosen for one in row.done if one.by_hand and one.name not in ways[row.option]}
    for name in sorted(added):
        without = [row for row in chosen if name not in ways[row.option]]
        who = {
            place: next(one.by for one in row.done if one.name == name)
            for place, row in enumerate(without)
            if name in row.names
        }
        yield _Candidate("adds", goal, _concerned(without, who), (name,), without, who)
    for option, tasks in ways.items():
        of_it = [row for row in chosen if row.option == option]
        for name in tasks:
            left = {n: row.actor for n, row in enumerate(of_it) if name in row.left and name not in row.names}
            if left:
                yield _Candidate("leaves out", goal, (option,), (name,), of_it, left)


def _concerned(rows: Sequence[Worked], who: Mapping[int, str]) -> tuple[str, ...]:
    """The options in which it is frequent."""
    of, did = Counter(row.option for row in rows), Counter(rows[place].option for place in who)
    return tuple(sorted(one for one, count in did.items() if one and count >= max(FEW, SHARE * of[one])))


def _whole(
    goal: str, ways: Mapping[str, Sequence[str]], rows: Sequence[Worked], known: set[tuple[str, str]]
) -> Iterator[_Candidate]:
    """Ways unlike any option; one that differs by steps alone that are found already says nothing new."""
    groups: dict[frozenset[str], dict[int, str]] = {}
    for place, row in enumerate(rows):
        other = _otherwise(row, ways.get(row.option))
        if other and all((goal, name) in known for name in other):
            continue
        if len(row.names) >= UNLIKE and len(other) >= UNLIKE and _is_unlike(row, ways):
            groups.setdefault(frozenset(row.names), {})[place] = row.actor
    for who in groups.values():
        yield _Candidate("whole way", goal, (), _usual_order([rows[place] for place in who]), rows, who)


def _otherwise(row: Worked, tasks: Sequence[str] | None) -> set[str]:
    """The steps by which a row differs from its own option; without one, all that were done. What an option has and
    what never stood ready was not left out.
    """
    if tasks is None:
        return set(row.names)
    added = {one.name for one in row.done if one.by_hand and one.name not in tasks}
    return added | {name for name in row.left if name in tasks and name not in row.names}


def _is_unlike(row: Worked, ways: Mapping[str, Sequence[str]]) -> bool:
    return all(len(set(row.names) ^ set(tasks)) >= UNLIKE for tasks in ways.values())


def _usual_order(rows: Sequence[Worked]) -> tuple[str, ...]:
    """The order in which these, which all did the same, went most often."""
    count = Counter(row.names for row in rows)
    return min(count, key=lambda names: (-count[names], names))


def _found(one: _Candidate) -> Finding | None:
    """The finding, where it is frequent enough and more than one person's habit."""
    rows, first = one.rows, max(len(one.rows) - LAST, 0)
    recent = [place for place in one.who if place >= first]
    of = len(rows) - first
    people = Counter(one.who[place] for place in recent)
    customers = {rows[place].customer for place in recent}
    if len(recent) < max(LEAST, SHARE * of) or len(customers) < CUSTOMERS:
        return None
    if len(people) < 2 or max(people.values()) > ONE_ALONE * len(recent):
        return None
    earlier = (len(one.who) - len(recent)) / first if first else None
    return Finding(
        kind=one.kind,
        goal=one.goal,
        options=one.options,
        steps=one.steps,
        after=_after(one) if one.kind == "adds" else "",
        cases=len(recent),
        of=of,
        earlier=earlier,
        grows=_grows(one),
        ever=len(one.who),
        people=len(people),
        since=min(rows[place].at for place in one.who),
        months=_months(one),
        effects=_effects(one),
        examples=tuple(rows[place].case for place in sorted(one.who, reverse=True)[:EXAMPLES]),
    )


def _after(one: _Candidate) -> str:
    """The step behind which it comes nearly always, the last such; empty where there is none."""
    name, before = one.steps[0], Counter[str]()
    place_of = Counter[str]()
    for place in one.who:
        names = one.rows[place].names
        for number, earlier in enumerate(names[: names.index(name)]):
            before[earlier] += 1
            place_of[earlier] += number
    always = [earlier for earlier, count in before.items() if count >= NEARLY * len(one.who)]
    return max(always, key=lambda earlier: (place_of[earlier] / before[earlier], earlier), default="")


def _grows(one: _Candidate) -> bool:
    """Whether the later half of the cases did it surely more often than the earlier half."""
    half = len(one.rows) // 2
    later = sum(place >= half for place in one.who)
    worth = share_worth(later, len(one.rows) - half)
    return half > 0 and worth.low > (len(one.who) - later) / half


def _months(one: _Candidate) -> tuple[Month, ...]:
    """The last months, those without a case between them, too."""
    all_of, did = Counter[date](), Counter[date]()
    for place, row in enumerate(one.rows):
        begins = row.at.date().replace(day=1)
        all_of[begins] += 1
        did[begins] += place in one.who
    last = max(all_of)
    months = [_before(last, back) for back in range(MONTHS - 1, -1, -1)]
    return tuple(Month(begins, did[begins], all_of[begins]) for begins in months if begins >= min(all_of))


def _before(month: date, back: int) -> date:
    number = month.year * 12 + month.month - 1 - back
    return date(number // 12, number % 12 + 1, 1)


# --- effect -----------------------------------------------------------------------------------------------------------


def _effects(one: _Candidate) -> dict[Target, Effect]:
    """What is known of its effect, in the cases since it was first done."""
    first = min(one.who)
    places = range(first, len(one.rows))
    found = {}
    for target in TARGETS:
        known = [place for place in places if getattr(one.rows[place], target) is not None]
        rows = [one.rows[place] for place in known]
        good = [bool(getattr(row, target)) for row in rows]
        effect = effect_of(rows, [place in one.who for place in known], good)
        if effect is not None:
            found[target] = effect
    return found


def effect_of(rows: Sequence[Worked], did: Sequence[bool], good: Sequence[bool]) -> Effect | None:
    """By how much good ends are more frequent where it was done, like compared with like; None where there is too
    little to compare.
    """
    depth = max((len(row.like) for row in rows), default=0)
    levels: list[Callable[[Worked], Hashable]] = [
        *(lambda row, deep=deep: (row.actor, row.option, row.like[:deep]) for deep in range(depth, -1, -1)),
        lambda row: row.actor,
    ]
    for level in levels:
        groups = [level(row) for row in rows]
        inside = _comparable(groups, did)
        taken = sum(one for one, kept in zip(did, inside, strict=True) if kept)
        if taken >= max(ENOUGH, COMPARED * sum(did)) and sum(inside) - taken >= ENOUGH:
            kept = [place for place, one in enumerate(inside) if one]
            return _estimated([groups[p] for p in kept], [did[p] for p in kept], [good[p] for p in kept])
    return None


def _comparable(groups: Sequence[Hashable], did: Sequence[bool]) -> list[bool]:
    """Whether each row stands in a group in which both were done often enough."""
    count = Counter(zip(groups, did, strict=True))
    return [min(count[group, True], count[group, False]) >= BOTH for group in groups]


def _estimated(groups: Sequence[Hashable], did: Sequence[bool], good: Sequence[bool]) -> Effect:
    codes = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    choices = Choices(
        np.array([codes[group] for group in groups], dtype=np.intp),
        np.array(did, dtype=np.intp),
        np.array(good, dtype=np.float64),
    )
    always, never = (doubly_robust(choices, np.full(len(codes), action, dtype=np.intp), actions=2) for action in (1, 0))
    # The two are read from the same cases and lean the same way, so that as independent ones they are never too sure.
    half = sqrt((always.high - always.low) ** 2 + (never.high - never.low) ** 2) / 2
    difference = max(-1.0, min(1.0, always.mean - never.mean))
    taken = sum(did)
    well = sum(good for good, one in zip(good, did, strict=True) if one)
    plain = [share_worth(well, taken), share_worth(sum(good) - well, len(did) - taken)]
    # Where all ended alike, nothing varies, and yet not everything is known: no less than the plain shares allow.
    half = max(half, sqrt(sum((worth.high - worth.low) ** 2 for worth in plain)) / 2)
    return Effect(
        difference=difference,
        low=max(difference - half, -1.0),
        high=min(difference + half, 1.0),
        did=taken,
        others=len(did) - taken,
        good=well / taken,
        usual=(sum(good) - well) / (len(did) - taken),
    )
