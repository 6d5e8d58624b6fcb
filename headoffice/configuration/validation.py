"""Whether kiosks can take what they would be told: their own rules, and the fit of each.

What a kiosk's own file says is not known here: rules between two settings are held to what is said
from here alone. The kiosk checks again, with all that it has.
"""

import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from assets.fonts import Typeface
from assets.letters import Fonts
from config.errors import Mistake
from config.font_file import UnusableFontError
from config.kinds import texts
from config.loader import settings_mistakes
from config.panel_room import room_mistakes
from config.questionnaire import Questionnaire
from config.rules import questionnaire_mistakes
from headoffice.configuration.catalogue import is_own
from headoffice.configuration.documents import FILE_SETTINGS
from headoffice.configuration.models import KioskReport, StoredFile
from sync.configuration import MAX_CONFIGURATION_BYTES, MAX_FILES, MAX_SCHEDULE, Configuration

_MOST_LETTERS = 12


class PanelSize(NamedTuple):
    """Of the visible panel, in mm."""

    width: float
    height: float


def panel_sizes() -> dict[int, PanelSize]:
    """The panels of kiosks that have told how large theirs is."""
    found = {}
    for kiosk, panel in KioskReport.objects.exclude(panel=None).values_list("kiosk", "panel"):
        if panel and panel.get("width_mm") and panel.get("height_mm"):
            found[kiosk] = PanelSize(panel["width_mm"], panel["height_mm"])
    return found


class Validator:
    """Checks documents; what many kiosks have in common is checked once."""

    def __init__(self) -> None:
        self._settings: dict[bytes, tuple[Mistake, ...]] = {}
        self._forms: dict[bytes, tuple[Mistake, ...]] = {}
        self._fit: dict[tuple[bytes, PanelSize], tuple[Mistake, ...]] = {}

    def mistakes(self, body: bytes, panel: PanelSize | None) -> tuple[str, ...]:
        """All that is wrong with a document for a kiosk with this panel; English."""
        if not body:
            return ()
        if len(body) > MAX_CONFIGURATION_BYTES:
            return (f"the document has {len(body)} bytes; allowed: {MAX_CONFIGURATION_BYTES}",)
        document = msgspec.json.decode(body, type=Configuration)
        return tuple(dict.fromkeys(map(str, self._all(document, panel))))

    def _all(self, document: Configuration, panel: PanelSize | None) -> Iterator[Mistake]:
        yield from self._setting_mistakes(document.settings)
        fonts = tuple(document.settings.get("screen", {}).get("fonts", ()))
        for entry in document.schedule:
            key = msgspec.json.encode((entry.definition, fonts), order="deterministic")
            if key not in self._forms:
                self._forms[key] = tuple(_form_mistakes(entry.definition, fonts))
            yield from self._forms[key]
            if panel is not None and not self._forms[key]:
                fit = key, panel
                if fit not in self._fit:
                    form = msgspec.convert(entry.definition, Questionnaire)
                    self._fit[fit] = tuple(
                        replace(mistake, path=f"{form.title}: {mistake.path}")
                        for mistake in room_mistakes(form, *panel)
                    )
                yield from self._fit[fit]
        if len(document.files) > MAX_FILES or len(document.schedule) > MAX_SCHEDULE:
            hint = f"allowed: {MAX_FILES} files and {MAX_SCHEDULE} questionnaires"
            yield Mistake("", f"{len(document.files)} and {len(document.schedule)}", hint)

    def _setting_mistakes(self, settings: dict[str, Any]) -> tuple[Mistake, ...]:
        key = msgspec.json.encode(settings, order="deterministic")
        if key not in self._settings:
            self._settings[key] = tuple(_setting_mistakes(settings))
        return self._settings[key]


def _setting_mistakes(settings: dict[str, Any]) -> Iterator[Mistake]:
    for section, value in settings.items():
        for name in (
            (f"{section}.{key}" for key in value) if isinstance(value, dict) else (section,)
        ):
            if is_own(name):
                yield Mistake(name, "said from afar", "only the kiosk's own file says it")
    with _stored_files(settings) as folder:
        yield from settings_mistakes(settings, folder)


@contextmanager
def _stored_files(settings: dict[str, Any]) -> Iterator[Path]:
    """A folder with the stored files that settings name, while they are checked."""
    names: list[str] = []
    for setting in FILE_SETTINGS:
        section, _dot, key = setting.partition(".")
        table = settings.get(section)
        value = table.get(key) if isinstance(table, dict) else None
        names += [value] if isinstance(value, str) else list(value or ())
    with tempfile.TemporaryDirectory(prefix="hymio-files-") as path:
        for row in StoredFile.objects.filter(name__in=names) if any(names) else ():
            Path(path, row.name).write_bytes(bytes(row.content))
        yield Path(path)


def _form_mistakes(definition: dict[str, Any], fonts: tuple[str, ...]) -> Iterator[Mistake]:
    try:
        form = msgspec.convert(definition, Questionnaire)
    except msgspec.ValidationError as error:
        yield Mistake("questionnaire", str(error), "it has to be one that kiosks know")
        return
    for mistake in questionnaire_mistakes(form.languages, form.questions):
        yield replace(mistake, path=f"{form.title}: {mistake.path}")
    with _stored_files({"screen": {"fonts": fonts}}) as folder:
        typefaces = [Typeface(name, folder / name, folder / name) for name in fonts]
        known = Fonts((*Fonts().typefaces, *typefaces))
        try:
            yield from _letter_mistakes(form, known)
        except UnusableFontError:
            # The settings' own rules tell which file it is.
            return


def _letter_mistakes(form: Questionnaire, fonts: Fonts) -> Iterator[Mistake]:
    for index, question in enumerate(form.questions):
        for path, translations in texts(question):
            for language, text in translations.items():
                if missing := fonts.missing(text):
                    letters = ", ".join(
                        f"{letter} ({unicodedata.name(letter, f'U+{ord(letter):04X}')})"
                        for letter in missing[:_MOST_LETTERS]
                    )
                    yield Mistake(
                        f"{form.title}: questions[{index}].{path}.{language}",
                        f"letters that no font has: {letters}",
                        "send a font file with them along (screen.fonts)",
                    )
