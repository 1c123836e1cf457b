"""The room's place in Django's registry."""

from django.apps import AppConfig


class CasesRoom(AppConfig):
    """`caseloom.cases`."""

    name = "caseloom.cases"
    label = "cases"
