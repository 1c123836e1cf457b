"""Letters of a definition made ready: their templates compiled, what they read and who corrects them checked."""

from collections.abc import Callable, Mapping

from caseloom.engine.feel import FeelSyntaxError
from caseloom.engine.rules.fault import Path
from caseloom.engine.rules.letter import Template, template
from caseloom.engine.rules.plan import LetterPlan
from caseloom.engine.spec.service_goal import LetterSpec


class Letters:
    """The letters of a definition; `known` and `fault` tell what is wrong, with its place."""

    def __init__(
        self,
        letters: Mapping[str, LetterSpec],
        names: frozenset[str],
        known: Callable[..., bool],
        fault: Callable[[Path, str], None],
    ) -> None:
        self._letters, self._names = letters, names
        self._known, self._fault = known, fault

    def plans(self) -> dict[str, LetterPlan]:
        """Each letter by its key."""
        for key, letter in self._letters.items():
            if letter.corrected_by:
                self._known(letter.corrected_by, self._letters, "letter", ("letters", key, "corrected by"))
        return {
            key: LetterPlan(
                letter.title or key,
                self._template(letter.subject, ("letters", key, "subject")),
                self._template(letter.text, ("letters", key, "text")),
                letter.automatic,
                letter.corrected_by,
            )
            for key, letter in self._letters.items()
        }

    def _template(self, text: str, path: Path) -> Template:
        try:
            made = template(text, self._names)
        except FeelSyntaxError as error:
            self._fault(path, str(error))
            return template("", ())
        for name in sorted(made.reads):
            self._known(name, self._names, "fact", path)
        return made
