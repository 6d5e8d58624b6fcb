"""Reads raw answers in bounded portions, so that memory stays flat and no reader holds a lock.

Every portion is a statement of its own that is read to its end before anything is sent: a slow
browser never keeps a snapshot open, which on SQLite would let the write-ahead log grow and on
PostgreSQL would hold back vacuum.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.db import connection

from headoffice.export.columns import (
    CONSTANT,
    GIVEN,
    Choice,
    Column,
    Expression,
    choices,
    expressions,
    questions,
)
from headoffice.export.csv import RISKY, safe_text
from headoffice.export.dialect import dialect
from headoffice.export.wanted import Slice, Wanted, offset_text, slices
from headoffice.results.catalogue import Catalogue

PORTION = 20_000
"""Rows that a statement should find, about, where the engine writes the lines."""
PORTION_OF_VALUES = 4_000
"""The same where each cell becomes a Python object, which takes ten times the memory."""
_FIRST_SPAN_MS = 8 * 24 * 3600 * 1000
_SHORTEST_MS = 1000
_TEXTS_OF_Q = (2, 6)
"""Where a question's row holds what people wrote: the title and the question's text."""


_Q = "version, name, title, rating, faces, question, text, kind, place"
_FROM = (
    "FROM ingest_storedmessage AS m "
    "LEFT JOIN q ON q.version = m.version AND q.question = m.question"
)


Values = dict[str, str | int]
"""Parameters of a statement by name."""


class Lines(NamedTuple):
    """A piece of a CSV file and the number of rows in it."""

    data: bytes
    rows: int


class Answers:
    """The raw answers that someone wants, ready to be read in one way or another."""

    def __init__(self, wanted: Wanted, now_ms: int) -> None:
        self.wanted, self._now_ms = wanted, now_ms
        catalogue = Catalogue.load()
        asked = wanted.versions or frozenset()
        self._choices: list[Choice] = choices(
            [edition for pk, edition in catalogue.editions.items() if pk in asked]
        )
        self._questions = questions(catalogue)
        self._expressions = expressions(dialect(), self._choices)

    @property
    def columns(self) -> list[Column]:
        """The columns in order; with chosen versions one more for each option of theirs."""
        return [expression.column for expression in self._expressions]

    def total(self) -> int:
        """How many rows there are."""
        count = 0
        for stretch in slices(self.wanted, self._now_ms):
            where, values = self._where(stretch, stretch.from_ms, stretch.until_ms)
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT count(*) FROM ingest_storedmessage AS m {where}", values)  # noqa: S608
                count += cursor.fetchone()[0]
        return count

    def rows(self) -> Iterator[list[tuple[Any, ...]]]:
        """The rows as values, portion by portion."""
        selected = ", ".join(expression.sql for expression in self._expressions)
        for statement, values in self._statements(selected, str, PORTION_OF_VALUES):
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                found = cursor.fetchall()
            self._found = len(found)
            if found:
                yield found

    def lines(self) -> Iterator[Lines]:
        """The rows as lines of CSV, without a header, written by the engine itself."""
        read = self._copied if connection.vendor == "postgresql" else self._concatenated
        for piece in read():
            self._found = piece.rows
            if piece.rows:
                yield piece

    def _copied(self) -> Iterator[Lines]:
        selected = ", ".join(
            f'{_copied_cell(e)} AS "c{number}"' for number, e in enumerate(self._expressions)
        )
        typed = [f"c{n}" for n, e in enumerate(self._expressions) if e.column.kind == "text"]
        options = f"FORMAT csv, FORCE_QUOTE ({', '.join(typed)})"
        for statement, values in self._statements(selected, _copied_text, PORTION):
            with (
                connection.cursor() as cursor,
                cursor.copy(f"COPY ({statement}) TO STDOUT ({options})", values) as copy,
            ):
                data = b"".join(copy)
                rows = cursor.rowcount
            # The engine ends lines with LF alone. Line breaks within texts came as U+0001.
            yield Lines(data.replace(b"\n", b"\r\n").replace(b"\x01", b"\n"), rows)

    def _concatenated(self) -> Iterator[Lines]:
        cells = ", ".join(_printed_cell(e) for e in self._expressions if e.sql not in CONSTANT)
        line = f"printf(%(pattern)s, {cells})"
        risky: Values = {"risky": f"[{''.join(RISKY)}]*"}
        for statement, values in self._statements(line, safe_text, PORTION):
            pattern: Values = {"pattern": self._pattern(values)}
            with connection.cursor() as cursor:
                cursor.execute(statement, values | risky | pattern)
                found = cursor.fetchall()
            yield Lines("".join([line for (line,) in found]).encode(), len(found))

    def _pattern(self, values: Values) -> str:
        """How printf writes a line, with what is the same in all of them filled in."""
        cells = []
        for sql, kind in ((e.sql, e.column.kind) for e in self._expressions):
            if sql in CONSTANT:
                text = str(values[sql[2:-2]]).replace('"', '""').replace("%", "%%")
                cells.append(f'"{text}"' if kind == "text" else text)
            else:
                cells.append('"%w"' if kind == "text" else "%s")
        return ",".join(cells) + "\r\n"

    # --- statements -----------------------------------------------------------------------

    def _statements(
        self, selected: str, written: Callable[[str], str], portion: int
    ) -> Iterator[tuple[str, Values]]:
        """Statements of about so many rows; after each, ``_found`` has to say how many it was."""
        relation, known = self._relation(written)
        span = _FIRST_SPAN_MS
        for stretch in slices(self.wanted, self._now_ms):
            describing = self._describing(stretch, written) | known
            at, end = self._edges(stretch)
            while at < end:
                until = min(at + span, end)
                where, values = self._where(stretch, at, until)
                skipped = 0
                while True:
                    self._found = 0
                    yield (
                        (
                            f"WITH q ({_Q}) AS ({relation}) SELECT {selected} {_FROM} {where} "
                            "ORDER BY m.happened_ms, m.installation, m.seq "
                            f"LIMIT {2 * portion} OFFSET {skipped}"
                        ),
                        describing | values,
                    )
                    skipped += self._found
                    if self._found < 2 * portion:
                        break
                at = until
                span = _next_span(span, skipped, portion)

    def _where(self, stretch: Slice, from_ms: int, until_ms: int) -> tuple[str, Values]:
        wanted = self.wanted
        values: Values = {
            "kiosk": stretch.kiosk,
            "point": stretch.point,
            "from_ms": from_ms,
            "until_ms": until_ms,
        }
        terms = [
            "m.kiosk = %(kiosk)s",
            "m.point = %(point)s",
            "m.happened_ms >= %(from_ms)s",
            "m.happened_ms < %(until_ms)s",
        ]
        if wanted.received_before_ms is not None:
            terms.append("m.received_ms < %(received_before)s")
            values["received_before"] = wanted.received_before_ms
        if not wanted.test:
            terms.append("NOT m.test")
        if not wanted.misuse:
            terms.append("m.misuse = ''")
        if wanted.language:
            terms.append("m.language = %(language)s")
            values["language"] = wanted.language
        if wanted.versions is not None:
            # Numbers of ours; a list of parameters would have another length each time.
            numbers = ", ".join(str(int(version)) for version in sorted(wanted.versions))
            terms.append(f"m.version IN ({numbers or 'NULL'})")
        if wanted.questions is not None:
            names = {f"question_is_{n}": q for n, q in enumerate(sorted(wanted.questions))}
            inside = ", ".join(f"%({name})s" for name in names) or "NULL"
            terms.append(f"m.question IN ({inside})")
            values |= names
        return f"WHERE {' AND '.join(terms)}", values

    def _edges(self, stretch: Slice) -> tuple[int, int]:
        """Where the kiosk's first and last messages of the stretch lie."""
        values = {"kiosk": stretch.kiosk, "from": stretch.from_ms, "until": stretch.until_ms}
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT min(happened_ms), max(happened_ms) FROM ingest_storedmessage WHERE "
                "kiosk = %(kiosk)s AND happened_ms >= %(from)s AND happened_ms < %(until)s",
                values,
            )
            first, last = cursor.fetchone()
        return (0, 0) if first is None else (first, last + 1)

    def _describing(self, stretch: Slice, written: Callable[[str], str]) -> Values:
        values: Values = {
            "place": written(stretch.place),
            "path": written(stretch.path),
            "zone": stretch.zone,
            "offset_ms": stretch.offset_s * 1000,
            "offset": offset_text(stretch.offset_s),
        }
        for number, choice in enumerate(self._choices):
            values |= {f"option_{number}": choice.option, f"question_{number}": choice.question}
        return values

    def _relation(self, written: Callable[[str], str]) -> tuple[str, Values]:
        """The questions as a relation of the statement, and its values."""
        values: Values = {}
        rows = []
        for number, row in enumerate(self._questions):
            names = [f"q{number}_{place}" for place in range(len(row))]
            cells = [written(str(c)) if place in _TEXTS_OF_Q else c for place, c in enumerate(row)]
            values |= dict(zip(names, cells, strict=True))
            rows.append("(" + ", ".join(f"%({name})s" for name in names) + ")")
        if not rows:
            nothing = "0, '', '', '', 0, '', '', '', 0"
            return f"SELECT {nothing} WHERE 1 = 0", values
        return f"VALUES {', '.join(rows)}", values


def _next_span(span: int, found: int, portion: int) -> int:
    if found > portion:
        return max(_SHORTEST_MS, span // 2)
    return span * 2 if found < portion // 2 else span


def _copied_text(text: str) -> str:
    return safe_text(text.replace("\x01", "").replace("\n", "\x01"))


def _copied_cell(expression: Expression) -> str:
    """For PostgreSQL's COPY, which quotes by itself."""
    if expression.column.kind != "text" or expression.sql in GIVEN:
        return expression.sql
    sql = f"translate({expression.sql}, E'\\n\\x01', E'\\x01')"
    risky = f"left({expression.sql}, 1) IN ('=', '+', '@', E'\\t', E'\\r', '-')"
    return f"CASE WHEN {risky} THEN chr(39) || {sql} ELSE {sql} END"


def _printed_cell(expression: Expression) -> str:
    """For SQLite's printf, which doubles the quotation marks of texts."""
    if expression.column.kind != "text" or expression.sql in GIVEN:
        return expression.sql
    sql = expression.sql
    risky = f"({sql}) GLOB %(risky)s"
    return f"CASE WHEN {risky} THEN char(39) || ({sql}) ELSE {sql} END"
