"""Addresses of settings and roll-outs."""

from django.urls import path

from headoffice.configuration import pages, roll_out_pages

urlpatterns = [
    path("settings/<str:scope>", pages.settings_page, name="settings"),
    path("roll-outs/", roll_out_pages.roll_outs, name="roll-outs"),
    path("roll-outs/release", pages.release, name="release"),
    path("roll-outs/<int:roll_out>", roll_out_pages.roll_out, name="roll-out"),
    path("roll-outs/<int:roll_out>/undo", roll_out_pages.undo, name="undo-roll-out"),
    path("roll-outs/<int:roll_out>/resume", roll_out_pages.resume, name="resume-roll-out"),
    path("roll-outs/<int:roll_out>/hasten", roll_out_pages.hasten, name="hasten-roll-out"),
]
