"""What a configuration comes to on this kiosk: merged, and checked as a kiosk's own files are."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from config.errors import ConfigError, InvalidFileError, Mistake
from config.loader import build_questionnaire, build_settings, settings_mistakes
from config.questionnaire import Questionnaire
from config.settings import Screen, Settings
from kiosk.overrides import QuestionnaireInUse
from kiosk.suitability import UnsuitableQuestionnaireError, check_suitability
from sync.configuration import OWN_SETTINGS, Configuration, FileEntry, ScheduleEntry
from sync.errors import ConfigurationRefusalError

MOST_REASONS = 20
MOST_LETTERS = 300
"""Of one reason."""
_OWN_FOLDER = Path("/nowhere")
"""Paths of the merged settings are absolute; a relative one is of no file that came along."""
FileFinder = Callable[[FileEntry], Path]


@dataclass(frozen=True)
class ScheduledQuestionnaire:
    """A questionnaire, and when it is asked, in Unix ms."""

    in_use: QuestionnaireInUse
    begins_ms: int | None
    ends_ms: int | None

    def is_due(self, now_ms: int) -> bool:
        """Whether it is its time."""
        begins, ends = self.begins_ms, self.ends_ms
        return (begins is None or begins <= now_ms) and (ends is None or now_ms < ends)


@dataclass(frozen=True)
class Effect:
    """What holds on this kiosk."""

    settings: Settings
    locks: frozenset[str] = frozenset()
    """Settings that staff can't change, by their names."""
    schedule: tuple[ScheduledQuestionnaire, ...] = field(default=())

    def due(self, now_ms: int) -> QuestionnaireInUse | None:
        """The questionnaire whose time it is; None: that of the kiosk's files."""
        return next((each.in_use for each in self.schedule if each.is_due(now_ms)), None)


def find_effect(
    configuration: Configuration,
    own: Settings,
    file: FileFinder,
    panel_mm: tuple[int, int] | None = None,
) -> Effect:
    """What it comes to over the kiosk's own settings.

    ``file``: where a file that came along is; ``panel_mm``: what the panel says of its size.
    Raises ConfigurationRefusalError with every mistake.
    """
    mistakes = list(_own_mistakes(configuration.settings))
    files = {entry.name: str(file(entry)) for entry in configuration.files}
    said = dict(_with_files(configuration.settings, files))
    mistakes += _file_mistakes(configuration.settings, files)
    if mistakes:
        raise refusal(mistakes)
    raw = merge(own, said)
    if found := settings_mistakes(raw, _OWN_FOLDER):
        raise refusal(found)
    settings = build_settings(raw, _OWN_FOLDER)
    schedule: list[ScheduledQuestionnaire] = []
    for index, entry in enumerate(configuration.schedule):
        try:
            schedule.append(_scheduled(entry, settings.screen, panel_mm))
        except InvalidFileError as error:
            where = f"schedule[{index}]"
            mistakes += [Mistake(f"{where}.{m.path}", m.actual, m.hint) for m in error.mistakes]
        except ConfigError as error:
            mistakes.append(Mistake(f"schedule[{index}]", "a definition", str(error)))
    if mistakes:
        raise refusal(mistakes)
    return Effect(settings, frozenset(configuration.locks), tuple(schedule))


def refusal(mistakes: "list[Mistake] | tuple[Mistake, ...]") -> ConfigurationRefusalError:
    """Mistakes as the reasons of a refusal, within what a heartbeat takes."""
    texts = [str(mistake) for mistake in mistakes]
    if len(texts) > MOST_REASONS:
        more = len(texts) - MOST_REASONS + 1
        texts = [*texts[: MOST_REASONS - 1], f"and {more} more"]
    return ConfigurationRefusalError(tuple(map(cut, texts)))


def cut(text: str) -> str:
    """A reason as long as a heartbeat takes it."""
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1]}…"


def merge(own: Settings, said: Mapping[str, Any]) -> dict[str, Any]:
    """A settings document: the kiosk's own, and over it what the head office says, each alone."""
    merged: dict[str, Any] = _without_none(msgspec.json.decode(msgspec.json.encode(own)))
    for name, value in said.items():
        before = merged.get(name)
        both = isinstance(before, dict) and isinstance(value, dict)
        merged[name] = _without_none(before | value) if both else value
    return merged


def _without_none(table: dict[str, Any]) -> dict[str, Any]:
    """As a file would say it: what has no value is left out."""
    return {
        name: _without_none(value) if isinstance(value, dict) else value
        for name, value in table.items()
        if value is not None
    }


def _own_mistakes(settings: Mapping[str, Any]) -> Iterator[Mistake]:
    for name in OWN_SETTINGS:
        section, _dot, key = name.partition(".")
        table = settings.get(section)
        if section in settings and (not key or (isinstance(table, dict) and key in table)):
            yield Mistake(name, "a value", "only the kiosk's own file says this")


def _with_files(settings: Mapping[str, Any], files: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    """The settings with the paths of the files that they name."""
    for section, table in settings.items():
        if section == "brand" and isinstance(table, dict):
            named = {key: files[table[key]] for key in _BRAND if _is_name(table.get(key), files)}
            yield section, table | named
        elif section == "screen" and isinstance(table, dict) and _is_list(table.get("fonts")):
            fonts = [files[n] if _is_name(n, files) else n for n in table["fonts"]]
            yield section, table | {"fonts": fonts}
        else:
            yield section, table


_BRAND = ("logo", "background")


def _file_mistakes(settings: Mapping[str, Any], files: Mapping[str, str]) -> Iterator[Mistake]:
    hint = f"files that came along: {', '.join(files) or 'none'}"
    brand, screen = settings.get("brand"), settings.get("screen")
    if isinstance(brand, dict):
        for key in _BRAND:
            name = brand.get(key)
            if isinstance(name, str) and name and name not in files:
                yield Mistake(f"brand.{key}", repr(name), hint)
    if isinstance(screen, dict) and _is_list(screen.get("fonts")):
        for index, name in enumerate(screen["fonts"]):
            if isinstance(name, str) and name not in files:
                yield Mistake(f"screen.fonts[{index}]", repr(name), hint)


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _is_name(value: object, files: Mapping[str, str]) -> bool:
    return isinstance(value, str) and value in files


def _scheduled(
    entry: ScheduleEntry, screen: Screen, panel_mm: tuple[int, int] | None
) -> ScheduledQuestionnaire:
    questionnaire = build_questionnaire(entry.definition, "definition")
    check_suitability("definition", questionnaire, screen, panel_mm)
    in_use = QuestionnaireInUse.of(questionnaire)
    return ScheduledQuestionnaire(in_use, entry.begins_ms, entry.ends_ms)


def check_own_questionnaire(
    questionnaire: Questionnaire, own: Screen, merged: Screen, panel_mm: tuple[int, int] | None
) -> None:
    """Raises ConfigurationRefusalError if a kiosk could ask its own one, and now can't."""
    try:
        check_suitability("questionnaire", questionnaire, own, panel_mm)
    except UnsuitableQuestionnaireError:
        return
    try:
        check_suitability("questionnaire", questionnaire, merged, panel_mm)
    except UnsuitableQuestionnaireError as error:
        raise refusal(error.mistakes) from error
