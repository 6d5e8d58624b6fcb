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
from kiosk.last_good import read_settings
from kiosk.options import RunOptions
from kiosk.overrides import SavedOverrides, apply_overrides, load_overrides
from kiosk.troubles import trouble
from sync.messages import Trouble

log = logging.getLogger(__name__)

LAST_GOOD = "last-good-questionnaire.json"


@dataclass(frozen=True)
class StartupConfig:
    """What a kiosk is to do."""

    file: Settings
    """The settings file's, with what the command line says."""
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

    @property
    def settings(self) -> Settings:
        """What holds at the start."""
        return apply_overrides(self.file, self.overrides.overrides)


def load_startup_config(options: RunOptions) -> StartupConfig:
    """Reads the files; raises ConfigError if there is nothing that could hold.

    A wrong key of the settings costs that key, and a settings file or a questionnaire that can't be
    used any more gives way to the last good one of this kiosk.
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
    try:
        name = apply_overrides(settings, overrides.overrides).questionnaire
        questionnaire = load_questionnaire(name, folder)
    except ConfigError as error:
        questionnaire = _last_good(data, error)
        troubles.append(trouble("questionnaire", str(error)))
        log.warning("The last good questionnaire is asked instead: %s", error)
    return StartupConfig(
        file=settings,
        overrides=overrides,
        questionnaire=questionnaire,
        data=data,
        named_data=options.data,
        config_folder=folder,
        trace=options.trace,
        troubles=tuple(troubles),
        good_settings=read.good,
    )


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
