"""Every address of the head office."""

from django.urls import include, path

from headoffice.api import live as api_live
from headoffice.api import pages as api_pages
from headoffice.api.openapi import addresses
from headoffice.export import views as export
from headoffice.fleet import api as fleet_api
from headoffice.fleet import views as fleet
from headoffice.ingest import views as ingest
from headoffice.results import live as results
from headoffice.results import pages, wall
from headoffice.telemetry import views as telemetry
from headoffice.web.hosts import bad_request
from headoffice.web.problems import page_not_found, server_error
from headoffice.web.style import style

_kiosk = [
    path("enrolment", fleet_api.enrol),
    path("credential", fleet_api.renew),
    path("batches", ingest.batches),
    path("heartbeats", ingest.heartbeats),
    path("questionnaires/<str:digest>", ingest.definition),
]
_export = [
    path("", export.new, name="export-new"),
    path("<uuid:export>", export.show, name="export"),
    path("<uuid:export>/progress", export.progress, name="export-progress"),
    path("<uuid:export>/cancel", export.cancel, name="export-cancel"),
    path("<uuid:export>/file", export.download, name="export-file"),
]
_api = [
    *addresses(),
    path("live", api_live.live, name="api-live"),
    path("openapi.json", api_pages.openapi_document, name="api-document"),
    path("", api_pages.reading, name="api-reading"),
]
urlpatterns = [
    path("api/v1/", include(_api)),
    path("live/events", api_live.events, name="live-events"),
    path("tokens/", api_pages.tokens, name="tokens"),
    path("tokens/<int:token>/revoke", api_pages.revoke_page, name="revoke-token"),
    path("metrics", telemetry.metrics, name="metrics"),
    path("api/kiosk/v1/", include(_kiosk)),
    path("style.css", style, name="style"),
    path("", include("headoffice.people.urls")),
    path("", include("headoffice.structure.urls")),
    path("", results.today_page, name="today"),
    path("live", results.today_figures, name="live"),
    path("results/", pages.overview, name="overview"),
    path("results/place", pages.place, name="place"),
    path("results/compare", pages.compare, name="compare"),
    path("results/questions", pages.questions, name="questions"),
    path("results/comments", pages.comments, name="comments"),
    path(
        "results/comments/<int:kiosk>/<uuid:response>/erase",
        pages.erase_contact,
        name="erase-contact",
    ),
    path("wall", wall.wall, name="wall"),
    path("wall/now", wall.wall_figures, name="wall-now"),
    path("kiosks/", fleet.kiosks, name="kiosks"),
    path("kiosks/code", fleet.new_code, name="new-code"),
    path("kiosks/<int:kiosk>/pin", fleet.recover_pin, name="recover-pin"),
    path("kiosks/<int:kiosk>/revoke", fleet.revoke, name="revoke"),
    path("export/", include(_export)),
]
handler400 = bad_request
handler404 = page_not_found
handler500 = server_error
