"""Parquet, by pyarrow, which comes with `hymio[parquet]`.

The engine writes the rows as lines of CSV, as for a CSV file; Arrow reads those into columns. A
Python object for each cell would take ten times as long.
"""

from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from headoffice.errors import HeadOfficeError
from headoffice.export.columns import Column
from headoffice.export.csv import CsvStyle

if TYPE_CHECKING:
    import pyarrow as pa

LINES = CsvStyle(guard=False)
"""How the lines are written that Arrow reads: no spreadsheet sees them."""
BYTES_OF_GROUP = 4 << 20
"""Of lines, at least, but in the last group: smaller groups take more room and time to read."""


class NoParquetError(HeadOfficeError):
    """Parquet needs pyarrow: install hymio[parquet] at the head office."""

    def __init__(self) -> None:
        super().__init__(str(self.__doc__))


def available() -> bool:
    """Whether this head office can write Parquet."""
    return find_spec("pyarrow") is not None


class _Pipe:
    """What the writer writes into and the browser reads from."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._at = 0

    def write(self, data: bytes) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._at += len(part)
        return len(part)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        """Nothing is held back here."""

    def close(self) -> None:
        """What was written stays to be taken."""

    def take(self) -> bytes:
        """Everything written since the last call."""
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def parquet(columns: Sequence[Column], lines: Iterable[bytes]) -> Iterator[bytes]:
    """The file piece by piece, of :data:`LINES`; NoParquetError if pyarrow is not installed.

    Flags are booleans, days are dates and times in UTC are timestamps; times by the clock of the
    place stay ISO texts, because their offsets differ from row to row.
    """
    if not available():
        raise NoParquetError
    import pyarrow as pa
    from pyarrow import parquet as pq

    types = {
        "integer": pa.int64(),
        "flag": pa.bool_(),
        "day": pa.date32(),
        "utc": pa.timestamp("ms", tz="UTC"),
    }
    schema = pa.schema([(c.name, types.get(c.kind, pa.string())) for c in columns])
    pipe = _Pipe()
    # The system's allocator gives memory back; arrow's own keeps it for the next time.
    pool = pa.system_memory_pool()
    with pq.ParquetWriter(
        pa.PythonFile(pipe, mode="w"), schema, compression="zstd", memory_pool=pool
    ) as writer:
        for group in _groups(lines):
            writer.write_table(_table(group, schema, pool))
            if piece := pipe.take():
                yield piece
    yield pipe.take()


def _groups(lines: Iterable[bytes]) -> Iterator[bytes]:
    parts: list[bytes] = []
    size = 0
    for part in lines:
        parts.append(part)
        size += len(part)
        if size >= BYTES_OF_GROUP:
            yield b"".join(parts)
            parts, size = [], 0
    if size:
        yield b"".join(parts)


def _table(lines: bytes, schema: "pa.Schema", pool: Any) -> "pa.Table":
    import pyarrow as pa
    from pyarrow import csv

    return csv.read_csv(
        pa.BufferReader(lines),
        # One block: no line is cut in two, however long it is.
        csv.ReadOptions(use_threads=False, block_size=len(lines) + 1, column_names=schema.names),
        csv.ParseOptions(delimiter=LINES.separator, newlines_in_values=True),
        csv.ConvertOptions(column_types=schema, strings_can_be_null=False, null_values=[""]),
        memory_pool=pool,
    )
