"""Training the intake in the background: from all that people stand for, again within seconds of a correction."""

import logging
import time
from collections.abc import Callable, MutableMapping, Sequence
from typing import Any, Final
from uuid import NAMESPACE_OID, uuid5

from caseloom.cases.kind import CASES
from caseloom.channels.contact import CONTACTS, Contact, RecordReading
from caseloom.channels.contact_events import ContactRead, ContactReceived
from caseloom.customers.customer import CustomerErased
from caseloom.customers.queries import known_facts
from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case.refusal import Refused
from caseloom.learning import versions
from caseloom.learning.examples import all_examples, text_of
from caseloom.learning.intake.encoder import Encoder, Vector
from caseloom.learning.intake.reader import Model, fit
from caseloom.learning.mail_reader import NAME, READ, as_recorded, explained, pack
from caseloom.learning.rates import rates_of
from caseloom.library.plans import latest, offered_goals
from caseloom.sdk.access import program
from caseloom.sdk.stream import Order
from caseloom.streams.handle import Door
from caseloom.streams.replay import read_first, read_state
from caseloom.streams.tail import Followed, Place, last_place

FEWEST: Final = 20
"""With fewer messages nothing is learned from them."""
PAUSE: Final = 3.0
"""Seconds between two trainings at least, and ten times as long as the last one took."""
NEW: Final = 50
"""Cases that ended, after which it is trained again although nobody has corrected anything."""
EXPLAINED: Final = 200
"""Readings that wait for their words at most; older ones stay without."""
ME: Final = program("learner")
READER: Final = program("intake").actor.id
log = logging.getLogger(__name__)


class IntakeTraining:
    """Hears all events, trains when it is worth it, and adds to each reading what carried it. One thread."""

    def __init__(self, door: Door, encoder: Callable[[], Encoder | None]) -> None:
        self._door, self._make_encoder = door, encoder
        self._encoder: Encoder | None = None
        self._vectors: MutableMapping[str, Vector] = {}
        self._model: Model | None = None
        self._corrected = False
        self._gone: set[str] = set()
        """Persons who are erased: their words may stand there for a moment yet."""
        self._erased = False
        self._ended = 0
        self._read: dict[int, None] = {}
        self._unread: dict[int, None] = {}
        """What came in on other channels than mail, which is read as it comes."""
        self._next = 0.0
        self._first = versions.newest_number(NAME) == 0

    def hear(self, followed: Sequence[Followed]) -> None:
        """Take note of what is worth a training."""
        for one in followed:
            match one.recorded.event:
                case e.CaseClassified() if one.recorded.actor.startswith("agent:"):
                    self._corrected = True
                case e.CaseCompleted():
                    self._ended += 1
                case CustomerErased():
                    self._erased = True
                    self._gone.add(str(one.recorded.stream))
                case ContactRead() if one.recorded.actor == READER:
                    self._read[one.recorded.stream] = None
                    _at_most(self._read, EXPLAINED)
                case ContactReceived(automatic="") as event if event.channel != "mail":
                    self._unread[one.recorded.stream] = None
                    _at_most(self._unread, EXPLAINED)
                case _:
                    pass

    def work(self) -> bool:
        """Train, if it is time, and explain what was read; whether anything was done."""
        done = self._train() if self._is_time() else False
        while self._unread:
            contact = next(iter(self._unread))
            del self._unread[contact]
            self._read_now(contact)
            done = True
        while self._read:
            contact = next(iter(self._read))
            del self._read[contact]
            self._explain(contact)
            done = True
        return done

    def _is_time(self) -> bool:
        if self._erased:
            return True
        if time.monotonic() < self._next:
            return False
        return self._first or self._corrected or self._ended >= NEW or (self._model is None and bool(self._read))

    def _train(self) -> bool:
        began, reached = time.monotonic(), last_place()
        erased = self._erased
        self._first = self._corrected = self._erased = False
        self._ended = 0
        model = self._fitted(reached)
        if model is None and erased:
            versions.forget_all(NAME)
        elif erased:
            versions.forget_before(NAME)
        self._model = model
        took = time.monotonic() - began
        self._next = time.monotonic() + max(PAUSE, 10 * took)
        return True

    def _fitted(self, reached: Place) -> Model | None:
        """Trained, measured and saved; None where there is too little to learn from."""
        examples = [one for one in all_examples(self._door) if one.person not in self._gone]
        if len(examples) < FEWEST or len({one.goals for one in examples}) < 2:
            return None
        if self._encoder is None:
            self._encoder = self._make_encoder()
        known = {one.text for one in examples}
        for text in self._vectors.keys() - known:
            del self._vectors[text]
        began = time.process_time()
        model = fit(examples, self._encoder, rates=rates_of(offered_goals()), vectors=self._vectors)
        figures: dict[str, Any] = {
            "examples": len(examples),
            "goals": len(model.goals),
            "seconds": round(time.process_time() - began, 2),
            "encoder": self._encoder is not None,
        }
        version = versions.save(NAME, pack(model), reached, figures)
        log.info("The intake was trained: %s, %d messages.", version.label, len(examples))
        return model

    def _read_now(self, contact: int) -> None:
        """Read a contact of another channel: where nobody has named its service goal, it may say which it is."""
        stored = read_state(self._door, CONTACTS, contact)
        said = read_first(self._door, CONTACTS, [contact]).get(contact)
        text = text_of(said)
        if self._model is None or stored is None or not text or stored[0].reading is not None:
            return
        state: Contact = stored[0]
        case = read_state(self._door, CASES, state.case) if state.case is not None else None
        if case is None or case[0].service_goal:
            return
        offered = {goal.service_goal for goal in offered_goals() if not goal.channels or state.channel in goal.channels}
        label = f"{NAME} {versions.newest_number(NAME)}"
        found = as_recorded(self._model.read(text[:READ], moment=state.at), text, label, offered)
        reading = explained(self._model, found, text)
        self._send("contact", contact, RecordReading(reading=reading), f"read {contact}")
        if reading.verdict == "opens" and state.case is not None:
            goal = reading.wants[0]
            known = known_facts(ME, state.customer)
            classify = c.ClassifyCase(service_goal=goal, version=latest(goal), customer_facts=known)
            self._send("case", state.case, classify, f"classify {contact}")

    def _send(self, kind: str, stream: int, command: object, step: str) -> None:
        verdict = self._door.handle(Order(kind, stream, command, uuid5(NAMESPACE_OID, f"learner {step}"), ME))
        if isinstance(verdict, Refused):
            log.warning("The learner was refused: %s", verdict.message)

    def _explain(self, contact: int) -> None:
        """Add to a reading what carried it, in the contact's own history."""
        model = self._model
        found = read_state(self._door, CONTACTS, contact)
        said = read_first(self._door, CONTACTS, [contact]).get(contact)
        if model is None or found is None or said is None:
            return
        state: Contact = found[0]
        if state.reading is None or state.reading.private.words:
            return
        reading = explained(model, state.reading, text_of(said))
        if reading == state.reading:
            return
        self._send("contact", contact, RecordReading(reading=reading), f"explain {contact} {state.reading.model}")


def _at_most(waiting: dict[int, None], most: int) -> None:
    """The oldest goes: what is new is looked at first."""
    if len(waiting) > most:
        del waiting[next(iter(waiting))]
