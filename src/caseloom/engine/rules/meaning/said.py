"""The parts of a sentence by what they are, for those who work out its meaning."""

from caseloom.engine.rules.language.tree import Count, Node, Slot, Term, Value, Word
from caseloom.engine.rules.language.vocabulary import Vocabulary
from caseloom.engine.rules.meaning.acts import Happening, happening, is_clause, measured
from caseloom.engine.rules.meaning.feel import Feel, is_condition, is_test

_WHO = ("role", "skill", "team", "kind", "any_who")


class Said:
    """A rule's node, taken apart. `says` is its text, `override` the roles that may cross it."""

    def __init__(self, node: Node, vocabulary: Vocabulary, says: str, way_on: str, override: tuple[str, ...]) -> None:
        self.node = node
        self.vocabulary = vocabulary
        self.says = says
        self.way_on = way_on
        self.override = override
        self.feel = Feel(vocabulary)

    @property
    def kind(self) -> str:
        return self.node.kind

    @property
    def acts(self) -> list[Word]:
        """The acts that the sentence itself names, without those of its clauses."""
        return [slot for slot in self.node.slots if isinstance(slot, Word) and slot.of == "act"]

    @property
    def act(self) -> Word:
        return self.acts[0]

    @property
    def clauses(self) -> list[Happening]:
        found = [slot for slot in self.node.slots if isinstance(slot, Node) and is_clause(slot)]
        return [happening(clause, self.vocabulary) for clause in found]

    @property
    def qualifier(self) -> str | None:
        """What must hold of the object for the rule to speak of it."""
        found = next((slot for slot in self.node.slots if is_test(slot)), None)
        return measured(self.act, found, self.vocabulary) if isinstance(found, Node) and self.acts else None

    @property
    def condition(self) -> str | None:
        """What the sentence asks for: not known is not fulfilled."""
        return self._condition(strict=False)

    @property
    def strict_condition(self) -> str | None:
        """What the sentence is narrowed to: null while not known, so that its denial is null too."""
        return self._condition(strict=True)

    def _condition(self, strict: bool) -> str | None:
        found = next((slot for slot in self.node.slots if is_condition(slot)), None)
        return self.feel.condition(found, strict) if isinstance(found, Node) else None

    @property
    def who(self) -> str | None:
        found = next((slot for slot in self.node.slots if isinstance(slot, Node) and slot.kind in _WHO), None)
        return self.feel.who(found) if found else None

    @property
    def terms(self) -> list[str]:
        return [slot.text for slot in self.node.slots if isinstance(slot, Term)]

    @property
    def term(self) -> str:
        return self.terms[0]

    @property
    def count(self) -> int:
        return next(slot.number for slot in self.node.slots if isinstance(slot, Count))

    @property
    def values(self) -> list[Value]:
        return [slot for slot in self.node.slots if isinstance(slot, Value)]

    def word(self, of: str) -> str:
        """The key of the sentence's word of a kind, such as its goal."""
        return next(slot.key for slot in self.node.slots if isinstance(slot, Word) and slot.of == of)

    def others(self) -> list[Slot]:
        """The slots that are neither conditions nor clauses nor tests."""
        return [s for s in self.node.slots if not is_condition(s) and not is_clause(s) and not is_test(s)]
