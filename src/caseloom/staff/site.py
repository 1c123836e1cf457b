"""The administration's site: open to those who may manage staff, by the one policy of rights."""

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class HouseSite(AdminSite):
    """Django's administration with our rights."""

    site_title = site_header = _("Caseloom administration")
    index_title = _("Staff, teams, calendars, tokens")

    def has_permission(self, request: HttpRequest) -> bool:
        from caseloom.staff.admin import may

        return bool(request.user.is_active) and may(request, "manage staff")


class HouseAdmin(AdminConfig):
    """Puts the site in the place of Django's own."""

    default_site = "caseloom.staff.site.HouseSite"
