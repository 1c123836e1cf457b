"""Every page of the desk answers, whoever asks for whatever."""

from uuid import uuid4

import pytest
from django.test import Client

from caseloom.engine.case import commands as c
from caseloom.staff.access import of_user
from tests.web.desk.kit import a_card_case, a_house, a_person, do

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house() -> None:
    a_house()


def signed_in(username: str = "ada", *roles: str) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(a_person(username, roles or ("agent",)))
    return client


@pytest.mark.parametrize(
    "path",
    [
        "",
        "?view=all&sort=perception",
        "?view=nonsense&after=bent|x|y",
        "notices/",
        "search/?q=Maria",
        "new/",
        "new/who/?q=mar",
    ],
)
def test_a_page_answers(house: None, path: str) -> None:
    a_card_case()
    answer = signed_in().get(f"/desk/{path}")
    assert answer.status_code == 200


def test_the_worklist_says_what_next_and_why(house: None) -> None:
    a_card_case("Jens Ott")
    page = signed_in().get("/desk/?view=unassigned").content.decode()
    assert "Jens Ott" in page
    assert "The new card works" in page
    assert "due in" in page
    assert "mail" in page


def test_the_case_page_shows_goals_options_words_and_customer(house: None) -> None:
    case = a_card_case()
    page = signed_in().get(f"/desk/cases/{case}/").content.decode()
    for words in (
        "Identity is clear",
        "Ask by phone",
        "the machine does not take my new card",
        "Two of three are enough",
        "Take this case",
    ):
        assert words in page


@pytest.mark.parametrize(
    "path",
    [
        "cases/999999/",
        "customers/999999/",
        "contacts/99999/html/",
        "contacts/1/files/2/",
        "cases/999999/letter/",
        "nowhere/",
    ],
)
def test_what_is_not_there_says_what_to_do(house: None, path: str) -> None:
    answer = signed_in().get(f"/desk/{path}")
    assert answer.status_code == 404
    assert "Go to the desk" in answer.content.decode()


@pytest.mark.parametrize("text", ["\0", "x" * 300_000, "\x07", "{{ 1/0 }}", "<script>"])
@pytest.mark.parametrize(
    "command",
    ["AddNote", "SetFacts", "CreateTask", "SendMessage", "HandOver", "MakePromise", "ChooseOption", "ClassifyCase"],
)
def test_no_input_breaks_a_command(house: None, command: str, text: str) -> None:
    case = a_card_case()
    fields = dict.fromkeys(
        (
            "text",
            "title",
            "subject",
            "to",
            "owner",
            "due",
            "goal",
            "option",
            "service_goal",
            "item",
            "fact.cause",
            "seen.cause",
        ),
        text,
    )
    answer = signed_in().post(f"/desk/cases/{case}/do/{command}/", {**fields, "form": "note"})
    assert answer.status_code in (302, 422)


def test_half_a_character_breaks_no_command(house: None) -> None:
    case = a_card_case()
    answer = signed_in().post(
        f"/desk/cases/{case}/do/AddNote/",
        b"text=%ED%A0%80&fact.x=%ff",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code in (302, 422)


@pytest.mark.parametrize("number", ["9" * 30, "-1", "1e9", "nan", ""])
def test_no_number_breaks_a_command(house: None, number: str) -> None:
    case = a_card_case()
    client = signed_in()
    for command, field in (
        ("CompleteTask", "item"),
        ("ReachGoal", "goal"),
        ("KeepPromise", "promise"),
        ("MarkContactHandled", "contact"),
    ):
        assert client.post(f"/desk/cases/{case}/do/{command}/", {field: number}).status_code == 422


def test_a_double_click_happens_once(house: None) -> None:
    case, client = a_card_case(), signed_in()
    form = {"text": "Called back, nobody there.", "command_id": str(uuid4())}
    for _ in range(2):
        assert client.post(f"/desk/cases/{case}/do/AddNote/", form).status_code == 302
    assert client.get(f"/desk/cases/{case}/").content.decode().count("Called back, nobody there.") == 1


def test_a_refusal_says_why_and_keeps_what_was_typed(house: None) -> None:
    case, client = a_card_case(), signed_in()
    answer = client.post(
        f"/desk/cases/{case}/do/MakePromise/", {"form": "promise", "text": "We call back", "due": "2001-01-01T10:00"}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "A promise is kept in the future" in page
    assert 'value="We call back"' in page


def test_a_stale_fact_shows_both_values(house: None) -> None:
    case, client = a_card_case(), signed_in()
    other = of_user(a_person("leo"))
    do(other, case, c.SetFacts(facts={"cause": "card lost"}))
    form = {"form": "fact-cause", "fact.cause": "PIN unknown", "seen.cause": ""}
    answer = client.post(f"/desk/cases/{case}/do/SetFacts/", form, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, "#answer-fact-cause")
    assert "card lost" in page
    assert "Leo Brandt" in page
    assert "Keep mine" in page


def test_a_letter_is_rendered_with_what_is_unknown_left_visible(house: None) -> None:
    case = a_card_case()
    page = signed_in().get(f"/desk/cases/{case}/letter/?letter=pin").content.decode()
    assert "Dear Maria Keller," in page
    assert "[call back on]" in page


def test_a_case_is_opened_by_hand_for_somebody_new(house: None) -> None:
    client = signed_in()
    form = {
        "name": "Ole Holm",
        "phone": "+49 30 1234",
        "channel": "phone",
        "service_goal": "card",
        "title": "Card",
        "said": "It does not work",
        "mine": "1",
    }
    answer = client.post("/desk/new/", {**form, "command_id": str(uuid4())}, follow=True)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Ole Holm" in page
    assert "It does not work" in page
    assert "Yours" in page


def test_a_new_case_of_nobody_says_what_is_missing(house: None) -> None:
    answer = signed_in().post("/desk/new/", {"title": "Card"})
    assert answer.status_code == 422
    assert "Say who it is" in answer.content.decode()


def test_erasing_asks_for_the_number_and_names_what_happens(house: None) -> None:
    case = a_card_case()
    client = signed_in("sue", "administrator", "agent")
    from caseloom.cases.models import CaseRow

    customer = CaseRow.objects.get(pk=case).customer
    page = client.get(f"/desk/customers/{customer}/erase/").content.decode()
    assert "cannot be brought back" in page
    assert "1 case is still open" in page
    assert client.post(f"/desk/customers/{customer}/erase/", {"number": "1"}).status_code == 422
    assert client.post(f"/desk/customers/{customer}/erase/", {"number": str(customer)}).status_code == 302
    assert "Maria Keller" not in client.get(f"/desk/customers/{customer}/").content.decode()
