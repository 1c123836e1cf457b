"""Reading messages as they come in: the model in force, what people have corrected since, and the sorter that asks."""

import logging
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final

import msgspec

from caseloom.cases.models import CaseRow
from caseloom.channels import reading as r
from caseloom.channels.mail.message import InboundMail
from caseloom.channels.mail.threading import case_number
from caseloom.channels.sorter import Destination, Joins, Opens, Sorter, Unsorted
from caseloom.learning import versions
from caseloom.learning.examples import examples_of, message_text
from caseloom.learning.intake.encoder import Encoder
from caseloom.learning.intake.explaining import explain
from caseloom.learning.intake.facts.named_fact import Money, NamedFact, PostalAddress
from caseloom.learning.intake.reader import KnownCase, Model, Reading
from caseloom.learning.intake.saving import load_model, save_model
from caseloom.learning.rates import rates_of
from caseloom.library.plans import house_version, latest, offered_goals
from caseloom.streams.handle import Door
from caseloom.streams.tail import Place, follow

NAME: Final = "intake"
CORRECTED: Final = ("case_classified.1",)
SHOWN: Final = 3
PLAIN: Final = "text/plain"
ATTACHED: Final = 20_000
"""Bytes of an attached text that are read."""
READ: Final = 60_000
"""Characters of a message that are read."""
log = logging.getLogger(__name__)


def pack(model: Model) -> bytes:
    """A model as one piece of bytes."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / NAME
        save_model(model, folder)
        parts = {file.name: file.read_bytes() for file in folder.iterdir()}
    return msgspec.msgpack.encode(parts)


def unpack(body: bytes, encoder: Encoder | None) -> Model:
    """The model of these bytes. Raises `ModelFaulty` where it is none, or of another form."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / NAME
        folder.mkdir()
        for name, content in msgspec.msgpack.decode(body, type=dict[str, bytes]).items():
            (folder / Path(name).name).write_bytes(content)
        return load_model(folder, encoder)


class MailReader:
    """The model in force with all corrections since it was made. Ask `refreshed` before a batch is read; one thread."""

    def __init__(self, door: Door, encoder: Callable[[], Encoder | None]) -> None:
        self._door, self._make_encoder = door, encoder
        self._encoder: Encoder | None = None
        self._number = -1
        self._model: Model | None = None
        self._reached = Place()
        self.label = ""

    def refreshed(self) -> Model | None:
        """The model as it is to read from now on; None where nothing was learned yet."""
        number = versions.newest_number(NAME)
        if number != self._number:
            self._load()
        if self._model is None:
            return None
        events, self._reached = follow(self._door, self._reached, CORRECTED)
        cases = dict.fromkeys(one.recorded.stream for one in events if one.recorded.actor.startswith("agent:"))
        for example in examples_of(self._door, list(cases)):
            self._model = self._model.correct(example)
        return self._model

    def _load(self) -> None:
        version = versions.newest(NAME)
        self._number = version.number if version is not None else 0
        self._model = None
        if version is None:
            return
        if self._encoder is None:
            self._encoder = self._make_encoder()
        self._model = unpack(version.body, self._encoder).with_rates(rates_of(offered_goals()))
        self._reached, self.label = version.reached, version.label


class LearnedSorter:
    """Asks the plain sorter first, for what a message answers; then, for a new want, the model."""

    def __init__(self, plain: Sorter, reader: MailReader) -> None:
        self._plain, self._reader = plain, reader

    def __call__(self, batch: Sequence[Unsorted]) -> list[Destination]:
        """A destination for each contact, in the same order."""
        places = list(self._plain(batch))
        model = self._reader.refreshed()
        if model is None:
            return places
        known = _open_cases([one.customer for one in batch if one.customer is not None])
        offered = {goal.service_goal for goal in offered_goals() if not goal.channels or "mail" in goal.channels}
        return [
            self._placed(model, one, place, known.get(one.customer or 0, ()), offered)
            for one, place in zip(batch, places, strict=True)
        ]

    def _placed(
        self, model: Model, one: Unsorted, place: Destination, known: Sequence[KnownCase], offered: set[str]
    ) -> Destination:
        if not isinstance(place, Opens) or one.mail.automatic is not None:
            return place
        text = message_text(one.mail.subject, one.mail.reply_text + _attached(one.mail))[:READ]
        found = model.read(text, known, moment=one.mail.date or None)
        said = as_recorded(found, text, self._reader.label, offered)
        place = msgspec.structs.replace(place, reading=said)
        named = next((case for case, chance in found.cases if chance >= 1.0), None)
        if named is not None and one.customer is not None:
            row = CaseRow.objects.filter(pk=int(named)).values_list("team", flat=True).first()
            return Joins(int(named), one.customer, row or "", reading=said)
        if said.verdict != "opens":
            return place
        first, *more = said.wants
        return msgspec.structs.replace(
            place,
            service_goal=first,
            version=latest(first),
            house_version=house_version(),
            team="",
            more=tuple((goal, latest(goal)) for goal in more),
        )


def _attached(mail: InboundMail) -> str:
    """What stands in attached files of plain text."""
    texts = [
        file.content[:ATTACHED].decode("utf-8", "replace") for file in mail.attachments if file.media_type == PLAIN
    ]
    return "".join(f"\n\n{text}" for text in texts)


def _open_cases(customers: Sequence[int]) -> Mapping[int, list[KnownCase]]:
    """Customer → the open cases that a message of theirs may be about."""
    found: dict[int, list[KnownCase]] = {}
    if customers:
        rows = CaseRow.objects.filter(customer__in=set(customers), ended_at=None)
        for number, customer, goal in rows.values_list("id", "customer", "service_goal"):
            names = (str(number), case_number(number))
            found.setdefault(customer, []).append(KnownCase(str(number), goal, names))
    return found


def as_recorded(found: Reading, text: str, model: str, offered: set[str]) -> r.Reading:
    """A reading as the contact's history keeps it; goals that are not offered any more are left out."""
    goals = [(goal, chance) for goal, chance in found.goals if goal in offered]
    opening = tuple(goal for goal in found.opening if goal in offered)
    sure = found.verdict == "opens" and len(opening) == len(found.opening)
    verdict = "opens" if sure else "asks" if goals and found.verdict != "reads" else "reads"
    wants = opening if sure else tuple(one.goal for one in found.wants if one.goal in offered)
    return r.Reading(
        verdict=verdict,  # type: ignore[arg-type]
        model=model,
        guesses=tuple(r.Guess(goal, chance) for goal, chance in goals[:SHOWN]),
        wants=wants,
        outside=found.out_of_scope,
        cases=tuple(int(case) for case, _ in found.cases[:SHOWN]),
        private=r.ReadPrivate(named=tuple(_named(fact, text) for fact in found.facts)),
    )


def explained(model: Model, said: r.Reading, text: str) -> r.Reading:
    """The same reading with what carried it: words, each left out in turn, and the earlier messages most like it."""
    best = said.guesses[0].goal if said.guesses else ""
    if not best or best not in model.goals:
        return said
    why = explain(model, text[:READ], best)
    words = tuple((one.word, one.effect) for one in why.words)
    like = tuple(int(one.key) for one in why.neighbours if one.key.isdecimal())
    return msgspec.structs.replace(said, like=like, private=msgspec.structs.replace(said.private, words=words))


def _named(fact: NamedFact, text: str) -> r.Named:
    return r.Named(fact.kind, text[fact.start : fact.end], _value(fact.value), fact.start, fact.end)


def _value(value: date | Money | PostalAddress | str) -> str:
    match value:
        case date() | datetime():
            return value.isoformat()
        case Money():
            return f"{value.amount} {value.currency}"
        case PostalAddress():
            street = f"{value.street} {value.house_number}".strip()
            return ", ".join(part for part in (street, f"{value.postcode} {value.city}".strip(), value.region) if part)
        case _:
            return value
