"""Makes a file while it is being downloaded: rows go out as they are read.

Nothing is kept on the head office's disk, any web process can serve it, and memory stays flat.
How far it is stands in the database, where the page that asked for it looks, and where a wish to
stop is left.
"""

import datetime as dt
import logging
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from typing import Any, Protocol

from django.db import DatabaseError

from headoffice import clock
from headoffice.db.write_lock import exclusive_write
from headoffice.errors import HeadOfficeError
from headoffice.export import excel, parquet
from headoffice.export.columns import Column
from headoffice.export.csv import CsvStyle
from headoffice.export.models import Export
from headoffice.export.reading import AnswerRows
from headoffice.export.slots import OutrunError, Slot, Slots

LEAST_BYTES, MOST_BYTES = 65_536, 524_288
"""Handed on at a time, the more the quicker they are taken: each time costs two threads a turn,
and between two is looked whether somebody else waits or nobody wants more."""
QUICK_S = 0.2
ABANDONED_AFTER = dt.timedelta(minutes=15)
"""A file of which nothing was noted for so long has lost its process."""
_NOTED_EVERY_S = 0.5
STYLE = CsvStyle()
_slots = Slots()
_log = logging.getLogger("headoffice.export")
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}


class CancelledError(HeadOfficeError):
    """Somebody does not want the file any more."""


class Source(Protocol):
    """A table to take away."""

    @property
    def columns(self) -> Sequence[Column]:
        """Its columns in order."""

    def total(self) -> int:
        """How many rows it has."""

    def rows(self) -> Iterator[Sequence[Sequence[Any]]]:
        """Its rows, portion by portion."""


class DownloadProgress:
    """Counts rows, notes them twice a second, and hears of a wish to stop."""

    def __init__(self, export: Export | None) -> None:
        self._export, self._rows = export, 0
        self._noted = clock.mono()

    def add(self, rows: int) -> None:
        """So many more rows were read."""
        self._rows += rows

    def note(self) -> None:
        """Write down how far it is; CancelledError if nobody wants more."""
        if self._export is None or clock.mono() - self._noted < _NOTED_EVERY_S:
            return
        self._noted = clock.mono()
        running = Export.objects.filter(
            pk=self._export.pk, state=Export.State.RUNNING, user__is_active=True
        )
        if not running.update(rows=self._rows, noted_at=clock.now()):
            raise CancelledError

    def end(self, state: str) -> None:
        """It is over, in one way or another."""
        if self._export is not None:
            Export.objects.filter(pk=self._export.pk, state=Export.State.RUNNING).update(
                state=state, rows=self._rows, ended_at=clock.now()
            )


def stream(
    source: Source,
    format_: str,
    title: str,
    *,
    style: CsvStyle = STYLE,
    bom: bool = False,
    export: Export | None = None,
) -> Generator[bytes, None, None]:
    """The file piece by piece; BusyError before the first one if too many are being made."""
    slot = _slots.take(export.user_id if export else 0)
    pieces = _Download(source, format_, title, style=style, bom=bom, export=export).pieces(slot)
    # Begun at once: from here on its slot is given back, however little of it is read.
    next(pieces)
    return pieces


def end_abandoned_files() -> None:
    """Say of those whose process has ended without a word that they broke off."""
    running = Export.objects.filter(state=Export.State.RUNNING)
    abandoned = running.exclude(noted_at__gte=clock.now() - ABANDONED_AFTER)
    if abandoned.exists():
        with exclusive_write():
            abandoned.update(state=Export.State.FAILED, ended_at=clock.now())


class _Download:
    def __init__(
        self,
        source: Source,
        format_: str,
        title: str,
        *,
        style: CsvStyle,
        bom: bool,
        export: Export | None,
    ) -> None:
        self._source, self._format, self._title = source, format_, title
        self._style, self._bom = style, bom
        self._export, self._progress = export, DownloadProgress(export)

    def pieces(self, slot: Slot) -> Generator[bytes, None, None]:
        state = Export.State.CANCELLED
        try:
            yield b""
            if self._export is not None:
                Export.objects.filter(pk=self._export.pk).update(total=self._source.total())
            with closing(self._written()) as written:
                for piece in _pieces(written):
                    yield piece
                    slot.note(len(piece))
                    self._progress.note()
            state = Export.State.DONE
        except CancelledError:
            # Cut off, so that nobody takes half a file for the whole.
            raise
        except OutrunError:
            state = Export.State.FAILED
            raise
        except DatabaseError:
            state = Export.State.FAILED
            _log.exception("An export broke off")
            raise
        finally:
            # Also when the browser goes away in the midst of it.
            _slots.free(slot)
            self._progress.end(state)

    def _written(self) -> Generator[bytes, None, None]:
        columns = self._source.columns
        match self._format:
            case "xlsx":
                yield from excel.workbook(self._title, columns, self._rows())
            case "parquet":
                with closing(self._lines(columns, parquet.LINES)) as lines:
                    yield from parquet.parquet(columns, lines)
            case _:
                yield self._style.header(columns, bom=self._bom)
                yield from self._lines(columns, self._style)

    def _lines(self, columns: Sequence[Column], style: CsvStyle) -> Generator[bytes, None, None]:
        if isinstance(self._source, AnswerRows):
            # Closed when it breaks off, too: then nobody reads ahead any more.
            with closing(self._source.lines(style)) as pieces:
                for piece in pieces:
                    self._progress.add(piece.rows)
                    yield piece.data
            return
        for portion in self._source.rows():
            self._progress.add(len(portion))
            yield b"".join(style.lines(columns, portion))

    def _rows(self) -> Iterator[Sequence[Any]]:
        for portion in self._source.rows():
            yield from portion
            self._progress.add(len(portion))


def _pieces(written: Iterator[bytes]) -> Iterator[bytes]:
    size = LEAST_BYTES
    for data in written:
        start = 0
        while start < len(data):
            handed = clock.mono()
            yield data[start : start + size]
            start += size
            is_quick = clock.mono() - handed < QUICK_S
            size = min(2 * size, MOST_BYTES) if is_quick else LEAST_BYTES
