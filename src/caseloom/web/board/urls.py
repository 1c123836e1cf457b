"""The routes of the board."""

from django.urls import path

from caseloom.web.board import knowledge, views

app_name = "board"
urlpatterns = [
    path("", views.board, name="board"),
    path("knowledge/", knowledge.gaps, name="knowledge"),
    path("cases/<str:figure>/", views.behind, name="behind"),
]
