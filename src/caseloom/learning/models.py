"""What was learned, in versions, and the advice that stands in open cases."""

from django.db import models


class LearnedModel(models.Model):
    """A version of what was learned. `figures` is JSON: what was measured when it was made."""

    name = models.TextField()
    version = models.IntegerField()
    made_at = models.DateTimeField()
    state = models.TextField(default="active")
    figures = models.TextField(default="{}")
    reached_transaction = models.BigIntegerField()
    reached_position = models.BigIntegerField()
    body = models.BinaryField()

    class Meta:
        managed = False
        db_table = "learned_model"

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class AdviceRow(models.Model):
    """What is advised in a case, as `advised.Advised` in JSON. `risk` is the chance, in per cent, that its goals are
    not reached in time; None where nobody can tell.
    """

    case_id = models.BigIntegerField(primary_key=True)
    version = models.IntegerField()
    at = models.DateTimeField()
    model = models.TextField()
    risk = models.SmallIntegerField(null=True)
    body = models.TextField()

    class Meta:
        managed = False
        db_table = "advice_row"

    def __str__(self) -> str:
        return str(self.case_id)


class ImportedLog(models.Model):
    """An old system's event log. One `to forget` goes as soon as the learner has taken back what it taught."""

    name = models.TextField(unique=True)
    service_goal = models.TextField()
    made_at = models.DateTimeField()
    events = models.IntegerField()
    cases = models.IntegerField()
    state = models.TextField(default="kept")
    body = models.BinaryField()

    class Meta:
        managed = False
        db_table = "imported_log"

    def __str__(self) -> str:
        return self.name


class ProposalRow(models.Model):
    """What people do otherwise than a definition says, as `proposals.Body` in JSON."""

    service_goal = models.TextField()
    version = models.IntegerField()
    kind = models.TextField()
    key = models.TextField()
    found_at = models.DateTimeField()
    state = models.TextField(default="new")
    decided_by = models.TextField(default="")
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(default="")
    share = models.FloatField(default=0.0)
    body = models.TextField()

    class Meta:
        managed = False
        db_table = "learned_proposal"

    def __str__(self) -> str:
        return f"{self.service_goal} {self.kind}"
