"""JSON Schema of the files, so that an editor completes and checks them."""

from typing import Any, Literal

import msgspec

from config.questionnaire import Questionnaire
from config.settings import Settings

_MODELS = {"settings": Settings, "questionnaire": Questionnaire}


def schema(kind: Literal["settings", "questionnaire"]) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one kind of file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Hymio {kind}",
        **msgspec.json.schema(_MODELS[kind]),
    }
