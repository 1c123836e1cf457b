"""The room that joins the others: its checks and start-up belong to Django's app registry."""

from django.apps import AppConfig


class ConfigRoom(AppConfig):
    """`caseloom.config`."""

    name = "caseloom.config"
    label = "caseloom_config"

    def ready(self) -> None:
        """Join the rooms once all of them are loaded."""
        from caseloom.config.wiring import join

        join()
