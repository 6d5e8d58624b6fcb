"""``hymio-kiosk check`` and ``hymio-kiosk schema``: help for whoever writes the files."""

from pathlib import Path
from typing import Literal

import msgspec

from config.errors import ConfigError
from config.loader import load_questionnaire, load_settings, read_document
from config.schema import schema as schema_of
from config.settings import Screen
from kiosk.maintenance.panel import panel_size_mm
from kiosk.suitability import check_suitability, width_notes


def check_file(file: Path) -> str:
    """Says that a settings or questionnaire file is right; raises ConfigError if it isn't."""
    if _is_questionnaire(file):
        questionnaire = load_questionnaire(f"{file.parent}/{file.name}")
        check_suitability(str(file), questionnaire, Screen())
        count, languages = len(questionnaire.questions), ", ".join(questionnaire.languages)
        return f"{file} is a valid questionnaire: {count} question(s) in {languages}."
    settings = load_settings(file)
    questionnaire = load_questionnaire(settings.questionnaire, file.parent)
    panel = panel_size_mm() if settings.screen.fullscreen else None
    check_suitability(settings.questionnaire, questionnaire, settings.screen, panel)
    said = f"{file} holds valid settings, and their questionnaire {questionnaire.id!r} is valid."
    return "\n".join([said, *width_notes(settings.screen, panel)])


def schema_text(of: Literal["settings", "questionnaire"]) -> str:
    """The JSON Schema of a kind of file, as indented text."""
    return msgspec.json.format(msgspec.json.encode(schema_of(of)), indent=2).decode()


def _is_questionnaire(file: Path) -> bool:
    """Whether it has questions, or would have if it could be read."""
    try:
        return "questions" in read_document(file)
    except ConfigError:
        # The loader says what is wrong with it.
        return False
