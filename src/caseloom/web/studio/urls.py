"""The routes of the studio. A definition's key may hold a slash, so that it is taken as a path."""

from django.urls import path

from caseloom.web.studio import editor, views

app_name = "studio"
urlpatterns = [
    path("", views.studio, name="studio"),
    path("<path:key>/write/", editor.write, name="write"),
    path("<path:key>/complete/", editor.complete, name="complete"),
    path("<path:key>/try/", editor.try_it, name="try"),
    path("<path:key>/publish/", editor.publish, name="publish"),
    path("<path:key>/", views.definition, name="definition"),
]
