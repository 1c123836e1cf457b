"""A definition checked before it is published: by living it.

From an opened case everything that anybody could do is tried, first from where something new has shown itself, until
nothing new turns up or the bound is spent. What can be seen on the way is sound. When all
was seen, what is missing is a fault, told with a life that shows it: goals that no way reaches within the rules, tasks
and facts that rules contradict each other on, sentences that never change anything. When the bound was spent first,
that is said of what was not seen by then: "not decided within the bound".
"""

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final, Literal

import msgspec

from caseloom.engine.calendar import BusinessCalendar
from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case.actor import PROGRAM, Actor
from caseloom.engine.case.acts import acts_of
from caseloom.engine.case.clocks import timers
from caseloom.engine.case.cone import Cone, concerns, cone_of, has_goal
from caseloom.engine.case.decide import decide
from caseloom.engine.case.moves import Hand, Move, hands_of, moves, readers_of, values_of
from caseloom.engine.case.refusal import Refused
from caseloom.engine.case.state import CaseState, Item
from caseloom.engine.case.terms import later, term_of
from caseloom.engine.case.turn import Moment
from caseloom.engine.rules.plan import Plan
from caseloom.engine.rules.watching import without
from caseloom.engine.spec.history import Event

SLICE: Final = 6_000
"""How many commands are tried at most for one goal, fact or sentence by itself."""
DECISIONS: Final = 8_000
"""How many commands are tried at most: a few seconds."""
CUSTOMER: Final = Hand(Actor("customer:1", "customer"), "the customer")
WORKER: Final = Hand(Actor("agent:1", "agent", "", frozenset(("agent",))), "an agent")
HOUSE: Final = Hand(PROGRAM, "the house")
OFTEN: Final = 2
"""How often one kind of thing happens in a life: more often shows nothing new."""

Kind = Literal["contradiction", "unreachable goal", "never matters", "not decided"]


class Done(msgspec.Struct, frozen=True):
    """One step of a life: the move, when it was made, and the sentence that refused it (empty: it was accepted)."""

    move: Move
    at: datetime
    refused: str = ""


class Concern(msgspec.Struct, frozen=True):
    """What is wrong with a definition: the goal, task, fact or sentence it is about, the sentences that make it so, and
    a life that shows it, step by step.
    """

    kind: Kind
    about: str
    rules: tuple[str, ...] = ()
    life: tuple[Done, ...] = ()

    def __str__(self) -> str:
        rules = " and ".join(f"“{rule}”" for rule in self.rules)
        match self.kind:
            case "contradiction":
                return f"{self.about} can never be: the rules {rules} leave no way. {told(self.life)}"
            case "unreachable goal":
                because = f", because of {rules}" if rules else ""
                return f"the goal “{self.about}” can never be reached{because}. {told(self.life)}"
            case "never matters":
                return f"the sentence “{self.about}” never changes anything. {told(self.life)}"
            case _:
                return f"not decided within the bound: {self.about}"


def told(life: Iterable[Done]) -> str:
    """A life in words."""
    steps = [f"{step.move.label}{f' (refused: {step.refused})' if step.refused else ''}" for step in life]
    return f"For example: {'; '.join(steps)}." if steps else "Nothing that could be done leads there."


class Checked(msgspec.Struct, frozen=True):
    """What came of a check. `whole` says that everything was seen."""

    concerns: tuple[Concern, ...]
    whole: bool
    decisions: int


def check(plan: Plan, calendar: BusinessCalendar, now: datetime, decisions: int = DECISIONS) -> Checked:
    """Live the definition, and say what is wrong with it."""
    lives = _Lives(plan, calendar, now, decisions)
    lives.live()
    return Checked(tuple(_concerns(lives, plan, calendar, now, decisions)), lives.whole, decisions - lives.left)


class _Node(msgspec.Struct):
    state: bytes
    now: datetime
    life: tuple[Done, ...]
    waited: int = 0


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(CaseState).decode


class _Lives:
    """The lives of a case, as far as they differ in something that matters."""

    def __init__(
        self, plan: Plan, calendar: BusinessCalendar, now: datetime, decisions: int, cone: Cone | None = None
    ) -> None:
        self.plan, self.calendar, self.left, self.whole = plan, calendar, decisions, False
        self._cone = cone
        self.happened: dict[str, tuple[Done, ...]] = {}
        """Act, or sentence that fired → the life in which it came first."""
        self.refused: dict[str, dict[str, tuple[Done, ...]]] = {}
        """Act that a rule refused → sentence → the life."""
        self.mattered: set[str] = set()
        """Sentences that alone have refused something, or have fired."""
        self.together: dict[str, tuple[Done, ...]] = {}
        """Sentence that refused, but never alone → a life."""
        self._start = now
        self._hands = (*hands_of(plan, WORKER.actor), CUSTOMER)
        if cone is not None and not cone.persons:
            self._hands = (self._hands[0], CUSTOMER)
        self._values = values_of(plan)
        self._without: dict[str, Plan] = {}
        self._holding = _holding(plan)
        self._seen: set[frozenset[Atom]] = set()
        self._known: set[Atom] = set()
        self._pairs: set[tuple[Atom, Atom]] = set()
        self._queue: list[tuple[int, int, int, _Node]] = []
        self._order = count()
        terms = [timed.term for order in plan.orders for timed in order.spec.times]
        self._longest_wait = max(terms, key=lambda term: term_of(term).plain, default=None)

    # --- the search ---------------------------------------------------------------------------------------------------

    def live(self) -> None:
        for opening in self._openings():
            self._step(_Node(_encode(CaseState()), self._start, ()), opening)
        while self._queue:
            *_, node = heapq.heappop(self._queue)
            state = _decode(node.state)
            for move in self._moves(state, node.now):
                if self._cone is not None and not concerns(self._cone, move, state, self.plan):
                    continue
                if self.left <= 0:
                    return
                self._step(node, move)
            self._wait(node)
        self.whole = True

    def _openings(self) -> Iterator[Move]:
        goal = self.plan.service_goal
        for channel in (goal.channels if goal is not None and goal.channels else ("mail",))[:3]:
            key = goal.service_goal if goal is not None else ""
            command = c.OpenCase(case=1, customer=1, service_goal=key, version=1, channel=channel, contact=1)
            yield Move(command, WORKER, f"A case comes in by {channel}")

    def _step(self, node: _Node, move: Move) -> None:
        now = _when(move, node)
        outcome, after = self._decide(self.plan, node.state, move, now)
        if isinstance(outcome, Refused):
            self._note_refusal(outcome, node, move, now)
            return
        life = (*node.life, Done(move, now))
        names = tuple(_names(outcome, _decode(node.state), move.hand.actor))
        for name in names:
            self.happened.setdefault(name, life)
        self._note_holding(names, node, move, now)
        self._push(after, now, life, node.waited)

    def _push(self, state: CaseState, now: datetime, life: tuple[Done, ...], waited: int) -> None:
        """Queue a state that is new: first those that show something for the first time, then those that show two
        things together for the first time (the width of a search: Lipovetzky and Geffner, ECAI 2012), then all others.
        """
        atoms = _atoms(state, self._cone, self.plan) | {("waited", waited)}
        if atoms in self._seen:
            return
        self._seen.add(atoms)
        fresh = atoms - self._known
        pairs = {(one, other) for one in atoms for other in atoms if hash(one) < hash(other)} if not fresh else set()
        width = 1 if fresh else 2 if pairs - self._pairs else 3
        self._known |= fresh
        self._pairs |= pairs
        state.rest()
        node = _Node(_encode(state), now, life, waited)
        heapq.heappush(self._queue, (width, len(life), next(self._order), node))

    def _wait(self, node: _Node) -> None:
        """Let time pass, as long as the longest term that a rule compares with, where there is one."""
        if self._longest_wait is None or node.waited >= OFTEN:
            return
        note = Move(c.AddNote(text="time passes"), HOUSE, "Time passes")
        now = later(self.calendar, node.now, term_of(self._longest_wait)) + timedelta(seconds=1)
        self._push(_decode(node.state), now, (*node.life, Done(note, now)), node.waited + 1)

    def _decide(
        self, plan: Plan, stored: bytes, move: Move, now: datetime
    ) -> tuple[tuple[Event, ...] | Refused, CaseState]:
        self.left -= 1
        state = _decode(stored)
        finished: dict[int, Item] = {}
        moment = Moment(now, move.hand.actor, lambda *_: plan, self.calendar, iter(range(10_000, 20_000)), finished)
        return decide(state, move.command, moment), state

    def _note_refusal(self, refused: Refused, node: _Node, move: Move, now: datetime) -> None:
        rule = refused.rule
        if rule is None or refused.code not in ("boundary", "data"):
            return
        life = (*node.life, Done(move, now, rule))
        for act in _attempted(move, _decode(node.state)):
            self.refused.setdefault(act, {}).setdefault(rule, life)
        if rule in self.mattered:
            return
        outcome, _ = self._decide(self._plan_without(rule), node.state, move, now)
        if isinstance(outcome, Refused) and outcome.code in ("boundary", "data"):
            # Each of the two would have refused it: here neither changes anything.
            for sentence in (rule, outcome.rule or rule):
                self.together.setdefault(sentence, life)
        else:
            self.mattered.add(rule)

    def _note_holding(self, names: tuple[str, ...], node: _Node, move: Move, now: datetime) -> None:
        """What comes by itself is never refused but waits: so a sentence on it matters where without it more comes."""
        for rule in sorted(self._holding - self.mattered):
            other, _ = self._decide(self._plan_without(rule), node.state, move, now)
            if not isinstance(other, Refused):
                freely = tuple(_names(other, _decode(node.state), move.hand.actor))
                if freely != names:
                    self.mattered.add(rule)

    def _plan_without(self, rule: str) -> Plan:
        if rule not in self._without:
            self._without[rule] = without(self.plan, frozenset((rule,)))
        return self._without[rule]

    # --- moves --------------------------------------------------------------------------------------------------------

    def _moves(self, state: CaseState, now: datetime) -> Iterator[Move]:
        for move in moves(state, self.plan, self._hands, self._values):
            if isinstance(move.command, c.CreateTask) and _enough(state, move.command.key):
                continue
            yield move
        yield from self._about_objects(state)
        if state.status == "active":
            yield from self._steering(state)
        yield from _world(state, now)

    def _about_objects(self, state: CaseState) -> Iterator[Move]:
        for key, plan in self.plan.items.items():
            subject = getattr(plan.spec, "about", "")
            known = state.facts.get(subject) if subject else None
            if known is not None and known.value and not _enough(state, key):
                yield Move(c.CreateTask(key=key, about="1"), WORKER, f"Add the task “{plan.spec.title or key}”")

    def _steering(self, state: CaseState) -> Iterator[Move]:
        for hand in self._hands[:-1]:
            yield Move(c.TerminateCase(reason="tried"), hand, "End the case")
        for goal in state.goals.values():
            if goal.status == "active" and goal.key:
                yield Move(c.WaiveGoal(goal=goal.id, reason="tried"), WORKER, f"Waive the goal “{goal.key}”")
        watched = self.plan.watched
        for item in state.items.values():
            if item.kind == "task" and f"cancel {item.key}" in watched:
                yield Move(c.CancelTask(item=item.id, reason="tried"), WORKER, f"Cancel “{item.key}”")
            if item.kind == "task" and f"reset {item.key}" in watched:
                yield Move(c.ResetTask(item=item.id, reason="tried"), WORKER, f"Reset “{item.key}”")
        for key in self.plan.letters:
            message = c.SendMessage(
                contact=50 + len(state.messages), to="a@b.example", subject="s", text="t", letter=key
            )
            if f"send {key}" in watched and len(state.messages) < OFTEN:
                yield Move(message, WORKER, f"Send the letter “{key}”")
        for item in state.items.values():
            task = self.plan.task(item.key)
            if item.status == "active" and task is not None and task.kind == "letter" and not state.messages:
                sent = c.SendMessage(
                    contact=40, to="a@b.example", subject="s", text="t", letter=task.letter, item=item.id
                )
                yield Move(sent, WORKER, f"Send “{item.key}”")


def _holding(plan: Plan) -> frozenset[str]:
    """The sentences on milestones and stages, which nobody completes by hand."""
    own = {f"complete {key}" for key, item in plan.items.items() if item.kind != "task"}
    guards = {rule.spec.says for act in own for rule in plan.guards.get(act, ())}
    return frozenset(
        guards | {plan.orders[number].spec.says for act in own for number, _ in plan.order_letters.get(act, ())}
    )


def _enough(state: CaseState, key: str) -> bool:
    counter = state.counters.get(key)
    return counter is not None and (
        counter.created >= OFTEN or counter.created > counter.completed + counter.terminated
    )


def _world(state: CaseState, now: datetime) -> Iterator[Move]:
    if state.contacts_in < 3:
        written = c.LinkContact(contact=90 + state.contacts_in, channel="mail", at=now, customer=1)
        yield Move(written, CUSTOMER, "The customer writes")
    if not state.contacts_out:
        answer = c.LinkContact(contact=80, channel="phone", direction="out", at=now, customer=1)
        yield Move(answer, WORKER, "Answer the customer")
    if state.perceptions < OFTEN:
        for score in (1, 5):
            yield Move(c.RecordPerception(score=score), CUSTOMER, f"The customer rates it {score} of 5")
    if not state.confirmed:
        yield Move(c.ConfirmOutcome(), CUSTOMER, "The customer confirms")
    for contact in state.messages:
        yield Move(c.SettleMessage(contact=contact, status="accepted"), HOUSE, "The letter arrives")
    for name in timers(state):
        yield Move(c.TimerDue(timer=name), HOUSE, f"The time is up: {name}")


def _when(move: Move, node: _Node) -> datetime:
    """A timer rings when it is due; everything else is done at once."""
    command = move.command
    if isinstance(command, c.TimerDue):
        return max(timers(_decode(node.state)).get(command.timer, node.now), node.now)
    return node.now


def _attempted(move: Move, state: CaseState) -> Iterator[str]:
    """What a command would have been, had it been accepted."""
    match move.command:
        case c.CompleteTask(item=item, facts=facts):
            yield f"complete {state.items[item].key}"
            yield from (f"set {name}" for name in facts)
        case c.SetFacts(facts=facts):
            yield from (f"set {name}" for name in facts)
        case c.ChooseOption(option=option):
            yield f"choose {option}"
        case c.ReachGoal(goal=goal):
            yield f"reach {state.goals[goal].key}"
        case c.TerminateCase():
            yield "close"
        case _:
            return


def _names(events: Iterable[Event], state: CaseState, actor: Actor) -> Iterator[str]:
    """The acts that happened, and the sentences that fired."""
    for event in events:
        yield from acts_of(event, state, actor.kind == "customer")
        if isinstance(event, e.ReactionFired | e.RuleBroken):
            yield event.rule


Atom = tuple[Any, ...]


def _atoms(state: CaseState, cone: Cone | None, plan: Plan) -> frozenset[Atom]:
    """What of a state can matter to what comes: without ids, moments and how often beyond a few, and of what lies
    outside the cone nothing.
    """
    found: list[Atom] = [
        ("goal", g.key, g.status, g.option, g.late)
        for g in state.goals.values()
        if cone is None or has_goal(cone, g.key, plan)
    ]
    inside = [i for i in state.items.values() if cone is None or cone.has_item(i.key)]
    found += [("item", i.key, i.status, i.about, i.late) for i in inside]
    found += [
        ("done", key, min(counter.completed, OFTEN))
        for key, counter in state.counters.items()
        if cone is None or cone.has_item(key)
    ]
    found += [("fact", n, str(fact.value)) for n, fact in state.facts.items() if cone is None or n in cone.names]
    found += [
        ("rule", rule, about, memory.state, memory.due is None, *sorted((d.letter, d.actor) for d in memory.deeds))
        for rule, memories in state.orders.items()
        for about, memory in memories.items()
    ]
    found += [("case", state.status), ("letters", len(state.messages))]
    if cone is None or cone.has("rate"):
        found.append(("rated", state.perception))
    if cone is None or cone.has("confirm", "deny", "customer answers"):
        found += [("confirmed", state.confirmed), ("asked", state.awaits_confirmation)]
    if cone is None or cone.has("hear", "answer", "customer answers"):
        found += [("answered", bool(state.contacts_out)), ("heard", min(state.contacts_in, 3))]
    if cone is None:
        found += [("holds", rule) for rule in state.rules]
        found += [("offer", offer, said) for offer, said in state.offers.items()]
    return frozenset(found)


# --- verdicts ---------------------------------------------------------------------------------------------------------


def _concerns(
    lives: _Lives, plan: Plan, calendar: BusinessCalendar, now: datetime, decisions: int
) -> Iterator[Concern]:
    again = _Again(plan, calendar, now, min(SLICE, decisions))
    for kind, about, act in _wanted(plan):
        if act not in lives.happened:
            yield from again.impossible(kind, about, act)
    for rule in sorted(plan.sentences):
        if rule not in lives.mattered and rule not in lives.happened:
            yield from again.idle(rule, _longest(lives))


def _wanted(plan: Plan) -> Iterator[tuple[Kind, str, str]]:
    for key, goal in plan.goals.items():
        if goal.spec.need == "required" and not goal.spec.added_only:
            yield "unreachable goal", key, f"reach {key}"
    for key, item in plan.items.items():
        if item.kind == "task":
            yield "contradiction", f"completing “{key}”", f"complete {key}"
    read = readers_of(plan)
    for name, spec in plan.facts.items():
        if name in read and spec.type in ("number", "money", "boolean", "choice"):
            yield "contradiction", f"a value of “{spec.label or name}”", f"set {name}"


def _reads_more(plan: Plan, rule: str) -> bool:
    """Whether a sentence reads what the lives do not vary: the time of day, what the house knows of the customer."""
    varied = {name for name, found in values_of(plan).items() if found} | {
        "actor", "perception", "customer has confirmed",
    }  # fmt: skip
    return any(name not in varied for name in readers_of(plan, rule))


def _shortest(found: dict[str, tuple[Done, ...]]) -> tuple[Done, ...]:
    return min(found.values(), key=len, default=())


def _longest(lives: _Lives) -> tuple[Done, ...]:
    """A life that reached much, in which the sentence changed nothing."""
    return max(lives.happened.values(), key=len, default=())


class _Again:
    """Lives once more, within what bears on one act or sentence, and with the rules that are to blame taken out."""

    def __init__(self, plan: Plan, calendar: BusinessCalendar, now: datetime, decisions: int) -> None:
        self._plan, self._calendar, self._now, self._decisions = plan, calendar, now, decisions

    def _lives(self, plan: Plan, act: str = "", rule: str = "") -> _Lives:
        lives = _Lives(plan, self._calendar, self._now, self._decisions, cone_of(plan, act, rule))
        lives.live()
        return lives

    def impossible(self, kind: Kind, about: str, act: str) -> Iterator[Concern]:
        """The concern that this act can never be, unless it can."""
        lives = self._lives(self._plan, act)
        if act in lives.happened:
            return
        if not lives.whole:
            yield Concern("not decided", f"whether {about} can ever be")
            return
        blamed = lives.refused.get(act, {})
        rules = self._culprits(act, (*blamed, *(rule for found in lives.refused.values() for rule in found)))
        if kind == "unreachable goal" or rules:
            shown = min(
                (lives.refused[a][r] for a in lives.refused for r in lives.refused[a] if r in rules),
                key=len,
                default=(),
            )
            yield Concern(kind, about, rules, _shortest(blamed) or shown or _longest(lives))

    def idle(self, rule: str, life: tuple[Done, ...]) -> Iterator[Concern]:
        """The concern that this sentence never changes anything, unless it does."""
        lives = self._lives(self._plan, rule=rule)
        if rule in lives.mattered or rule in lives.happened:
            return
        if not lives.whole or _reads_more(self._plan, rule):
            yield Concern("not decided", f"whether “{rule}” ever matters")
        else:
            yield Concern("never matters", rule, (), lives.together.get(rule) or _longest(lives) or life)

    def _culprits(self, act: str, suspects: Iterable[str]) -> tuple[str, ...]:
        """The sentences without all of which the act is possible, none of which can stay."""
        blamed = list(dict.fromkeys(suspects))[:8]
        if not blamed or not self._possible(blamed, act):
            return ()
        for rule in list(blamed):
            fewer = [other for other in blamed if other != rule]
            if self._possible(fewer, act):
                blamed = fewer
        return tuple(blamed)

    def _possible(self, rules: list[str], act: str) -> bool:
        return act in self._lives(without(self._plan, frozenset(rules)), act).happened
