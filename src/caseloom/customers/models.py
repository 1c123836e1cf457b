"""Read-only models over the projections of customers; the door alone writes them."""

from django.db import models


class CustomerRow(models.Model):
    id = models.BigIntegerField(primary_key=True)
    name = models.TextField()
    language = models.TextField()
    segment = models.TextField()
    since = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    merged_into = models.BigIntegerField(null=True)
    erased = models.BooleanField()

    class Meta:
        managed = False
        db_table = "customer"

    def __str__(self) -> str:
        return str(self.id)


class IdentityRow(models.Model):
    """The table's key is (kind, value)."""

    value = models.TextField(primary_key=True)
    kind = models.TextField()
    customer = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "customer_identity"

    def __str__(self) -> str:
        return self.kind
