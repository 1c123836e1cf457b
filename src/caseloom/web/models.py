"""What the screens keep for themselves: nothing of a case, only what signing in needs."""

from django.db import models


class MailedCode(models.Model):
    """A code that was mailed to a customer who signs in to the portal."""

    customer = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    tries = models.SmallIntegerField(default=0)
    used = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["customer", "made_at"], name="mailed_code_recent")]

    def __str__(self) -> str:
        return str(self.pk)
