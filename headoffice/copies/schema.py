"""Which version's tables a database has."""

from importlib.metadata import version
from typing import NamedTuple

from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader


class SchemaState(NamedTuple):
    """How the tables compare with those of this program."""

    applied: int
    """Migrations that made them; 0: there are none of Hymio's."""
    newer: tuple[str, ...]
    """Migrations that this program doesn't know."""
    older: bool
    """This program would change them."""


def schema_state() -> SchemaState:
    """Of the database in place; may raise DatabaseError."""
    loader = MigrationLoader(connection)
    applied, known = set(loader.applied_migrations), set(loader.disk_migrations)
    ours = {key for key in applied if key in known}
    newer = tuple(".".join(key) for key in sorted(applied - known))
    return SchemaState(len(ours), newer, bool(known - applied))


def compare_schema(state: SchemaState) -> str:
    """Why these tables can't be used by this program; empty if they can."""
    if not state.applied:
        return "there are no tables of a head office in it"
    if state.newer:
        return (
            f"it is of a newer version: this is Hymio {version('hymio')}, which doesn't know "
            f"{state.newer[0]}. Use that version, or a later one"
        )
    return ""


def upgrade_scratch() -> None:
    """Bring the database in place up to this program's schema; for one that is thrown away."""
    call_command("migrate", interactive=False, verbosity=0)
