"""Whether knowledge helped: what people said of it and where they used it, and what may be hoped of it next time.

The chance that an article helps is the mean of a Beta posterior, in three steps: what was said of it anywhere, then in
cases of this service goal, then for this goal; each is the prior of the next with the weight of `PRIOR` words. So few
words move little, and what helps with one goal need not help with another.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

MOST: Final = 3
"""Words of one person on one article that count, the newest: nobody makes an article good or bad alone."""
PRIOR: Final = 4.0
USE: Final = 0.5
"""What the use of its words in a message counts, beside a word for it."""


class Vote(msgspec.Struct, frozen=True):
    """What one person made of an article in one case. Without `said` it was only used."""

    case: int
    person: str
    service_goal: str
    goal: str
    article: str
    helped: bool = True
    said: bool = True


class Count(msgspec.Struct, frozen=True):
    """Of `of` words on an article, `helped` were for it; it was used in `used` messages besides."""

    helped: int = 0
    of: int = 0
    used: int = 0


class Votes:
    """All that was said of all articles."""

    def __init__(self, votes: Iterable[Vote] = ()) -> None:
        self._votes: dict[str, dict[str, list[Vote]]] = {}
        for vote in votes:
            self.add(vote)

    def add(self, vote: Vote) -> None:
        """In one case the newest word of a person stands; a use is no word against it."""
        of_person = self._votes.setdefault(vote.article, {}).setdefault(vote.person, [])
        before = next((one for one in of_person if one.case == vote.case), None)
        if before is not None and before.said and not vote.said:
            return
        if before is not None:
            of_person.remove(before)
        of_person.append(vote)
        del of_person[:-MOST]

    def forget(self, cases: Iterable[int]) -> None:
        """Take back what was said in these cases."""
        gone = set(cases)
        for people in self._votes.values():
            for person, votes in people.items():
                people[person] = [vote for vote in votes if vote.case not in gone]

    def count(self, article: str) -> Count:
        """What was said of an article, anywhere."""
        votes = self._of(article)
        said = [vote.helped for vote in votes if vote.said]
        return Count(sum(said), len(said), len(votes) - len(said))

    def chance(self, article: str, service_goal: str = "", goal: str = "") -> float:
        """The chance that it helps in such a case, from 0 to 1; 0.5 where nothing was said."""
        votes = self._of(article)
        mean = (1 + _amount(votes, True)) / (2 + _amount(votes, True) + _amount(votes, False))
        for alike in (
            [vote for vote in votes if vote.service_goal == service_goal],
            [vote for vote in votes if (vote.service_goal, vote.goal) == (service_goal, goal)],
        ):
            good, bad = _amount(alike, True), _amount(alike, False)
            mean = (good + PRIOR * mean) / (good + bad + PRIOR)
        return mean

    def verdicts(self) -> dict[int, bool]:
        """Case → whether anything helped there, where somebody said."""
        found: dict[int, bool] = {}
        for people in self._votes.values():
            for votes in people.values():
                for vote in votes:
                    if vote.said:
                        found[vote.case] = found.get(vote.case, False) or vote.helped
        return found

    def _of(self, article: str) -> list[Vote]:
        return [vote for votes in self._votes.get(article, {}).values() for vote in votes]


def _amount(votes: Iterable[Vote], helped: bool) -> float:
    return sum(1.0 if vote.said else USE for vote in votes if vote.helped == helped)
