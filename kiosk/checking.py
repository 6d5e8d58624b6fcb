"""``hymio-kiosk check`` and ``hymio-kiosk schema``: help for whoever writes the files."""

import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from config.loader import load_questionnaire, load_settings
from config.schema import schema as schema_of


def check(file: Path) -> str:
    """Says that a settings or questionnaire file is right; raises ConfigError if it isn't."""
    if _is_questionnaire(file):
        questionnaire = load_questionnaire(f"{file.parent}/{file.name}")
        count, languages = len(questionnaire.questions), ", ".join(questionnaire.languages)
        return f"{file} is a valid questionnaire: {count} question(s) in {languages}."
    settings = load_settings(file)
    questionnaire = load_questionnaire(settings.questionnaire, file.parent)
    return f"{file} holds valid settings, and their questionnaire {questionnaire.id!r} is valid."


def schema(of: Literal["settings", "questionnaire"]) -> str:
    """The JSON Schema of a kind of file, as indented text."""
    return msgspec.json.format(msgspec.json.encode(schema_of(of)), indent=2).decode()


def _is_questionnaire(file: Path) -> bool:
    """Whether it has questions, or would have if it could be read."""
    try:
        return "questions" in tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        # The loader says what is wrong with it.
        return False
