"""What was learned, in Django's registry."""

from django.apps import AppConfig


class LearningRoom(AppConfig):
    """`caseloom.learning`."""

    name = "caseloom.learning"
    label = "learning"
