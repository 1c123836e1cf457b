"""Administration: staff, teams, calendars, API tokens, the record of changes. Rights are those of `staff.access`."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caseloom.sdk.access import Right
from caseloom.staff.access import of_user
from caseloom.staff.models import ApiToken, Calendar, Change, Team, User
from caseloom.staff.tokens import digest, new_token


def may(request: HttpRequest, right: Right) -> bool:
    """Whether the person behind this request has the right."""
    return isinstance(request.user, User) and of_user(request.user).may(right)


class Administered:
    """Who administers is asked of the one policy, not of Django's own permissions."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may(request, "manage staff")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request, "manage staff")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request, "manage staff")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request, "manage staff")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request, "manage staff")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Tell the audit who did it."""
        if isinstance(request.user, User):
            obj.changed_by = request.user.actor_id
        obj.save()


@admin.register(User)
class StaffUsers(Administered, UserAdmin):  # type: ignore[type-arg]
    """People who work here. A person who leaves is made inactive: their work stays told."""

    list_display = ("username", "first_name", "last_name", "roles", "teams", "is_active")
    list_filter = ("is_active",)
    search_fields = ("username", "first_name", "last_name", "email")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (gettext_lazy("Person"), {"fields": ("first_name", "last_name", "email", "is_active")}),
        (
            gettext_lazy("Work"),
            {
                "fields": ("roles", "teams", "skills"),
                "description": gettext_lazy(
                    "By commas. Roles with rights: agent, supervisor, process owner, administrator; a house has "
                    "further roles of its own for its rules. Teams and skills by the keys of the house rules."
                ),
            },
        ),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("username", "usable_password", "password1", "password2", "roles", "teams"),
            },
        ),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who has worked here stays in the record; make them inactive instead."""
        return False


@admin.register(Team)
class Teams(Administered, admin.ModelAdmin):  # type: ignore[type-arg]
    """Teams."""

    list_display = ("title", "key", "confidential", "calendar")


@admin.register(Calendar)
class Calendars(Administered, admin.ModelAdmin):  # type: ignore[type-arg]
    """Calendars of business time."""

    list_display = ("key", "zone", "region")


@admin.register(ApiToken)
class Tokens(Administered, admin.ModelAdmin):  # type: ignore[type-arg]
    """API tokens. The text of a token is shown once, when it is made."""

    list_display = ("title", "user", "read_only", "created_at", "last_used_at", "expires_at")
    fields = ("title", "user", "read_only", "expires_at")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Make the token, and tell its text this one time."""
        if not change:
            text = new_token()
            obj.digest = digest(text)
            messages.warning(request, _("The token, shown this once: %s") % text)
        super().save_model(request, obj, form, change)


@admin.register(Change)
class Changes(Administered, admin.ModelAdmin):  # type: ignore[type-arg]
    """Who changed what."""

    list_display = ("at", "actor", "record", "field", "before", "after")
    search_fields = ("record", "actor")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


admin.site.unregister(Group)
