"""Read-only model over the projection of contacts; the door alone writes it."""

from django.db import models


class ContactRow(models.Model):
    """`customer` is 0 for somebody who could not be identified; `attachments` is JSON: a list of {blob, name,
    media_type, size}.
    """

    id = models.BigIntegerField(primary_key=True)
    customer = models.BigIntegerField()
    case_id = models.BigIntegerField(null=True)
    direction = models.TextField()
    channel = models.TextField()
    at = models.DateTimeField()
    automatic = models.TextField()
    status = models.TextField()
    team = models.TextField()
    subject = models.TextField()
    snippet = models.TextField()
    address = models.TextField()
    name = models.TextField()
    has_html = models.BooleanField()
    attachments = models.TextField()
    message_id = models.TextField()
    in_reply_to = models.TextField()
    answers = models.BigIntegerField(null=True)
    bounced = models.BooleanField()

    class Meta:
        managed = False
        db_table = "contact_row"

    def __str__(self) -> str:
        return str(self.id)


class ReadingRow(models.Model):
    """How the intake read a contact: the likeliest service goal, in thousandths. `verdict` as `reading.ReadVerdict`."""

    contact = models.BigIntegerField(primary_key=True)
    case_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    verdict = models.TextField()
    model = models.TextField()
    goal = models.TextField()
    permille = models.SmallIntegerField()

    class Meta:
        managed = False
        db_table = "contact_reading"

    def __str__(self) -> str:
        return str(self.contact)
