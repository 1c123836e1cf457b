"""`caseloom bench intake`: mails by SMTP into the product's own intake services, until all cases stand on the desk."""

import os
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from django.conf import settings

from caseloom.cases.models import CaseRow
from caseloom.channels.measuring import measure_intake
from caseloom.cli.bench.sample import BENCH
from caseloom.engine.case.refusal import Refused
from caseloom.foundation.ports import claim_port
from caseloom.library.publishing import publish

MAILS: Final = 1_000
WARM: Final = 50
SERVICES: Final = int(os.environ.get("CASELOOM_BENCH_INTAKES", "1"))
"""Processes of `caseloom intake`; `caseloom up` runs one. The first listens, the others sort with it."""
GOAL: Final = """
service goal: card
title: The card works
customer title: My card works
owner: bench
team: bench
recognise: {keywords: [card]}
facts:
  works: {type: boolean}
goals:
  works:
    title: It works
    reached when: works = true
    clock: {within: 2 days}
    options: {look: {title: Look, automatic: true, tasks: [look]}}
tasks:
  look: {title: Look at it, form: [works]}
"""


def run(say: Callable[[str], None]) -> None:
    """Print one line a figure."""
    published = publish(BENCH, GOAL, thorough=False)
    if isinstance(published, Refused):
        raise RuntimeError(published.message)
    recipient = settings.CASELOOM_MAIL_ADDRESS
    with _services() as port:
        measure_intake("127.0.0.1", port, recipient, _on_desk, WARM)
        figures = measure_intake("127.0.0.1", port, recipient, _on_desk, MAILS, first=WARM)
    say(f"intake mails: {figures.mails}")
    say(f"intake accepted: {figures.mails / figures.accepted_seconds:.0f} mails/s")
    say(f"intake until all cases stand on the desk: {figures.per_second:.0f} mails/s")


def _on_desk() -> int:
    return CaseRow.objects.count()


@contextmanager
def _services() -> Iterator[int]:
    """The intake as `caseloom up` runs it; the port where it takes mail."""
    port = claim_port()
    listens = [f"127.0.0.1:{port}", *["off"] * (SERVICES - 1)]
    services = [_start({"CASELOOM_SMTP_LISTEN": listen}) for listen in listens]
    try:
        _wait(port)
        yield port
    finally:
        for service in services:
            service.send_signal(signal.SIGTERM)
        for service in services:
            service.wait(30)


def _start(env: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "caseloom.config.start", "intake"]
    return subprocess.Popen(command, env={**os.environ, **env})  # noqa: S603 - our own program


def _wait(port: int, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            with smtplib.SMTP("127.0.0.1", port, timeout=2):
                return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
