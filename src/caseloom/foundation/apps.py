"""The table of bytes in Django's registry."""

from django.apps import AppConfig


class FoundationRoom(AppConfig):
    """`caseloom.foundation`."""

    name = "caseloom.foundation"
    label = "foundation"
