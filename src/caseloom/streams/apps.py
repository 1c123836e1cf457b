"""The door's tables and settings in Django's registry."""

from django.apps import AppConfig


class StreamsRoom(AppConfig):
    """`caseloom.streams`."""

    name = "caseloom.streams"
    label = "streams"
