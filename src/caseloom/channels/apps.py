"""Contacts in and out in Django's registry."""

from django.apps import AppConfig


class ChannelsRoom(AppConfig):
    """`caseloom.channels`."""

    name = "caseloom.channels"
    label = "channels"
