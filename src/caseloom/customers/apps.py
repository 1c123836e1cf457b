"""The room's place in Django's registry."""

from django.apps import AppConfig


class CustomersRoom(AppConfig):
    """`caseloom.customers`."""

    name = "caseloom.customers"
    label = "customers"
