"""The routes of the portal: those of a signed link, and the same for who signed in with a mailed code."""

from django.urls import path

from caseloom.web.portal import sign_in, views

app_name = "portal"
urlpatterns = [
    path("", views.matters, name="matters"),
    path("enter/", sign_in.enter, name="enter"),
    path("code/", sign_in.code, name="code"),
    path("leave/", sign_in.leave, name="leave"),
    path("start/<str:key>/", views.start, name="start"),
    path("matters/<stream:case>/", views.matter, name="matter"),
    path("matters/<stream:case>/do/<str:command>/", views.do, name="do"),
    path("matters/<stream:case>/write/", views.write, name="write"),
    path("matters/<stream:case>/task/<stream:item>/", views.task, name="task"),
    path("link/<str:token>/", views.matter, name="link"),
    path("link/<str:token>/do/<str:command>/", views.do, name="link_do"),
    path("link/<str:token>/write/", views.write, name="link_write"),
    path("link/<str:token>/task/<stream:item>/", views.task, name="link_task"),
]
