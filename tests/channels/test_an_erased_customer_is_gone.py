"""Erasing a customer leaves neither name nor address in any table, and the histories still replay."""

from datetime import timedelta

import pytest
from django.db import connection

from caseloom.cases.kind import CASES
from caseloom.channels.contact import CONTACTS
from caseloom.channels.queries import read_contact
from caseloom.config.wiring import performers
from caseloom.customers.customer import CUSTOMERS, EraseCustomer
from caseloom.customers.models import CustomerRow
from caseloom.engine.case import commands as c
from caseloom.streams.door import the_door
from caseloom.streams.effects import Effects
from caseloom.streams.replay import compare
from tests.channels.kit import contacts, jobs, mail, receive, rows, send_all, sending, the_case
from tests.channels.test_answers_find_their_case import _bounce
from tests.mailhost import MailHost
from tests.streams.kit import PROGRAM, send

pytestmark = pytest.mark.django_db(transaction=True)


def everything() -> str:
    """All rows of all tables as text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_name from information_schema.tables "
            "where table_schema = 'public' and table_type = 'BASE TABLE'"
        )
        tables = [row[0] for row in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f'select t::text, {_bytes(table)} from "{table}" t')  # noqa: S608
            found += [" ".join(map(str, row)) for row in cursor.fetchall()]
    return "\n".join(found).lower()


def _bytes(table: str) -> str:
    """Binary columns as text too: what is sealed shows nothing, what is not would."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select column_name from information_schema.columns where table_name = %s and data_type = 'bytea'", (table,)
        )
        names = [row[0] for row in cursor.fetchall()]
    return " || ".join(f"""coalesce(encode("{name}", 'escape'), '')""" for name in names) or "''"


def test_name_and_address_stand_nowhere() -> None:
    receive(mail("I am Maria Keller, and this is odd: xylophone.", attachment=b"%PDF-maria"))
    case, [contact] = the_case(), contacts()
    answer = next(the_door().ids)
    send(
        "case",
        case.id,
        c.SendMessage(contact=answer, to="maria@example.org", subject="Dear Maria Keller", text="Xylophone?"),
    )
    with MailHost("example.org", imap=False) as host:
        send_all(sending(host.smtp))
    [out] = contacts("out")
    receive(_bounce(out.message_id), sender="")
    assert "maria@example.org" in everything()
    customer = CustomerRow.objects.get().id
    send("customer", customer, EraseCustomer())
    [(kind, stream, version)] = [job for job in jobs() if job[0] == "erase customer"]
    run = Effects({kind: performers()[kind]}, the_door().clock, [timedelta(0)])
    assert run.perform(kind, stream, version) is None
    left = everything()
    assert [word for word in ("maria", "keller", "xylophone") if word in left] == []
    assert rows("select count(*) from blob") == [(0,)]
    page = read_contact(PROGRAM, contact.id)
    assert page is not None
    assert (page.words.text, page.contact.subject, page.contact.customer) == ("", "", customer)
    for kind_of, number in ((CONTACTS, contact.id), (CONTACTS, out.id), (CASES, case.id), (CUSTOMERS, customer)):
        assert compare(the_door(), kind_of, number) == []


def test_a_mail_after_the_erasure_is_a_new_customers() -> None:
    receive(mail())
    gone = CustomerRow.objects.get().id
    send("customer", gone, EraseCustomer())
    [job] = [job for job in jobs() if job[0] == "erase customer"]
    Effects(performers(), the_door().clock).perform(*job)
    receive(mail("Hello again"))
    assert CustomerRow.objects.exclude(pk=gone).get().name == "Maria Keller"
