"""CSV by RFC 4180: commas, CRLF, texts in quotation marks."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from config.csv_guard import safe_text
from headoffice.export.columns import Column

BOM = b"\xef\xbb\xbf"
"""Tells Excel that a file is UTF-8."""


def header(columns: Sequence[Column], *, bom: bool) -> bytes:
    """The line of names."""
    return (BOM if bom else b"") + line([_cell(column.name, "text") for column in columns])


def lines(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """A line for each row."""
    kinds = [column.kind for column in columns]
    for row in rows:
        yield line([_cell(value, kind) for value, kind in zip(row, kinds, strict=True)])


def line(cells: Sequence[str]) -> bytes:
    """Cells that are written as they stand in the file, with their end of line."""
    return (",".join(cells) + "\r\n").encode()


def _cell(value: object, kind: str) -> str:
    if value is None:
        return ""
    if kind != "text":
        return str(value)
    return '"' + safe_text(str(value)).replace('"', '""') + '"'
