"""An automaton in the making: letters, moves and checks of a sentence, gathered to an `OrderSpec`."""

from collections.abc import Iterable
from typing import Literal

from caseloom.engine.rules.language.fault import SentenceFault
from caseloom.engine.rules.language.tree import Word
from caseloom.engine.rules.meaning.acts import Happening, item_of, names_of, require_ours, subject_of
from caseloom.engine.rules.meaning.said import Said
from caseloom.engine.rules.order import FORBIDDEN, Deadline, Letter, Move, OrderSpec, PersonCheck, TimeCheck


class Automaton:
    """An `OrderSpec` in the making."""

    def __init__(self, said: Said) -> None:
        self.said = said
        self._words: list[Word] = []
        self._letters: list[Letter] = []
        self._moves: list[Move] = []
        self._people: list[PersonCheck] = []
        self._times: list[TimeCheck] = []
        self._deadlines: list[Deadline] = []
        self.unfinished: tuple[int, ...] = ()

    def letter(self, what: Happening) -> int:
        """An act that is noticed while its condition holds."""
        acts = names_of(what.word, self.said.vocabulary)
        if any(set(acts) & set(letter.acts) for letter in self._letters):
            raise SentenceFault(f"The rule names “{what.word.key}” twice; a thing cannot come before or after itself.")
        self._words.append(what.word)
        self._letters.append(Letter(acts=acts, when=what.condition))
        return len(self._letters) - 1

    def gate(self, what: Happening, *conditions: str | None) -> int:
        """An act that may be forbidden, unless one of the conditions is known not to hold."""
        require_ours(what.word)
        said = [f"({condition}) != false" for condition in (what.condition, *conditions) if condition]
        return self.letter(Happening(what.word, " and ".join(said) or None))

    def more(self, acts: tuple[str, ...]) -> int:
        """A letter of acts that no word names."""
        taken = {act for letter in self._letters for act in letter.acts}
        self._letters.append(Letter(acts=tuple(act for act in acts if act not in taken)))
        return len(self._letters) - 1

    def move(self, states: int | Iterable[int], letter: int, to: int) -> None:
        for state in (states,) if isinstance(states, int) else states:
            self._moves.append(Move(state, letter, to))

    def forbid(self, states: int | Iterable[int], letter: int) -> None:
        self.move(states, letter, FORBIDDEN)

    def person(self, letter: int, other: int, person: Literal["same", "different"]) -> None:
        self._people.append(PersonCheck(letter, other, person))

    def time(self, letter: int, other: int, relation: Literal["sooner", "later"], count: int = 1) -> None:
        self._times.append(TimeCheck(letter, other, self.said.term, relation, count))

    def deadline(self, state: int, to: int) -> None:
        self._deadlines.append(Deadline(state, self.said.term, to))

    def spec(self) -> OrderSpec:
        said = self.said
        subject = subject_of(self._words, said.vocabulary)
        if subject:
            self._require_forbidden_of_one(subject)
        return OrderSpec(
            says=said.says,
            letters=tuple(self._letters),
            moves=tuple(self._moves),
            people=tuple(self._people),
            times=tuple(self._times),
            deadlines=tuple(self._deadlines),
            unfinished=self.unfinished,
            subject=subject,
            each=said.vocabulary.member_name(subject) if subject else "",
            override=said.override,
            way_on=said.way_on,
        )

    def _require_forbidden_of_one(self, subject: str) -> None:
        """Raises `SentenceFault` where what one object still lacks would forbid an act that is about none of them.

        Such an act is not about the objects that nobody has touched yet, so it is not known which of them lack it.
        """
        barred = {move.letter for move in self._moves if move.state == 0 and move.to == FORBIDDEN}
        for word in (self._words[letter] for letter in barred):
            if not self.said.vocabulary.subject_of(item_of(word)):
                raise SentenceFault(
                    f"“{word.key}” is about none of “{subject}” alone. Forbid an act on one of them, or name a "
                    "condition of the whole list."
                )
