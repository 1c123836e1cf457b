"""The room's place in Django's registry."""

from django.apps import AppConfig


class LibraryRoom(AppConfig):
    """`caseloom.library`."""

    name = "caseloom.library"
    label = "library"
