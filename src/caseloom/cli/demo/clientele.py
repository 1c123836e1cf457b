"""The demo's customers: made from a seed, so that the same number is always the same person."""

import random
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct

from caseloom.cli.demo.addresses import MAIL_DOMAIN

HOW_MANY: Final = 300
FIRST: Final = [
    "Maria",
    "Jonas",
    "Leyla",
    "Anton",
    "Klara",
    "Emil",
    "Sofia",
    "Mats",
    "Hanna",
    "Omar",
    "Lea",
    "Tomasz",
    "Nora",
    "Felix",
    "Aylin",
    "Paul",
    "Ida",
    "Marek",
    "Johanna",
    "Theo",
    "Amira",
    "Ben",
    "Frieda",
    "Luca",
    "Elif",
    "Oskar",
    "Mila",
    "Jan",
    "Carla",
    "Yusuf",
    "Emma",
    "Viktor",
    "Ronja",
    "David",
    "Alma",
    "Samuel",
    "Lotte",
    "Milan",
    "Judith",
    "Hannes",
    "Zeynep",
    "Erik",
    "Tessa",
    "Adam",
    "Wiebke",
    "Rafael",
    "Svenja",
    "Kofi",
    "Helene",
    "Ivo",
]
LAST: Final = [
    "Keller",
    "Bergmann",
    "Yilmaz",
    "Hoffmann",
    "Sander",
    "Kowalski",
    "Lindner",
    "Okafor",
    "Baumann",
    "Vogt",
    "Schreiber",
    "Novak",
    "Thiel",
    "Arslan",
    "Krüger",
    "Janssen",
    "Moreno",
    "Haas",
    "Friedrich",
    "Nowak",
    "Böhm",
    "Petrov",
    "Ritter",
    "Demir",
    "Kaiser",
    "Wendt",
    "Rossi",
    "Günther",
    "Martens",
    "Hartwig",
    "Sommer",
    "Lange",
    "Diallo",
    "Busch",
    "Peters",
    "Franke",
    "Seidel",
    "Özkan",
    "Winkler",
    "Jensen",
    "Graf",
    "Ivanova",
    "Ernst",
    "Pohl",
    "Schuster",
    "Mertens",
    "Castillo",
    "Behrens",
    "Kühn",
    "Albers",
]
STREETS: Final = ("Lindenweg", "Am Mühlbach", "Gartenstraße", "Hafenallee", "Birkenring", "Schulstraße", "Rosengasse")
TOWNS: Final = (("20144", "Hamburg"), ("50676", "Köln"), ("04109", "Leipzig"), ("80331", "München"), ("24103", "Kiel"))
SEGMENTS: Final = (("standard", 70), ("premium", 14), ("student", 10), ("business", 6))
SPELLED: Final[dict[str, str | int | None]] = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ı": "i"}
PRODUCTS: Final = ("net 50", "net 100", "net 250")


class Person(Struct, frozen=True):
    """A customer of the demo, as they are created."""

    index: int
    name: str
    mail: str
    phone: str
    number: str
    segment: str
    language: str
    facts: Mapping[str, Any]
    since: datetime


def person(seed: int, index: int, now: datetime) -> Person:
    """The customer of this number (from 0)."""
    rng = random.Random(f"{seed} customer {index}")  # noqa: S311 - a made-up world, no secret
    # Walks through all pairs before one repeats.
    first, last = FIRST[index % len(FIRST)], LAST[(index * 7 + index // len(FIRST)) % len(LAST)]
    postcode, town = rng.choice(TOWNS)
    internet = rng.random() < 0.45
    facts = {
        "card ending": f"{rng.randrange(10_000):04d}",
        "address": f"{rng.choice(STREETS)} {rng.randrange(1, 120)}, {postcode} {town}",
        "internet contract": internet,
        "travel insurance": rng.random() < 0.2,
        "balance": f"{rng.lognormvariate(7, 1):.2f} EUR",
        **({"internet product": rng.choice(PRODUCTS)} if internet else {}),
    }
    return Person(
        index=index,
        name=f"{first} {last}",
        mail=f"{_plain(first)}.{_plain(last)}{'' if index < len(FIRST) * len(LAST) else index}@{MAIL_DOMAIN}",
        phone=f"+4915555{rng.randrange(10**3):03d}{index:04d}",
        number=f"K{100_000 + index * 7}",
        segment=rng.choices([name for name, _ in SEGMENTS], [weight for _, weight in SEGMENTS])[0],
        language=rng.choices(("de", "en"), (8, 2))[0],
        facts=facts,
        since=now - timedelta(days=rng.randrange(420, 3300), minutes=rng.randrange(1440)),
    )


def _plain(name: str) -> str:
    """A name as it stands in an address."""
    spelled = name.lower().translate(str.maketrans(SPELLED))
    return unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
