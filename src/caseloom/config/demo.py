"""`caseloom demo`: `caseloom up` for a company that lives, with its customers' mailboxes beside it."""

import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

from caseloom.cli.demo.addresses import DOMAIN, HOUSE_ADDRESS, MAIL_DOMAIN, NAME
from caseloom.config.home import home_folder
from caseloom.config.up import Addition, answers, up
from caseloom.foundation.ports import claim_port
from caseloom.foundation.supervisor import Service


def demo(bind: str, cases: int) -> int:
    """Run the product with the demo's data and mailboxes until Ctrl-C. Taken ports are replaced by free ones."""
    home = home_folder(os.environ)
    host, _, wanted = bind.rpartition(":")
    bind = f"{host}:{claim_port(int(wanted))}"
    smtp, mails, page, imap = (claim_port(number) for number in (2525, 2526, 8025, 1143))
    imap = imap if _imap_possible(home / "mailboxes") else 0
    ours = {
        "CASELOOM_URL": f"http://{bind}",
        "CASELOOM_MAIL_DOMAIN": DOMAIN,
        "CASELOOM_MAIL_ADDRESS": HOUSE_ADDRESS,
        "CASELOOM_MAIL_NAME": NAME,
        "CASELOOM_MAIL_TEAM": "contact centre",
        "CASELOOM_SMTP_LISTEN": f"127.0.0.1:{smtp}",
        "CASELOOM_SMTP_URL": f"smtp://127.0.0.1:{mails}",
    }
    for name, value in ours.items():
        os.environ.setdefault(name, value)
    password = _password(home)
    command = ("mailbox", str(home / "mailboxes"), "--smtp", str(mails), "--web", str(page), "--imap", str(imap))
    argv = (sys.executable, "-m", "caseloom.config.start", *command, "--house", f"127.0.0.1:{smtp}")
    mailboxes = Service("mailboxes", argv, ready=lambda: answers(f"http://127.0.0.1:{page}/"))
    greeting = _greeting(bind, smtp, page, imap, password)
    return up(bind, Addition(lambda say: _seed(cases, password, say), (mailboxes,), lambda: greeting))


def _imap_possible(folder: Path) -> bool:
    from caseloom.cli.demo.mailboxes.run import imap_possible

    return not imap_possible(folder)


def _password(home: Path) -> str:
    """One password for the demo's staff, made once and kept for the next start."""
    file = home / "demo_password"
    if not file.exists():
        file.touch(0o600)
        file.write_text(secrets.token_urlsafe(9))
    return file.read_text().strip()


def _seed(cases: int, password: str, say: Callable[[str], None]) -> None:
    from django.db import connection

    from caseloom.cli.demo.seeding import seed
    from caseloom.foundation.clock import now

    seed(cases, password, now(), lambda line: say(f"demo      | {line}"))
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]


def _greeting(bind: str, smtp: int, page: int, imap: int, password: str) -> str:
    from caseloom.cli.demo.mailboxes.run import IMAP_PASSWORD

    url = f"http://{bind}"
    lines = [
        ("desk", f"{url}/desk/ as ada, edda, greta, ines, kira, lars, mona, olga; supervisor: paula"),
        ("board", f"{url}/board/ as quentin (process owner) or paula"),
        ("studio", f"{url}/studio/ as quentin: the rules in plain sentences, to change, try and publish"),
        ("administration", f"{url}/admin/ as rosa"),
        ("password", password),
        ("portal", f"{url}/portal/ with a customer's mail address; the code comes to their mailbox"),
        ("write to", f"{HOUSE_ADDRESS}, cards@, net@, complaints@{DOMAIN}, by SMTP at 127.0.0.1:{smtp}"),
        ("mailboxes", f"http://127.0.0.1:{page}/ of all customers (…@{MAIL_DOMAIN})"),
        *([("IMAP", f"127.0.0.1:{imap}, any customer's address, password {IMAP_PASSWORD}")] if imap else []),
        ("API", f"{url}/api/v1/docs"),
    ]
    return "\n".join(["", f"{NAME} is open. Ctrl-C closes it.", *(f"  {what:<15}{where}" for what, where in lines), ""])
