"""What staff changed on the kiosk itself: one owner, who saves it and says what holds now.

The settings file stays as whoever wrote it left it; the overrides lie over it, in a file of the
data folder, and taking that away brings the settings back.

Everything that holds now is one value, an :class:`ActiveConfig`, replaced as a whole: screen,
disk, heartbeat and the next change never see half of a change. Who wants to change something
names the fields and nothing else; nobody carries a copy that could be written back.
"""

import logging
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Self

import msgspec
from msgspec import Meta, structs

from config.opening_hours import hours_mistakes
from config.private_file import write_private_file
from config.questionnaire import LanguageTag, Questionnaire, canonical, digest
from config.settings import Hours, Settings

log = logging.getLogger(__name__)

NAME = "staff.json"


class Overrides(msgspec.Struct, frozen=True, kw_only=True):
    """None: as the settings file says."""

    questionnaire: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    """The name of a shipped one, or the whole path of a TOML file."""
    language: LanguageTag | None = None
    """Another questionnaire may not have the language of the settings; it then begins in its own
    first one.
    """
    hours: Hours | None = None
    paused: bool = False
    pause_ends_ms: Annotated[int, Meta(ge=0)] | None = None
    """By the head office's clock; None: an earlier version began it, and somebody ends it."""
    address: Annotated[str, Meta(max_length=500)] | None = None
    """Of a head office, as staff typed it for an enrolment that is to come."""
    sounds: bool | None = None
    volume: Annotated[float, Meta(ge=0, le=1)] | None = None
    brightness: Annotated[int, Meta(ge=5, le=100)] | None = None


LONGEST_PAUSE_MS = 26 * 3_600_000
"""The rest of a day is no longer; a clock by which it is was set wrongly, and nobody waits."""


def is_paused(overrides: Overrides, wall_ms: int) -> bool:
    """Whether the pause that staff began still lasts."""
    ends_ms = overrides.pause_ends_ms
    return overrides.paused and (ends_ms is None or 0 < ends_ms - wall_ms <= LONGEST_PAUSE_MS)


_PLACES = {
    "questionnaire": ("questionnaire",),
    "language": ("language",),
    "hours": ("hours",),
    "sounds": ("sound", "enabled"),
    "volume": ("sound", "volume"),
    "brightness": ("screen", "brightness"),
}
"""Where in the settings a field goes."""


SETTING_NAMES = {name: ".".join(place) for name, place in _PLACES.items()}
"""What a field is called in the settings."""


def sleeping_fields(locks: Collection[str]) -> frozenset[str]:
    """The fields on which staff's word sleeps, because the head office locks these settings.

    A section locks its settings, and a setting the whole that staff change it with.
    """
    return frozenset(
        name
        for name, setting in SETTING_NAMES.items()
        if any(
            setting == lock or setting.startswith(f"{lock}.") or lock.startswith(f"{setting}.")
            for lock in locks
        )
    )


@dataclass(frozen=True)
class OverridesChange:
    """Some fields of the overrides, with their new values."""

    fields: Mapping[str, object]

    @classmethod
    def of(cls, **fields: object) -> Self:
        """``OverridesChange.of(paused=True)``."""
        return cls(fields)


@dataclass(frozen=True)
class SavedOverrides:
    """What stands in the file."""

    overrides: Overrides = field(default_factory=Overrides)
    unread: Mapping[str, msgspec.Raw] = field(default_factory=dict)
    """Fields that this version can't use; another one may, so they go back into the file."""
    trouble: tuple[str, ...] = ()
    """What had to be left out, and why."""

    def after(self, change: OverridesChange) -> "SavedOverrides":
        """With a change; a field that is set anew is no longer unread."""
        unread = {name: raw for name, raw in self.unread.items() if name not in change.fields}
        return SavedOverrides(structs.replace(self.overrides, **change.fields), unread)

    def encode(self) -> bytes:
        """The file's content."""
        return msgspec.json.encode(msgspec.to_builtins(self.overrides) | self.unread)


def load_overrides(folder: Path) -> SavedOverrides:
    """What staff changed. A field that is unknown or of no use is left out alone, and said."""
    file = folder / NAME
    try:
        content = msgspec.json.decode(file.read_bytes(), type=dict[str, msgspec.Raw])
    except FileNotFoundError:
        return SavedOverrides()
    except (OSError, ValueError, RecursionError) as error:
        log.exception("%s is left aside: the settings file holds alone.", file)
        return SavedOverrides(trouble=(f"{file}: {error}",))
    types = {each.name: each.type for each in structs.fields(Overrides)}
    values: dict[str, object] = {}
    unread: dict[str, msgspec.Raw] = {}
    trouble: list[str] = []
    for name, raw in content.items():
        try:
            values[name] = _value(name, raw, types)
        except ValueError as error:
            unread[name] = raw.copy()
            trouble.append(f"{file}: {name} is left out: {error}")
            log.error("%s", trouble[-1])  # noqa: TRY400  # no bug
    return SavedOverrides(structs.replace(Overrides(), **values), unread, tuple(trouble))


def _value(name: str, raw: msgspec.Raw, types: Mapping[str, type]) -> object:
    if name not in types:
        raise ValueError("this version does not know it")
    value: object = msgspec.json.decode(raw, type=types[name])
    if isinstance(value, Hours):
        for mistake in hours_mistakes(value):
            raise ValueError(str(mistake))
    return value


def apply_overrides(
    settings: Settings, overrides: Overrides, sleeping: Collection[str] = ()
) -> Settings:
    """The settings with what staff changed, but for fields on which their word sleeps."""
    for name, (section, *key) in _PLACES.items():
        value: Any = None if name in sleeping else getattr(overrides, name)
        if value is not None and key:
            value = structs.replace(getattr(settings, section), **{key[0]: value})
        if value is not None:
            settings = structs.replace(settings, **{section: value})
    return settings


@dataclass(frozen=True)
class QuestionnaireInUse:
    """A questionnaire with the bytes that identify it."""

    questionnaire: Questionnaire
    definition: bytes
    digest: str

    @classmethod
    def of(cls, questionnaire: Questionnaire) -> Self:
        """The same with its bytes."""
        definition = canonical(questionnaire)
        return cls(questionnaire, definition, digest(definition))


@dataclass(frozen=True)
class ActiveConfig:
    """Everything that holds now."""

    settings: Settings
    """With the overrides."""
    overrides: Overrides
    in_use: QuestionnaireInUse
    sleeping: frozenset[str] = frozenset()
    """Fields of the overrides that sleep: the head office locks their settings."""
    assignment: QuestionnaireInUse | None = None
    """What the head office has asked now; None: it leaves that to the kiosk's files."""

    @property
    def is_own_choice(self) -> bool:
        """Whether staff have chosen the questionnaire, and their choice holds."""
        chosen = self.overrides.questionnaire
        return chosen is not None and "questionnaire" not in self.sleeping

    @property
    def staff_settings(self) -> tuple[str, ...]:
        """The names of the settings that staff changed on the spot, where that holds."""
        return tuple(
            setting
            for name, setting in SETTING_NAMES.items()
            if getattr(self.overrides, name) is not None and name not in self.sleeping
        )

    @property
    def language(self) -> str:
        """The one to begin in: that of the settings, if the questionnaire has it."""
        languages = self.in_use.questionnaire.languages
        language = self.settings.language
        return language if language in languages else languages[0]


@dataclass(frozen=True)
class OfficeWord:
    """What the head office says that staff's word meets."""

    sleeping: frozenset[str] = frozenset()
    assignment: QuestionnaireInUse | None = None
    """The questionnaire that it has asked now."""
    own: QuestionnaireInUse | None = None
    """That of the kiosk's files, for when it has none asked."""


class OverridesStore:
    """The owner of the overrides.

    :meth:`change` returns at once, so the UI thread may call it; :meth:`save` and
    :meth:`use_questionnaire` wait for the disk. Listeners are called in the thread of the change,
    after it is in force.
    """

    def __init__(
        self,
        folder: Path,
        file: Settings,
        saved: SavedOverrides,
        questionnaire: Questionnaire,
        office: OfficeWord | None = None,
    ) -> None:
        """``file``: the settings without the overrides; ``questionnaire``: the one in use."""
        self._folder = folder
        self._file = file
        self._saved = saved
        self._office = office or OfficeWord()
        self._config = self._with(saved.overrides, QuestionnaireInUse.of(questionnaire))
        self._listeners: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        """Over what is in force; never held while the disk works."""
        self._disk = threading.Lock()
        """One save at a time, and none between a save and what it brings into force."""

    @property
    def config(self) -> ActiveConfig:
        """What holds now."""
        return self._config

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Calls this after every change."""
        self._listeners.append(listener)

    def change(self, change: OverridesChange) -> None:
        """In force at once, and on the disk with the next :meth:`save`."""
        with self._lock:
            self._saved = self._saved.after(change)
            self._config = self._with(self._saved.overrides, self._config.in_use)
        self._notify()

    def save(self) -> None:
        """Puts what is in force on the disk, whole or not at all. Raises OSError."""
        with self._disk:
            write_private_file(self._folder / NAME, self._saved.encode())

    def use_questionnaire(self, name: str, in_use: QuestionnaireInUse) -> None:
        """Saves the choice of a checked questionnaire, then brings it into force.

        Raises OSError, and changes nothing then. What is changed meanwhile stays in force.
        """
        choice = OverridesChange.of(questionnaire=name, language=None)
        with self._disk:
            write_private_file(self._folder / NAME, self._saved.after(choice).encode())
            with self._lock:
                self._saved = self._saved.after(choice)
                self._config = self._with(self._saved.overrides, in_use)
        self._notify()

    def use_assignment(self) -> None:
        """Saves that staff leave the choice to the head office, then brings that into force.

        Raises OSError, and changes nothing then.
        """
        choice = OverridesChange.of(questionnaire=None, language=None)
        with self._disk:
            write_private_file(self._folder / NAME, self._saved.after(choice).encode())
            with self._lock:
                self._saved = self._saved.after(choice)
                self._config = self._with(self._saved.overrides, self._unchosen())
        self._notify()

    def assign(self, assignment: QuestionnaireInUse | None) -> None:
        """The head office has this asked from now on, where staff have not chosen otherwise."""
        with self._lock:
            self._office = replace(self._office, assignment=assignment)
            is_own = self._config.is_own_choice
            in_use = self._config.in_use if is_own else self._unchosen()
            self._config = self._with(self._saved.overrides, in_use)
        self._notify()

    def _unchosen(self) -> QuestionnaireInUse:
        """What is asked where staff have not chosen."""
        return self._office.assignment or self._office.own or self._config.in_use

    def _with(self, overrides: Overrides, in_use: QuestionnaireInUse) -> ActiveConfig:
        sleeping = self._office.sleeping
        settings = apply_overrides(self._file, overrides, sleeping)
        return ActiveConfig(settings, overrides, in_use, sleeping, self._office.assignment)

    def _notify(self) -> None:
        for listener in self._listeners:
            listener()
