"""Reads raw answers in bounded portions, so that memory stays flat and no reader holds a lock.

Every portion is a statement of its own that is read to its end before anything is sent: a slow
browser never keeps a snapshot open, which on SQLite would let the write-ahead log grow and on
PostgreSQL would hold back vacuum.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec
from django.db import connection

from config.csv_guard import RISKY, SEPARATORS, STARTS, safe_text
from headoffice.db.queries import fetch_all
from headoffice.export.columns import (
    CONSTANT,
    Column,
    Expression,
    Guard,
    OptionColumn,
    expressions,
    no_guard,
    option_columns,
    question_rows,
)
from headoffice.export.csv import CsvStyle
from headoffice.export.damage import FROM, past_damage
from headoffice.export.dialect import SAFE_TEXT, dialect
from headoffice.export.read_ahead import READERS, read_ahead
from headoffice.export.selection import ExportSelection, Slice, offset_text, slices
from headoffice.results.catalogue import Catalogue

PORTION = 8_000
"""Rows that a statement should find, about, where the engine writes the lines."""
PORTION_OF_VALUES = 4_000
"""The same where each cell becomes a Python object, which takes ten times the memory."""
_FIRST_SPAN_MS = 8 * 24 * 3600 * 1000
_SHORTEST_MS = 1000
_TEXTS_OF_Q = (2, 6)
"""Where a question's row holds what people wrote: the title and the question's text."""


_Q = {
    "version": "bigint", "name": "text", "title": "text", "rating": "text", "faces": "integer",
    "question": "text", "text": "text", "kind": "text", "place": "integer",
}  # fmt: skip
_FROM = f"{FROM}LEFT JOIN q ON q.version = m.version AND q.question = m.question"
_OF_KIOSK = "FROM ingest_storedmessage WHERE kiosk = %s"

Values = dict[str, str | int]
"""Parameters of a statement by name."""


T = TypeVar("T")


class Piece(NamedTuple, Generic[T]):
    """What one statement found, and the number of rows in it."""

    data: T
    rows: int


Read = Callable[[str, Values], Piece[T]]
"""Carries out a statement, to its end."""


class _Window(NamedTuple):
    """A part of a stretch that one statement should be able to read."""

    statement: str
    values: Values
    span: int
    """How many ms it was meant to last; at the end of a stretch it is shorter."""

    def part(self, most: int, skipped: int) -> tuple[str, Values]:
        """The statement for so many of its rows."""
        return f"{self.statement} LIMIT {most} OFFSET {skipped}", self.values


class _Span:
    """How many ms the next window should last, by what was found in those before."""

    def __init__(self, portion: int) -> None:
        self.ms, self._portion = _FIRST_SPAN_MS, portion

    def learn(self, tried: int, found: int) -> None:
        """So many rows were in a window of so many ms; perhaps one from some windows ago."""
        if found > self._portion:
            self.ms = max(_SHORTEST_MS, tried // 2)
        elif found < self._portion // 2:
            self.ms = tried * 2


class AnswerRows:
    """The raw answers that someone wants, ready to be read in one way or another."""

    def __init__(self, selection: ExportSelection, now_ms: int) -> None:
        self.selection, self._now_ms = selection, now_ms
        catalogue = Catalogue.load()
        chosen = selection.versions or frozenset()
        self._option_columns: list[OptionColumn] = option_columns(
            [edition for pk, edition in catalogue.editions.items() if pk in chosen]
        )
        self._question_rows = question_rows(catalogue)
        self._expressions = self._columns(no_guard)

    def _columns(self, guard: Guard) -> list[Expression]:
        return expressions(dialect(), self._option_columns, guard, personal=self.selection.personal)

    @property
    def columns(self) -> list[Column]:
        """The columns in order; with chosen versions one more for each option of theirs."""
        return [expression.column for expression in self._expressions]

    def total(self) -> int:
        """How many rows there are."""
        count = 0
        for stretch in self._stretches():
            where, values = self._where(stretch, stretch.from_ms, stretch.until_ms)
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM ingest_storedmessage AS m {where}", values)  # noqa: S608
                count += cursor.fetchone()[0]
        return count

    def rows(self) -> Generator[list[tuple[Any, ...]], None, None]:
        """The rows as values, portion by portion."""
        selected = ", ".join(expression.sql for expression in self._expressions)
        # Python makes them one at a time, so further readers would wait for each other.
        for piece in self._pieces(_fetched, selected, str, PORTION_OF_VALUES, readers=0):
            yield piece.data

    def lines(self, style: CsvStyle) -> Generator[Piece[bytes], None, None]:
        """The rows as lines of CSV, without a header, written by the engine itself."""
        engine = _copying if connection.vendor == "postgresql" else _concatenating
        guard, guard_text = (dialect().safe, safe_text) if style.guard else (no_guard, str)
        selected, read = engine(self._columns(guard), style.separator)
        return self._pieces(read, selected, guard_text, PORTION, readers=READERS)

    # --- statements -----------------------------------------------------------------------

    def _pieces(
        self,
        read: Read[T],
        selected: str,
        guard_text: Callable[[str], str],
        portion: int,
        *,
        readers: int,
    ) -> Generator[Piece[T], None, None]:
        """The rows in their order, in pieces of about a portion and never more than two."""
        most, span, read = 2 * portion, _Span(portion), past_damage(read)
        windows = self._windows(selected, guard_text, span)
        with closing(
            read_ahead(windows, lambda window: read(*window.part(most, 0)), readers=readers)
        ) as found:
            for window, piece in found:
                rows, part = piece.rows, piece
                if part.rows:
                    yield part
                # Denser than thought: the rest is read when it is wanted, not ahead.
                while part.rows == most:
                    part = read(*window.part(most, rows))
                    rows += part.rows
                    if part.rows:
                        yield part
                span.learn(window.span, rows)

    def _windows(
        self, selected: str, guard_text: Callable[[str], str], span: _Span
    ) -> Iterator[_Window]:
        relation = dialect().rows_of_json("questions", _Q)
        known: Values = {"questions": self._questions(guard_text)}
        for stretch in self._stretches():
            describing = self._describing(stretch, guard_text) | known
            at, end = stretch.from_ms, stretch.until_ms
            while at < end:
                until = min(at + span.ms, end)
                where, values = self._where(stretch, at, until)
                yield _Window(
                    f"WITH q AS MATERIALIZED ({relation}) SELECT {selected} {_FROM} {where} "
                    f"ORDER BY m.happened_ms, {dialect().within_ms()}",
                    describing | values,
                    span.ms,
                )
                at = until

    def _where(self, stretch: Slice, from_ms: int, until_ms: int) -> tuple[str, Values]:
        terms, values = self.selection.sql("m")
        terms += [
            "m.kiosk = %(kiosk)s",
            "m.point = %(point)s",
            "m.happened_ms >= %(from_ms)s",
            "m.happened_ms < %(until_ms)s",
        ]
        values |= {
            "kiosk": stretch.kiosk,
            "point": stretch.point,
            "from_ms": from_ms,
            "until_ms": until_ms,
        }
        if self.selection.times is not None:
            terms.append(self.selection.times.sql("m.happened_ms", "%(ahead_ms)s"))
            values["ahead_ms"] = stretch.offset_s * 1000
        if self.selection.received_before_ms is not None:
            terms.append("m.received_ms < %(received_before)s")
            values["received_before"] = self.selection.received_before_ms
        return f"WHERE {' AND '.join(terms)}", values

    def _stretches(self) -> Iterator[Slice]:
        """The slices in which there may be messages, without what lies before and after them."""
        ends: dict[int, tuple[int, int]] = {}
        for stretch in slices(self.selection, self._now_ms):
            if stretch.kiosk not in ends:
                ends[stretch.kiosk] = _ends(stretch.kiosk)
            first, last = ends[stretch.kiosk]
            from_ms, until_ms = max(stretch.from_ms, first), min(stretch.until_ms, last + 1)
            if from_ms < until_ms:
                yield stretch._replace(from_ms=from_ms, until_ms=until_ms)

    def _describing(self, stretch: Slice, guard_text: Callable[[str], str]) -> Values:
        values: Values = {
            "place": guard_text(stretch.place),
            "path": guard_text(stretch.path),
            "zone": stretch.zone,
            "offset_ms": stretch.offset_s * 1000,
            "offset": offset_text(stretch.offset_s),
        }
        for number, choice in enumerate(self._option_columns):
            values |= {f"option_{number}": choice.option, f"question_{number}": choice.question}
        return values

    def _questions(self, guard_text: Callable[[str], str]) -> str:
        """The questions as JSON, which the statements read."""
        guarded = [
            [guard_text(str(c)) if place in _TEXTS_OF_Q else c for place, c in enumerate(row)]
            for row in self._question_rows
        ]
        return msgspec.json.encode(guarded).decode()


def _ends(kiosk: int) -> tuple[int, int]:
    """When a kiosk's first and last messages were made; of none the last is before the first."""
    # One after the other: for both at once SQLite would look at every message.
    ((first,),) = fetch_all(f"SELECT min(happened_ms) {_OF_KIOSK}", kiosk)
    ((last,),) = fetch_all(f"SELECT max(happened_ms) {_OF_KIOSK}", kiosk)
    return (0, -1) if first is None else (first, last)


def _fetched(statement: str, values: Values) -> Piece[list[tuple[Any, ...]]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found = cursor.fetchall()
    return Piece(found, len(found))


def _copying(cells: list[Expression], separator: str) -> tuple[str, Read[bytes]]:
    """What PostgreSQL should select, and how it writes lines of that."""
    selected = ", ".join(f'{_copied_cell(e)} AS "c{number}"' for number, e in enumerate(cells))
    typed = [f"c{n}" for n, e in enumerate(cells) if e.column.kind == "text"]
    options = f"FORMAT csv, DELIMITER '{separator}', FORCE_QUOTE ({', '.join(typed)})"

    def read(statement: str, values: Values) -> Piece[bytes]:
        with (
            connection.wrap_database_errors,
            connection.cursor() as cursor,
            cursor.copy(f"COPY ({statement}) TO STDOUT ({options})", values) as copy,
        ):
            data = b"".join(copy)
            rows = cursor.rowcount
        return Piece(_ended_by_crlf(data, rows), rows)

    return selected, read


def _concatenating(cells: list[Expression], separator: str) -> tuple[str, Read[bytes]]:
    """What SQLite should select, and how it writes lines of that."""
    printed = [_printed(e) for e in cells]
    arguments = ", ".join(cell.argument for cell in printed if cell.argument)
    risky: Values = {
        "risky": f"[{''.join(RISKY)}]*",
        "risky_within": f'*[{"".join(SEPARATORS)}]["{"".join(STARTS)}]*',
    }

    def read(statement: str, values: Values) -> Piece[bytes]:
        same = _same_in_all(values)
        pattern = separator.join(cell.pattern.format(**same) for cell in printed) + "\r\n"
        with connection.cursor() as cursor:
            connection.connection.create_function(SAFE_TEXT, 1, safe_text, deterministic=True)
            cursor.execute(
                # One value for all lines, in the order of the statement within: the engine
                # does not come back to Python for each of them.
                f"SELECT CAST(group_concat(line, '') AS BLOB), count(*) FROM ({statement})",  # noqa: S608 - constant text
                values | risky | {"pattern": pattern},
            )
            data, rows = cursor.fetchone()
        # Where a text can't be read as such, who asks is told so before anything is sent.
        (data or b"").decode()
        return Piece(data or b"", rows)

    return f"printf(%(pattern)s, {arguments}) AS line", read


def _copied_cell(expression: Expression) -> str:
    # COPY puts an empty text into quotation marks, to tell it from an absent one.
    return f"nullif({expression.sql}, '')" if expression.column.kind == "code" else expression.sql


def _ended_by_crlf(data: bytes, rows: int) -> bytes:
    """Lines of PostgreSQL's, which end with LF alone; line breaks within texts stay."""
    if data.count(b"\n") == rows:
        return data.replace(b"\n", b"\r\n")
    # Quotation marks within texts are doubled, so every second part is outside of all texts.
    parts = data.split(b'"')
    parts[::2] = [part.replace(b"\n", b"\r\n") for part in parts[::2]]
    return b'"'.join(parts)


class _Cell(NamedTuple):
    """A column for SQLite's printf: how to write it, and what to give for that."""

    pattern: str
    argument: str


def _same_in_all(values: Values) -> dict[str, str]:
    """What printf's pattern holds itself, because it is the same in all lines of a statement."""
    texts = {name: str(values[name]).replace("%", "%%") for name in ("place", "path", "zone")}
    quoted = {name: '"' + texts[name].replace('"', '""') + '"' for name in ("place", "path")}
    return texts | quoted | {"offset": str(values["offset"])}


def _printed(expression: Expression) -> _Cell:
    sql, kind, source = expression.sql, expression.column.kind, expression.source
    if sql in CONSTANT:
        return _Cell("{" + sql[2:-2] + "}", "")
    match kind:
        case "text":
            return _Cell('"%w"', sql)
        case "uuid":
            rest = ", ".join(f"substr({source}, {at})" for at in (9, 13, 17, 21))
            return _Cell("%.8s-%.4s-%.4s-%.4s-%s", f"{source}, {rest}")
        case "local" | "utc":
            # strftime would take twice as long.
            at = f"replace(datetime(({source}) / 1000.0, 'unixepoch'), ' ', 'T')"
            behind = "{offset}" if kind == "local" else "Z"
            return _Cell(f"%s.%03d{behind}", f"{at}, m.happened_ms %% 1000")
        case "day":
            return _Cell("%s", f"date(({source}) / 1000.0, 'unixepoch')")
        case _:
            return _Cell("%s", sql)
