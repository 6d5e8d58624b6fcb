"""Addresses of questionnaires that are written here."""

from django.urls import path

from headoffice.authoring import draft_pages, file_pages, pages

urlpatterns = [
    path("questionnaires/", pages.questionnaires, name="questionnaires"),
    path("questionnaires/new", pages.new, name="new-questionnaire"),
    path("questionnaires/import", file_pages.import_file, name="import-questionnaire"),
    path("questionnaires/compare", file_pages.compare_versions, name="compare-versions"),
    path("questionnaires/drafts/<int:draft>/file", file_pages.draft_file, name="draft-file"),
    path(
        "questionnaires/versions/<int:version>/file", file_pages.version_file, name="version-file"
    ),
    path("questionnaires/drafts/<int:draft>", draft_pages.edit, name="draft"),
    path("questionnaires/drafts/<int:draft>/basics", draft_pages.basics, name="draft-basics"),
    path("questionnaires/drafts/<int:draft>/arrange", draft_pages.arrange, name="arrange-draft"),
    path("questionnaires/drafts/<int:draft>/publish", draft_pages.publish, name="publish-draft"),
    path("questionnaires/drafts/<int:draft>/remove", draft_pages.remove, name="remove-draft"),
    path("questionnaires/versions/<int:version>", pages.version, name="version"),
    path("questionnaires/versions/<int:version>/draft", pages.begin_draft, name="version-draft"),
]
