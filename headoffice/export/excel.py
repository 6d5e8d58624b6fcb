"""Excel workbooks (Office Open XML, ECMA-376), written as a stream.

Libraries write a workbook to disk and hand it over when it is finished. Here every part goes out
as it is made: rows are written into the sheet's XML, which is compressed into the ZIP archive,
whose directory comes last. Memory stays flat and the browser sees the file grow. Times are real
dates; texts are never formulas.
"""

import functools
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

from headoffice.export.columns import Column

MOST_ROWS = 1_048_576
"""Of one sheet, by Excel's own limit, the line of names among them."""
_LONGEST_TEXT = 32_767
_AT_ONCE = 1 << 16
_DAY = timedelta(days=1)
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel's dates know no zone
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_CODED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""What reads as a character's number (ECMA-376, ST_Xstring), though somebody typed it so."""
_UNSAYABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML 1.0 has no way to say."""
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><numFmts count="2"><numFmt numFmtId="164" '
    'formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/><numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/>'
    '</numFmts><fonts count="2"><font/><font><b/></font>'
    '</fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill '
    'patternType="gray125"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf xfId="0"/>'
    '<xf xfId="0" numFmtId="164" applyNumberFormat="1"/><xf xfId="0" fontId="1" applyFont="1"/>'
    '<xf xfId="0" numFmtId="165" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)


class _Pipe:
    """What the archive writes into and the browser reads from."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back here."""

    def take(self) -> bytes:
        """Everything written since the last call."""
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def workbook(
    title: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]], most_rows: int = MOST_ROWS
) -> Iterator[bytes]:
    """The file piece by piece; what does not fit into one sheet goes on in the next."""
    pipe = _Pipe()
    waiting = iter(rows)
    row = next(waiting, None)
    sheets = 0
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:  # type: ignore[call-overload]
        while row is not None or sheets == 0:
            sheets += 1
            with archive.open(f"xl/worksheets/sheet{sheets}.xml", "w", force_zip64=True) as sheet:
                sheet.write(_sheet_begins(columns))
                number, buffer = 1, bytearray()
                while row is not None and number < most_rows:
                    number += 1
                    buffer += _row(number, columns, row)
                    row = next(waiting, None)
                    if len(buffer) > _AT_ONCE:
                        sheet.write(buffer)
                        buffer.clear()
                        if piece := pipe.take():
                            yield piece
                sheet.write(bytes(buffer) + b"</sheetData></worksheet>")
            yield pipe.take()
        for name, text in _frame(title, sheets):
            archive.writestr(name, text)
    yield pipe.take()


def _sheet_begins(columns: Sequence[Column]) -> bytes:
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{_width(column)}" customWidth="1"/>'
        for n, column in enumerate(columns, 1)
    )
    names = "".join(_text(column.name, style=2) for column in columns)
    pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">{pane}'
        f"</sheetView></sheetViews><cols>{widths}</cols><sheetData>"
        f'<row r="1">{names}</row>'
    ).encode()


def _width(column: Column) -> int:
    return {"text": 24, "local": 20, "utc": 20}.get(column.kind, max(10, len(column.name) + 2))


def _row(number: int, columns: Sequence[Column], row: Sequence[Any]) -> bytes:
    cells = "".join([_cell(v, c.kind) for v, c in zip(row, columns, strict=True)])
    return f'<row r="{number}">{cells}</row>'.encode()


def _cell(value: Any, kind: str) -> str:
    if value is None or value == "":
        return "<c/>"
    match kind:
        case "integer":
            return f"<c><v>{value}</v></c>" if _is_number(value) else _text(str(value))
        case "flag":
            return f'<c t="b"><v>{1 if value in (True, "true") else 0}</v></c>'
        case "local" | "utc" | "day":
            style, places = (3, 0) if kind == "day" else (1, 8)
            return f'<c s="{style}"><v>{_serial(str(value)):.{places}f}</v></c>'
        case "uuid":
            return f'<c t="inlineStr"><is><t>{value}</t></is></c>'
        case _:
            return _text(str(value))


def _is_number(value: Any) -> bool:
    return type(value) is int or _NUMBER.fullmatch(str(value)) is not None


# The same few texts come again and again: places, questions, languages.
@functools.lru_cache(maxsize=512)
def _text(text: str, style: int = 0) -> str:
    styled = f' s="{style}"' if style else ""
    words = escape(_CODED.sub("_x005F_", _UNSAYABLE.sub("", text)[:_LONGEST_TEXT]))
    return f'<c t="inlineStr"{styled}><is><t xml:space="preserve">{words}</t></is></c>'


def _serial(iso: str) -> float:
    """The clock's face at a time, in days since Excel's day 0; Excel knows no offsets."""
    return (datetime.fromisoformat(iso[:23]) - _EPOCH) / _DAY


def _frame(title: str, sheets: int) -> Iterator[tuple[str, str]]:
    """The parts that name the others."""
    numbers = range(1, sheets + 1)
    name = escape("".join(c for c in title if c not in "[]:*?/\\'\"")[:25] or "Sheet")
    entries = "".join(
        f'<sheet name="{name}{f" {n}" if n > 1 else ""}" sheetId="{n}" r:id="rId{n}"/>'
        for n in numbers
    )
    yield (
        "xl/workbook.xml",
        (
            f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{entries}</sheets>'
            "</workbook>"
        ),
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    styles = f'<Relationship Id="styles" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    yield "xl/_rels/workbook.xml.rels", _relations(links + styles)
    yield "xl/styles.xml", _STYLES
    root = f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    yield "_rels/.rels", _relations(root)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>'
        for n in numbers
    )
    yield (
        "[Content_Types].xml",
        (
            f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType='
            f'"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
            f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType='
            f'"{kind}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType='
            f'"{kind}.styles+xml"/>{parts}</Types>'
        ),
    )


def _relations(entries: str) -> str:
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{entries}</Relationships>'
