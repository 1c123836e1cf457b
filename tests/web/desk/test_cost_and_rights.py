"""What a page costs in queries, and which right each route needs."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver

from caseloom.cases.models import CaseRow
from caseloom.cases.queries import work_counts, worklist
from caseloom.foundation.clock import now
from caseloom.staff.access import ROLE_RIGHTS, of_user
from caseloom.web.rights import route_rights
from tests.web.desk.kit import a_card_case, a_house, a_mail, a_person

pytestmark = pytest.mark.django_db(transaction=True)

ORM_QUERIES = {"worklist": 4, "case": 6, "customer": 8, "search": 6}
"""Of Django's own; the hot path's raw queries (worklist, counts, state, history, words) stand beside them."""


@pytest.mark.parametrize("page", list(ORM_QUERIES))
def test_a_page_asks_as_much_with_one_case_as_with_many(page: str) -> None:
    a_house()
    case = a_card_case()
    customer = CaseRow.objects.get(pk=case).customer
    client = Client()
    client.force_login(a_person("ada"))
    paths = {
        "worklist": "?view=all",
        "case": f"cases/{case}/",
        "customer": f"customers/{customer}/",
        "search": "search/?q=maria",
    }
    client.get(f"/desk/{paths[page]}")
    with CaptureQueriesContext(connection) as few:
        client.get(f"/desk/{paths[page]}")
    for name in ("Maria Weber", "Maria Holm", "Maria Lund", "Maria Ott"):
        a_card_case(name)
        a_mail(customer, case, "More", "Words")
    with CaptureQueriesContext(connection) as many:
        client.get(f"/desk/{paths[page]}")
    assert len(many) == len(few) <= ORM_QUERIES[page], "\n".join(query["sql"][:140] for query in many)


def test_every_route_of_the_desk_names_its_right() -> None:
    rights = route_rights(get_resolver().url_patterns)
    desk = {
        f"desk:{pattern.name}" for pattern in __import__("caseloom.web.desk.urls", fromlist=["urlpatterns"]).urlpatterns
    }
    assert desk <= rights.keys()
    assert rights["desk:do"] == "work cases"
    assert rights["desk:erase"] == "erase customers"


@pytest.mark.parametrize("role", list(ROLE_RIGHTS))
def test_a_role_without_the_right_is_told_who_has_it(role: str) -> None:
    a_house()
    case = a_card_case()
    client = Client()
    client.force_login(a_person("ada", (role,)))
    answer = client.post(f"/desk/cases/{case}/do/AddNote/", {"text": "Hello"})
    expected = 302 if "work cases" in ROLE_RIGHTS[role] else 403
    assert answer.status_code == expected
    if expected == 403:
        assert "Ask somebody who may" in answer.content.decode()


def test_somebody_who_is_not_signed_in_comes_to_the_sign_in() -> None:
    answer = Client().get("/desk/")
    assert answer.status_code == 302
    assert "/accounts/login/" in answer.headers["Location"]


def test_lists_and_counts_agree() -> None:
    a_house()
    for name in ("Maria Keller", "Jens Ott"):
        a_card_case(name)
    access = of_user(a_person("ada"))
    assert work_counts(access, now())["unassigned"] == len(worklist(access, "unassigned", now()).lines) == 2
