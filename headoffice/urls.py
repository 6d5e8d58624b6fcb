"""Every address of the head office."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.i18n import set_language

from headoffice.accounts.scope import for_anyone
from headoffice.fleet import api as fleet_api
from headoffice.fleet import views as fleet
from headoffice.ingest import views as ingest
from headoffice.questionnaires import views as questionnaires
from headoffice.results import pages, wall
from headoffice.results import views as results


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
urlpatterns = [
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
    path("wall", wall.wall, name="wall"),
    path("wall/now", wall.now, name="wall-now"),
    path("language", for_anyone(set_language), name="set-language"),
    path("kiosks/", fleet.kiosks, name="kiosks"),
    path("kiosks/code", fleet.new_code, name="new-code"),
    path("kiosks/<int:kiosk>/revoke", fleet.revoke, name="revoke"),
]
handler400 = "headoffice.problems.bad_request"
handler404 = "headoffice.problems.not_found"
handler500 = "headoffice.problems.server_error"
