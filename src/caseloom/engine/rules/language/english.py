"""The English phrases of a vocabulary."""

from collections.abc import Iterable
from typing import Final

from caseloom.engine.rules.language.lexicon import ActForms, Lexicon, both
from caseloom.engine.rules.language.verbs import participle, past, plural, task_words, with_article
from caseloom.engine.rules.language.vocabulary import CASE, CHANNELS, Vocabulary, done_parts

_BUILT_IN: Final = {
    "perception": "the perception",
    "case.contacts": "the number of contacts",
    "case.answers": "the number of answers",
    "case.channel": "the channel",
}
_KINDS: Final = {
    "agent": ("an agent", "a member of staff"),
    "customer": ("the customer", "a customer"),
    "partner": ("a partner",),
    "program": ("a program",),
}
_ITEM_ACTS: Final = (
    ("complete", "do"),
    ("start", "start"),
    ("cancel", "cancel"),
    ("reset", "reset"),
    ("create", "create"),
    ("modify", "modify"),
    ("delete", "delete"),
)
_GOAL_ACTS: Final = (
    ("reach", "reach"),
    ("waive", "waive"),
    ("cancel", "cancel"),
    ("add", "add"),
    ("reset", "reset"),
    ("modify", "modify"),
    ("delete", "delete"),
)
_CASE_ACTS: Final = (
    ("close", "close", ""),
    ("reopen", "reopen", ""),
    ("suspend", "suspend", ""),
    ("hand over", "hand", "over"),
    ("classify", "classify", ""),
    ("open", "open", ""),
)
_WORLD: Final = (
    ("hear", ("the customer writes", "the customer calls", "the customer makes contact")),
    ("customer answers", ("the customer has answered", "the customer answers")),
    ("rate", ("the customer has rated", "the customer rates")),
    ("confirm", ("the customer confirms",)),
    ("deny", ("the customer denies",)),
    ("break promise", ("a promise is broken", "the promise is broken")),
)
_SAID_OF_CUSTOMERS: Final = ("answered", "confirmed", "rated", "not confirmed")
"""What “the customer has …” says already, whatever fact is called so."""
IMPROVISED: Final = ("task", "stage", "goal", "option")
"""What people may make up on the spot."""
ANY_GOAL: Final = "reach any goal"
"""The act that stands for reaching whichever goal."""


def lexicon(vocabulary: Vocabulary) -> Lexicon:
    """All English phrases of a vocabulary."""
    made = Lexicon()
    _add_facts(made, vocabulary)
    _add_people(made, vocabulary)
    _add_keys(made, vocabulary)
    for forms in (*_of_items(vocabulary), *_of_goals(vocabulary), *_of_case(vocabulary), *_of_others(vocabulary)):
        made.add_act(forms)
    return made


def quoted(key: str) -> str:
    """A key in quotation marks; those inside it become single ones."""
    return f'"{key.replace(chr(34), chr(39))}"'


def names(vocabulary: Vocabulary, key: str) -> tuple[str, ...]:
    """What a thing is called: the author's name or its key, then the synonyms."""
    word = vocabulary.word(key)
    return (word.name or key, *word.synonyms)


def _a(vocabulary: Vocabulary, key: str, name: str) -> str:
    return with_article(name, vocabulary.word(key).article)


def _add_facts(made: Lexicon, vocabulary: Vocabulary) -> None:
    for key, phrase in _BUILT_IN.items():
        made.add("FACT", "fact", key, (phrase,))
    for key in vocabulary.facts:
        generic = f"the fact {quoted(key)}"
        if vocabulary.is_list(key):
            ones = (vocabulary.member_name(key), *vocabulary.word(key).synonyms)
            many = (vocabulary.plural_name(key), *map(plural, vocabulary.word(key).synonyms))
            made.add("FACT", "fact", key, (*(f"the {name}" for name in many), generic))
            made.add("FACTS", "fact", key, (*(f"the {name}" for name in many), generic))
            each = [f"{article} {name}" for name in ones for article in ("each", "every")]
            made.add("EACH", "fact", key, (*each, *(_a(vocabulary, key, name) for name in ones)))
        else:
            ones = names(vocabulary, key)
            made.add("FACT", "fact", key, (*_nouns(vocabulary, key, ones, "the"), generic))
        plain = [name for name in (many if vocabulary.is_list(key) else ones) if name not in _SAID_OF_CUSTOMERS]
        made.add("FACTNAME", "fact", key, (*plain, quoted(key)))


def _nouns(vocabulary: Vocabulary, key: str, ones: Iterable[str], first: str) -> list[str]:
    """A noun with its articles, the usual one first."""
    said: list[str] = []
    for name in ones:
        pair = [f"the {name}", _a(vocabulary, key, name)]
        said += [*(pair if first == "the" else reversed(pair)), f"each {name}"]
    return said


def _add_people(made: Lexicon, vocabulary: Vocabulary) -> None:
    for role in vocabulary.roles:
        ones = names(vocabulary, role)
        with_a = [_a(vocabulary, role, name) for name in ones]
        with_the = [f"the {name}" for name in ones]
        made.add("ROLE", "role", role, (*with_a, *with_the, f"the role {quoted(role)}"))
        made.add("ADDRESSEE", "role", role, (*with_the, *with_a, f"the role {quoted(role)}"))
    for team in vocabulary.teams:
        made.add("TEAM", "team", team, (quoted(team), *names(vocabulary, team)))
        made.add("ADDRESSEE", "team", team, (f"the team {quoted(team)}",))
    for skill in vocabulary.skills:
        made.add("SKILL", "skill", skill, (quoted(skill), *names(vocabulary, skill)))
    for kind, phrases in _KINDS.items():
        # A role that is called so is meant.
        free = [phrase for phrase in phrases if not made.means(phrase, "ROLE")]
        made.add("KIND", "kind", kind, (*free, f"an actor of the kind {quoted(kind)}"))
    for channel in CHANNELS:
        made.add("CHANNEL", "channel", channel, (channel, quoted(channel)))


def _add_keys(made: Lexicon, vocabulary: Vocabulary) -> None:
    for terminal, of, keys in (
        ("GOAL", "goal", vocabulary.goals),
        ("TASK", "task", vocabulary.items),
        ("OFFER_KEY", "offer", vocabulary.offers),
    ):
        for key in keys:
            made.add(terminal, of, key, (quoted(key), *names(vocabulary, key)))


def _of_items(vocabulary: Vocabulary) -> Iterable[ActForms]:
    for key in vocabulary.items:
        nouns = tuple(f"the {kind} {quoted(key)}" for kind in _kind_of(vocabulary, key))
        for act, verb in _ITEM_ACTS:
            general = _transitive(f"{act} {key}", verb, nouns)
            yield general if act != "complete" else both(_of_task_name(vocabulary, key), general)
        yield from _of_clock(key, nouns)


def _of_clock(key: str, nouns: tuple[str, ...]) -> Iterable[ActForms]:
    """What a clock tells: its warning, and that it has run out."""
    yield ActForms(f"warn {key}", clause=tuple(f"{noun} is nearly late" for noun in nouns))
    yield ActForms(f"late {key}", clause=tuple(f"{noun} is late" for noun in nouns))


def _kind_of(vocabulary: Vocabulary, key: str) -> tuple[str, ...]:
    if key in vocabulary.tasks:
        return ("task",)
    return ("stage",) if key in vocabulary.stages else ("milestone",)


def _transitive(act: str, verb: str, nouns: Iterable[str], rest: str = "") -> ActForms:
    """An act that a verb says, done to a noun in one of its forms."""
    nouns = tuple(nouns)
    done = f"{participle(verb)} {rest}".strip()
    return ActForms(
        act,
        passive=tuple((noun, done) for noun in nouns),
        active=tuple((verb, noun) for noun in nouns) if not rest else (),
        doing=tuple(f"{verb} {noun} {rest}".strip() for noun in nouns),
        clause=tuple(f"{noun} is {done}" for noun in nouns),
        undone=tuple(f"{noun} is not {done}" for noun in nouns),
        did=tuple(f"{past(verb)} {noun} {rest}".strip() for noun in nouns),
    )


def _the_first(forms: ActForms, nouns: tuple[str, ...]) -> ActForms:
    """With the definite form first in the clauses: “before the refund is paid”, but “a refund must be paid”."""
    order = sorted(range(len(nouns)), key=lambda n: not nouns[n].startswith("the "))

    def sorted_so(said: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(said[n] for n in order)

    return ActForms(
        forms.act,
        forms.passive,
        forms.active,
        forms.doing,
        sorted_so(forms.clause),
        sorted_so(forms.undone),
        sorted_so(forms.did),
    )


def _of_task_name(vocabulary: Vocabulary, key: str) -> ActForms | None:
    """A task whose name says what is done to what; what the author gave counts first."""
    word = vocabulary.word(key)
    said = [_of_name(vocabulary, f"complete {key}", name) for name in names(vocabulary, key)]
    forms = next((form for form in said if form is not None), None)
    for more in said:
        forms = both(forms, more) if forms is not None and more is not None and more is not forms else forms
    given = done_parts(word.done)
    if given is not None:
        noun, done = given
        nouns = tuple(_nouns(vocabulary, noun, (noun,), "a"))
        own = ActForms(
            f"complete {key}",
            passive=tuple((form, done) for form in nouns),
            clause=(word.done, *(f"{form} is {done}" for form in nouns if form != f"the {noun}")),
            undone=(word.undone or f"the {noun} is not {done}",),
        )
        return own if forms is None else both(own, forms)
    if word.done and forms is not None:
        return forms._replace(clause=(word.done, *forms.clause), undone=(*_given(word.undone), *forms.undone))
    if word.done:
        return ActForms(f"complete {key}", clause=(word.done,), undone=_given(word.undone))
    return forms


def _given(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def _of_name(vocabulary: Vocabulary, act: str, name: str) -> ActForms | None:
    parts = task_words(name)
    if parts is None:
        return None
    fact = vocabulary.fact_called(parts.object)
    synonyms = vocabulary.word(fact).synonyms if fact else ()
    nouns = tuple(_nouns(vocabulary, fact or parts.object, (parts.object, *synonyms), "a"))
    return _the_first(_transitive(act, parts.verb, nouns, parts.rest), nouns)


def _of_goals(vocabulary: Vocabulary) -> Iterable[ActForms]:
    for key in vocabulary.goals:
        nouns = (f"the goal {quoted(key)}",)
        for act, verb in _GOAL_ACTS:
            yield _transitive(f"{act} {key}", verb, nouns)
        yield from _of_clock(key, nouns)
    yield ActForms(ANY_GOAL, clause=("the goal is reached", "a goal is reached"))


def _of_case(vocabulary: Vocabulary) -> Iterable[ActForms]:
    called = names(vocabulary, CASE)
    nouns = tuple(_nouns(vocabulary, CASE, dict.fromkeys((*called, "case")), "a"))
    for act, verb, particle in _CASE_ACTS:
        yield _the_first(_transitive(act, verb, nouns, particle), nouns)


def _of_others(vocabulary: Vocabulary) -> Iterable[ActForms]:
    for kind in IMPROVISED:
        said = (f"an ad-hoc {kind}", f"the ad-hoc {kind}", f"each ad-hoc {kind}")
        yield _the_first(_transitive(f"improvise {kind}", "create", said), said)
    for key in vocabulary.facts:
        plain = (vocabulary.plural_name(key),) if vocabulary.is_list(key) else names(vocabulary, key)
        nouns = (*(f"the {name}" for name in plain), f"the fact {quoted(key)}")
        yield both(_transitive(f"set {key}", "set", nouns), _transitive(f"set {key}", "change", nouns))
    for key in vocabulary.letters:
        yield _transitive(f"send {key}", "send", (f"the letter {quoted(key)}",))
    for key in vocabulary.options:
        yield _transitive(f"choose {key}", "choose", (f"the option {quoted(key)}",))
        yield _transitive(f"drop {key}", "drop", (f"the option {quoted(key)}",))
    for key in vocabulary.offers:
        noun = f"the offer {quoted(key)}"
        yield _transitive(f"offer {key}", "make", (noun,))
        yield ActForms(f"accept {key}", clause=(f"{noun} is accepted",))
        yield ActForms(f"decline {key}", clause=(f"{noun} is declined",))
    yield _transitive("send", "send", ("a message", "the message"))
    yield _transitive("promise", "make", ("a promise", "the promise"))
    yield _transitive("keep promise", "keep", ("the promise", "a promise"))
    yield _transitive("note", "write", ("a note", "the note"))
    yield both(_transitive("answer", "answer", ("the customer",)), ActForms("answer", clause=("we answer",)))
    for act, clauses in _WORLD:
        yield ActForms(act, clause=clauses)
