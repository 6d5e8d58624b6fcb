"""The settings that hold: those of the file, or what is left of them beside the last good ones.

A wrong key costs that key: its value of the last good file holds, or its default. A file that is no
TOML, or can't be read, gives way to the last good one as a whole. Commands that look at a kiosk's
folder read its settings here too, so that they mean the folder that the kiosk itself means.
"""

import logging
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from config.errors import InvalidFileError, UnnamedFolderError, UnreadableFileError
from config.loader import folder_of, read_document, settings_file
from config.private_file import write_private_file
from config.settings import Settings
from config.settings_fallback import mend_settings
from kiosk.options import data_folder
from kiosk.troubles import trouble
from sync.messages import Trouble

log = logging.getLogger(__name__)

LAST_GOOD_SETTINGS = "last-good-settings.json"
_FOLDER = "storage.folder"


class _Remembered(msgspec.Struct, frozen=True):
    file: str
    document: dict[str, Any]


@dataclass(frozen=True)
class SettingsInUse:
    """What a settings file comes to."""

    settings: Settings
    data: Path
    """Where answers are kept."""
    troubles: tuple[Trouble, ...] = ()
    good: bytes | None = None
    """What :func:`save_last_good_settings` is to remember; None: the file has mistakes."""


def read_settings(config: Path | None, data: Path | None) -> SettingsInUse:
    """The settings of a file, as the kiosk uses them; ``data``: the folder that is named.

    Raises ConfigError if the file can't be read and there is no last good one, and if it can't be
    told where answers are kept.
    """
    source = settings_file(config)
    folder, name = folder_of(source), str(source)
    before = _last_good(_usual_folder(data), name)
    try:
        raw = read_document(source)
    except UnreadableFileError as error:
        if before is None:
            raise
        settings, _mistakes = mend_settings(before, folder)
        told = trouble("settings", str(error))
        return SettingsInUse(settings, data_folder(data, settings.storage.folder), (told,))
    settings, mistakes = mend_settings(raw, folder, before)
    where = data_folder(data, settings.storage.folder)
    if before is None and mistakes:
        if data is None and any(each.path.startswith(_FOLDER) for each in mistakes):
            raise InvalidFileError(name, mistakes)
        before = _last_good(where, name)
        settings, mistakes = mend_settings(raw, folder, before)
    if not mistakes:
        return SettingsInUse(settings, where, good=msgspec.json.encode(_Remembered(name, raw)))
    told = trouble("settings", f"{name}: {'; '.join(map(str, mistakes))}", len(mistakes))
    return SettingsInUse(settings, where, (told,))


def read_settings_aloud(config: Path | None, data: Path | None) -> SettingsInUse:
    """The same for a command: what is wrong goes to standard error."""
    found = read_settings(config, data)
    for each in found.troubles:
        print(f"Left aside: {each.detail}", file=sys.stderr)  # noqa: T201 - a command's words
    return found


def save_last_good_settings(good: bytes, data: Path, named: Path | None) -> None:
    """Remember a settings file without mistakes, in the kiosk's folder.

    And where it is looked for if the file can't be read and so doesn't say where that folder is.
    ``named``: the folder that the command line names. Failing to is no reason to end.
    """
    for folder in dict.fromkeys((data, _usual_folder(named) or data)):
        file = folder / LAST_GOOD_SETTINGS
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not file.exists() or file.read_bytes() != good:
                write_private_file(file, good)
        except OSError as error:
            log.warning("%s can't be written: %s", file, os.strerror(error.errno or 0))


def _usual_folder(named: Path | None) -> Path | None:
    """The folder that is named or usual; None for a user without a home."""
    try:
        return data_folder(named, "")
    except UnnamedFolderError:
        return None


def _last_good(folder: Path | None, name: str) -> Mapping[str, Any] | None:
    if folder is None:
        return None
    try:
        found = msgspec.json.decode((folder / LAST_GOOD_SETTINGS).read_bytes(), type=_Remembered)
    except (OSError, msgspec.DecodeError):
        return None
    return found.document if found.file == name else None
