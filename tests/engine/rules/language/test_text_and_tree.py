"""Text to a tree and back is the identity, in both languages and through each other."""

import contextlib
import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from caseloom.engine.rules.language.fault import SentenceFault
from caseloom.engine.rules.language.grammar import LANGUAGES, grammar
from caseloom.engine.rules.language.kinds import SENTENCES, Kind, as_markdown, kinds
from caseloom.engine.rules.language.lexicons import lexicon
from caseloom.engine.rules.language.printer import write
from caseloom.engine.rules.language.reader import read
from caseloom.engine.rules.language.tree import Node, Sentence, Value, Word, nodes, plain, words
from caseloom.engine.rules.meaning import meaning
from tests.engine.rules.language.derivations import Derivations, kinds_in
from tests.engine.rules.language.sample import VOCABULARY

DESIGN = (
    "The refund must be at most 5000 EUR.",
    "A refund above 500 EUR must be approved by a team lead before the refund is paid.",
    "The same person must not both approve and pay a refund.",
    "A complaint must not be closed before the customer has answered.",
    'Only a person with the skill "credit" may decide a credit limit.',
    'The goal "card works" is reached when the card status is "active" and the customer has confirmed.',
    'The goal "first answer" must be reached within 4 business hours of the contact.',
    'When the perception is below 3, add the goal "win the customer back" and tell the team lead.',
    'When the goal is reached and the customer has no travel insurance, offer "travel insurance plus".',
)
WORDINGS = {
    "en": (
        "The refund must be more than 5 EUR.",
        "The refund must be less than 5 EUR.",
        "The refund must be no more than 5 EUR.",
        "A refund must only be paid if the refund is no less than 5 EUR.",
        "A refund must only be paid while the customer has confirmed.",
        "A refund must not be paid while the customer has no claims.",
        "A refund must not be paid on weekends, unless overridden by a supervisor.",
        "The same person must not both approve the refund and send the card.",
        "The same person must both approve the refund and send the card.",
        "A refund of at least 5 EUR must never be paid.",
        "A refund of at most 5 EUR must never be paid.",
        "A refund below 5 EUR must never be paid.",
        "A refund between 5 EUR and 10 EUR must never be paid.",
        'A card must not be sent before the refund is approved by a member of the team "care".',
        "A card must not be sent before a refund above 5 EUR is paid.",
        "The due date must be after today.",
        "A refund must be paid at most 3 times.",
        "A refund must be paid at most 2 times.",
        "A refund must only be paid if the identity is checked.",
        "A refund must not be rejected if the refund is paid.",
        "the refund must be known",
        "Each reimbursement must be paid by a team lead or the supervisor.",
        'The task "pay the refund" must be done by a clerk.',
        'The fact "refund" must be at least 0.50 EUR.',
    ),
    "de": (
        "Die Erstattung muss mehr als 5 EUR sein.",
        "Die Erstattung muss weniger als 5 EUR sein.",
        "Eine Erstattung darf nur gezahlt werden, solange der Kunde bestätigt hat.",
        "Eine Erstattung darf nicht gezahlt werden, solange der Kunde keine Forderungen hat.",
        "Eine Erstattung von mindestens 5,50 EUR darf niemals gezahlt werden.",
        "Eine Erstattung von höchstens 5 EUR darf niemals gezahlt werden.",
        "Eine Erstattung unter 5 EUR darf niemals gezahlt werden.",
        "Eine Erstattung zwischen 5 EUR und 10 EUR darf niemals gezahlt werden.",
        "Eine Karte darf nicht gesendet werden, bevor die Erstattung von einem Teamleiter genehmigt ist.",
        "Eine Karte darf nicht gesendet werden, bevor eine Erstattung über 5 EUR gezahlt ist.",
        "Der Termin muss später als heute sein.",
        'Jede Erstattung muss von einem Mitglied des Teams "care" gezahlt werden.',
        'Eine Karte muss von einem Teamleiter oder einer Person mit der Fertigkeit "law" gesendet werden.',
        "Eine Erstattung darf höchstens 3 Mal gezahlt werden.",
        "Eine Erstattung darf höchstens 2 Mal gezahlt werden.",
        "Eine Erstattung darf nur gezahlt werden, wenn die Identität geprüft ist.",
        "Eine Erstattung darf nicht abgelehnt werden, wenn die Erstattung gezahlt ist.",
        "die Erstattung muss bekannt sein",
        'Die Aufgabe "pay the refund" muss von dem Kunden erledigt werden.',
    ),
}


def of(kind: Kind, language: str) -> str:
    return kind.de if language == "de" else kind.en


@pytest.mark.parametrize("sentence", DESIGN)
def test_the_nine_sentences_of_the_design_are_read_written_and_meant(sentence: str) -> None:
    tree = read(sentence, "en", VOCABULARY)
    assert write(tree, "en", VOCABULARY) == sentence
    assert len(meaning(tree, VOCABULARY)) == 1


def test_there_are_more_than_sixty_kinds_of_sentences() -> None:
    assert len({kind.id for kind in kinds() if kind.group in SENTENCES}) >= 60


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: f"{kind.group} {kind.id}")
def test_each_kind_comes_back_as_it_was_written(kind: Kind, language: str) -> None:
    tree = read(of(kind, language), language, VOCABULARY)
    assert kind.node in {node.kind for node in nodes(tree.root)}
    assert write(tree, language, VOCABULARY) == of(kind, language)
    assert write(plain(tree), language, VOCABULARY) == of(kind, language)


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: f"{kind.group} {kind.id}")
def test_each_kind_is_the_same_tree_in_both_languages(kind: Kind) -> None:
    english, german = read(kind.en, "en", VOCABULARY), read(kind.de, "de", VOCABULARY)
    assert plain(english) == plain(german)
    assert write(english, "de", VOCABULARY) == kind.de
    assert write(german, "en", VOCABULARY) == kind.en
    assert [_without_text(part) for part in meaning(english, VOCABULARY)] == [
        _without_text(part) for part in meaning(german, VOCABULARY)
    ]


def _without_text(part: object) -> str:
    return str(part).replace(str(getattr(part, "says", "")), "")


@pytest.mark.parametrize(("language", "text"), [(one, text) for one, texts in WORDINGS.items() for text in texts])
def test_other_wordings_come_back_as_they_were_written(language: str, text: str) -> None:
    tree = read(text, language, VOCABULARY)
    assert write(tree, language, VOCABULARY) == text
    other = "de" if language == "en" else "en"
    assert plain(read(write(tree, other, VOCABULARY), other, VOCABULARY)) == plain(tree)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_production_of_a_grammar_is_tried(language: str) -> None:
    texts = (*(of(kind, language) for kind in kinds()), *WORDINGS[language])
    used = {(node.kind, node.wording) for text in texts for node in nodes(read(text, language, VOCABULARY).root)}
    written = {
        (made.kind, made.wording) for many in grammar(language).productions.values() for made in many if made.kind
    }
    assert written - used == set()


def test_the_reference_names_every_kind() -> None:
    page = Path(__file__).parents[4] / "docs/reference/rule-sentences.md"
    assert page.read_text(encoding="utf-8") == as_markdown(), "run `make docs`"


def test_the_grammars_know_the_same_kinds() -> None:
    english, german = (
        {made.kind for many in grammar(language).productions.values() for made in many} for language in LANGUAGES
    )
    assert english == german


CARRIERS = {
    "en": {
        "DOING": "Only a team lead may {}.",
        "CLAUSE": "When {}, tell the team lead.",
        "UNDONE": "A refund must not be paid while {}.",
        "DID": "The person who {} must not send the card.",
        "FACT": "{} must be known.",
        "FACTNAME": "A refund must not be paid if the customer has {}.",
        "FACTS": "{} must all be different.",
        "EACH": "{} must be at most 5 EUR.",
        "ROLE": "A refund must be paid by {}.",
        "KIND": "A refund must be paid by {}.",
        "SKILL": "A refund must be paid by a person with the skill {}.",
        "TEAM": "A refund must be paid by a member of the team {}.",
        "CHANNEL": "A refund must only be paid in cases that came by {}.",
        "GOAL": "The goal {} is reached when the customer has confirmed.",
        "TASK": "When the customer writes, add the task {}.",
        "OFFER_KEY": "When the customer writes, offer {}.",
        "ADDRESSEE": "When the customer writes, tell {}.",
    },
    "de": {
        "DOING": "Nur ein Teamleiter darf {}.",
        "CLAUSE": "Wenn {}, dann benachrichtige den Teamleiter.",
        "UNDONE": "Eine Erstattung darf nicht gezahlt werden, solange {}.",
        "DID": "Die Person, die {}, darf nicht eine Karte senden.",
        "FACT": "{} muss bekannt sein.",
        "FACT_ACC": 'Wenn der Kunde sich meldet, dann setze {} auf "x".',
        "FACT_DAT": "Eine Erstattung darf nicht vor {} gezahlt werden.",
        "FACTNAME_ACC": "Eine Erstattung darf nicht gezahlt werden, wenn der Kunde {} hat.",
        "FACTNAME_NOT": "Eine Erstattung darf nicht gezahlt werden, wenn der Kunde {} hat.",
        "FACTS": "{} müssen alle verschieden sein.",
        "FACTS_GEN": "Die Summe der {} muss höchstens 5 EUR sein.",
        "EACH": "{} muss höchstens 5 EUR sein.",
        "ROLE": "Nur {} darf eine Karte senden.",
        "KIND": "Nur {} darf eine Karte senden.",
        "ROLE_DAT": "Eine Erstattung muss von {} gezahlt werden.",
        "KIND_DAT": "Eine Erstattung muss von {} gezahlt werden.",
        "SKILL": "Eine Erstattung muss von einer Person mit der Fertigkeit {} gezahlt werden.",
        "TEAM": "Eine Erstattung muss von einem Mitglied des Teams {} gezahlt werden.",
        "CHANNEL": "Eine Erstattung darf nur in Fällen über den Kanal {} gezahlt werden.",
        "GOAL": "Das Ziel {} ist erreicht, wenn der Kunde bestätigt hat.",
        "TASK": "Wenn der Kunde sich meldet, dann füge die Aufgabe {} hinzu.",
        "OFFER_KEY": "Wenn der Kunde sich meldet, dann biete {} an.",
        "ADDRESSEE": "Wenn der Kunde sich meldet, dann benachrichtige {}.",
    },
}


@pytest.mark.parametrize(("language", "terminal"), [(one, name) for one, many in CARRIERS.items() for name in many])
def test_every_form_of_every_word_comes_back_as_it_was_written(language: str, terminal: str) -> None:
    table = lexicon(VOCABULARY, language).table(terminal)
    assert table
    for (of_, key), phrases in table.items():
        for phrase in phrases:
            text = CARRIERS[language][terminal].format(phrase)
            text = text[:1].upper() + text[1:]
            tree = read(text, language, VOCABULARY)
            assert write(tree, language, VOCABULARY) == text
            assert Word(of_, key) in [slot for node in nodes(plain(tree).root) for slot in node.slots]


@pytest.mark.parametrize(
    ("language", "carrier"), [("en", "{} must never be {}."), ("de", "{} darf niemals {} werden.")]
)
def test_every_pair_of_noun_and_act_comes_back_as_it_was_written(language: str, carrier: str) -> None:
    known = lexicon(VOCABULARY, language)
    for _, act in known.table("CLAUSE"):
        for noun, done in known.pair_forms("passive", act):
            text = carrier.format(noun[:1].upper() + noun[1:], done)
            tree = read(text, language, VOCABULARY)
            assert tree.root.slots[0] == Word("act", act, tree.root.slots[0].form)  # type: ignore[union-attr]
            assert write(tree, language, VOCABULARY) == text


REFUND = Word("fact", "refund")
amounts = st.integers(0, 10**6).map(lambda n: Value("money", f"{n} EUR"))
tests = st.one_of(
    st.tuples(st.sampled_from(["at_most", "at_least", "above", "below", "exactly"]), amounts).map(
        lambda pair: Node(pair[0], (pair[1],))
    ),
    st.tuples(amounts, amounts).map(lambda pair: Node("between", pair)),
)
simples = st.recursive(
    st.one_of(
        st.tuples(st.sampled_from(["is", "is_not"]), tests).map(lambda pair: Node(pair[0], (REFUND, pair[1]))),
        st.sampled_from(
            [
                Node("confirmed"),
                Node("is_known", (REFUND,)),
                Node("has_no", (Word("fact", "travel insurance"),)),
                Node("actor_is", (Node("role", (Word("role", "team lead"),)),)),
            ]
        ),
    ),
    lambda inner: st.tuples(st.sampled_from(["either", "both"]), inner, inner).map(
        lambda made: Node(made[0], (made[1], made[2]))
    ),
    max_leaves=5,
)


def _chained(kind: str, parts: list[Node]) -> Node:
    node = parts[0]
    for part in parts[1:]:
        node = Node(kind, (node, part))
    return node


conditions = st.tuples(st.sampled_from(["all_of", "any_of"]), st.lists(simples, min_size=1, max_size=4)).map(
    lambda made: _chained(*made)
)


@settings(max_examples=150, deadline=None)
@given(conditions, st.sampled_from(LANGUAGES))
def test_any_tree_comes_back_from_its_text(condition: Node, language: str) -> None:
    sentence = Sentence(Node("only_if", (Word("act", "complete pay the refund"), condition)))
    text = write(sentence, language, VOCABULARY)
    assert plain(read(text, language, VOCABULARY)) == sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_made_by_chance_come_back_from_their_text(language: str) -> None:
    written = 0
    for seed in range(500):
        sentence = Derivations(random.Random(seed), VOCABULARY).sentence()
        if "within_opening" in kinds_in(sentence.root) and any(
            w.key.startswith("reach ") for w in words(sentence.root)
        ):
            continue  # it is the goal's clock
        # Not all acts are said of one noun: then there is no such sentence.
        with contextlib.suppress(SentenceFault):
            text = write(sentence, language, VOCABULARY)
            written += 1
            assert _read_back(text, language) == sentence
    assert written > 350


def _read_back(text: str, language: str) -> Sentence:
    try:
        return plain(read(text, language, VOCABULARY))
    except SentenceFault as fault:
        pytest.fail(f"{text}: {fault}")


def test_four_hundred_rules_are_read_in_a_second() -> None:
    texts = [kind.en for kind in kinds()] * 3
    for text in texts[:5]:
        read(text, "en", VOCABULARY)
    begun = time.process_time()
    for text in texts[:400]:
        meaning(read(text, "en", VOCABULARY), VOCABULARY)
    assert time.process_time() - begun < 1
