"""The screens as a Django app: templates, tags and the built bundle."""

from django.apps import AppConfig


class WebRoom(AppConfig):
    """`caseloom.web`."""

    name = "caseloom.web"
    label = "caseloom_web"
