"""A log line holds ids, routes and places, and nothing that a person wrote."""

import logging
import sys

from django.test import RequestFactory
from django.urls import resolve

from caseloom.config.logs import IdLines


def line(name: str, message: str, *arguments: object, **extra: object) -> str:
    record = logging.LogRecord(name, logging.WARNING, "file.py", 1, message, arguments, None)
    vars(record).update(extra)
    return IdLines().format(record)


def test_ids_stand_behind_the_message() -> None:
    assert line("caseloom.cases", "a case was opened", case="c-7", actor="a-1").endswith(
        ' WARNING caseloom.cases "a case was opened" case=c-7 actor=a-1'
    )


def test_one_event_is_one_line() -> None:
    assert "\n" not in line("caseloom.cases", "one\ntwo %s", "three\nfour")


def test_a_fault_gives_its_type_and_places_and_not_its_words() -> None:
    try:
        raise ValueError("anna@example.org is known already")
    except ValueError:
        record = logging.LogRecord("caseloom", logging.ERROR, "file.py", 1, "it failed", None, sys.exc_info())
    text = IdLines().format(record)
    assert "builtins.ValueError" in text
    assert "in test_a_fault_gives_its_type_and_places_and_not_its_words" in text
    assert "anna@example.org" not in text


def test_a_request_gives_its_route_and_not_its_path() -> None:
    request = RequestFactory().get("/healthz?token=signed-secret")
    request.resolver_match = resolve("/healthz")
    text = line(
        "django.request",
        "%s: %s",
        "Internal Server Error",
        "/healthz?token=signed-secret",
        request=request,
        status_code=500,
    )
    assert "route=healthz" in text
    assert "status_code=500" in text
    assert "signed-secret" not in text
