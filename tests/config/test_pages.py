"""What every answer carries, and what is open to whom before anybody signed in."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse


@pytest.mark.django_db
def test_health_asks_the_database(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"database": "up"})


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/accounts/login/", "/admin/login/", "/no/such/page"])
def test_every_answer_forbids_foreign_and_inline_code(client: Client, path: str) -> None:
    policy = client.get(path).headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "unsafe" not in policy


@pytest.mark.django_db
def test_the_sign_in_page_offers_passkeys_and_no_sign_up(client: Client) -> None:
    page = client.get(reverse("account_login")).content.decode()
    assert "mfa_login_webauthn" in page or "webauthn" in page
    assert 'name="password"' in page


@pytest.mark.django_db
def test_nobody_can_sign_up(client: Client) -> None:
    answer = client.post(
        reverse("account_signup"),
        {"email": "a@example.org", "username": "anna", "password1": "Correct-horse-9"},
    )
    from django.contrib.auth import get_user_model

    assert answer.status_code == 200
    assert get_user_model().objects.count() == 0


@pytest.mark.django_db
def test_a_language_without_translations_gets_english_whole(client: Client) -> None:
    # Django itself knows German: dates in one language among words in another would be worse than English.
    assert 'lang="en"' in client.get("/admin/login/", headers={"accept-language": "de"}).content.decode()


def test_times_are_utc_and_aware() -> None:
    assert (settings.TIME_ZONE, settings.USE_TZ) == ("UTC", True)


def test_static_files_have_an_address_even_before_they_are_collected() -> None:
    from django.templatetags.static import static

    assert static("dist/desk.js") == "/static/dist/desk.js"
