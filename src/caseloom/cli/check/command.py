"""The command line of `caseloom check`."""

import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from urllib.parse import urlsplit

from caseloom.cli.command import Command


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("what", choices=["main-line"], help="main-line: a mail, worked, answered, rated, confirmed")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="the running demo (%(default)s)")
    parser.add_argument("--mailboxes", default="http://127.0.0.1:8025", help="its customers' mailboxes (%(default)s)")
    parser.add_argument("--smtp", default="127.0.0.1:2525", help="where it takes mail (%(default)s)")
    parser.add_argument("--password", default="", help="of its staff (the file demo_password in CASELOOM_HOME)")
    parser.add_argument("--shots", type=Path, help="a folder for pictures of the screens")


def _password(options: Namespace) -> str:
    if options.password:
        return str(options.password)
    kept = Path(os.environ.get("CASELOOM_HOME") or ".caseloom") / "demo_password"
    return kept.read_text().strip() if kept.exists() else ""


def check(options: Namespace) -> int:
    """0 when every step came true, 1 when one did not, or nothing could be tried."""
    from caseloom.cli.check.chromium import BrowserMissing, chromium
    from caseloom.cli.check.main_line import Demo, MainLine, browser_faults
    from caseloom.cli.check.postbox import Unfulfilled

    place = urlsplit(f"//{options.smtp}")
    demo = Demo(
        options.url.rstrip("/"),
        options.mailboxes,
        (place.hostname or "127.0.0.1", place.port or 2525),
        _password(options),
        options.shots,
    )
    try:
        with chromium() as browser, browser_faults():
            MainLine(demo, browser, lambda line: print(line, flush=True)).run()
    except (BrowserMissing, Unfulfilled) as fault:
        print(f"caseloom check main-line: {fault}", file=sys.stderr)
        return 1
    print("The main line holds.")
    return 0


COMMANDS = (Command("check", "prove a running demo from outside", check, _add_arguments),)
