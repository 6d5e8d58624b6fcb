"""Every address of the head office."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from headoffice.accounts.scope import for_anyone
from headoffice.api import live as api_live
from headoffice.api import pages as api_pages
from headoffice.api.openapi import addresses
from headoffice.export import views as export
from headoffice.fleet import api as fleet_api
from headoffice.fleet import views as fleet
from headoffice.ingest import views as ingest
from headoffice.questionnaires import views as questionnaires
from headoffice.results import pages, wall
from headoffice.results import views as results
from headoffice.telemetry import views as telemetry


@for_anyone
def _health(request: HttpRequest) -> HttpResponse:
    del request
    return HttpResponse("ok\n", content_type="text/plain")


_kiosk = [
    path("enrolment", fleet_api.enrol),
    path("credential", fleet_api.renew),
    path("batches", ingest.batches),
    path("heartbeats", ingest.heartbeats),
    path("questionnaires/<str:digest>", questionnaires.definition),
]
_export = [
    path("", export.new, name="export-new"),
    path("<uuid:export>", export.one, name="export"),
    path("<uuid:export>/progress", export.progress, name="export-progress"),
    path("<uuid:export>/cancel", export.cancel, name="export-cancel"),
    path("<uuid:export>/file", export.download, name="export-file"),
]
_api = [
    *addresses(),
    path("live", api_live.live, name="api-live"),
    path("openapi.json", api_pages.document, name="api-document"),
    path("", api_pages.reading, name="api-reading"),
]
urlpatterns = [
    path("api/v1/", include(_api)),
    path("live/events", api_live.events, name="live-events"),
    path("tokens/", api_pages.tokens, name="tokens"),
    path("tokens/<int:token>/revoke", api_pages.revoke, name="revoke-token"),
    path("metrics", telemetry.metrics, name="metrics"),
    path("api/kiosk/v1/", include(_kiosk)),
    path("health", _health),
    path("", include("headoffice.accounts.urls")),
    path("", include("headoffice.fleet.urls")),
    path("", results.today, name="today"),
    path("live", results.live, name="live"),
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
    path("wall/now", wall.now, name="wall-now"),
    path("kiosks/", fleet.kiosks, name="kiosks"),
    path("kiosks/code", fleet.new_code, name="new-code"),
    path("kiosks/<int:kiosk>/revoke", fleet.revoke, name="revoke"),
    path("export/", include(_export)),
]
handler400 = "headoffice.problems.bad_request"
handler404 = "headoffice.problems.not_found"
handler500 = "headoffice.problems.server_error"
