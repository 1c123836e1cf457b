"""The advisor: hears what is done in all cases, and keeps for each open one what may come next and how it will end.

There is a learner for each service goal, so that one can be switched off, and forgets apart. What was learned is saved
with the place that the events were followed to, so after a kill it goes on where it stood.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from time import monotonic
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection

from caseloom.cases.kind import CASES
from caseloom.cases.models import CaseRow
from caseloom.customers.customer import CustomerErased
from caseloom.engine.case import events as e
from caseloom.engine.case.advice_events import AdviceAnswered
from caseloom.engine.rules.plan import Plan
from caseloom.foundation.clock import now
from caseloom.learning import imported, versions
from caseloom.learning.advised import Advised, encoded
from caseloom.learning.advising import advised
from caseloom.learning.case_steps import CHANNEL, CaseView, outcome_of, settle, step_of, telling_facts
from caseloom.learning.following import Following
from caseloom.learning.models import AdviceRow, ImportedLog
from caseloom.learning.steps.learner import History, Learner, Settings
from caseloom.learning.steps.state import StateFaulty, dump, load
from caseloom.learning.steps.step import Outcome, Step
from caseloom.library.plans import house_version, latest, the_plans
from caseloom.sdk.stream import Recorded
from caseloom.staff.calendars import OFFICE, business_calendar
from caseloom.streams.handle import Door
from caseloom.streams.replay import read_history
from caseloom.streams.tail import Followed, Place

NAME: Final = "next step"
SAVE_EVERY: Final = 600.0
"""Seconds; what was heard since is heard again after a kill."""
SITUATIONS: Final = 200_000
"""Kept for each service goal."""
SHOWN: Final = 3
"""So many proposals an agent sees at once."""
AT_ONCE: Final = 200
"""Rows of advice that are written together."""
_PUT: Final = """
insert into advice_row (case_id, version, at, model, risk, body)
select * from unnest(%s::bigint[], %s::integer[], %s::timestamptz[], %s::text[], %s::smallint[], %s::text[])
on conflict (case_id) do update set version = excluded.version, at = excluded.at, model = excluded.model,
  risk = excluded.risk, body = excluded.body
"""
log = logging.getLogger(__name__)


class Saved(msgspec.Struct, frozen=True):
    """All that the advisor knows, as it is stored."""

    learners: dict[str, bytes]
    facts: dict[str, tuple[str, ...]]
    views: dict[int, CaseView]
    logs: tuple[int, ...] = ()
    """The imported logs that were learned from."""


class Advisor:
    """See the module. One thread."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self.learners: dict[str, Learner] = {}
        self.views: dict[int, CaseView] = {}
        self._facts: dict[str, tuple[str, ...]] = {}
        self._dirty: dict[int, int] = {}
        self._ended: dict[int, None] = {}
        self._following = Following()
        self._logs: tuple[int, ...] = ()
        self._changed = False
        self._saved_at = monotonic()
        self._zone = ZoneInfo(business_calendar(OFFICE).zone)
        self.reached, self.label = Place(), f"{NAME} 0"
        version = versions.newest(NAME)
        self._number = version.number if version is not None else 0
        if version is not None:
            self._restore(version)

    # --- hearing ----------------------------------------------------------------------------------------------------

    def hear(self, followed: Sequence[Followed], reached: Place) -> None:
        """Learn from these events, which lead up to a place."""
        for one in followed:
            if one.kind == "case":
                self._hear(one.recorded)
            elif isinstance(one.recorded.event, CustomerErased):
                self.forget(one.recorded.stream)
        self.reached = reached
        self._changed = self._changed or bool(followed)

    def _hear(self, recorded: Recorded) -> None:
        case, event = recorded.stream, recorded.event
        view = self._view(case, recorded)
        if view is None:
            return
        before = view.service_goal
        settle(view, event)
        if view.service_goal != before and isinstance(event, e.CaseClassified):
            # What was done before was done for another want.
            self._leave(case, before)
        learner = self._learner(view.service_goal)
        if learner is None:
            return
        if isinstance(event, AdviceAnswered) and event.answer != "put off":
            learner.answered(case, event.action, recorded.actor, event.answer == "taken")
        step = step_of(view, recorded, self._facts[view.service_goal], self._local)
        if step is not None:
            learner.happened(case, step)
            view.steps += 1
            if recorded.actor.startswith("agent:"):
                self._following.done(case, view.service_goal, step.action, step.at)
        outcome = outcome_of(view, event)
        if outcome is None:
            self._dirty[case] = recorded.version
        else:
            self._end(case, learner, outcome)

    def _view(self, case: int, recorded: Recorded) -> CaseView | None:
        view = self.views.get(case)
        if view is not None:
            return view
        if isinstance(recorded.event, e.CaseOpened):
            view = CaseView()
        elif isinstance(recorded.event, e.CaseReopened):
            view = CaseView()
            for earlier in read_history(self._door, CASES, case, 0, recorded.version):
                settle(view, earlier.event)
            view.late, view.score = False, None
        else:
            # It has ended; what is told of it later is nothing that comes next.
            return None
        self.views[case] = view
        self._ended.pop(case, None)
        return view

    def _end(self, case: int, learner: Learner, outcome: Outcome) -> None:
        learner.ended(case, outcome)
        del self.views[case]
        self._dirty.pop(case, None)
        self._following.forget(case)
        self._ended[case] = None

    def _leave(self, case: int, service_goal: str) -> None:
        learner = self.learners.get(service_goal)
        self._following.forget(case)
        if learner is not None:
            learner.ended(case, learn=False)

    def _learner(self, service_goal: str) -> Learner | None:
        """The learner of a service goal; None where its owner wants none."""
        plan = self._plan(service_goal)
        goal = plan.service_goal if plan is not None else None
        if plan is None or (goal is not None and not goal.learning.advice):
            self.learners.pop(service_goal, None)
            return None
        found = self.learners.get(service_goal)
        if found is None:
            facts = telling_facts(plan)
            self._facts[service_goal] = facts
            found = Learner(Settings(facts=(CHANNEL, *facts), service_class=CHANNEL, situations=SITUATIONS))
            self.learners[service_goal] = found
        return found

    @staticmethod
    def _plan(service_goal: str) -> Plan | None:
        version = latest(service_goal) if service_goal else 0
        return None if service_goal and not version else the_plans(service_goal, version, house_version())

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(self._zone)

    def hear_logs(self) -> None:
        """Learn from logs that were imported, and forget those that are to go."""
        states = dict(ImportedLog.objects.values_list("pk", "state"))
        fresh = [number for number, state in states.items() if state == "kept" and number not in self._logs]
        old = [number for number, state in states.items() if state == "to forget"]
        for log in ImportedLog.objects.filter(pk__in=fresh).order_by("pk"):
            self._hear_log(log)
            self._logs = (*self._logs, log.pk)
        for log in ImportedLog.objects.filter(pk__in=old):
            self._forget_log(log)
            self._logs = tuple(number for number in self._logs if number != log.pk)
        if fresh or old:
            self.save()
        if old:
            versions.forget_before(NAME)
            ImportedLog.objects.filter(pk__in=old).delete()

    def _hear_log(self, log: ImportedLog) -> None:
        learner = self._learner(log.service_goal)
        if learner is None:
            return
        for case, step, is_last in imported.steps(log):
            learner.happened(case, step)
            if is_last:
                learner.ended(case, Outcome())

    def _forget_log(self, log: ImportedLog) -> None:
        learner = self.learners.get(log.service_goal)
        if learner is None or log.pk not in self._logs:
            return
        histories: dict[str, list[Step]] = {}
        for case, step, _is_last in imported.steps(log):
            histories.setdefault(case, []).append(step)
        for case, steps in histories.items():
            learner.forget(History(case, tuple(steps), Outcome()))

    # --- forgetting -------------------------------------------------------------------------------------------------

    def forget(self, customer: int) -> None:
        """Take back all that was learned from a customer's cases; earlier versions of it go, too."""
        for case in CaseRow.objects.filter(customer=customer).values_list("id", flat=True):
            for service_goal, history in self._histories(case):
                learner = self.learners.get(service_goal)
                if learner is not None:
                    learner.forget(history)
        self.save()
        versions.forget_before(NAME)

    def _histories(self, case: int) -> Iterator[tuple[str, History]]:
        """What a case has taught, by service goal, as it was heard up to now."""
        view = CaseView()
        steps: list[Step] = []
        for recorded in read_history(self._door, CASES, case):
            before = view.service_goal
            settle(view, recorded.event)
            if isinstance(recorded.event, e.CaseClassified) and view.service_goal != before:
                yield before, History(case, tuple(steps), open=True)
                steps = []
            facts = self._facts.get(view.service_goal)
            step = step_of(view, recorded, facts, self._local) if facts is not None else None
            if step is not None:
                steps.append(step)
            outcome = outcome_of(view, recorded.event)
            if outcome is not None and steps:
                yield view.service_goal, History(case, tuple(steps), outcome)
                steps, view.late, view.score = [], False, None
        if steps:
            yield view.service_goal, History(case, tuple(steps), open=True)

    # --- advising ---------------------------------------------------------------------------------------------------

    def advise(self) -> bool:
        """Write what is advised in cases that have moved, `AT_ONCE` at most; save now and then. Whether more have."""
        if self._ended:
            AdviceRow.objects.filter(case_id__in=list(self._ended)).delete()
            self._ended.clear()
        part = [self._dirty.popitem() for _ in range(min(AT_ONCE, len(self._dirty)))]
        rows = [(case, version, one) for case, version in part if (one := self._advised(case)) is not None]
        self._write(rows)
        for case, _version, one in rows:
            self._following.advised(case, [each.action for each in one.next[:SHOWN]])
        self._following.save()
        if self._changed and monotonic() - self._saved_at > SAVE_EVERY:
            self.save()
        return bool(self._dirty)

    def is_rolled_back(self) -> bool:
        """Whether the version that it went on from was taken back meanwhile: what was learned since goes with it."""
        return versions.newest_number(NAME) < self._number

    def _advised(self, case: int) -> Advised | None:
        view = self.views.get(case)
        learner = self.learners.get(view.service_goal) if view is not None else None
        return advised(learner, case, self.label) if learner is not None else None

    @staticmethod
    def _write(rows: Sequence[tuple[int, int, Advised]]) -> None:
        if not rows:
            return
        at = now()
        columns = [(case, version, at, one.model, _risk(one), encoded(one)) for case, version, one in rows]
        with connection.cursor() as cursor:
            cursor.execute(_PUT, [list(column) for column in zip(*columns, strict=True)])

    # --- keeping ----------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """A new version of all that was learned."""
        learners = {key: dump(one) for key, one in self.learners.items()}
        saved = Saved(learners, self._facts, self.views, self._logs)
        figures = {"cases": len(self.views), "service goals": len(self.learners)}
        version = versions.save(NAME, msgspec.msgpack.encode(saved), self.reached, figures)
        self.label, self._number = version.label, version.number
        self._changed, self._saved_at = False, monotonic()

    def _restore(self, version: versions.Version) -> None:
        """Go on from a version; from one of another form nothing is taken: all is heard anew."""
        try:
            saved = msgspec.msgpack.decode(version.body, type=Saved)
            learners = {key: load(body) for key, body in saved.learners.items()}
        except (StateFaulty, msgspec.DecodeError) as fault:
            log.warning("What was learned cannot be read (%s); it is learned anew from all events.", fault)
            return
        self.learners, self.reached, self.label = learners, version.reached, version.label
        self._facts, self.views, self._logs = dict(saved.facts), dict(saved.views), saved.logs


def _risk(one: Advised) -> int | None:
    chance = one.foresight.in_time
    return None if chance is None else round((1 - chance) * 100)
