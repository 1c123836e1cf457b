"""What was learned, over the API: the next step in a case with its reasons, how it will go, and how a contact was read.

What somebody makes of an advice is a command of the case (`POST /cases/{case}/answer-advice`).
"""

from django.http import Http404, HttpRequest
from ninja import Router, Schema

from caseloom.cases.queries import read_case
from caseloom.channels.contact import CONTACTS, Contact
from caseloom.foundation.clock import now
from caseloom.learning.queries import known_of
from caseloom.staff.access import reaches_case
from caseloom.streams.door import the_door
from caseloom.streams.replay import read_state
from caseloom.web.api.route import access_of, route
from caseloom.web.desk.advice import advice_view

router = Router(tags=["learning"])


class ReasonOut(Schema):
    """In `taken` of `of` earlier cases in this `situation` the action came next; `without` is its probability where
    that is not known.
    """

    situation: list[str]
    taken: int
    of: int
    without: float | None


class AdviceOut(Schema):
    """An action that may come next and that no rule forbids. `habit` is how likely people do it. With a `command` it is
    done by `POST /cases/{case}/{command}` with these `arguments`.
    """

    action: str
    says: str
    habit: float
    effect: tuple[float, float, float] | None
    reasons: list[ReasonOut]
    cases: list[int]
    command: str
    arguments: dict[str, str]


class ForesightOut(Schema):
    """Seconds from the last step to the end (median, and between which two in eight cases of ten), and chances."""

    remaining: tuple[float, float, float] | None
    reached: float | None
    in_time: float | None
    rated_well: float | None


class AdvisedOut(Schema):
    model: str
    next: list[AdviceOut]
    foresight: ForesightOut | None


class GuessOut(Schema):
    goal: str
    probability: float


class NamedOut(Schema):
    """What the text names, from character `start` to `end`."""

    kind: str
    text: str
    value: str
    start: int
    end: int


class ReadingOut(Schema):
    verdict: str
    model: str
    guesses: list[GuessOut]
    wants: list[str]
    outside: float
    like: list[int]
    words: list[str]
    named: list[NamedOut]


@route(router, "get", "/cases/{int:case}/advice", "read cases", response=AdvisedOut)
def advice(request: HttpRequest, case: int) -> AdvisedOut:
    """What may come next in a case, and how it will probably go. Empty where nothing is known yet."""
    access = access_of(request)
    view = read_case(access, case)
    if view is None:
        raise Http404
    advised = known_of(case).advised
    shown = advice_view(access, view, advised, now())
    if advised is None or shown is None:
        return AdvisedOut(model="", next=[], foresight=None)
    known = {one.action: one for one in advised.next}
    return AdvisedOut(
        model=shown.model,
        next=[
            AdviceOut(
                action=line.action,
                says=line.says,
                habit=known[line.action].habit,
                effect=known[line.action].effect,
                reasons=[
                    ReasonOut(situation=list(one.situation), taken=one.taken, of=one.of, without=one.without)
                    for one in known[line.action].reasons
                ],
                cases=[number for number, _title in line.cases],
                command=line.command,
                arguments=dict(line.fields),
            )
            for line in shown.lines
        ],
        foresight=ForesightOut(
            remaining=advised.foresight.remaining,
            reached=advised.foresight.reached,
            in_time=advised.foresight.in_time,
            rated_well=advised.foresight.rated_well,
        ),
    )


@route(router, "get", "/contacts/{int:contact}/reading", "read cases", response=ReadingOut)
def reading(request: HttpRequest, contact: int) -> ReadingOut:
    """How the intake read a contact: which service goals it may want, and why."""
    access = access_of(request)
    stored = read_state(the_door(), CONTACTS, contact)
    state: Contact | None = stored[0] if stored is not None else None
    if state is None or state.reading is None:
        raise Http404
    reached = reaches_case(access, state.case or 0, state.customer, state.team)
    if not reached or (state.case and read_case(access, state.case) is None):
        raise Http404
    read = state.reading
    return ReadingOut(
        verdict=read.verdict,
        model=read.model,
        guesses=[GuessOut(goal=one.goal, probability=one.probability) for one in read.guesses],
        wants=list(read.wants),
        outside=read.outside,
        like=list(read.like),
        words=[word for word, _effect in read.private.words],
        named=[
            NamedOut(kind=one.kind, text=one.text, value=one.value, start=one.start, end=one.end)
            for one in read.private.named
        ],
    )
