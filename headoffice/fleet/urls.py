"""Addresses of the tree and of where kiosks stand."""

from django.urls import path

from headoffice.fleet import structure

urlpatterns = [
    path("kiosks/<int:kiosk>/move", structure.move_kiosk, name="move-kiosk"),
    path("structure/", structure.structure, name="structure"),
    path("structure/group", structure.new_group, name="new-group"),
    path("structure/group/<int:group>", structure.edit_group, name="edit-group"),
    path("structure/place", structure.new_place, name="new-place"),
    path("structure/place/<int:point>", structure.edit_place, name="edit-place"),
    path("structure/places.csv", structure.export, name="structure-csv"),
    path("structure/import", structure.preview, name="structure-import"),
    path("structure/import/carry-out", structure.carry_out, name="structure-carry-out"),
]
