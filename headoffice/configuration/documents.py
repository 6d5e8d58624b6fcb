"""What a kiosk is told to be, in one document."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import msgspec

from headoffice.configuration.models import StoredFile
from headoffice.configuration.rules import Rules, Source
from headoffice.configuration.scopes import KioskPlace
from headoffice.fleet.models import HeadOffice
from headoffice.questionnaires.models import Version
from sync.configuration import (
    NONE,
    Configuration,
    FileEntry,
    ScheduleEntry,
    configuration_digest,
)

QUESTIONNAIRE = "questionnaire"
"""Locks the choice of the questionnaire; its value is the schedule."""
FILE_SETTINGS = ("brand.logo", "brand.background", "screen.fonts")
"""Whose values are names of stored files."""


class Document(NamedTuple):
    """A kiosk's document, ready to be sent."""

    digest: str = NONE
    """Empty: nothing is said, and the kiosk's own files hold."""
    body: bytes = b""
    files: tuple[str, ...] = ()
    """Digests of those it names."""


class Library:
    """What documents are made of beside the rules; each thing is read once."""

    def __init__(self) -> None:
        self.head_office = HeadOffice.identity()
        self._definitions: dict[int, dict[str, Any] | None] = {}
        self._files: dict[str, FileEntry] | None = None

    def definition(self, version: int) -> dict[str, Any] | None:
        """As in a questionnaire file; None if it is not known here."""
        if version not in self._definitions:
            text = Version.objects.filter(pk=version).values_list("definition", flat=True).first()
            self._definitions[version] = None if text is None else msgspec.json.decode(text)
        return self._definitions[version]

    def file(self, name: str) -> FileEntry | None:
        """The stored file of this name."""
        if self._files is None:
            rows = StoredFile.objects.values_list("name", "digest", "size")
            self._files = {n: FileEntry(digest=d, name=n, size=s) for n, d, s in rows}
        return self._files.get(name)


Builder = Callable[[KioskPlace], Document]


def builder(rules: Rules, library: Library, now_ms: int) -> Builder:
    """Makes the document of each kiosk by these rules at this instant.

    What has ended is left out. Kiosks of one place share the work.
    """
    parts: dict[tuple[str, ...], Configuration | None] = {}

    def build(place: KioskPlace) -> Document:
        own = place.chain[0]
        is_own = own in rules.settings or own in rules.schedules
        chain = place.chain if is_own else place.chain[1:]
        if chain not in parts:
            parts[chain] = _common_part(rules, chain, library, now_ms)
        common = parts[chain]
        if common is None:
            return Document()
        whole = msgspec.structs.replace(common, kiosk=place.uuid)
        body = msgspec.json.encode(whole, order="deterministic")
        files = tuple(entry.digest for entry in whole.files)
        return Document(configuration_digest(body), body, files)

    return build


def _common_part(
    rules: Rules, chain: tuple[str, ...], library: Library, now_ms: int
) -> Configuration | None:
    """What all kiosks of a chain are told; None: nothing."""
    said = rules.effective(chain)
    schedule = [
        ScheduleEntry(definition=form, begins_ms=entry.begins_ms, ends_ms=entry.ends_ms)
        for entry, _scope in rules.effective_schedule(chain)
        if (entry.ends_ms is None or entry.ends_ms > now_ms)
        and (form := library.definition(entry.version)) is not None
    ]
    settings = nested_settings(said)
    locks = tuple(sorted(name for name, source in said.items() if source.locks))
    if not settings and not locks and not schedule:
        return None
    files = (library.file(name) for name in file_names(said))
    return Configuration(
        configuration="hymio",
        head_office=library.head_office,
        kiosk="",
        settings=settings,
        locks=locks,
        schedule=tuple(schedule),
        files=tuple(entry for entry in files if entry is not None),
    )


def nested_settings(said: dict[str, Source]) -> dict[str, Any]:
    """Settings in their sections, as in a settings file."""
    found: dict[str, Any] = {}
    for name, source in sorted(said.items()):
        if source.value is None or name == QUESTIONNAIRE:
            continue
        section, dot, key = name.rpartition(".")
        (found.setdefault(section, {}) if dot else found)[key] = source.value
    return found


def file_names(said: dict[str, Source]) -> Iterable[str]:
    """The files that settings name, each once."""
    names: list[str] = []
    for setting in FILE_SETTINGS:
        value = said[setting].value if setting in said else None
        names += [value] if isinstance(value, str) else list(value or ())
    return dict.fromkeys(name for name in names if name)
