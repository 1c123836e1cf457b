"""The words of a definition: what is derived from its keys, and what its author gives."""

from typing import Any

import pytest

from caseloom.engine.rules.language.fault import SentenceFault
from caseloom.engine.rules.language.lexicons import lexicon
from caseloom.engine.rules.language.printer import write
from caseloom.engine.rules.language.reader import read
from caseloom.engine.rules.language.verbs import participle, past, plural, singular, task_words, with_article
from caseloom.engine.rules.language.vocabulary import Vocabulary
from caseloom.engine.rules.meaning import meaning
from caseloom.engine.rules.order import OrderSpec
from caseloom.engine.spec.service_goal import (
    BoundaryRuleSpec,
    DataRuleSpec,
    FactSpec,
    GermanWordSpec,
    GoalSpec,
    HouseRules,
    ReactionSpec,
    ServiceGoal,
    TaskSpec,
    WordSpec,
)


def vocabulary(words: dict[str, WordSpec] | None = None, **parts: Any) -> Vocabulary:
    house = HouseRules(house_rules="h", title="h", roles={"team lead": "x"})
    goal = ServiceGoal(service_goal="s", title="t", customer_title="c", owner="o", team="t", words=words or {}, **parts)
    return Vocabulary.of(goal, house)


def comes_back(text: str, of: Vocabulary, language: str = "en") -> bool:
    return write(read(text, language, of), language, of) == text


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("pay the refund", ("pay", "refund", "")),
        ("pay refund", ("pay", "refund", "")),
        ("hand over the file", ("hand", "file", "over")),
        ("win the customer back", ("win", "customer", "back")),
        ("ask the carrier about the parcel", ("ask", "carrier", "about the parcel")),
        ("frobnicate the thing", ("frobnicate", "thing", "")),
        ("first answer", None),
        ("call back", None),
        ("tell about the refund", None),
        ("apologise", None),
    ],
)
def test_a_task_s_name_is_a_verb_and_what_it_is_done_to(name: str, parts: tuple[str, ...] | None) -> None:
    assert task_words(name) == parts


@pytest.mark.parametrize(
    ("verb", "forms"),
    [
        ("approve", ("approved", "approved")),
        ("pay", ("paid", "paid")),
        ("write", ("wrote", "written")),
        ("verify", ("verified", "verified")),
        ("stop", ("stopped", "stopped")),
        ("delay", ("delayed", "delayed")),
        ("freeze", ("froze", "frozen")),
        ("check", ("checked", "checked")),
        ("transfer", ("transferred", "transferred")),
        ("plan", ("planned", "planned")),
        ("edit", ("edited", "edited")),
    ],
)
def test_verbs_have_their_past_forms(verb: str, forms: tuple[str, str]) -> None:
    assert (past(verb), participle(verb)) == forms


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("refund", "refunds"),
        ("enquiry", "enquiries"),
        ("tax", "taxes"),
        ("day", "days"),
        ("branch", "branches"),
        ("case", "cases"),
    ],
)
def test_nouns_have_their_plural_and_back(one: str, many: str) -> None:
    assert (plural(one), singular(many)) == (many, one)


def test_articles_follow_the_sound_unless_the_author_says_so() -> None:
    assert with_article("refund") == "a refund"
    assert with_article("answer") == "an answer"
    assert with_article("hour", "an") == "an hour"
    assert with_article("moon", "the") == "the moon"


def test_synonyms_stand_for_the_same_word() -> None:
    of = vocabulary({"refund": WordSpec(synonyms=("money back", "sum"))}, facts={"refund": FactSpec(type="money")})
    for name in ("refund", "money back", "sum"):
        text = f"The {name} must be at most 5 EUR."
        (part,) = meaning(read(text, "en", of), of)
        assert isinstance(part, DataRuleSpec)
        assert (part.says, part.require) == (text, 'refund = null or refund <= money(5, "EUR")')


def test_synonyms_of_a_task_name_the_same_act() -> None:
    of = vocabulary({"pay the fee": WordSpec(synonyms=("transfer the money",))}, tasks={"pay the fee": TaskSpec()})
    (part,) = meaning(read("The money must never be transferred.", "en", of), of)
    assert isinstance(part, BoundaryRuleSpec)
    assert part.guards == ("complete pay the fee",)


def test_the_clause_that_the_author_gives_says_that_a_task_is_done() -> None:
    words = {
        "ask": WordSpec(done="the carrier has been asked"),
        "wait for it": WordSpec(done="the parcel has turned up", undone="the parcel is still missing"),
    }
    of = vocabulary(words, tasks={"ask": TaskSpec(), "wait for it": TaskSpec()})
    for text in (
        "A case must not be closed before the carrier has been asked.",
        "The carrier must not be asked after the parcel has turned up.",
        "A case must not be closed while the parcel is still missing.",
        'A case must not be closed while the task "wait for it" is not done.',
    ):
        assert comes_back(text, of), text


def test_what_is_called_otherwise_is_measured_by_its_measure() -> None:
    of = vocabulary(
        {"claims": WordSpec(name="demand", measure="net amount"), "loan": WordSpec(measure="principal")},
        facts={"claims": FactSpec(type="list of object"), "loan": FactSpec(type="object")},
        tasks={"pay the demand": TaskSpec(about="claims"), "grant the loan": TaskSpec()},
    )
    (of_each,) = meaning(read("A demand above 5 EUR must never be paid.", "en", of), of)
    assert isinstance(of_each, BoundaryRuleSpec)
    assert (of_each.subject, of_each.each) == ("claims", "demand")
    assert of_each.require == 'not(demand.net amount > money(5, "EUR")) or false'
    (of_one,) = meaning(read("A loan above 5 EUR must never be granted.", "en", of), of)
    assert isinstance(of_one, BoundaryRuleSpec)
    assert (of_one.subject, of_one.require) == ("", 'not(loan.principal > money(5, "EUR")) or false')
    (of_all,) = meaning(read("The sum of the demands must be at most 9 EUR.", "en", of), of)
    assert isinstance(of_all, DataRuleSpec)
    assert "sum(for demand in claims return demand.net amount)" in of_all.require


def test_an_irregular_plural_is_given() -> None:
    of = vocabulary(
        {"child": WordSpec(name="child", plural="children")}, facts={"child": FactSpec(type="list of text")}
    )
    assert comes_back("The number of the children must be at most 3.", of)
    assert comes_back('Each child must be one of "a" or "b".', of)


def test_the_case_is_called_what_the_author_calls_it_and_case() -> None:
    of = vocabulary({"case": WordSpec(name="enquiry")})
    assert comes_back("An enquiry must not be closed on weekends.", of)
    assert comes_back("A case must not be closed on weekends.", of)
    assert not comes_back_as_fault("A complaint must not be closed on weekends.", of)


def comes_back_as_fault(text: str, of: Vocabulary) -> bool:
    try:
        return comes_back(text, of)
    except SentenceFault:
        return False


def test_the_service_goal_s_words_come_before_the_house_s() -> None:
    house = HouseRules(
        house_rules="h", title="h", facts={"sum": FactSpec(type="money")}, words={"sum": WordSpec(name="total")}
    )
    goal = ServiceGoal(
        service_goal="s", title="t", customer_title="c", owner="o", team="t", words={"sum": WordSpec(name="price")}
    )
    assert comes_back("The total must be known.", Vocabulary.of(None, house))
    assert comes_back("The price must be known.", Vocabulary.of(goal, house))


ODD_KEYS = ("pay, then close", "it's due", "e-mail/phone", "50% off", "must be", "and", "Ärger; Zank", "(x)", "12 days")


@pytest.mark.parametrize("key", ODD_KEYS)
def test_any_key_can_be_named_in_quotation_marks(key: str) -> None:
    of = vocabulary(facts={key: FactSpec()}, goals={f"{key} g": GoalSpec(title="x")}, tasks={f"{key} t": TaskSpec()})
    assert comes_back(f'The fact "{key}" must be known.', of)
    assert comes_back(f'The task "{key} t" must never be done.', of)
    assert comes_back(f'The goal "{key} g" must never be waived.', of)
    assert comes_back(f'Der Fakt "{key}" muss bekannt sein.', of, "de")


def test_quotation_marks_inside_a_key_become_single_ones() -> None:
    of = vocabulary(facts={'the "big" one': FactSpec()})
    assert comes_back("The fact \"the 'big' one\" must be known.", of)


def test_without_german_words_german_sentences_name_the_keys() -> None:
    of = vocabulary(facts={"refund": FactSpec(type="money")}, tasks={"pay the refund": TaskSpec()})
    tree = read("A refund above 5 EUR must be paid by a team lead.", "en", of)
    german = write(tree, "de", of)
    assert german == (
        'Die Aufgabe "pay the refund" über 5 EUR muss von jemandem mit der Rolle "team lead" erledigt werden.'
    )
    assert write(read(german, "de", of), "en", of) == write(tree, "en", of)


def test_german_nouns_are_declined() -> None:
    german = GermanWordSpec(name="Betrag", article="der")
    of = vocabulary(
        {
            "amount": WordSpec(de=german),
            "pay it": WordSpec(de=GermanWordSpec(name="Betrag zahlen", done="der Betrag gezahlt ist")),
            "due": WordSpec(de=GermanWordSpec(name="Fälligkeit", article="die")),
        },
        facts={"amount": FactSpec(type="money"), "due": FactSpec(type="date")},
        tasks={"pay it": TaskSpec()},
    )
    for text in (
        "Der Betrag muss höchstens 5 EUR sein.",
        "Ein Betrag darf niemals gezahlt werden.",
        "Nur ein Mitarbeiter darf einen Betrag zahlen.",
        "Nur die Person, die den Betrag gezahlt hat, darf einen Betrag zahlen.",
        "Ein Betrag darf nicht vor der Fälligkeit gezahlt werden.",
        "Wenn der Kunde sich meldet, dann setze den Betrag auf 5 EUR.",
    ):
        assert comes_back(text, of, "de"), text


def test_a_task_about_one_of_a_list_has_its_memory_for_each() -> None:
    of = vocabulary(
        {"refunds": WordSpec(name="refund")},
        facts={"refunds": FactSpec(type="list of object")},
        tasks={"approve the refund": TaskSpec(about="refunds"), "pay the refund": TaskSpec(about="refunds")},
    )
    (part,) = meaning(read("A refund above 500 EUR must be approved before the refund is paid.", "en", of), of)
    assert isinstance(part, OrderSpec)
    assert (part.subject, part.each) == ("refunds", "refund")
    assert part.letters[1].when == '(refund.amount > money(500, "EUR")) != false'


def test_a_role_that_is_called_as_a_kind_of_actor_is_meant() -> None:
    house = HouseRules(house_rules="h", title="h", roles={"agent": "x"})
    of = Vocabulary.of(None, house)
    required = {
        "A case must be closed by an agent.": 'list contains(actor.roles, "agent")',
        "A case must be closed by a member of staff.": 'actor.kind = "agent"',
        'A case must be closed by an actor of the kind "agent".': 'actor.kind = "agent"',
    }
    for text, require in required.items():
        (part,) = meaning(read(text, "en", of), of)
        assert isinstance(part, BoundaryRuleSpec)
        assert part.require == require
        assert comes_back(text, of)
        assert meaning(read(write(read(text, "en", of), "de", of), "de", of), of) != ()


def test_that_the_customer_has_answered_is_what_happened_whatever_fact_is_called_so() -> None:
    of = vocabulary(facts={"answered": FactSpec(type="boolean"), "confirmed": FactSpec(type="boolean")})
    assert comes_back("When the customer has answered, tell the team lead.", of)
    assert comes_back("When the customer has confirmed, tell the team lead.", of)
    (part,) = meaning(read('When the customer has "answered", tell the team lead.', "en", of), of)
    assert isinstance(part, ReactionSpec)
    assert (part.when, part.after) == ("answered = true", ())


def test_a_lexicon_is_made_once() -> None:
    of = vocabulary()
    assert lexicon(of, "en") is lexicon(of, "en")
