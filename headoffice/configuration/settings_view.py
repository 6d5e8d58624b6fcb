"""What the page of settings shows: each setting, what is said of it here, and what holds else."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from headoffice.configuration import files
from headoffice.configuration.catalogue import SETTINGS, Form, KioskSetting
from headoffice.configuration.documents import QUESTIONNAIRE
from headoffice.configuration.forms import COLOURS, local_text
from headoffice.configuration.models import KioskReport, StoredFile
from headoffice.configuration.place_words import ScopeNames, ScopePlace
from headoffice.configuration.rules import Rules, Source
from headoffice.configuration.words import CHOICES, LABELS, NONE, SECTIONS, value_text
from headoffice.questionnaires.models import Publication, Version
from sync.configuration import MAX_SCHEDULE

FREE_LINES = 2
"""Behind those of the schedule that are filled in."""


class Row(NamedTuple):
    """A setting on the page."""

    name: str
    label: str
    form: str
    text: str
    """What is in the field."""
    parts: tuple[tuple[str, str], ...]
    """Of a value in parts: each with its text."""
    options: tuple[tuple[str, str], ...]
    above: str
    """What holds if nothing is said here, and where that is said."""
    locks: bool
    lock_place: str
    """Where it is locked further up; empty: nowhere."""
    by_staff: bool
    """Whether staff changed it on the spot."""
    mistake: str


class Section(NamedTuple):
    """Settings that belong together."""

    label: str | Promise
    rows: list[Row]

    @property
    def is_open(self) -> bool:
        """Whether something is said in it, here or by staff, or is wrong."""
        return any(
            row.text or row.locks or row.by_staff or row.mistake or any(t for _k, t in row.parts)
            for row in self.rows
        )


class Line(NamedTuple):
    """A line of the schedule."""

    number: int
    version: str
    begins: str
    ends: str


class SettingsView:
    """The page of one group, location or kiosk; with what was typed, where that can't be read."""

    def __init__(
        self,
        names: ScopeNames,
        place: ScopePlace,
        rules: Rules,
        mistakes: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
    ) -> None:
        self.place = place
        self.mistakes = mistakes or {}
        self.none = NONE
        self._names, self._rules, self._data = names, rules, data
        self._above = rules.effective(place.chain[1:])
        self._staff = _staff_changes(place)

    @property
    def sections(self) -> list[Section]:
        """All settings, by their sections."""
        return [
            Section(label, [self._row(s) for s in SETTINGS.values() if s.section == section])
            for section, label in SECTIONS.items()
        ]

    @property
    def schedule(self) -> list[Line]:
        """The lines of the schedule, with free ones behind."""
        if self._data is not None:
            return [
                Line(n, *(self._data.get(f"schedule-{n}-{key}", "") for key in Line._fields[1:]))
                for n in range(MAX_SCHEDULE)
                if f"schedule-{n}-version" in self._data
            ]
        zone = self.place.zone
        lines = [
            (str(entry.version), local_text(entry.begins_ms, zone), local_text(entry.ends_ms, zone))
            for entry in self._rules.schedule(self.place.scope)
        ]
        lines += [("", "", "")] * min(FREE_LINES, MAX_SCHEDULE - len(lines))
        return [Line(n, *line) for n, line in enumerate(lines)]

    @property
    def schedule_above(self) -> list[tuple[str, str]]:
        """What is asked by the word of what is further up, and where that is said."""
        return [
            (version_name(entry.version), self._names.name(scope))
            for entry, scope in self._rules.effective_schedule(self.place.chain[1:])
        ]

    @property
    def versions(self) -> list[tuple[str, str]]:
        """What can be chosen: what is published, and what is in the schedule already."""
        known = {p.version_id: p.title for p in Publication.objects.order_by("-at")}
        for entry in self._rules.schedule(self.place.scope):
            known.setdefault(entry.version, version_name(entry.version))
        return [(str(pk), title) for pk, title in known.items()]

    @property
    def locks_questionnaire(self) -> bool:
        """Whether staff can't choose another one, by what is said here."""
        own = self._rules.setting(self.place.scope, QUESTIONNAIRE)
        return own is not None and own.locks

    def _row(self, setting: KioskSetting) -> Row:
        name = setting.name
        own, above = self._rules.setting(self.place.scope, name), self._above.get(name)
        value = own.value if own is not None else None
        locked = above is not None and above.locks
        return Row(
            name,
            str(LABELS[name]),
            setting.form.value,
            _typed(setting, value) if self._data is None else self._data.get(f"value-{name}", ""),
            self._parts(setting, value),
            _options(setting),
            self._said(name, above),
            own is not None and own.locks,
            self._names.name(above.lock_scope) if above is not None and locked else "",
            name in self._staff,
            self.mistakes.get(name, ""),
        )

    def _parts(self, setting: KioskSetting, value: Any) -> tuple[tuple[str, str], ...]:
        if setting.form is not Form.COLOURS:
            return ()
        if self._data is not None:
            typed = self._data
            return tuple((key, typed.get(f"value-{setting.name}-{key}", "")) for key in COLOURS)
        return tuple((key, (value or {}).get(key, "")) for key in COLOURS)

    def _said(self, name: str, above: Source | None) -> str:
        if above is None or above.value is None:
            return _("the kiosk’s own file")
        return f"{value_text(name, above.value)} ({self._names.name(above.scope)})"


def _staff_changes(place: ScopePlace) -> frozenset[str]:
    if not place.scope.startswith("k"):
        return frozenset()
    row = KioskReport.objects.filter(kiosk=int(place.scope[1:])).first()
    return frozenset(row.staff if row is not None else ())


def _typed(setting: KioskSetting, value: Any) -> str:
    """A value as its field has it."""
    match value:
        case None | dict():
            return ""
        case bool():
            return "on" if value else "off"
        case list():
            return "\n".join(map(str, value)) or NONE
        case "":
            return NONE if setting.form is Form.PICTURE else ""
    return str(value)


def _options(setting: KioskSetting) -> tuple[tuple[str, str], ...]:
    match setting.form:
        case Form.SWITCH:
            return ("on", _("on")), ("off", _("off"))
        case Form.CHOICE:
            return tuple((choice, str(CHOICES[choice])) for choice in setting.choices)
        case Form.PICTURE:
            return ((NONE, _("none")), *_twice(_file_names(files.PICTURE)))
    return ()


def _file_names(kind: str) -> Iterable[str]:
    rows = StoredFile.objects.filter(kind=kind).order_by("name")
    return rows.values_list("name", flat=True)


def _twice(names: Iterable[str]) -> Iterable[tuple[str, str]]:
    return ((name, name) for name in names)


def version_name(version: int) -> str:
    """What people call a questionnaire."""
    found = Publication.objects.filter(version=version).values_list("title", flat=True).first()
    return found or str(Version.objects.filter(pk=version).first() or version)
