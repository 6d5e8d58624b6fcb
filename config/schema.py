"""JSON Schema of the files, so that an editor completes and checks them."""

import inspect
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from config.questionnaire import Questionnaire
from config.settings import Settings

_MODELS = {"settings": Settings, "questionnaire": Questionnaire}


def schema(kind: Literal["settings", "questionnaire"]) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one kind of file."""
    (reference,), described = components([_MODELS[kind]], "#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Hymio {kind}",
        **reference,
        "$defs": described,
    }


def components(
    types: Iterable[Any], ref_template: str
) -> tuple[tuple[dict[str, Any], ...], dict[str, Any]]:
    """References to the schemas of some types, and these by name.

    Descriptions are docstrings without their indentation, whatever the version of Python: before
    3.13 it stands in them, and Markdown takes it for code.
    """
    references, described = msgspec.json.schema_components(types, ref_template=ref_template)
    for schema in described.values():
        if "description" in schema:
            schema["description"] = inspect.cleandoc(schema["description"])
    return references, described
