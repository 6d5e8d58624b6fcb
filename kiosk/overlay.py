"""What staff changed on the kiosk itself: kept in the data folder, laid over the settings file.

The settings file stays as whoever wrote it left it; taking the overlay away brings it back.
"""

import logging
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, structs

from config.questionnaire import LanguageTag
from config.settings import Hours, Settings
from config.times import hours_mistakes
from kiosk.keeping import keep

log = logging.getLogger(__name__)

NAME = "staff.json"


class Overlay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """None: as the settings file says."""

    questionnaire: Annotated[str, Meta(min_length=1, max_length=500)] | None = None
    """The name of a shipped one, or the whole path of a TOML file."""
    language: LanguageTag | None = None
    hours: Hours | None = None
    paused: bool = False
    sounds: bool | None = None
    volume: Annotated[float, Meta(ge=0, le=1)] | None = None
    brightness: Annotated[int, Meta(ge=5, le=100)] | None = None


def load_overlay(folder: Path) -> tuple[Overlay, str]:
    """What staff changed, and what is wrong with the file; a bad one changes nothing."""
    file = folder / NAME
    try:
        overlay = msgspec.json.decode(file.read_bytes(), type=Overlay)
    except FileNotFoundError:
        return Overlay(), ""
    except (OSError, ValueError) as error:
        log.exception("%s is left aside: the settings file holds alone.", file)
        return Overlay(), f"{file}: {error}"
    mistakes = list(hours_mistakes(overlay.hours)) if overlay.hours else []
    if mistakes:
        log.error("%s: its opening hours are left aside: %s", file, mistakes[0])
        return structs.replace(overlay, hours=None), f"{file}: {mistakes[0]}"
    return overlay, ""


def save_overlay(folder: Path, overlay: Overlay) -> None:
    """Keep it, whole or not at all. Raises OSError."""
    keep(folder / NAME, msgspec.json.encode(overlay))


def applied(settings: Settings, overlay: Overlay) -> Settings:
    """The settings with what staff changed."""
    screen, sound = settings.screen, settings.sound
    if overlay.brightness is not None:
        screen = structs.replace(screen, brightness=overlay.brightness)
    if overlay.sounds is not None:
        sound = structs.replace(sound, enabled=overlay.sounds)
    if overlay.volume is not None:
        sound = structs.replace(sound, volume=overlay.volume)
    return structs.replace(
        settings,
        screen=screen,
        sound=sound,
        questionnaire=overlay.questionnaire or settings.questionnaire,
        # Another questionnaire may not have the language of the settings; it then begins in
        # its own first one.
        language=overlay.language or settings.language,
        hours=overlay.hours or settings.hours,
    )
