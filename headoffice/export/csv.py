"""CSV by RFC 4180: commas, CRLF, texts in quotation marks.

A text that begins with = + - @, a tab or a carriage return gets an apostrophe in front, so that
no spreadsheet runs what a shopper typed (OWASP, "CSV Injection").
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from headoffice.export.columns import Column

BOM = b"\xef\xbb\xbf"
"""Tells Excel that a file is UTF-8."""
RISKY = ("=", "+", "@", "\t", "\r", "-")
"""The hyphen last: within brackets of GLOB it would make a range."""


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


def safe_text(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(RISKY) else text


def _cell(value: object, kind: str) -> str:
    if value is None:
        return ""
    if kind != "text":
        return str(value)
    return '"' + safe_text(str(value)).replace('"', '""') + '"'
