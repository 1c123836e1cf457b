"""One simulated case: what customer and staff do, one step after the other, as the rules and their habits let them.

A life reads its case as the desk does: it folds the events that the door answers with, and looks at open goals, tasks
and messages to see what is to be done next.
"""

import random
from collections.abc import Callable, Generator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct

from caseloom.channels.contact import PrepareContact, ReceiveContact
from caseloom.channels.contact_events import Words
from caseloom.cli.demo import drifting, habits
from caseloom.cli.demo.mail_words import written
from caseloom.cli.demo.past import Step, Steps
from caseloom.cli.demo.world import Worker, World
from caseloom.engine.case import commands as c
from caseloom.engine.case.clocks import timers
from caseloom.engine.case.decide import ON_ENDED
from caseloom.engine.case.evolve import Stamp, evolve
from caseloom.engine.case.state import CaseState, Goal, Item
from caseloom.engine.case.turn import Moment, Turn
from caseloom.engine.feel import is_true
from caseloom.engine.rules.plan import Plan
from caseloom.sdk.access import Access
from caseloom.sdk.stream import Answer

MOST_MOVES: Final = 90
SPOKEN: Final = ("phone", "counter", "chat")
FROM_NOTHING: Final = 0.06
Move = Generator[Sequence[Step], Sequence[Answer], None]


class Wish(Struct, frozen=True):
    """A want that becomes a case. moves: after how many moves it is left as it stands; None lives it to its end."""

    name: str
    service_goal: str
    channel: str
    at: datetime
    customer: int | None = None
    moves: int | None = None


class Ended(Exception):
    """The present is reached: what would come next has not happened yet."""


class Overtaken(Exception):
    """A timer came first and has changed what there is to do."""


class Life:
    """One case on its way. `wishes` hears what the customer wants after it."""

    def __init__(self, world: World, wish: Wish, wishes: Callable[[Wish], None] = lambda wish: None) -> None:
        self.world, self.wish, self._wishes = world, wish, wishes
        self.rng = random.Random(f"{world.seed} {wish.name}")  # noqa: S311 - a made-up world, no secret
        self.at = wish.at
        self.state = CaseState()
        self.before = ""
        self.stalled: set[int] = set()
        self.added = False

    # --- steps --------------------------------------------------------------------------------------------------------

    def live(self) -> Steps:
        """The whole life, up to its end, the present, or the number of moves that it was given."""
        self.index = self.wish.customer if self.wish.customer is not None else self.world.customer_at(self.rng, self.at)
        self.person, self.customer = self.world.customers[self.index]
        try:
            yield from self._open()
            for moved in range(MOST_MOVES):
                move = self._next_move() if self.wish.moves is None or moved < self.wish.moves else None
                if move is None:
                    break
                try:
                    yield from move
                except Overtaken:
                    continue
        except Ended:
            pass
        yield from self._overdue(self.world.now)
        self._afterwards()

    def _do(self, command: c.Command, at: datetime, access: Access, *also: Step) -> Move:
        """A command to the case, after the timers that came due before it."""
        at = max(at, self.at + timedelta(seconds=1))
        if at > self.world.now:
            raise Ended
        yield from self._overdue(at)
        if not self._still_fits(command):
            raise Overtaken
        self.at = max(at, self.at)
        steps = [*also, Step("case", self.state.id, command, self.at, access)]
        answers = yield steps
        self._fold(answers[-1], access)

    def _still_fits(self, command: c.Command) -> bool:
        item = getattr(command, "item", None)
        if item is not None and item not in self.state.items:
            return False
        return self.state.status == "active" or isinstance(command, ON_ENDED)

    def _overdue(self, until: datetime) -> Move:
        while due := sorted((moment, name) for name, moment in timers(self.state).items() if moment <= until):
            moment, name = due[0]
            self.at = max(moment, self.at)
            command = c.TimerDue(timer=name)
            answers = yield [Step("case", self.state.id, command, self.at, self.world.program)]
            self._fold(answers[-1], self.world.program)

    def _fold(self, answer: Answer, access: Access) -> None:
        stamp = Stamp(self.at, access.actor.id)
        for event in answer.events:
            evolve(self.state, event, stamp)
        self.state.rest()

    # --- contacts -----------------------------------------------------------------------------------------------------

    def _open(self) -> Move:
        alone = self.wish.channel == "web form" and self._plan_of(self.wish.service_goal).service_goal
        alone = alone if alone and alone.self_service and self.rng.random() < 0.75 else None
        unknown = alone is None and self.wish.channel == "mail" and self.rng.random() < FROM_NOTHING
        goal = "" if unknown else self.wish.service_goal
        access = self.world.access_of(self.index) if alone else self.world.program
        case, contact = next(self.world.ids), next(self.world.ids)
        subject, text = written(self.rng, self.wish.service_goal, self.person)
        opened = c.OpenCase(
            case=case, customer=self.customer, service_goal=goal, version=self.world.version(goal),
            house_version=self.world.house, channel=self.wish.channel, title="" if alone else subject,
            team="contact centre" if unknown else "", contact_at=self.at, contact=None if alone else contact,
            facts=self._start_facts(alone.start_form) if alone else {},
            customer_facts=dict(self.world.known_facts(self.index)),
        )  # fmt: skip
        steps = [Step("case", case, opened, self.at, access)]
        if not alone:
            steps.insert(0, self._received(contact, case, subject, text))
        answers = yield steps
        self._fold(answers[-1], access)

    def _plan_of(self, service_goal: str) -> Plan:
        return self.world.plan(service_goal, self.world.version(service_goal))

    def _start_facts(self, form: Sequence[str]) -> dict[str, Any]:
        return {name: self._fact(name) for name in form}

    def _received(self, contact: int, case: int, subject: str, text: str) -> Step:
        words = Words(subject=subject, text=text, own_text=text, address=self.person.mail, name=self.person.name)
        command = ReceiveContact(
            contact=contact, customer=self.customer, channel=self.wish.channel, at=self.at, words=words, case=case
        )
        return Step("contact", contact, command, self.at, self.world.program)

    def _write_in(self, at: datetime, text: str) -> Move:
        """The customer gets in touch again."""
        contact = next(self.world.ids)
        link = c.LinkContact(contact=contact, channel=self.wish.channel, at=at, customer=self.customer)
        yield from self._do(link, at, self.world.program)
        yield [self._received(contact, self.state.id, "", text)]

    def _send(self, at: datetime, worker: Worker, letter: str, item: int | None = None) -> Move:
        """Somebody writes to the customer."""
        plan = self._plan().letters[letter]
        turn = self._turn(at, worker.access)
        command = c.SendMessage(
            contact=next(self.world.ids), to=self.person.mail, subject=plan.subject.render(turn.scope),
            text=plan.text.render(turn.scope), letter=letter, item=item,
            answers=self.state.unanswered[-1] if self.state.unanswered else None,
        )  # fmt: skip
        yield from self._do(command, at, worker.access)
        yield from self._accepted(letter, command.subject, command.text)

    def _accepted(self, letter: str, subject: str = "", text: str = "") -> Move:
        """The other side takes the mail a few seconds later."""
        for number in list(self.state.messages):
            at = self.at + timedelta(seconds=self.rng.randrange(2, 9))
            words = Words(subject=subject or letter, text=text or letter, own_text=text, recipients=(self.person.mail,))
            sent = PrepareContact(
                contact=number, customer=self.customer, channel="mail", at=at, words=words, case=self.state.id,
                happened=True, team=self.state.team,
            )  # fmt: skip
            also = Step("contact", number, sent, at, self.world.program)
            yield from self._do(c.SettleMessage(contact=number, status="accepted"), at, self.world.program, also)

    # --- what is next -------------------------------------------------------------------------------------------------

    def _plan(self) -> Plan:
        return self.world.plan(self.state.service_goal, self.state.version)

    def _turn(self, at: datetime, access: Access) -> Turn:
        calendar = self.world.calendar(self.state.team)
        moment = Moment(at, access.actor, lambda key, version, house: self._plan(), calendar, self.world.ids)
        return Turn(self.state, self._plan(), moment)

    def _next_move(self) -> Move | None:
        state = self.state
        if state.status in ("completed", "terminated"):
            return self._rate() if state.asked and not state.perceptions else None
        if state.messages:
            return self._accepted(next(iter(state.messages.values())).letter, "", self._words_of_house())
        stranger = state.owner in self.world.by_id and not self.world.sees(self.world.by_id[state.owner], self._plan())
        if stranger or (not state.owner and self._ours()):
            return self._take()
        if not state.service_goal:
            command = c.ClassifyCase(
                service_goal=self.wish.service_goal,
                version=self.world.version(self.wish.service_goal),
                customer_facts=dict(self.world.known_facts(self.index)),
            )
            return self._do(command, self._worked(self._owner()), self._owner().access)
        return self._work() or self._care()

    def _words_of_house(self) -> str:
        return f"Dear {self.person.name}, this is about your case {self.state.id}."

    def _ours(self) -> bool:
        return bool(self.state.unanswered) or self.state.waits_for != "customer"

    def _owner(self) -> Worker:
        return self.world.by_id.get(self.state.owner) or self.world.member(self.rng, self.state.team)

    def _worked(self, worker: Worker, team: str = "") -> datetime:
        team = team or self.state.team
        hurry = habits.URGENT.get(self.wish.service_goal, 1.0)
        minutes = self.world.minutes(team) * worker.employee.pace * hurry
        if self.rng.random() < worker.employee.forgets:
            minutes += self.rng.lognormvariate(0, 0.5) * 700 * hurry
        return habits.worked(self.rng, self.world.calendar(team), self.at, minutes)

    def _take(self) -> Move:
        worker = self.world.member(self.rng, self.state.team)
        at = self._worked(worker)
        yield from self._do(c.HandOver(owner=worker.id, team=self.state.team), at, worker.access)
        written = self.state.unanswered and self.wish.channel not in SPOKEN and self.state.service_goal
        if written and self.rng.random() > worker.employee.forgets * 4:
            yield from self._send(self.at + timedelta(minutes=self.rng.randrange(2, 12)), worker, "plain answer")

    def _work(self) -> Move | None:
        """An open task, or a goal for which a way has to be chosen."""
        state = self.state
        if self.rng.random() < 0.035 and state.owner and state.status == "active":
            return self._pass_on()
        open_tasks = [item for item in state.items.values() if item.kind == "task" and item.status == "active"]
        begun = next((goal for goal in state.goals.values() if goal.option and goal.status == "active"), None)
        if begun is not None and not self.added and self._drifts():
            return self._add_a_step(begun)
        ours = [item for item in open_tasks if item.waits_for == "us"]
        if ours:
            return self._work_on(ours[0])
        goals = [goal for goal in state.goals.values() if goal.status == "active" and goal.need != "optional"]
        busy = {item.goal for item in open_tasks}
        for goal in sorted(goals, key=lambda one: one.id):
            if goal.id not in busy and (move := self._advance(goal)) is not None:
                return move
        return self._by_customer(open_tasks[0]) if open_tasks else None

    def _drifts(self) -> bool:
        # Drawn apart, so that all else in this life goes as it would without it.
        rng = random.Random(f"{self.world.seed} {self.wish.name} drift")  # noqa: S311 - a made-up world, no secret
        liking = self._owner().habit("drift") if self.state.owner else 0.0
        self.added = drifting.adds_a_step(rng, self.wish.service_goal, self.at, self.world.now, liking)
        return self.added

    def _add_a_step(self, goal: Goal) -> Move:
        """Do what the definition does not say."""
        worker, at = self._owner(), self.at + timedelta(minutes=5)
        title = drifting.title(self.wish.service_goal, self.index)
        yield from self._do(c.CreateTask(title=title, goal=goal.id, assignee=worker.id), at, worker.access)
        made = max(item.id for item in self.state.items.values() if item.kind == "task" and not item.key)
        yield from self._do(c.CompleteTask(item=made), at + timedelta(minutes=6), worker.access)

    def _pass_on(self) -> Move:
        """The case changes hands: an end of the shift, or too much on one desk."""
        worker = self.world.member(self.rng, self.state.team)
        if worker.id == self.state.owner:
            return self._do(c.AddNote(text="Called, nobody there."), self._worked(worker), worker.access)
        hand_over = c.HandOver(owner=worker.id, reason="Too much on one desk")
        return self._do(hand_over, self._worked(worker), worker.access)

    def _advance(self, goal: Goal) -> Move | None:
        """Choose a way to the goal, or say that it is reached."""
        plan = self._plan().goals.get(goal.key)
        worker = self._owner()
        turn = self._turn(self.at, worker.access)
        if plan is not None and plan.reached is not None and is_true(plan.reached.evaluate(turn.scope)):
            return self._do(c.ReachGoal(goal=goal.id), self._worked(worker), worker.access)
        standing = goal.option if goal.option_item in self.state.items else None
        ways = [
            key
            for key, way in (plan.options if plan else {}).items()
            if not way.spec.automatic
            and key != standing
            and (way.when is None or is_true(way.when.evaluate(turn.scope)))
        ]
        if not ways:
            below = [one for one in self.state.goals.values() if one.parent == goal.id]
            return None if any(one.status in ("available", "active") for one in below) else self._stuck(goal, worker)
        way = self.rng.choices(ways, [worker.habit(key) for key in ways])[0]
        return self._do(c.ChooseOption(goal=goal.id, option=way), self._worked(worker), worker.access)

    def _stuck(self, goal: Goal, worker: Worker) -> Move | None:
        """A goal that the customer denied is worked for again in the way that it was before; without one it is said."""
        if goal.id in self.stalled:
            return None
        self.stalled.add(goal.id)
        return self._choose_again(goal, worker)

    def _choose_again(self, goal: Goal, worker: Worker) -> Move | None:
        if goal.option is None or goal.option_item in self.state.items:
            plan = self._plan().goals.get(goal.key)
            if plan is not None and plan.reached is not None:
                return None
            return self._do(c.ReachGoal(goal=goal.id), self._worked(worker), worker.access)
        return self._do(c.ChooseOption(goal=goal.id, option=goal.option), self._worked(worker), worker.access)

    # --- tasks --------------------------------------------------------------------------------------------------------

    def _work_on(self, item: Item) -> Move:
        worker = self.world.performer(self.rng, self._plan(), item, self.state.owner, self.before)
        at = max(self._worked(worker, item.team), self._agreed_day())
        if worker.id not in (item.assignee, self.state.owner):
            taken = self.at + (at - self.at) * 0.6
            yield from self._do(c.ClaimTask(item=item.id, assignee=worker.id), taken, worker.access)
        task = self._plan().task(item.key)
        if task is not None and task.kind == "letter" and not task.automatic:
            yield from self._send(at, worker, task.letter, item.id)
        else:
            yield from self._do(c.CompleteTask(item=item.id, facts=self._form(item)), at, worker.access)
            self.before = worker.id

    def _agreed_day(self) -> datetime:
        visit = self.state.facts.get("visit on")
        if (
            visit is None
            or not visit.value
            or ("visit" in self.state.counters and self.state.counters["visit"].completed)
        ):
            return self.at
        day = datetime.fromisoformat(f"{visit.value}T08:30:00+00:00")
        return max(self.at, day)

    def _form(self, item: Item) -> dict[str, Any]:
        return {name: self._fact(name, item) for name in item.form if self._asked(name, item)}

    def _asked(self, name: str, item: Item) -> bool:
        task = self._plan().task(item.key)
        known = self.state.facts.get(name)
        wanted = task is not None and name in task.must
        supplied = name in habits.FACTS or name in self.person.facts
        return supplied and (known is None or known.value is None or wanted)

    def _fact(self, name: str, item: Item | None = None) -> Any:
        if item is not None and item.key in habits.CALMING and name == "customer verdict":
            return "settled"
        known = self.person.facts.get(name)
        return habits.FACTS[name](self.rng, self.state, self.at) if known is None or name == "balance" else known

    def _by_customer(self, item: Item) -> Move:
        """The customer's part: on the portal, or by writing."""
        at = habits.replied(self.rng, self.at, 20.0 if item.key in ("card has arrived", "plug in") else 7.0)
        if item.key in ("card has arrived", "plug in"):
            at += timedelta(days=self.rng.randrange(2, 5))
        task = self._plan().task(item.key)
        if task is not None and task.kind == "wait":
            return self._write_in(at, "Here is what you asked for.")
        return self._do(c.CompleteTask(item=item.id, facts=self._form(item)), at, self.world.access_of(self.index))

    # --- care ---------------------------------------------------------------------------------------------------------

    def _care(self) -> Move | None:
        """Contacts without an answer, a rating, a confirmation."""
        state = self.state
        if state.unanswered:
            worker = self._owner()
            if self.rng.random() < 0.3 or self.wish.channel in SPOKEN:
                return self._do(c.MarkContactHandled(contact=state.unanswered[0]), self._worked(worker), worker.access)
            return self._send(self._worked(worker), worker, "plain answer")
        if state.awaits_confirmation:
            return self._confirm()
        return None

    def _confirm(self) -> Move:
        if self.state.asked and self.rng.random() < 0.62:
            return self._rate()
        luck, access = self.rng.random(), self.world.access_of(self.index)
        if luck < 0.05 and not self.state.perceptions:
            denied = c.ConfirmOutcome(reached=False, words="It is not done yet.")
            return self._do(denied, habits.replied(self.rng, self.at), access)
        if luck < 0.6:
            return self._do(c.ConfirmOutcome(), habits.replied(self.rng, self.at), access)
        return self._silence()

    def _silence(self) -> Move:
        """Nobody says anything until the time to confirm is over."""
        until = self.state.confirm_by or self.at
        if until > self.world.now:
            raise Ended
        yield from self._overdue(until)

    def _rate(self) -> Move:
        goal = self.state.asked[-1] if self.state.asked else None
        score = self._score()
        words = self.rng.choice(habits.RATING_WORDS[score]) if self.rng.random() < 0.5 else ""
        rating = c.RecordPerception(score=score, words=words, goal=goal)
        if self.state.status == "completed" and self.rng.random() < 0.45:
            raise Ended
        return self._do(rating, habits.replied(self.rng, self.at, 9.0), self.world.access_of(self.index))

    def _score(self) -> int:
        """What the customer feels: lateness, hand-overs and the time that it took, and who it was."""
        state = self.state
        days = (self.at - self.wish.at) / timedelta(days=1)
        late = sum(goal.late for goal in state.goals.values())
        worker = self.world.by_id.get(state.owner)
        won_back = 0.9 if any(goal.key == "win the customer back" for goal in state.goals.values()) else 0.0
        mood = 4.75 - 0.8 * late - 0.4 * state.hand_overs - 0.1 * days**0.7 + won_back
        mood += worker.employee.warmth if worker else 0.2
        mood += habits.WANTS[self.wish.service_goal][1] + habits.CHANNEL_MOOD.get(self.wish.channel, 0.0)
        mood += drifting.CHEERS if self.added else 0.0
        mood -= 0.3 if self.person.segment == "premium" else 0.0
        return max(1, min(5, round(self.rng.gauss(mood, 0.75))))

    def _afterwards(self) -> None:
        """Unhappy customers complain, or leave; who has closed the account is gone."""
        state = self.state
        if state.status == "completed" and state.service_goal == "close account":
            self.world.left[self.index] = min(self.at, self.world.left.get(self.index, self.at))
        if self.wish.moves is not None or state.perception is None or state.perception > 2:
            return
        luck = self.rng.random()
        next_goal = "close account" if luck < 0.14 else "complaint" if luck < 0.3 else ""
        again = next_goal and next_goal != self.wish.service_goal and self.wish.service_goal != "close account"
        at = habits.replied(self.rng, self.at + timedelta(days=2), 60.0)
        if again and at < self.world.now and self.index not in self.world.left:
            self._wishes(Wish(f"{self.wish.name} then {next_goal}", next_goal, "mail", at, self.index))
