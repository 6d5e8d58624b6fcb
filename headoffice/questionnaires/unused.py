"""Questionnaires that were brought up and never answered, and how they are removed."""

from typing import NamedTuple

from headoffice.db.queries import fetch_all
from headoffice.db.write_lock import exclusive_write
from headoffice.fleet.models import Kiosk
from headoffice.questionnaires.models import Publication, Version


class KnownVersion(NamedTuple):
    """One version as it is stored."""

    pk: int
    digest: str
    title: str
    """Empty while the definition is unknown."""
    kiosk: int | None
    """Who brought it up first; None: it was written at the head office."""
    used: bool
    """Whether something stored is about it, a kiosk shows it, or it is offered to kiosks."""


def known_versions() -> list[KnownVersion]:
    """All of them; reads every stored message, which takes its time."""
    said = fetch_all("SELECT DISTINCT version FROM ingest_storedmessage")
    answered = {version for (version,) in said}
    answered |= set(Publication.objects.values_list("version", flat=True))
    shown = set(Kiosk.objects.values_list("questionnaire", flat=True))
    rows = Version.objects.order_by("pk").values_list("pk", "digest", "title", "first_kiosk")
    return [
        KnownVersion(pk, digest, title, kiosk, pk in answered or digest in shown)
        for pk, digest, title, kiosk in rows
    ]


def remove_unused() -> int:
    """Remove those that nothing stored is about and no kiosk shows; how many there were."""
    with exclusive_write():
        unused = [version.pk for version in known_versions() if not version.used]
        for at in range(0, len(unused), 500):
            Version.objects.filter(pk__in=unused[at : at + 500]).delete()
    return len(unused)
