"""`caseloom up`: the database, its migrations, the static files, then all services under one supervisor."""

import os
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from caseloom.config.database import database_url, embedded_folder
from caseloom.config.home import home_folder
from caseloom.foundation.postgres import EmbeddedPostgres
from caseloom.foundation.signals import stop_on_signal
from caseloom.foundation.supervisor import Service, Supervisor

# The other long-running commands of the product, by the name of the service: `caseloom <argument>`.
COMMAND_SERVICES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("worker", ("worker",)),
    ("sweeper", ("sweeper",)),
    ("intake", ("intake",)),
    ("learner", ("learner",)),
)


@dataclass(frozen=True)
class Addition:
    """What stands beside the product: made ready once the database is, kept running with the rest, told at the end."""

    prepare: Callable[[Callable[[str], None]], None] = lambda say: None
    services: tuple[Service, ...] = ()
    greeting: Callable[[], str] = str


def up(bind: str, addition: Addition = Addition()) -> int:
    """Run everything until Ctrl-C or SIGTERM. `bind` is `host:port` of the web server."""
    home = home_folder(os.environ)
    embedded = None if os.environ.get("DATABASE_URL") else EmbeddedPostgres(embedded_folder(home))
    stop = stop_on_signal()
    try:
        if embedded is not None:
            embedded.start()
        prepare(database_url(os.environ, home))
        addition.prepare(_say)
        kept = [*services(bind, embedded), *addition.services]
        Supervisor(kept, _say).run(stop, lambda: _say(addition.greeting() or f"Caseloom is up: http://{bind}/"))
    finally:
        if embedded is not None:
            embedded.stop()
    return 0


def prepare(url: str) -> None:
    """Migrate the database at `url` and collect the static files."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caseloom.config.settings")
    os.environ["DATABASE_URL"] = url
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    from caseloom.config.bundle import collect

    call_command("migrate", interactive=False, verbosity=0)
    collect()
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]


def services(bind: str, embedded: EmbeddedPostgres | None) -> list[Service]:
    """What `up` keeps running; the embedded database first and last."""
    kept = [Service("web", web_command(bind), ready=lambda: answers(f"http://{bind}/healthz"))]
    for name, arguments in COMMAND_SERVICES:
        kept.append(Service(name, (sys.executable, "-m", "caseloom.config.start", *arguments)))
    if embedded is not None:
        kept.insert(0, database_service(embedded))
    return kept


def database_service(embedded: EmbeddedPostgres) -> Service:
    """The keeper that watches the embedded server, starts it again, and stops it at the end."""
    folder = embedded_folder(home_folder(os.environ))
    command = (sys.executable, "-m", "caseloom.foundation.postgres_keeper", str(folder))
    return Service("database", command, ready=embedded.running, stage=0, stop_seconds=60)


def web_command(bind: str) -> tuple[str, ...]:
    """gunicorn with threads; `CASELOOM_WEB_WORKERS` processes of `CASELOOM_WEB_THREADS` threads each."""
    from gunicorn.config import KNOWN_SETTINGS

    command = [sys.executable, "-m", "gunicorn", "caseloom.config.wsgi:application", "--bind", bind]
    command += ["--worker-class", "gthread", "--workers", os.environ.get("CASELOOM_WEB_WORKERS", "2")]
    # Beside the threads that answer pages, one for each desk that may listen: an idle thread costs next to nothing.
    threads = int(os.environ.get("CASELOOM_WEB_THREADS", "12")) + int(os.environ.get("CASELOOM_STREAMS", "64"))
    command += ["--threads", str(threads), "--keep-alive", "15"]
    command += ["--timeout", "60", "--graceful-timeout", "3", "--log-level", "warning"]
    if any("--no-control-socket" in (setting.cli or ()) for setting in KNOWN_SETTINGS):
        command.append("--no-control-socket")
    if Path("/dev/shm").is_dir():  # noqa: S108
        command += ["--worker-tmp-dir", "/dev/shm"]  # noqa: S108
    return tuple(command)


def answers(url: str) -> bool:
    """Whether a web address of this machine answers with 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


_said = threading.Lock()


def _say(line: str) -> None:
    with _said:
        print(line, flush=True)
