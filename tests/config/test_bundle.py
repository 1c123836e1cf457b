"""The browser bundle works under the product's own Content-Security-Policy, in a real browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

from caseloom.config.headers import POLICY

DIST = Path(__file__).resolve().parents[2] / "src/caseloom/web/static/dist"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ADDRESS = "http://desk.example"
CHART = '{"xAxis": {"type": "category", "data": ["a", "b"]}, "yAxis": {},'
CHART += ' "series": [{"type": "bar", "data": [1, 2]}]}'
PAGE = f"""<!doctype html><html lang="en"><head><title>t</title>
<link rel="stylesheet" href="/dist/base.css"><link rel="stylesheet" href="/chart.css">
<script src="/dist/SCRIPT.js" defer></script></head><body data-csrf="token-7">
<div x-data="{{ open: false }}"><button x-on:click="open = true">Open</button>
<p x-show="open">Hidden words</p></div>
<a href="#" hx-post="/piece" hx-target="#place">Fetch</a><div id="place"></div>
<div data-chart="figures" class="chart"></div>
<script type="application/json" id="figures">{CHART}</script>
</body></html>"""
TYPES = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(not (DIST / "built").exists(), reason="the bundle is not built: make bundle"),
]


class Shown:
    """A page with one script of the bundle, and what the browser complained about."""

    def __init__(self, page: Page, script: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.tokens: list[str | None] = []
        self._script = script
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.route("**/*", self._answer)
        page.goto(f"{ADDRESS}/")

    def _answer(self, route: Route) -> None:
        path = route.request.url.removeprefix(ADDRESS)
        if path.startswith("/dist/"):
            file = DIST / path.removeprefix("/dist/")
            route.fulfill(body=file.read_bytes(), content_type=TYPES[file.suffix])
        elif path == "/chart.css":
            route.fulfill(body=".chart { height: 240px }", content_type="text/css")
        elif path == "/piece":
            self.tokens.append(route.request.header_value("x-csrftoken"))
            route.fulfill(body="<b>fetched</b>", content_type="text/html")
        elif path == "/":
            headers = {"Content-Security-Policy": POLICY, "Content-Type": "text/html"}
            route.fulfill(body=PAGE.replace("SCRIPT", self._script), headers=headers)
        else:
            route.fulfill(status=204)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Chromium has no sandbox for root; the page under test is ours.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 800, "height": 600})
    yield page
    page.close()


@pytest.mark.parametrize("script", ["desk", "portal", "board", "studio"])
def test_every_script_runs_without_a_complaint(page: Page, script: str) -> None:
    shown = Shown(page, script)
    page.get_by_text("Hidden words").wait_for(state="hidden")
    page.get_by_role("button", name="Open").click()
    page.get_by_text("Hidden words").wait_for(state="visible")
    page.get_by_role("link", name="Fetch").click()
    page.get_by_text("fetched").wait_for()
    assert shown.complaints == []
    assert shown.tokens == ["token-7"]


def test_the_board_draws_its_charts_as_svg(page: Page) -> None:
    shown = Shown(page, "board")
    page.locator("[data-chart] svg").wait_for(state="attached", timeout=4000)
    assert page.locator("[data-chart] svg path").count() > 0
    assert shown.complaints == []


def test_htmx_evaluates_no_text_as_code(page: Page) -> None:
    Shown(page, "desk")
    page.wait_for_function("window.htmx")
    assert page.evaluate("[htmx.config.allowEval, htmx.config.includeIndicatorStyles]") == [False, False]
