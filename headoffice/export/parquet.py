"""Parquet, by pyarrow, which comes with `hymio[parquet]`."""

from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from typing import Any

from headoffice.errors import HeadOfficeError
from headoffice.export.columns import Column

ROWS_OF_GROUP = 2_500
"""Every column of a group is held until it is written: 10,000 rows take 50 MB more."""


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


def parquet(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The file piece by piece; NoParquetError if pyarrow is not installed.

    Flags are booleans and times in UTC are timestamps; times by the clock of the place stay ISO
    texts, because their offsets differ from row to row.
    """
    if not available():
        raise NoParquetError
    import pyarrow as pa
    from pyarrow import parquet as pq

    types = {
        "integer": pa.int64(),
        "number": pa.float64(),
        "flag": pa.bool_(),
        "utc": pa.timestamp("ms", tz="UTC"),
    }
    schema = pa.schema([(c.name, types.get(c.kind, pa.string())) for c in columns])
    pipe = _Pipe()
    # The system's allocator gives memory back; arrow's own keeps it for the next time.
    pool = pa.system_memory_pool()
    with pq.ParquetWriter(
        pa.PythonFile(pipe, mode="w"), schema, compression="zstd", memory_pool=pool
    ) as writer:
        for portion in _portions(rows):
            cells = list(zip(*portion, strict=True))
            arrays = [
                pa.array(_values(kind, column), type_, memory_pool=pool)
                for column, kind, type_ in zip(
                    cells, [c.kind for c in columns], schema.types, strict=True
                )
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            if piece := pipe.take():
                yield piece
    yield pipe.take()


def _portions(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    portion: list[Sequence[Any]] = []
    for row in rows:
        portion.append(row)
        if len(portion) == ROWS_OF_GROUP:
            yield portion
            portion = []
    if portion:
        yield portion


def _values(kind: str, column: Sequence[Any]) -> list[Any]:
    match kind:
        case "flag":
            return [None if v is None else v in (True, "true") for v in column]
        case "integer":
            return [None if v is None or v == "" else int(v) for v in column]
        case "number":
            return [None if v is None else float(v) for v in column]
        case "utc":
            return [None if v is None else _instant(v) for v in column]
        case _:
            return [None if v is None else str(v) for v in column]


def _instant(iso: str) -> int:
    from datetime import datetime

    return round(datetime.fromisoformat(iso).timestamp() * 1000)
