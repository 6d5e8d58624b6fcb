"""``field__among``: one of many numbers, told to PostgreSQL as one value and not as a thousand."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Lookup


class AmongLookup(Lookup):
    """As ``in``, whose text and values take longer to put together than their answer to come."""

    lookup_name = "among"
    prepare_rhs = False
    rhs: Iterable[int]

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """For SQLite, which knows no arrays."""
        left, values = self.process_lhs(compiler, connection)
        among = list(self.rhs)
        return f"{left} IN ({','.join(['%s'] * len(among))})", (*values, *among)

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """With an array."""
        left, values = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s)", (*values, list(self.rhs))
