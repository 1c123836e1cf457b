"""A real Chromium for tests of screens (Playwright over the system's browser), and axe for WCAG 2.2 AA."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, cast

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from caseloom.staff.models import User
from caseloom.web.live.listen import the_listener

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
Scheme = Literal["light", "dark"]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser, one for a module."""
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with pytest.MonkeyPatch.context() as patch:
        # Playwright's loop runs in this thread, which Django takes for an asynchronous one.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
            yield browser
            browser.close()


class Desk:
    """A browser at the live server, for one signed-in person."""

    def __init__(self, chromium: Browser, address: str) -> None:
        self._chromium, self.address = chromium, address
        self._contexts: list[BrowserContext] = []
        self.errors: list[str] = []

    def sign_in(self, user: User | None, size: Any = None, scheme: Scheme = "light") -> Page:
        """A page of this person; what its console reports as an error is kept in `errors`."""
        context = self._chromium.new_context(
            viewport=cast("Any", size or DESKTOP), color_scheme=scheme, base_url=self.address
        )
        if user is not None:
            client = Client()
            client.force_login(user)
            value = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": self.address}])
        self._contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(8000)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda line: self.errors.append(line.text) if _is_fault(line.type, line.text) else None)
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()


def _is_fault(kind: str, text: str) -> bool:
    # A refused command is answered with 422, which Chromium logs as a failed load.
    # Taking a picture, Playwright hides the caret by a style that our policy stops.
    return kind == "error" and "status of 4" not in text and "inline style" not in text


@pytest.fixture
def desk(chromium: Browser, live_server: Any) -> Iterator[Desk]:
    """Browsers at a live server; they and their streams are gone at the end."""
    opened = Desk(chromium, live_server.url)
    yield opened
    opened.close()
    the_listener.let_go()


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page, a line each."""
    result = Axe().run(page, options={"runOnly": WCAG, "resultTypes": ["violations"]})
    return [
        f"{found['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for found in result.response["violations"]
        for node in found["nodes"]
    ]
