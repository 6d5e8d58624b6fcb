"""CSV by RFC 4180: CRLF, texts in quotation marks; between cells a comma or another sign."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from config.csv_guard import safe_text
from headoffice.export.columns import Column

BOM = b"\xef\xbb\xbf"
"""Tells Excel that a file is UTF-8."""


@dataclass(frozen=True)
class CsvStyle:
    """How the lines are written."""

    separator: str = ","
    """One character, in no cell but texts."""
    guard: bool = True
    """Whether texts are kept from being taken for formulas, as a spreadsheet would."""

    def header(self, columns: Sequence[Column], *, bom: bool) -> bytes:
        """The line of names."""
        return (BOM if bom else b"") + self._line([(column.name, "text") for column in columns])

    def lines(self, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
        """A line for each row."""
        kinds = [column.kind for column in columns]
        for row in rows:
            yield self._line(list(zip(row, kinds, strict=True)))

    def _line(self, cells: Sequence[tuple[object, str]]) -> bytes:
        written = self.separator.join(self._cell(value, kind) for value, kind in cells)
        return f"{written}\r\n".encode()

    def _cell(self, value: object, kind: str) -> str:
        if value is None:
            return ""
        if kind != "text":
            return str(value)
        text = safe_text(str(value)) if self.guard else str(value)
        return '"' + text.replace('"', '""') + '"'
