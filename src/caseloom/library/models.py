"""Read-only models over the projections of the library; the door alone writes them."""

from django.db import models


class DefinitionRow(models.Model):
    id = models.BigIntegerField(primary_key=True)
    key = models.TextField()
    kind = models.TextField()
    version = models.IntegerField()
    draft = models.TextField()
    offered = models.BooleanField()

    class Meta:
        managed = False
        db_table = "definition"

    def __str__(self) -> str:
        return self.key


class VersionRow(models.Model):
    """The table's key is (definition, version)."""

    definition = models.BigIntegerField(primary_key=True)
    version = models.IntegerField()
    key = models.TextField()
    kind = models.TextField()
    title = models.TextField()
    text = models.TextField()
    published_at = models.DateTimeField()
    published_by = models.TextField()

    class Meta:
        managed = False
        db_table = "definition_version"

    def __str__(self) -> str:
        return f"{self.key} {self.version}"
