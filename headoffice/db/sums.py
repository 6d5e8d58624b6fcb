"""Sums that no row can break."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Sum
from django.db.models.sql.compiler import SQLCompiler


class SafeSum(Sum):
    """A sum of whole numbers; where it leaves 64 bits it is the nearest number within them.

    SQLite refuses a statement whose sum overflows. Its ``total`` adds in floating point, which is
    exact up to 2^53. PostgreSQL's sums have no end.
    """

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **more: Any
    ) -> tuple[str, Any]:
        """In SQLite's words."""
        template = "CAST(total(%(expressions)s) AS INTEGER)"
        return super().as_sql(compiler, connection, template=template, **more)


def safe_sum(expression: str, vendor: str) -> str:
    """The same as text, for statements that are written by hand."""
    if vendor == "sqlite":
        return f"CAST(total({expression}) AS INTEGER)"
    return f"sum({expression})"
