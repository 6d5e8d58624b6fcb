"""``hymio-kiosk test-connection``: each step to the head office, without a screen."""

from collections.abc import Iterator
from pathlib import Path

from config.errors import ConfigError
from config.loader import load_questionnaire
from config.questionnaire import canonical, digest
from config.settings import Settings
from kiosk.i18n import translator
from kiosk.last_good import read_settings_aloud
from kiosk.maintenance.connection_test import ConnectionPath, diagnose
from kiosk.overrides import apply_overrides, load_overrides
from kiosk.staff.pages.connection import finding_lines
from sync.clock import SystemClock
from sync.identity import load_identity

_NO_QUESTIONNAIRE = "0" * 64


def test_connection(config: Path | None, data: Path | None) -> Iterator[tuple[str, bool]]:
    """Each step to the head office in words, and whether it can be taken."""
    read = read_settings_aloud(config, data)
    settings, folder = read.settings, read.data
    path = ConnectionPath(
        load_identity(folder), settings, folder, _questionnaire_digest(settings, folder, config)
    )
    printed = 0
    for findings in diagnose(path, SystemClock()):
        for line in finding_lines(findings, translator("en"))[printed:]:
            printed += 1
            sign = {"good": "ok", "warn": "look", "bad": "FAILS", "none": ""}[line.sign or "none"]
            yield f"{sign:<6}{line.text:<28}{line.detail}".rstrip(), line.sign != "bad"


def _questionnaire_digest(settings: Settings, folder: Path, config: Path | None) -> str:
    """The digest of the questionnaire in use, which a heartbeat names."""
    name = apply_overrides(settings, load_overrides(folder).overrides).questionnaire
    try:
        return digest(canonical(load_questionnaire(name, config.parent if config else None)))
    except ConfigError:
        return _NO_QUESTIONNAIRE
