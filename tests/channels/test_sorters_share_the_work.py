"""Several sorters at once: each mail once, each customer once, whoever is faster."""

import threading

import pytest
from django.db import connection

from caseloom.cases.models import CaseRow
from caseloom.channels.models import ContactRow
from caseloom.config.wiring import make_inbox, make_intake
from caseloom.customers.models import CustomerRow
from tests.channels.kit import mail, raw_mail, rows

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_mails_of_one_new_sender_in_two_sorters_make_one_customer() -> None:
    inbox = make_inbox()
    inbox.receive_many(
        [raw_mail(mail(sender=f"c{number % 6}@example.org", subject=f"{number}")) for number in range(60)]
    )
    start = threading.Barrier(3)
    faults: list[BaseException] = []

    def sort() -> None:
        try:
            start.wait(10)
            intake = make_intake(make_inbox())
            while rows("select count(*) from raw_mail where state = 'new'") != [(0,)]:
                intake.sort_batch(7)
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=sort) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    assert CustomerRow.objects.count() == 6
    assert CaseRow.objects.count() == ContactRow.objects.count() == 60
    assert rows("select state, count(*) from raw_mail group by state") == [("done", 60)]
