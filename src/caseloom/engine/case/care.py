"""Commands on what passes between the house and the customer: contacts, messages, promises, perception, confirmation,
offers.
"""

from caseloom.engine.case import commands as c
from caseloom.engine.case import events as e
from caseloom.engine.case import goals, items
from caseloom.engine.case.boundaries import forbidden
from caseloom.engine.case.refusal import NextStep, Refused
from caseloom.engine.case.state import Item
from caseloom.engine.case.turn import Turn


def link_contact(turn: Turn, command: c.LinkContact) -> Refused | None:
    """A contact belongs to the case. A new want of the customer's reopens an ended one; a machine's mail does not."""
    with turn.as_world():
        if turn.state.status in ("completed", "terminated") and command.direction == "in" and not command.automatic:
            goals.reopen(turn, "the customer wrote again")
        turn.emit(
            e.ContactLinked(
                contact=command.contact,
                channel=command.channel,
                direction=command.direction,
                at=command.at,
                customer=command.customer,
                automatic=command.automatic,
            )
        )
        if command.direction == "in" and not command.automatic:
            _end_waits(turn)
    return None


def _end_waits(turn: Turn) -> None:
    for item in list(turn.state.items.values()):
        task = turn.plan.task(item.key)
        if item.status == "active" and task is not None and task.kind == "wait" and not task.by_customer:
            items.transition(turn, item, "complete")


def mark_contact_handled(turn: Turn, command: c.MarkContactHandled) -> Refused | None:
    if command.contact not in turn.state.unanswered:
        return Refused("not found", "This contact does not wait for an answer.")
    turn.emit(e.ContactHandled(contact=command.contact))
    return None


def send_message(turn: Turn, command: c.SendMessage) -> Refused | None:
    if not command.text.strip():
        return Refused("invalid", "There are no words to send yet.")
    if not command.to.strip():
        return Refused(
            "invalid", "Say to which address it goes.", next=(NextStep("Add a mail address to the customer"),)
        )
    if command.letter and command.letter not in turn.plan.letters:
        return Refused(
            "not found",
            f"There is no letter “{command.letter}”. Known are: {', '.join(turn.plan.letters) or 'none'}.",
        )
    if command.item is not None:
        item = turn.state.items.get(command.item)
        if item is None:
            return Refused(
                "not found",
                f"There is no open task {command.item} in this case; the letter may have gone already.",
            )
        if item.message is not None and item.message in turn.state.messages:
            return Refused("duplicate", "This letter is on its way already.", facts={"contact": item.message})
        unfit = _letter_task(turn, item)
        if unfit is not None:
            return unfit
    turn.emit(
        e.MessageRequested(
            contact=command.contact,
            channel=command.channel,
            letter=command.letter,
            item=command.item,
            answers=command.answers,
            attachments=command.attachments,
            overridden=tuple(sorted(turn.overridden)),
            private=e.MessageRequested.Words(to=command.to, subject=command.subject, text=command.text),
        )
    )
    return None


def _letter_task(turn: Turn, item: Item) -> Refused | None:
    """Whether the actor may fulfil this task by what they send: it completes it, so it asks the same."""
    task = turn.plan.task(item.key)
    sends = item.letter if task is None else task.kind == "letter"
    if item.status != "active" or not sends:
        return Refused(
            "wrong state",
            f"“{items.title(turn, item)}” is {item.status} and no letter to send now.",
            next=(NextStep("Send it without a task"),),
        )
    return items.fit(turn, item) or forbidden(turn, f"complete {item.key}", item.about)


def settle_message(turn: Turn, command: c.SettleMessage) -> Refused | None:
    message = turn.state.messages.get(command.contact)
    if message is None or message.status == command.status:
        return Refused("duplicate", "What became of this message is recorded already.")
    item, letter = message.item, turn.plan.letters.get(message.letter)
    private = e.ReasonPrivate(reason=command.reason)
    turn.emit(e.MessageSettled(contact=command.contact, status=command.status, private=private))
    if command.status != "accepted":
        return None
    automatic = letter is not None and letter.automatic
    turn.overridden.update(message.overridden)
    with turn.as_world(by=message.by):
        turn.emit(
            e.ContactLinked(
                contact=command.contact,
                channel="mail",
                direction="out",
                at=turn.now,
                customer=turn.state.customer,
                automatic=automatic,
            )
        )
        task = turn.state.items.get(item) if item is not None else None
        if task is not None and task.status == "active":
            items.transition(turn, task, "complete")
    return None


def make_promise(turn: Turn, command: c.MakePromise) -> Refused | None:
    if not command.text.strip():
        return Refused("invalid", "Say what is promised.")
    if command.due <= turn.now:
        return Refused("invalid", "A promise is kept in the future: give a later time.")
    turn.emit(e.PromiseMade(promise=turn.next_id(), due=command.due, private=e.TextPrivate(text=command.text)))
    return None


def keep_promise(turn: Turn, command: c.KeepPromise) -> Refused | None:
    if command.promise not in turn.state.promises:
        return Refused("not found", f"There is no open promise {command.promise}.")
    turn.emit(e.PromiseKept(promise=command.promise))
    return None


def record_perception(turn: Turn, command: c.RecordPerception) -> Refused | None:
    if not 1 <= command.score <= 5:
        return Refused("invalid", "A rating goes from 1 (very bad) to 5 (very good).")
    if command.goal is not None and command.goal not in turn.state.goals:
        return Refused("not found", f"This case has no goal {command.goal}.")
    turn.emit(e.PerceptionRecorded(score=command.score, goal=command.goal, private=e.TextPrivate(text=command.words)))
    return None


def confirm_outcome(turn: Turn, command: c.ConfirmOutcome) -> Refused | None:
    if command.reached:
        if turn.state.confirmed:
            return Refused("duplicate", "The outcome is confirmed already.")
        turn.emit(e.OutcomeConfirmed())
        return None
    turn.emit(e.OutcomeDenied(private=e.TextPrivate(text=command.words)))
    last = goals.last_reached(turn)
    if last is not None:
        goals.open_again(turn, last)
    return None


def answer_offer(turn: Turn, command: c.AnswerOffer) -> Refused | None:
    if turn.state.offers.get(command.offer) not in ("made", "later"):
        return Refused("not found", f"The offer “{command.offer}” is not open in this case.")
    turn.emit(e.OfferAnswered(offer=command.offer, outcome=command.outcome))
    return None
