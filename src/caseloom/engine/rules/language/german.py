"""The German phrases of a vocabulary.

Words that the author gave no German for stand with their key in quotation marks: `die Aufgabe "pay the refund"`.
"""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from caseloom.engine.rules.language.english import ANY_GOAL, quoted
from caseloom.engine.rules.language.lexicon import ActForms, Lexicon, both
from caseloom.engine.rules.language.vocabulary import CASE, CHANNELS, Vocabulary
from caseloom.engine.spec.service_goal import GermanWordSpec

_THE: Final = {"der": ("der", "den", "dem"), "die": ("die", "die", "der"), "das": ("das", "das", "dem")}
_A: Final = {"der": ("ein", "einen", "einem"), "die": ("eine", "eine", "einer"), "das": ("ein", "ein", "einem")}
_EACH: Final = {
    "der": ("jeder", "jeden", "jedem"),
    "die": ("jede", "jede", "jeder"),
    "das": ("jedes", "jedes", "jedem"),
}
_NOMINATIVE, _ACCUSATIVE, _DATIVE = range(3)
_DONE: Final = re.compile(r"(?P<article>der|die|das) (?P<noun>.+) (?P<participle>\S+) ist")
_KINDS: Final = {
    "agent": ("ein Mitarbeiter", "einem Mitarbeiter"),
    "customer": ("der Kunde", "dem Kunden"),
    "partner": ("ein Partner", "einem Partner"),
    "program": ("ein Programm", "einem Programm"),
}
_CHANNELS: Final = {
    "mail": "Mail",
    "phone": "Telefon",
    "letter": "Brief",
    "fax": "Fax",
    "sms": "SMS",
    "chat": "Chat",
    "web form": "Webformular",
    "counter": "Schalter",
    "social": "Soziale Medien",
}
_BUILT_IN: Final = {
    "perception": ("die", "Wahrnehmung"),
    "case.contacts": ("die", "Zahl der Kontakte"),
    "case.answers": ("die", "Zahl der Antworten"),
    "case.channel": ("der", "Kanal"),
}
_ITEM_ACTS: Final = (
    ("complete", "erledigen", "erledigt"),
    ("start", "beginnen", "begonnen"),
    ("cancel", "abbrechen", "abgebrochen"),
    ("reset", "zurücksetzen", "zurückgesetzt"),
    ("create", "anlegen", "angelegt"),
    ("modify", "ändern", "geändert"),
    ("delete", "löschen", "gelöscht"),
)
_GOAL_ACTS: Final = (
    ("reach", "erreichen", "erreicht"),
    ("waive", "erlassen", "erlassen"),
    ("cancel", "abbrechen", "abgebrochen"),
    ("add", "hinzufügen", "hinzugefügt"),
    ("reset", "zurücksetzen", "zurückgesetzt"),
    ("modify", "ändern", "geändert"),
    ("delete", "löschen", "gelöscht"),
)
_CASE_ACTS: Final = (
    ("close", "schließen", "geschlossen"),
    ("reopen", "wieder öffnen", "wieder geöffnet"),
    ("suspend", "aussetzen", "ausgesetzt"),
    ("hand over", "übergeben", "übergeben"),
    ("classify", "einordnen", "eingeordnet"),
    ("open", "eröffnen", "eröffnet"),
)
_OTHER_ACTS: Final = (
    ("send", "die", "Nachricht", "senden", "gesendet"),
    ("promise", "das", "Versprechen", "geben", "gegeben"),
    ("keep promise", "das", "Versprechen", "halten", "gehalten"),
    ("note", "die", "Notiz", "schreiben", "geschrieben"),
    ("answer", "die", "Anfrage", "beantworten", "beantwortet"),
    ("improvise task", "die", "Zusatzaufgabe", "anlegen", "angelegt"),
    ("improvise stage", "der", "Zusatzabschnitt", "anlegen", "angelegt"),
    ("improvise goal", "das", "Zusatzziel", "anlegen", "angelegt"),
    ("improvise option", "die", "Zusatzoption", "anlegen", "angelegt"),
)
_WORLD: Final = (
    ("hear", "der Kunde sich meldet"),
    ("customer answers", "der Kunde geantwortet hat"),
    ("rate", "der Kunde bewertet hat"),
    ("confirm", "der Kunde das Ergebnis bestätigt"),
    ("deny", "der Kunde das Ergebnis bestreitet"),
    ("break promise", "ein Versprechen gebrochen ist"),
    (ANY_GOAL, "das Ziel erreicht ist"),
)


class Noun(NamedTuple):
    """A noun and its gender. One in quotation marks always has the definite article."""

    article: str
    name: str
    definite: bool = False

    def the(self, case: int = _NOMINATIVE) -> str:
        return f"{_THE[self.article][case]} {self.name}"

    def a(self, case: int = _NOMINATIVE) -> str:
        return f"{_A[self.article][case]} {self.name}"

    def said(self, case: int = _NOMINATIVE) -> tuple[str, ...]:
        """With each of its articles, the indefinite first."""
        if self.definite:
            return (self.the(case),)
        return (self.a(case), self.the(case), f"{_EACH[self.article][case]} {self.name}")


def lexicon(vocabulary: Vocabulary) -> Lexicon:
    """All German phrases of a vocabulary."""
    made = Lexicon()
    _add_facts(made, vocabulary)
    _add_people(made, vocabulary)
    for terminal, of, keys in (
        ("GOAL", "goal", vocabulary.goals),
        ("TASK", "task", vocabulary.items),
        ("OFFER_KEY", "offer", vocabulary.offers),
    ):
        for key in keys:
            made.add(terminal, of, key, (quoted(key),))
    for forms in (*_of_items(vocabulary), *_of_keys(vocabulary), *_of_facts(vocabulary), *_of_case(vocabulary)):
        made.add_act(forms)
    for act, article, name, verb, participle in _OTHER_ACTS:
        made.add_act(_transitive(act, Noun(article, name), verb, participle))
    for act, clause in _WORLD:
        made.add_act(ActForms(act, clause=(clause,)))
    return made


def _given(vocabulary: Vocabulary, key: str) -> GermanWordSpec:
    return vocabulary.word(key).de or GermanWordSpec()


def _noun(vocabulary: Vocabulary, key: str) -> Noun | None:
    given = _given(vocabulary, key)
    return Noun(given.article or "die", given.name) if given.name else None


def _add_facts(made: Lexicon, vocabulary: Vocabulary) -> None:
    for key, (article, name) in _BUILT_IN.items():
        _add_fact(made, key, [Noun(article, name, definite=True)])
    for key in vocabulary.facts:
        generic, noun = Noun("der", f"Fakt {quoted(key)}", definite=True), _noun(vocabulary, key)
        if vocabulary.is_list(key):
            _add_list(made, vocabulary, key, noun)
        else:
            _add_fact(made, key, [noun, generic] if noun else [generic])


def _add_fact(made: Lexicon, key: str, nouns: list[Noun]) -> None:
    for terminal, case in (("FACT", _NOMINATIVE), ("FACT_ACC", _ACCUSATIVE), ("FACT_DAT", _DATIVE)):
        definite = [noun.the(case) for noun in nouns]
        others = [phrase for noun in nouns for phrase in noun.said(case)]
        made.add(terminal, "fact", key, (*definite, *others))
    made.add("FACTNAME_ACC", "fact", key, [noun.the(1) if noun.definite else noun.a(1) for noun in nouns])
    made.add("FACTNAME_NOT", "fact", key, [_without(noun) for noun in nouns])


def _without(noun: Noun) -> str:
    return f"nicht {noun.the(1)}" if noun.definite else f"k{noun.a(1)}"


def _add_list(made: Lexicon, vocabulary: Vocabulary, key: str, noun: Noun | None) -> None:
    many = _given(vocabulary, key).plural
    generic = Noun("die", f"Liste {quoted(key)}", definite=True)
    known = Noun("die", many, definite=True) if many else generic
    for terminal, case in (("FACT", 0), ("FACTS", 0), ("FACT_ACC", 1), ("FACT_DAT", 2)):
        made.add(terminal, "fact", key, (known.the(case) if case < 2 or not many else f"den {many}", generic.the(case)))
    made.add("FACTS_GEN", "fact", key, (many, f"Liste {quoted(key)}"))
    made.add("FACTNAME_ACC", "fact", key, (many, generic.the(1)))
    made.add("FACTNAME_NOT", "fact", key, (f"keine {many}" if many else "", f"nicht {generic.the(1)}"))
    each = noun.said()[::-1] if noun else ()
    made.add("EACH", "fact", key, (each[0] if each else "", *each[2:], f"jedes Element von {quoted(key)}"))


def _add_people(made: Lexicon, vocabulary: Vocabulary) -> None:
    for role in vocabulary.roles:
        noun, in_quotes = _noun(vocabulary, role), f"mit der Rolle {quoted(role)}"
        made.add("ROLE", "role", role, (*([noun.a(), noun.the()] if noun else []), f"jemand {in_quotes}"))
        made.add("ROLE_DAT", "role", role, (*([noun.a(2), noun.the(2)] if noun else []), f"jemandem {in_quotes}"))
        made.add("ADDRESSEE", "role", role, (*([noun.the(1), noun.a(1)] if noun else []), f"die Rolle {quoted(role)}"))
    for team in vocabulary.teams:
        made.add("TEAM", "team", team, (quoted(team),))
        made.add("ADDRESSEE", "team", team, (f"das Team {quoted(team)}",))
    for skill in vocabulary.skills:
        made.add("SKILL", "skill", skill, (quoted(skill),))
    for kind, (nominative, dative) in _KINDS.items():
        for terminal, phrase, someone in (("KIND", nominative, "jemand"), ("KIND_DAT", dative, "jemandem")):
            free = () if made.means(phrase, terminal.replace("KIND", "ROLE")) else (phrase,)
            made.add(terminal, "kind", kind, (*free, f"{someone} der Art {quoted(kind)}"))
    for channel in CHANNELS:
        made.add("CHANNEL", "channel", channel, (_CHANNELS[channel], quoted(channel)))


def _transitive(act: str, noun: Noun, verb: str, participle: str) -> ActForms:
    """An act that a verb says, done to a noun in one of its forms."""
    usual = (noun.the(), *(form for form in noun.said() if form != noun.the()))
    objects = (noun.the(1), *(form for form in noun.said(1) if form != noun.the(1)))
    return ActForms(
        act,
        passive=tuple((form, participle) for form in noun.said()),
        doing=tuple(f"{form} {verb}" for form in noun.said(1)) if verb else (),
        clause=tuple(f"{form} {participle} ist" for form in usual),
        undone=tuple(f"{form} nicht {participle} ist" for form in usual),
        did=tuple(f"{form} {participle} hat" for form in objects),
    )


def _of_items(vocabulary: Vocabulary) -> Iterable[ActForms]:
    for key in vocabulary.items:
        noun = _item_noun(vocabulary, key)
        for act, verb, participle in _ITEM_ACTS:
            general = _transitive(f"{act} {key}", noun, verb, participle)
            yield both(_of_task(vocabulary, key), general) if act == "complete" else general
        yield ActForms(f"warn {key}", clause=(f"{noun.the()} bald überfällig ist",))
        yield ActForms(f"late {key}", clause=(f"{noun.the()} überfällig ist",))


def _item_noun(vocabulary: Vocabulary, key: str) -> Noun:
    if key in vocabulary.tasks:
        return Noun("die", f"Aufgabe {quoted(key)}", definite=True)
    return Noun("der", f"{'Abschnitt' if key in vocabulary.stages else 'Meilenstein'} {quoted(key)}", definite=True)


def _of_task(vocabulary: Vocabulary, key: str) -> ActForms | None:
    """A task by the German words that the author gave: `Erstattung zahlen`, `die Erstattung gezahlt ist`."""
    given, act = _given(vocabulary, key), f"complete {key}"
    done = _DONE.fullmatch(given.done)
    object_, _, verb = given.name.rpartition(" ")
    if done is not None:
        noun = Noun(done["article"], done["noun"])
        forms = _transitive(act, noun, verb if object_ == noun.name else "", done["participle"])
        return forms._replace(undone=(given.undone, *forms.undone) if given.undone else forms.undone)
    if not given.done and not given.name:
        return None
    return ActForms(
        act,
        doing=(given.name,) if given.name else (),
        clause=(given.done,) if given.done else (),
        undone=(given.undone,) if given.undone else (),
    )


def _of_keys(vocabulary: Vocabulary) -> Iterable[ActForms]:
    for key in vocabulary.goals:
        noun = Noun("das", f"Ziel {quoted(key)}", definite=True)
        for act, verb, participle in _GOAL_ACTS:
            yield _transitive(f"{act} {key}", noun, verb, participle)
        yield ActForms(f"warn {key}", clause=(f"{noun.the()} bald überfällig ist",))
        yield ActForms(f"late {key}", clause=(f"{noun.the()} überfällig ist",))
    for key in vocabulary.letters:
        yield _transitive(f"send {key}", Noun("der", f"Brief {quoted(key)}", definite=True), "senden", "gesendet")
    for key in vocabulary.options:
        yield _transitive(f"choose {key}", Noun("die", f"Option {quoted(key)}", definite=True), "wählen", "gewählt")
        yield _transitive(f"drop {key}", Noun("die", f"Option {quoted(key)}", definite=True), "aufgeben", "aufgegeben")
    for key in vocabulary.offers:
        noun = Noun("das", f"Angebot {quoted(key)}", definite=True)
        yield _transitive(f"offer {key}", noun, "machen", "gemacht")
        yield ActForms(f"accept {key}", clause=(f"{noun.the()} angenommen ist",))
        yield ActForms(f"decline {key}", clause=(f"{noun.the()} abgelehnt ist",))


def _of_facts(vocabulary: Vocabulary) -> Iterable[ActForms]:
    for key in vocabulary.facts:
        noun = _noun(vocabulary, key) if not vocabulary.is_list(key) else None
        for known in (noun, Noun("der", f"Fakt {quoted(key)}", definite=True)):
            if known is not None:
                fixed = Noun(known.article, known.name, definite=True)
                forms = _transitive(f"set {key}", fixed, "setzen", "gesetzt")
                yield both(forms, _transitive(f"set {key}", fixed, "ändern", "geändert"))
                break


def _of_case(vocabulary: Vocabulary) -> Iterable[ActForms]:
    nouns = [noun for noun in (_noun(vocabulary, CASE), Noun("der", "Fall")) if noun is not None]
    for act, verb, participle in _CASE_ACTS:
        forms = [_transitive(act, noun, verb, participle) for noun in nouns]
        yield both(forms[0], forms[1]) if len(forms) > 1 else forms[0]
