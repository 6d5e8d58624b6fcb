"""Which database this is, in words that hold no secret."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings


def database_address(parameters: Mapping[str, Any] | None = None) -> str:
    """``SQLite FILE``, or ``PostgreSQL NAME at HOST:PORT``; of the database in use, or of another.

    The parameters are as in Django's DATABASES.
    """
    database = parameters or settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        return f"SQLite {database['NAME']}"
    host = database.get("HOST") or "this machine"
    port = f":{database['PORT']}" if database.get("PORT") else ""
    return f"PostgreSQL {database['NAME']} at {host}{port}"
