"""Everything that was asked for, read and checked, with what staff changed and the last good."""

import logging
import os
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import structs

from config.errors import ConfigError
from config.loader import load_questionnaire, load_settings
from config.questionnaire import Questionnaire, canonical
from config.settings import Settings
from kiosk.cli import RunOptions, data_folder
from kiosk.keeping import keep
from kiosk.overlay import Overlay, applied, load_overlay

log = logging.getLogger(__name__)

LAST_GOOD = "last-good-questionnaire.json"


@dataclass(frozen=True)
class Plan:
    """What a kiosk is to do."""

    file: Settings
    """The settings file's, with what the command line says."""
    overlay: Overlay
    """What staff changed."""
    questionnaire: Questionnaire
    data: Path
    config_folder: Path | None
    """Where the settings file is."""
    trace: Path | None
    trouble: tuple[str, ...] = ()
    """What had to be left aside."""

    @property
    def settings(self) -> Settings:
        """What holds at the start."""
        return applied(self.file, self.overlay)

    @property
    def definition(self) -> bytes:
        """The questionnaire as the bytes that identify it."""
        return canonical(self.questionnaire)


def plan(options: RunOptions) -> Plan:
    """Reads the files; raises ConfigError with every mistake of the first bad one.

    A questionnaire that can't be used any more gives way to the last good one of this kiosk.
    """
    settings = load_settings(options.config)
    screen = settings.screen
    if options.fullscreen is not None:
        screen = structs.replace(screen, fullscreen=options.fullscreen)
    if options.size is not None:
        screen = structs.replace(screen, width=options.size[0], height=options.size[1])
    settings = structs.replace(settings, screen=screen)
    data = data_folder(options.data, settings.storage.folder)
    overlay, wrong = load_overlay(data)
    folder = options.config.parent if options.config is not None else None
    trouble = [wrong] if wrong else []
    try:
        questionnaire = load_questionnaire(applied(settings, overlay).questionnaire, folder)
    except ConfigError as error:
        questionnaire = _last_good(data, error)
        trouble.append(str(error))
        log.warning("The last good questionnaire is asked instead: %s", error)
    return Plan(
        file=settings,
        overlay=overlay,
        questionnaire=questionnaire,
        data=data,
        config_folder=folder,
        trace=options.trace,
        trouble=tuple(trouble),
    )


def keep_last_good(data: Path, definition: bytes) -> None:
    """Remember a questionnaire that is in use; failing to is no reason not to ask it."""
    file = data / LAST_GOOD
    try:
        if not file.exists() or file.read_bytes() != definition:
            keep(file, definition)
    except OSError as error:
        log.warning("%s can't be written: %s", file, os.strerror(error.errno or 0))


def _last_good(data: Path, error: ConfigError) -> Questionnaire:
    try:
        return msgspec.json.decode((data / LAST_GOOD).read_bytes(), type=Questionnaire)
    except (OSError, msgspec.DecodeError):
        raise error from None
