"""What staff can do, without a screen: ``export``, ``test-connection`` and ``set-pin``."""

from collections.abc import Iterator
from pathlib import Path

from config.errors import ConfigError
from config.loader import load_questionnaire, load_settings
from config.questionnaire import canonical, digest
from config.settings import Settings
from kiosk.cli import data_folder
from kiosk.diagnosis import Way, diagnose
from kiosk.export import ExportError, Named, export
from kiosk.i18n import translator
from kiosk.overlay import applied, load_overlay
from kiosk.pin import PinFile
from kiosk.staff_words import finding_lines
from sync.clock import SystemClock
from sync.identity import load_identity

_NONE = "0" * 64


def export_to(target: Path, config: Path | None, data: Path | None) -> str:
    """Copies every stored answer, also of a kiosk that is running; says where to.

    Raises ExportError, ConfigError, or SyncError if nothing was ever stored.
    """
    folder = data_folder(data, load_settings(config).storage.folder)
    if not target.is_dir():
        raise ExportError("gone", f"{target} is no folder")
    identity = load_identity(folder)
    named = Named(identity.place if identity else "", SystemClock().moment())
    done = export(folder, target, named)
    return f"{done.messages:,} messages in {done.folder}"


def connection_lines(config: Path | None, data: Path | None) -> Iterator[tuple[str, bool]]:
    """Each step of the way to the head office in words, and whether it can be taken."""
    settings = load_settings(config)
    folder = data_folder(data, settings.storage.folder)
    way = Way(load_identity(folder), settings, folder, _asked(settings, folder, config))
    told = 0
    for findings in diagnose(way, SystemClock()):
        for line in finding_lines(findings, translator("en"))[told:]:
            told += 1
            sign = {"good": "ok", "warn": "look", "bad": "FAILS", "none": ""}[line.sign or "none"]
            yield f"{sign:<6}{line.text:<28}{line.detail}".rstrip(), line.sign != "bad"


def set_pin(pin: str, config: Path | None, data: Path | None) -> str:
    """Makes this the PIN and ends a lock-out; raises PinError."""
    folder = data_folder(data, load_settings(config).storage.folder)
    PinFile(folder, SystemClock()).choose(pin)
    return "The PIN was set; a lock-out has ended."


def _asked(settings: Settings, folder: Path, config: Path | None) -> str:
    """The digest of the questionnaire in use, which a heartbeat names."""
    name = applied(settings, load_overlay(folder)[0]).questionnaire
    try:
        return digest(canonical(load_questionnaire(name, config.parent if config else None)))
    except ConfigError:
        return _NONE
