"""All routes of the product."""

from django.conf.urls.i18n import urlpatterns as language
from django.contrib import admin
from django.urls import include, path

from caseloom.config.health import health
from caseloom.web.home import home
from caseloom.web.live.views import live

urlpatterns = [
    path("", home, name="home"),
    path("healthz", health, name="health"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("language/", include(language)),
    path("desk/", include("caseloom.web.desk.urls")),
    path("live/", live, name="live"),
    path("board/", include("caseloom.web.board.urls")),
    path("studio/", include("caseloom.web.studio.urls")),
    path("portal/", include("caseloom.web.portal.urls")),
    path("", include("caseloom.web.api.urls")),
]

handler404 = "caseloom.web.desk.pages.nothing_here"
