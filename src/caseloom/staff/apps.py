"""The room's place in Django's registry."""

from django.apps import AppConfig


class StaffRoom(AppConfig):
    """`caseloom.staff`."""

    name = "caseloom.staff"
    label = "staff"
