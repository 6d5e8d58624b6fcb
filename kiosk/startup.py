"""What a start uses: files read and checked, what staff changed, the last good questionnaire."""

import logging
import os
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import structs

from config.errors import ConfigError
from config.loader import load_questionnaire
from config.private_file import write_private_file
from config.questionnaire import Questionnaire
from config.settings import Settings
from kiosk.configuration.start import ConfigurationStart, find_start
from kiosk.last_good import read_settings
from kiosk.maintenance.panel import panel_size_mm
from kiosk.options import RunOptions
from kiosk.overrides import (
    OfficeWord,
    QuestionnaireInUse,
    SavedOverrides,
    apply_overrides,
    load_overrides,
    sleeping_fields,
)
from kiosk.troubles import trouble
from sync.clock import SystemClock
from sync.messages import Trouble

log = logging.getLogger(__name__)

LAST_GOOD = "last-good-questionnaire.json"


@dataclass(frozen=True, kw_only=True)
class StartupConfig:
    """What a kiosk is to do."""

    own: Settings
    """The settings file's, with what the command line says."""
    file: Settings
    """The same, and over it what the head office says."""
    overrides: SavedOverrides
    """What staff changed."""
    questionnaire: Questionnaire
    data: Path
    named_data: Path | None
    """The data folder that the command line names."""
    config_folder: Path | None
    """Where the settings file is."""
    trace: Path | None
    troubles: tuple[Trouble, ...] = ()
    """What had to be left aside."""
    good_settings: bytes | None = None
    """The settings file as it is to be remembered: it has no mistakes."""
    own_questionnaire: Questionnaire | None = None
    """That of the settings file; None: it can't be used."""
    configuration: ConfigurationStart
    """What the head office wants of this kiosk."""
    assignment: QuestionnaireInUse | None = None
    """The questionnaire that it has asked now."""

    @property
    def settings(self) -> Settings:
        """What holds at the start."""
        return apply_overrides(self.file, self.overrides.overrides, self.sleeping)

    @property
    def sleeping(self) -> frozenset[str]:
        """The overrides that don't hold, because the head office locks their settings."""
        return sleeping_fields(self.configuration.effect.locks)

    @property
    def office(self) -> OfficeWord:
        """What staff's word meets."""
        own = self.own_questionnaire
        return OfficeWord(
            self.sleeping, self.assignment, QuestionnaireInUse.of(own) if own else None
        )


def load_startup_config(options: RunOptions, *, tries: bool = True) -> StartupConfig:
    """Reads the files; raises ConfigError if there is nothing that could hold.

    A wrong key of the settings costs that key, and a settings file or a questionnaire that can't be
    used any more gives way to the last good one of this kiosk. ``tries``: whether a configuration
    may be used that has not proven itself.
    """
    read = read_settings(options.config, options.data)
    settings = read.settings
    screen = settings.screen
    if options.fullscreen is not None:
        screen = structs.replace(screen, fullscreen=options.fullscreen)
    if options.size is not None:
        screen = structs.replace(screen, width=options.size[0], height=options.size[1])
    settings = structs.replace(settings, screen=screen)
    data = read.data
    overrides = load_overrides(data)
    folder = options.config.parent if options.config is not None else None
    troubles = [*read.troubles, *(trouble("overrides", said) for said in overrides.trouble)]
    own = _own_questionnaire(settings.questionnaire, folder)
    usable = own if isinstance(own, Questionnaire) else None
    panel_mm = panel_size_mm() if settings.screen.fullscreen else None
    start = find_start(data, settings, questionnaire=usable, panel_mm=panel_mm, tries=tries)
    assignment = start.effect.due(SystemClock().moment().wall_ms)
    chosen = overrides.overrides.questionnaire
    if "questionnaire" in sleeping_fields(start.effect.locks):
        chosen = None
    found = _own_questionnaire(chosen, folder) if chosen is not None else own
    if chosen is None and assignment is not None:
        questionnaire = assignment.questionnaire
    elif isinstance(found, Questionnaire):
        questionnaire = found
    else:
        questionnaire = assignment.questionnaire if assignment else _last_good(data, found)
        troubles.append(trouble("questionnaire", str(found)))
        log.warning("Another questionnaire is asked instead: %s", found)
    return StartupConfig(
        own=settings,
        file=start.effect.settings,
        overrides=overrides,
        questionnaire=questionnaire,
        data=data,
        named_data=options.data,
        config_folder=folder,
        trace=options.trace,
        troubles=tuple(troubles),
        good_settings=read.good,
        own_questionnaire=usable,
        configuration=start,
        assignment=assignment,
    )


def _own_questionnaire(name: str, folder: Path | None) -> Questionnaire | ConfigError:
    """The one of this name, or why it can't be used."""
    try:
        return load_questionnaire(name, folder)
    except ConfigError as error:
        return error


def save_last_good(data: Path, definition: bytes) -> None:
    """Remember a questionnaire that is in use; failing to is no reason not to ask it."""
    file = data / LAST_GOOD
    try:
        if not file.exists() or file.read_bytes() != definition:
            write_private_file(file, definition)
    except OSError as error:
        log.warning("%s can't be written: %s", file, os.strerror(error.errno or 0))


def _last_good(data: Path, error: ConfigError) -> Questionnaire:
    try:
        return msgspec.json.decode((data / LAST_GOOD).read_bytes(), type=Questionnaire)
    except (OSError, msgspec.DecodeError):
        raise error from None
