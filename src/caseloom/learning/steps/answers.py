"""What people did with advice: taken or declined. It moves the order in which advice is shown, and no one person
moves it much.

Each person counts at most three times for an action in a situation, and what nobody answered stands as if four had
taken it; so one who declines everything lowers an action to no less than four sevenths of its weight, and leaves the
probabilities as they were.
"""

from collections.abc import Sequence
from typing import Final

OF_ONE: Final = 3
_STANDING: Final = 4.0


class Answers:
    """Counts for each situation, action and person."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.table: dict[tuple[int, int], dict[int, tuple[int, int]]] = {}

    def add(self, situations: Sequence[int], action: int, person: int, taken: bool) -> None:
        """A person took or declined an action in these situations."""
        for situation in situations:
            people = self.table.setdefault((situation, action), {})
            took, declined = people.get(person, (0, 0))
            people[person] = (took + taken, declined + (not taken))
        if len(self.table) > self.limit:
            for old in list(self.table)[: self.limit // 4]:
                del self.table[old]

    def forget(self, person: int) -> None:
        """Take back all that one person answered."""
        for key in [key for key, people in self.table.items() if person in people]:
            del self.table[key][person]
            if not self.table[key]:
                del self.table[key]

    def worth(self, situation: int, action: int) -> float:
        """The share that stood by the action, between 0 and 1; 1 where nobody declined."""
        people = self.table.get((situation, action))
        if not people:
            return 1.0
        took = declined = 0.0
        for each_took, each_declined in people.values():
            part = min(1.0, OF_ONE / (each_took + each_declined))
            took += each_took * part
            declined += each_declined * part
        return (_STANDING + took) / (_STANDING + took + declined)
