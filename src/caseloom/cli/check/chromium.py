"""A real Chromium, driven by Playwright; which of them is missing is said in words."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FLAGS: Final = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class BrowserMissing(RuntimeError):
    """What is missing, and how to get it."""


@contextmanager
def chromium() -> Iterator["Browser"]:
    """The browser: the one of `CASELOOM_CHROMIUM`, of the system, or Playwright's own.

    Raises:
        BrowserMissing: there is no Playwright or no Chromium here.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as missing:
        raise BrowserMissing("Playwright is missing. Install it: pip install 'caseloom[dev]'.") from missing
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        except Error as fault:
            raise BrowserMissing(
                "Chromium is missing or does not start. Install it (apt-get install chromium, or playwright install "
                f"chromium), or name it by CASELOOM_CHROMIUM. {str(fault).splitlines()[0]}"
            ) from fault
        try:
            yield browser
        finally:
            browser.close()


def find_chromium() -> str | None:
    """The path of the system's Chromium; None where only Playwright's own may be at hand."""
    named = os.environ.get("CASELOOM_CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name)) is not None), None)
