"""Facts that a message names, in English and German, each with its place and one form."""

import datetime as dt
import time
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseloom.learning.intake.facts import Money, PostalAddress, named_facts

THURSDAY = dt.datetime(2026, 11, 26, 9, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on 2026-05-03", dt.date(2026, 5, 3)),
        ("vom 3.5.2026", dt.date(2026, 5, 3)),
        ("am 03.05.26", dt.date(2026, 5, 3)),
        ("3 May 2026", dt.date(2026, 5, 3)),
        ("the 3rd of May 2026", dt.date(2026, 5, 3)),
        ("May 3rd, 2026", dt.date(2026, 5, 3)),
        ("3. Mai 2026", dt.date(2026, 5, 3)),
        ("since 24 November", dt.date(2026, 11, 24)),
        ("until January 5", dt.date(2027, 1, 5)),
        ("zum 31.12.", dt.date(2026, 12, 31)),
        ("11/25/2026", dt.date(2026, 11, 25)),
        ("25/11/2026", dt.date(2026, 11, 25)),
        ("tomorrow", dt.date(2026, 11, 27)),
        ("the day before yesterday", dt.date(2026, 11, 24)),
        ("ich rufe morgen an", dt.date(2026, 11, 27)),
        ("vorgestern", dt.date(2026, 11, 24)),
        ("three days ago", dt.date(2026, 11, 23)),
        ("vor zwei Wochen", dt.date(2026, 11, 12)),
        ("in a month", dt.date(2026, 12, 26)),
        ("next Monday", dt.date(2026, 11, 30)),
        ("last Thursday", dt.date(2026, 11, 19)),
        ("nächsten Donnerstag", dt.date(2026, 12, 3)),
    ],
)
def test_dates(text: str, value: dt.date) -> None:
    assert [fact.value for fact in named_facts(text, THURSDAY)] == [value]


@pytest.mark.parametrize("text", ["03/04/2026", "30.02.2026", "Guten Morgen!", "May I ask", "version 1.2.3", "1 of 3"])
def test_what_may_mean_two_things_or_nothing_is_no_date(text: str) -> None:
    assert named_facts(text, THURSDAY) == ()


def test_without_a_moment_tomorrow_is_no_date() -> None:
    assert named_facts("tomorrow, or on 3 May, or on 3 May 2026")[0].value == dt.date(2026, 5, 3)


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("€1,234.56", "1234.56", "EUR"),
        ("1.234,56 EUR", "1234.56", "EUR"),
        ("12,5 €", "12.5", "EUR"),
        ("1.000 Euro", "1000", "EUR"),
        ("$20", "20", "USD"),
        ("50 dollars", "50", "USD"),
        ("£ 9.99", "9.99", "GBP"),
        ("CHF 20.-", "20", "CHF"),
    ],
)
def test_amounts(text: str, amount: str, currency: str) -> None:
    assert [fact.value for fact in named_facts(text)] == [Money(Decimal(amount), currency)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("my order no. 4711-A is late", "order number", "4711-A"),
        ("Bestellung 100234 fehlt", "order number", "100234"),
        ("Kundennummer: k10023", "customer number", "K10023"),
        ("invoice 2026/778", "invoice number", "2026/778"),
        ("Vertragsnummer lautet V-99-1", "contract number", "V-99-1"),
        ("ticket #A1234", "case number", "A1234"),
        ("write to Anna.Meier@Example.org.", "e-mail address", "anna.meier@example.org"),
        ("call +49 (0)30 123456-78", "phone number", "+493012345678"),
        ("0171/2345678 anrufen", "phone number", "01712345678"),
        ("617-555-0123", "phone number", "6175550123"),
        ("IBAN DE89 3704 0044 0532 0130 00 bitte", "IBAN", "DE89370400440532013000"),
        ("GB82WEST12345698765432", "IBAN", "GB82WEST12345698765432"),
    ],
)
def test_numbers_that_name_something(text: str, kind: str, value: str) -> None:
    assert [(fact.kind, fact.value) for fact in named_facts(text)] == [(kind, value)]


def test_an_account_whose_check_digits_are_wrong_is_none() -> None:
    assert [fact.kind for fact in named_facts("DE88 3704 0044 0532 0130 00") if fact.kind == "IBAN"] == []


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Lindenstraße 12a, 12345 Berlin.", PostalAddress("Lindenstraße", "12a", "12345", "Berlin")),
        ("12 Main Street, Springfield, IL 62704", PostalAddress("Main Street", "12", "62704", "Springfield", "IL")),
        ("10 Downing Street, London SW1A 2AA", PostalAddress("Downing Street", "10", "SW1A 2AA", "London")),
    ],
)
def test_postal_addresses(text: str, address: PostalAddress) -> None:
    assert [fact.value for fact in named_facts(text)] == [address]


@given(st.text(max_size=400))
def test_any_text_has_facts_in_order_that_do_not_overlap(text: str) -> None:
    found = named_facts(text, THURSDAY)
    assert all(0 <= fact.start < fact.end <= len(text) for fact in found)
    assert all(one.end <= two.start for one, two in pairwise(found))


@pytest.mark.parametrize("piece", ["1", "1 ", "a@", "Am ", "1 a ", "DE89 ", "order ", "1,111", "1 Main ", "+49 ", "0-"])
def test_no_text_makes_the_search_slow(piece: str) -> None:
    began = time.process_time()
    named_facts(piece * (20_000 // len(piece)), THURSDAY)
    assert time.process_time() - began < 1.0
