"""Read-only models over the projections of cases; the door alone writes them."""

from django.db import models


class CaseRow(models.Model):
    id = models.BigIntegerField(primary_key=True)
    customer = models.BigIntegerField()
    service_goal = models.TextField()
    version = models.IntegerField()
    title = models.TextField()
    status = models.TextField()
    channel = models.TextField()
    owner = models.TextField()
    team = models.TextField()
    waits_for = models.TextField()
    waiting_since = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    contact_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    due = models.DateTimeField(null=True)
    due_goal = models.TextField()
    late = models.BooleanField()
    perception = models.SmallIntegerField(null=True)
    unanswered = models.SmallIntegerField()
    contacts_in = models.IntegerField()
    contacts_out = models.IntegerField()
    hand_overs = models.IntegerField()
    confirmed = models.BooleanField()
    updated_at = models.DateTimeField()
    priority = models.SmallIntegerField()
    parent = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "case_row"

    def __str__(self) -> str:
        return str(self.id)


class CaseContactRow(models.Model):
    """The table's key is (case_id, contact)."""

    contact = models.BigIntegerField(primary_key=True)
    case_id = models.BigIntegerField()
    channel = models.TextField()
    direction = models.TextField()
    automatic = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "case_contact"

    def __str__(self) -> str:
        return f"{self.case_id} {self.contact}"


class NoticeRow(models.Model):
    """The table's key is (case_id, version)."""

    case_id = models.BigIntegerField(primary_key=True)
    version = models.IntegerField()
    whom = models.TextField()
    says = models.TextField()
    at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "notice_row"

    def __str__(self) -> str:
        return self.says


class PromiseRow(models.Model):
    """The table's key is (case_id, promise)."""

    promise = models.IntegerField(primary_key=True)
    case_id = models.BigIntegerField()
    text = models.TextField()
    due = models.DateTimeField()
    status = models.TextField()

    class Meta:
        managed = False
        db_table = "promise_row"

    def __str__(self) -> str:
        return self.text


class PerceptionRow(models.Model):
    """The table's key is (case_id, version)."""

    version = models.IntegerField(primary_key=True)
    case_id = models.BigIntegerField()
    score = models.SmallIntegerField()
    goal = models.TextField()
    words = models.TextField()
    at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "perception_row"

    def __str__(self) -> str:
        return str(self.score)
