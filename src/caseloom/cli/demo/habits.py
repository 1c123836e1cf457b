"""What people write into forms, on which channels they come, how quickly things go: what the demo's past is made of."""

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from caseloom.engine.calendar import BusinessCalendar, add_business
from caseloom.engine.case.state import CaseState

ZONE: Final = ZoneInfo("Europe/Berlin")
WANTS: Final[Mapping[str, tuple[float, float]]] = {
    "general enquiry": (26, 0.2),
    "activate card": (15, 0.3),
    "dispute fee": (14, -0.7),
    "fault": (14, -0.4),
    "change address": (11, 0.3),
    "order internet": (8, 0.0),
    "lost card": (7, 0.3),
    "complaint": (4, -1.0),
    "close account": (1, -0.2),
}
"""Service goal → how often it is wanted, and what it adds to a rating."""
CHANNELS: Final[Mapping[str, float]] = {
    "mail": 40, "phone": 28, "web form": 14, "chat": 7, "letter": 5, "counter": 4, "sms": 1, "social": 1,
}  # fmt: skip
CHANNEL_MOOD: Final[Mapping[str, float]] = {"phone": 0.2, "counter": 0.3, "letter": -0.3, "social": -0.5}
FOUR_EYES: Final = ("approve the refund", "release the payout")
MONDAY_LOAD: Final = (1.45, 1.1, 1.0, 0.95, 0.9, 1.0, 1.0)
DAY_WEIGHT: Final = (1.3, 1.12, 1.0, 0.98, 0.92, 0.42, 0.32)
HOUR_WEIGHT: Final = (1, 1, 1, 1, 1, 2, 5, 12, 22, 30, 30, 26, 18, 20, 22, 22, 20, 18, 16, 17, 16, 10, 5, 2)
HANDLING: Final[Mapping[str, float]] = {
    "line check": 150, "provisioning": 300, "field service": 420, "billing": 360, "complaints": 110, "accounts": 100,
}  # fmt: skip
"""Median minutes of business time until a task of the team is done, its wait in the list included; 50 elsewhere."""

URGENT: Final[Mapping[str, float]] = {"lost card": 0.12, "fault": 0.5, "activate card": 0.6}
"""Service goal → the share of the usual time in which people come to it."""

Rng = random.Random
Supply = Callable[[Rng, CaseState, datetime], Any]


def _said(state: CaseState, name: str) -> Any:
    fact = state.facts.get(name)
    return fact.value if fact is not None else None


def _amount(state: CaseState, name: str) -> float:
    """The amount of a fact of money, as it stands in the case."""
    value = _said(state, name)
    return float(value[0] if isinstance(value, list | tuple) else value["amount"]) if value else 0.0


def _refund(rng: Rng, state: CaseState, at: datetime) -> str:
    share = 1.0 if _said(state, "finding") == "our mistake" else 0.5
    return f"{_amount(state, 'disputed amount') * share:.2f} EUR"


def _restored(rng: Rng, state: CaseState, at: datetime) -> bool:
    option = next((goal.option for goal in state.goals.values() if goal.key == "line works again"), "")
    return rng.random() < {"with the customer": 0.5, "from afar": 0.72}.get(option or "", 0.95)


def _pick(**weights: float) -> Supply:
    names = [name.replace("_", " ") for name in weights]
    return lambda rng, state, at: rng.choices(names, list(weights.values()))[0]


def _yes(share: float = 1.0) -> Supply:
    return lambda rng, state, at: rng.random() < share


def _euros(median: float, most: float) -> Supply:
    return lambda rng, state, at: f"{min(most, max(2.0, rng.lognormvariate(0, 0.8) * median)):.2f} EUR"


def _one_of(*texts: str) -> Supply:
    return lambda rng, state, at: rng.choice(texts)


def _day(rng: Rng, state: CaseState, at: datetime) -> str:
    return (at + timedelta(days=rng.randrange(1, 5))).date().isoformat()


FACTS: Final[Mapping[str, Supply]] = {
    "identity checked": _yes(),
    "sure of it": _yes(),
    "activation code": lambda rng, state, at: f"{rng.randrange(10**6):06d}",
    "strange payments": _yes(0.12),
    "stolen": _yes(0.3),
    "express": _yes(0.2),
    "new card arrived": _yes(),
    "disputed amount": _euros(28, 900),
    "kind of fee": _pick(account=3, card_abroad=4, overdraft=2, cash_machine=2, late_payment=1),
    "finding": _pick(our_mistake=45, partly=20, right=35),
    "reason for the customer": _one_of(
        "The fee was booked twice.", "The terminal was outside the euro zone.", "The reminder crossed your payment."
    ),
    "refund": _refund,
    "approved": _yes(),
    "new street": _one_of("Amselweg 3", "Kirchplatz 11", "Neue Straße 8", "Deichkrone 27"),
    "new postcode": _one_of("20253", "50823", "04229", "81543", "24114"),
    "new city": _one_of("Hamburg", "Köln", "Leipzig", "München", "Kiel"),
    "valid from": _day,
    "address of the line": _one_of(
        "Amselweg 3, 20253 Hamburg", "Deichkrone 27, 24114 Kiel", "Kirchplatz 11, 04229 Leipzig"
    ),
    "product wanted": _pick(net_50=3, net_100=5, net_250=2),
    "line verdict": _pick(possible=74, possible_with_works=14, impossible=12),
    "line speed": lambda rng, state, at: rng.randrange(38, 260),
    "order accepted": _yes(),
    "visit on": _day,
    "modem online": _yes(),
    "first invoice": _one_of("29.90 EUR", "34.90 EUR", "39.90 EUR"),
    "symptom": _pick(dead=4, slow=4, drops=3, telephone=1),
    "line test": _pick(good=5, weak=4, dead=2),
    "cause": _pick(modem=5, wiring_at_home=2, our_net=3, outside=1),
    "line restored": _restored,
    "credit for the outage": _euros(12, 60),
    "subject of the complaint": _pick(fee=3, waiting_time=4, wrong_information=2, fault=2, friendliness=1),
    "our share": _pick(our_mistake=4, partly=3, none=3),
    "what we found": _one_of(
        "Your message lay with us for six days.", "Two teams each thought that the other would answer."
    ),
    "compensation": _euros(35, 95),
    "customer verdict": _pick(settled=8, not_settled=2),
    "reason for leaving": _pick(price=3, service=3, moving_away=2, other_bank=3),
    "talk held": _yes(),
    "balance": _euros(900, 8000),
    "payout account": _one_of("DE00 0000 0000 0000 0000 01", "DE00 0000 0000 0000 0000 02"),
    "topic": _pick(account=4, card=3, saving=2, internet=3, opening_hours=1, other=1),
    "what went wrong": _one_of(
        "Nobody told me anything for days.", "I had to explain it three times.", "It took too long."
    ),
    "goodwill": _one_of("10 EUR", "15 EUR", "20 EUR", "25 EUR"),
}
"""Fact → what a person would give for it."""
CALMING: Final = ("say it once more",)
"""Tasks in which a customer is content after all."""


def opening(rng: Rng, earliest: datetime, latest: datetime, channel: str) -> datetime:
    """A moment at which somebody makes contact: by the day's and the hour's weight, a little more each month."""
    span = max((latest - earliest).days, 1)
    days = [earliest + timedelta(days=number) for number in range(span)]
    weights = [DAY_WEIGHT[day.weekday()] * (1 + 0.3 * number / span) for number, day in enumerate(days)]
    day = rng.choices(days, weights)[0].astimezone(ZONE)
    hours = range(8, 18) if channel in ("phone", "counter", "chat") else range(24)
    hour = rng.choices(hours, [HOUR_WEIGHT[one] for one in hours])[0]
    moment = day.replace(hour=hour, minute=rng.randrange(60), second=rng.randrange(60), microsecond=0).astimezone(UTC)
    return min(max(moment, earliest), latest)


def worked(rng: Rng, calendar: BusinessCalendar, since: datetime, minutes: float) -> datetime:
    """When somebody who needs about so many minutes is done: in opening hours, longer on Mondays."""
    load = MONDAY_LOAD[since.astimezone(ZONE).weekday()]
    length = timedelta(minutes=max(1.0, minutes * load * rng.lognormvariate(0, 0.55)), seconds=rng.randrange(60))
    return add_business(calendar, since, length)


def replied(rng: Rng, since: datetime, hours: float = 7.0) -> datetime:
    """When a customer comes to it: some hours later, awake."""
    moment = since + timedelta(hours=hours * rng.lognormvariate(0, 0.9), seconds=rng.randrange(60))
    local = moment.astimezone(ZONE)
    return moment if 6 <= local.hour < 23 else moment + timedelta(hours=8)


RATING_WORDS: Final[Mapping[int, tuple[str, ...]]] = {
    1: ("Nobody cared.", "I had to ask four times.", "Never again."),
    2: ("Too slow.", "Everyone told me something else.", "It took a week for a small thing."),
    3: ("All right in the end.", "Could be quicker.", ""),
    4: ("Good, thank you.", "Friendly and clear.", ""),
    5: ("Perfect!", "So quick, I am impressed.", "Thank you, Ada!", ""),
}
