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


class PinnedRow(models.Model):
    """The table's key is (definition, version, model)."""

    definition = models.BigIntegerField(primary_key=True)
    version = models.IntegerField()
    model = models.TextField()
    key = models.TextField()
    model_version = models.IntegerField()

    class Meta:
        managed = False
        db_table = "definition_model"

    def __str__(self) -> str:
        return f"{self.key} {self.version}: {self.model} {self.model_version}"


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
