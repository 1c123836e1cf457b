"""What is known of the knowledge of a case, and what is missing in a service goal: plain data that screens read."""

import msgspec


class Ranked(msgspec.Struct, frozen=True):
    """An article or a letter for a case as it stands. `meaning` is how near it is to the case, 0 to 1; `chance` how
    probably it helps; of `of` people who said so, it helped `helped`; in `used` messages its words were sent.
    """

    article: str
    meaning: float
    chance: float
    helped: int = 0
    of: int = 0
    used: int = 0


class Ranking(msgspec.Struct, frozen=True):
    """All that is proposed for a case, the best first. `near` is whether anything is about what the customer wrote."""

    articles: tuple[Ranked, ...] = ()
    near: bool = True


class Gap(msgspec.Struct, frozen=True):
    """What customers of a service goal often ask and nothing helps with. `words` are those of several customers;
    `weeks` are (Monday, messages); `cases` the newest.
    """

    words: tuple[str, ...]
    asked: int
    customers: int
    nothing_near: int
    did_not_help: int
    weeks: tuple[tuple[str, int], ...]
    cases: tuple[int, ...]


class Gaps(msgspec.Struct, frozen=True):
    """The gaps of a service goal; `read` is how many messages were looked at, `without` for how many nothing helped."""

    read: int
    without: int
    gaps: tuple[Gap, ...] = ()


def encoded(value: Ranking | Gaps) -> str:
    return msgspec.json.encode(value).decode()


def ranking_of(text: str) -> Ranking:
    return msgspec.json.decode(text, type=Ranking)


def gaps_of(text: str) -> Gaps:
    return msgspec.json.decode(text, type=Gaps)
