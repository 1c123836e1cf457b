"""`caseloom erase`: a customer is found by any identity and leaves no word behind; no figure changes."""

from datetime import UTC, datetime

import pytest

from caseloom.cases.models import CaseRow
from caseloom.cli.demo import seeding
from caseloom.cli.erasing import NoSuchCustomer, erase, find_customer
from caseloom.cli.replaying import replay_all
from caseloom.customers.models import CustomerRow
from caseloom.streams import store

pytestmark = pytest.mark.django_db(transaction=True)


def tables() -> list[str]:
    rows = store.raw_connection().execute("select tablename from pg_tables where schemaname = 'public'")
    return [row[0] for row in rows.fetchall()]


def holds(table: str, words: str) -> bool:
    statement = f'select 1 from "{table}" t where position(%s in lower(t::text)) > 0 limit 1'  # noqa: S608
    return store.raw_connection().execute(statement, (words.lower(),)).fetchone() is not None


def test_an_erased_customer_stands_in_no_table_and_no_figure_changes() -> None:
    seeding.seed(20, "a long password", datetime.now(UTC), lambda line: None, customers=30)
    busiest = CaseRow.objects.values_list("customer", flat=True).order_by("customer")[0]
    name = CustomerRow.objects.get(pk=busiest).name
    address = name.lower().replace(" ", ".")
    figures = sorted(CaseRow.objects.values_list("id", "status", "perception", "late", "hand_overs", "ended_at"))
    assert [table for table in tables() if holds(table, name)]
    assert erase(busiest) > 1
    assert [table for table in tables() if holds(table, name) or holds(table, f"{address}@")] == []
    after = sorted(CaseRow.objects.values_list("id", "status", "perception", "late", "hand_overs", "ended_at"))
    assert after == figures
    assert replay_all(1, lambda line: None).differences == ()


def test_a_customer_is_found_by_what_they_are_known_by() -> None:
    seeding.seed(1, "a long password", datetime.now(UTC), lambda line: None, customers=5)
    number = find_customer("K100000")
    assert find_customer(str(number)) == number
    with pytest.raises(NoSuchCustomer, match="Give an id"):
        find_customer("nobody@example.org")
