"""The OpenAPI 3.1 document of the read API, generated from its types."""

import functools
import re
from typing import Any

import msgspec
from django.urls import URLPattern, path
from django.utils.translation import gettext_noop as _

from config.schema import components
from headoffice.api import answers, places, results
from headoffice.api.frame import ENDPOINTS, Endpoint
from headoffice.api.live import LiveAnswer
from headoffice.api.schema import AnswerFilters
from sync.messages import Problem

_MODULES = (answers, places, results)
"""Imported for the addresses that they declare."""
_REF = "#/components/schemas/{name}"
_NO_NUL = r"^[^\u0000]*$"
_FUTURE = "A time lies in the future: the clock that told it was wrong. Begin again before that."
_FAILURES = {
    "400": "A parameter is wrong; `errors` says which and why.",
    "401": "No valid token.",
    "403": "The token does not have the scope.",
    "404": "There is no such thing, or no such page of a list.",
    "503": "The database is busy; try again after Retry-After seconds.",
}


def addresses() -> list[URLPattern]:
    """The endpoints for the router."""
    return [path(endpoint.path, endpoint.view) for endpoint in ENDPOINTS]


@functools.cache
def document() -> dict[str, Any]:
    """The whole document as plain values."""
    references, described = components(
        [endpoint.reply for endpoint in ENDPOINTS] + [Problem, LiveAnswer], _REF
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Hymio read API",
            # Of the API; that of the program is nobody's business who is not logged in.
            "version": "1",
            "description": (
                "Answers and results of a Hymio head office. Lists come in pages: while `next` "
                "is not null, give it as `cursor`. Times are ISO 8601; days are local to the place."
            ),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"token": []}],
        "paths": {
            "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", e.path): {"get": _operation(e, reference)}
            for e, reference in zip(ENDPOINTS, references, strict=False)
        }
        | {"/live": {"get": _live()}},
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Made by an administrator on the page Tokens.",
                }
            },
            "schemas": described,
        },
    }


def _operation(endpoint: Endpoint, reference: dict[str, Any]) -> dict[str, Any]:
    name = endpoint.view.__name__
    return {
        "operationId": name,
        "summary": endpoint.summary,
        "tags": [endpoint.scope.value],
        "description": f"Scope: `{endpoint.scope.value}`.",
        "parameters": [*_in_path(endpoint.path), *_in_query(endpoint.parameters)],
        "responses": {
            "200": {
                "description": (endpoint.reply.__doc__ or "").strip(),
                "headers": {"ETag": {"schema": {"type": "string"}}},
                "content": {"application/json": {"schema": reference}},
            },
            "304": {"description": "As it was when you got the ETag that you sent."},
            **_failures(**({"409": _FUTURE} if endpoint.parameters is AnswerFilters else {})),
        },
    }


def _failures(**more: str) -> dict[str, Any]:
    schema = {"$ref": _REF.format(name="Problem")}
    content = {"application/problem+json": {"schema": schema}}
    return {
        status: {"description": words, "content": content}
        for status, words in sorted((_FAILURES | more).items())
    }


def _in_path(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"<\w+:(\w+)>", path)
    ]


def _in_query(parameters: type[msgspec.Struct]) -> list[dict[str, Any]]:
    described = msgspec.json.schema(parameters)["$defs"][parameters.__name__]["properties"]
    found = []
    for name, schema in described.items():
        said = _sayable(schema)
        words = said.pop("description", "")
        found.append({"name": name, "in": "query", "description": words, "schema": said})
    return found


def _sayable(schema: dict[str, Any]) -> dict[str, Any]:
    """What an address can say: a parameter is left out, and never null; no text holds U+0000."""
    kinds = [part for part in schema.get("anyOf", ()) if part != {"type": "null"}]
    said = {k: v for k, v in schema.items() if k != "anyOf" and (k, v) != ("default", None)}
    for part in kinds:
        said |= part
    if said.get("type") == "string" and "format" not in said:
        said["pattern"] = _NO_NUL
    return said


def _live() -> dict[str, Any]:
    return {
        "operationId": "live",
        "summary": _("Ratings as they come, as server-sent events."),
        "tags": ["live"],
        "description": "Scope: `live`. Each event `answer` carries a LiveAnswer as its data.",
        "parameters": [
            {
                "name": "Last-Event-ID",
                "in": "header",
                "description": _("Go on after this event."),
                "schema": {"type": "string", "pattern": _NO_NUL},
            }
        ],
        "responses": {
            "200": {
                "description": "Events; comments in between show that the line is alive.",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            },
            **_failures(),
        },
    }
