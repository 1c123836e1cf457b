"""The routes of the studio. A definition's key may hold a slash, so that it is taken as a path."""

from django.urls import path

from caseloom.web.studio import (
    bench,
    creating,
    differently,
    editor,
    learned,
    modelling,
    playing,
    releasing,
    running,
    views,
)

app_name = "studio"
urlpatterns = [
    path("", views.studio, name="studio"),
    path("new/", creating.new, name="new"),
    path("learned/", learned.learned, name="learned"),
    path("learned/roll-back/", learned.roll_back, name="roll-back"),
    path("learned/openings/", learned.openings, name="openings"),
    path("<path:key>/edit/", bench.edit, name="edit"),
    path("<path:key>/change/", bench.change, name="change"),
    path("<path:key>/save/", bench.save, name="save"),
    path("<path:key>/faults/", bench.faults, name="faults"),
    path("<path:key>/draw/", modelling.draw, name="draw"),
    path("<path:key>/table/", modelling.table, name="table"),
    path("<path:key>/form/", modelling.form, name="form"),
    path("<path:key>/play/", playing.play, name="play"),
    path("<path:key>/play/do/", playing.act, name="act"),
    path("<path:key>/versions/", releasing.versions, name="versions"),
    path("<path:key>/running/", running.running, name="running"),
    path("<path:key>/running/go/", running.run, name="run"),
    path("<path:key>/differently/", differently.differently, name="differently"),
    path("<path:key>/differently/<int:number>/draft/", differently.make_draft, name="make-draft"),
    path("<path:key>/differently/<int:number>/answer/", differently.answer, name="answer-proposal"),
    path("<path:key>/release/", releasing.release, name="release"),
    path("<path:key>/release/living/", releasing.living, name="living"),
    path("<path:key>/release/try/", releasing.try_on_past, name="try-draft"),
    path("<path:key>/release/publish/", releasing.publish, name="publish-draft"),
    path("<path:key>/release/withdraw/", releasing.take_back, name="withdraw"),
    path("<path:key>/write/", editor.write, name="write"),
    path("<path:key>/complete/", editor.complete, name="complete"),
    path("<path:key>/try/", editor.try_it, name="try"),
    path("<path:key>/publish/", editor.publish, name="publish"),
    path("<path:key>/take-away/", editor.take_away, name="take-away"),
    path("<path:key>/", views.definition, name="definition"),
]
