"""Who works here: users with roles, skills and teams, the teams, and the calendars of business time. Each change is
audited.
"""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from caseloom.engine.calendar import CalendarFault

ROLES = (
    ("agent", _("Agent")),
    ("supervisor", _("Supervisor")),
    ("process owner", _("Process owner")),
    ("administrator", _("Administrator")),
)
"""The roles that carry rights in Caseloom itself. A house adds roles of its own for its rules (`team lead`,
`technician`).
"""


class Change(models.Model):
    """One change of a staff record: who, when, what, from what to what."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=80)
    record = models.CharField(max_length=160)
    field = models.CharField(max_length=80)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["record", "-at"])]

    def __str__(self) -> str:
        return f"{self.record}: {self.field}"


class Audited(models.Model):
    """Saves tell what they change; set `changed_by` to the actor's id before saving."""

    unaudited: ClassVar[frozenset[str]] = frozenset({"last_login", "password"})
    changed_by = "program:caseloom"

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            before = self._stored()
            super().save(*args, **kwargs)
            Change.objects.bulk_create(self._changes(before))

    def _stored(self) -> dict[str, Any]:
        row: dict[str, Any] | None = type(self)._base_manager.filter(pk=self.pk).values().first()  # type: ignore[assignment]
        return row or {}

    def _changes(self, before: dict[str, Any]) -> list[Change]:
        after = self._stored()
        record = f"{self._meta.model_name} {self.pk}"
        return [
            Change(
                actor=self.changed_by,
                record=record,
                field=name,
                before=str(before.get(name, "")),
                after=str(value),
            )
            for name, value in after.items()
            if name not in self.unaudited and value != before.get(name) and (before or value)
        ]


class Team(Audited):
    """A group that shares a worklist. Cases of a confidential team are seen by its members and by supervisors alone."""

    key = models.CharField(max_length=80, primary_key=True)
    title = models.CharField(max_length=160)
    confidential = models.BooleanField(default=False)
    calendar = models.CharField(max_length=80, default="office")

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        known = sorted(Calendar.objects.values_list("key", flat=True))
        if self.calendar not in ("office", *known):
            says = _("There is no calendar “%(key)s”. Known are: %(known)s.")
            raise ValidationError({"calendar": says % {"key": self.calendar, "known": ", ".join(known) or "office"}})


class User(Audited, AbstractUser):
    """A person who works here. `roles`, `skills` and `teams` hold keys, as rules name them."""

    roles = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    skills = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    teams = ArrayField(models.CharField(max_length=80), default=list, blank=True)

    @property
    def actor_id(self) -> str:
        """The pseudonymous id under which events know this person."""
        return f"agent:{self.pk}"

    @property
    def display_name(self) -> str:
        return self.get_full_name() or self.username

    @property
    def initials(self) -> str:
        words = self.display_name.split()
        return (
            "".join(word[0] for word in (words[0], words[-1]) if word).upper()
            if len(words) > 1
            else self.display_name[:2].upper()
        )


def _office_week() -> dict[str, list[list[str]]]:
    return {day: [["08:00", "18:00"]] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}


class Calendar(Audited):
    """Business time of a team or house. `weekly` is weekday → list of [opens, closes]; `exceptions` date → the same
    list.
    """

    key = models.CharField(max_length=80, primary_key=True)
    zone = models.CharField(max_length=80, default="Europe/Berlin")
    weekly = models.JSONField(default=_office_week)
    region = models.CharField(
        max_length=20,
        blank=True,
        help_text=_("Country, or country-subdivision, of the public holidays: DE, DE-BY"),
    )
    exceptions = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return self.key

    def clean(self) -> None:
        from caseloom.staff.calendars import calendar_from  # it reads these models

        if not isinstance(self.weekly, dict) or not isinstance(self.exceptions, dict):
            raise ValidationError(_('A week is written like {"monday": [["08:00", "12:00"], ["13:00", "17:00"]]}.'))
        try:
            calendar_from(self.zone, self.weekly, self.region, self.exceptions)
        except CalendarFault as fault:
            raise ValidationError(str(fault)) from fault
        if not any(self.weekly.values()):
            raise ValidationError(_("A calendar without an open slot never opens: give at least one weekday a slot."))


class ApiToken(Audited):
    """A token for the API: only its digest is kept. It has the rights of its user, narrowed to reading where
    `read_only`.
    """

    unaudited = frozenset({"last_used_at", "digest"})

    digest = models.CharField(max_length=64, unique=True)
    title = models.CharField(max_length=160)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    read_only = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.title
