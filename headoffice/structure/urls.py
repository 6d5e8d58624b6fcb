"""Addresses of the tree and of where kiosks stand."""

from django.urls import path

from headoffice.structure import code_pages, pages

urlpatterns = [
    path("kiosks/code", code_pages.codes, name="new-code"),
    path("kiosks/code/withdraw", code_pages.withdraw, name="withdraw-codes"),
    path("kiosks/code/<uuid:batch>", code_pages.sheet, name="code-sheet"),
    path("kiosks/code/<uuid:batch>.csv", code_pages.csv, name="code-csv"),
    path("kiosks/code/<uuid:batch>.toml", code_pages.setup_file, name="code-setup"),
    path("kiosks/<int:kiosk>/replace", code_pages.replace, name="replace-kiosk"),
    path("kiosks/<int:kiosk>/move", pages.move_kiosk, name="move-kiosk"),
    path("structure/", pages.structure, name="structure"),
    path("structure/group", pages.new_group, name="new-group"),
    path("structure/group/<int:group>", pages.edit_group, name="edit-group"),
    path("structure/place", pages.new_place, name="new-place"),
    path("structure/place/<int:point>", pages.edit_place, name="edit-place"),
    path("structure/places.csv", pages.export_csv, name="structure-csv"),
    path("structure/import", pages.preview, name="structure-import"),
    path("structure/import/carry-out", pages.carry_out_import, name="structure-carry-out"),
]
