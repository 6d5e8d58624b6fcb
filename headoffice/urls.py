"""Every address of the head office."""

from django.urls import include, path

from headoffice.api import live as api_live
from headoffice.api import pages as api_pages
from headoffice.api.openapi import addresses
from headoffice.configuration import api as configuration_api
from headoffice.export import views as export
from headoffice.fleet import api as fleet_api
from headoffice.fleet import views as fleet
from headoffice.health import bulk_actions
from headoffice.health import pages as health
from headoffice.ingest import views as ingest
from headoffice.results import choosing, compare_page, note_pages, pages, shop_page, wall
from headoffice.results import live as results
from headoffice.results.explanations import help_page
from headoffice.telemetry import views as telemetry
from headoffice.walls import pages as walls
from headoffice.web.hosts import bad_request
from headoffice.web.problems import page_not_found, server_error
from headoffice.web.style import NAME, style

_kiosk = [
    path("enrolment", fleet_api.enrol),
    path("credential", fleet_api.renew),
    path("batches", ingest.batches),
    path("heartbeats", ingest.heartbeats),
    path("configuration", configuration_api.configuration),
    path("files/<str:digest>", configuration_api.file),
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
    path(NAME, style, name="style"),
    path("", include("headoffice.people.urls")),
    path("", include("headoffice.structure.urls")),
    path("", include("headoffice.authoring.urls")),
    path("", include("headoffice.configuration.urls")),
    path("", results.today_page, name="today"),
    path("live", results.today_figures, name="live"),
    path("shop/", shop_page.shop, name="shop"),
    path("shop/goal", shop_page.set_goal, name="set-goal"),
    path("results/", pages.overview, name="overview"),
    path("results/help", help_page, name="help"),
    path("results/place", pages.place, name="place"),
    path("results/choose", choosing.choose, name="choose"),
    path("results/places.json", choosing.place_tree, name="place-tree"),
    path("results/compare", compare_page.compare, name="compare"),
    path("results/notes", note_pages.notes, name="notes"),
    path("results/notes/new", note_pages.add_note, name="add-note"),
    path("results/notes/<int:note>", note_pages.edit_note, name="edit-note"),
    path("results/notes/<int:note>/remove", note_pages.remove_note, name="remove-note"),
    path("results/questions", pages.questions, name="questions"),
    path("results/comments", pages.comments, name="comments"),
    path(
        "results/comments/<int:kiosk>/<uuid:response>/erase",
        pages.erase_contact,
        name="erase-contact",
    ),
    path("wall", wall.wall, name="wall"),
    path("wall/now", wall.wall_figures, name="wall-now"),
    path("walls/", walls.walls, name="walls"),
    path("walls/make", walls.make, name="make-wall-link"),
    path("walls/<int:link>/withdraw", walls.withdraw, name="withdraw-wall-link"),
    path("w/<str:secret>", walls.linked_wall, name="linked-wall"),
    path("w/<str:secret>/now", walls.linked_figures, name="linked-wall-now"),
    path("kiosks/", health.kiosks, name="kiosks"),
    path("kiosks/<int:kiosk>", health.kiosk, name="kiosk"),
    path("kiosks/bulk", bulk_actions.bulk_action, name="bulk-action"),
    path("kiosks/bulk/result", bulk_actions.bulk_action_result, name="bulk-action-result"),
    path("kiosks/<int:kiosk>/command", fleet.command, name="kiosk-command"),
    path("kiosks/<int:kiosk>/pin", fleet.recover_pin, name="recover-pin"),
    path("kiosks/<int:kiosk>/revoke", fleet.revoke, name="revoke"),
    path("kiosks/<int:kiosk>/restore", fleet.restore, name="restore-kiosk"),
    path("export/", include(_export)),
]
handler400 = bad_request
handler404 = page_not_found
handler500 = server_error
