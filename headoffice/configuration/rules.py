"""All that is said for groups, experience points and kiosks, as one value that can be changed.

What a change would do is worked out on a copy, before anything is stored.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from headoffice.configuration.models import ScheduleRow, SettingValue


class Setting(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is said of one setting at one place."""

    value: Any = None
    """None: as it is further up."""
    locks: bool = False


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A questionnaire in the schedule of one place."""

    version: int
    begins_ms: int | None = None
    ends_ms: int | None = None


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is said otherwise at one place: a setting, or the whole schedule there."""

    scope: str
    name: str = ""
    """Of the setting; empty: the schedule."""
    before: Setting | None = None
    after: Setting | None = None
    schedule_before: tuple[Entry, ...] = ()
    schedule_after: tuple[Entry, ...] = ()

    @property
    def reverse(self) -> "Change":
        """What takes it back."""
        return Change(
            self.scope,
            self.name,
            self.after,
            self.before,
            self.schedule_after,
            self.schedule_before,
        )


class Source(NamedTuple):
    """What counts for a kiosk of one setting, and where that is said."""

    value: Any
    scope: str
    """Empty: nowhere, only whether it is locked."""
    locks: bool
    lock_scope: str
    """Where the nearest word on it is said."""


@dataclass(frozen=True)
class Rules:
    """By scope: the settings by name, and the schedule."""

    settings: Mapping[str, Mapping[str, Setting]] = field(default_factory=dict)
    schedules: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)

    @classmethod
    def load(cls) -> "Rules":
        """As it is stored."""
        settings: dict[str, dict[str, Setting]] = {}
        for row in SettingValue.objects.order_by("pk"):
            settings.setdefault(row.scope, {})[row.name] = Setting(row.value, row.locks)
        schedules: dict[str, tuple[Entry, ...]] = {}
        for line in ScheduleRow.objects.order_by("position", "pk"):
            entry = Entry(line.version_id, line.begins_ms, line.ends_ms)
            schedules[line.scope] = (*schedules.get(line.scope, ()), entry)
        return cls(settings, schedules)

    def setting(self, scope: str, name: str) -> Setting | None:
        """What is said of a setting at this very place."""
        return self.settings.get(scope, {}).get(name)

    def schedule(self, scope: str) -> tuple[Entry, ...]:
        """What is asked by this very place's word."""
        return self.schedules.get(scope, ())

    def after_changes(self, changes: Iterable[Change]) -> "Rules":
        """With these changes."""
        settings = {scope: dict(names) for scope, names in self.settings.items()}
        schedules = dict(self.schedules)
        for change in changes:
            if not change.name:
                schedules[change.scope] = change.schedule_after
            elif change.after is None:
                settings.get(change.scope, {}).pop(change.name, None)
            else:
                settings.setdefault(change.scope, {})[change.name] = change.after
        return Rules(settings, schedules)

    def effective(self, chain: Iterable[str]) -> dict[str, Source]:
        """What counts of each setting, for which the chain says anything: the nearest word."""
        found: dict[str, Source] = {}
        for scope in chain:
            for name, setting in self.settings.get(scope, {}).items():
                known = found.get(name)
                if known is None:
                    said = scope if setting.value is not None else ""
                    found[name] = Source(setting.value, said, setting.locks, scope)
                elif known.value is None and setting.value is not None:
                    found[name] = known._replace(value=setting.value, scope=scope)
        return found

    def effective_schedule(self, chain: Iterable[str]) -> list[tuple[Entry, str]]:
        """What is asked, with where that is said: first what is said nearest."""
        return [(entry, scope) for scope in chain for entry in self.schedules.get(scope, ())]
