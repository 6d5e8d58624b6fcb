"""The sheets of a workbook, as pyxform reads them; and pyxform's own verdict.

pyxform is an optional extra: without it nothing here but :func:`is_available` may be called.
"""

import io
import logging
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from headoffice.errors import HeadOfficeError

MOST_BYTES = 900_000
MOST_UNPACKED = 20_000_000
"""A workbook is a packed archive: what comes out of it is bounded too."""
Row = Mapping[str, str]


class UnreadableWorkbookError(HeadOfficeError):
    """The file is no workbook of forms; the message is pyxform's own, in English."""


@dataclass(frozen=True)
class Workbook:
    """The sheets that matter, row by row; the first row below the headings is number 2."""

    survey: Sequence[Row]
    choices: Sequence[Row] = ()
    settings: Row = field(default_factory=dict)
    name: str = ""


def is_available() -> bool:
    """Whether the extra ``xlsform`` is installed."""
    return find_spec("pyxform") is not None


def read_workbook(data: bytes, name: str = "") -> Workbook:
    """The sheets of a file that pyxform takes; else UnreadableWorkbookError."""
    from pyxform.errors import PyXFormError
    from pyxform.xls2json_backends import get_xlsform

    _check_size(data)
    try:
        sheets = get_xlsform(data)
        # Changes what it is given.
        _check_form(get_xlsform(data))
    except PyXFormError as error:
        raise UnreadableWorkbookError(str(error)) from error
    except Exception as error:  # whatever a broken file makes a library do
        raise UnreadableWorkbookError(f"It is no form ({type(error).__name__}).") from error
    return Workbook(
        survey=[_plain(row) for row in sheets.survey or ()],
        choices=[_plain(row) for row in sheets.choices or ()],
        settings=_plain(next(iter(sheets.settings or ()), {})),
        name=name,
    )


def _check_form(sheets: Any) -> None:
    from pyxform.builder import create_survey_element_from_dict
    from pyxform.xls2json import workbook_to_json

    logging.getLogger("pyxform").setLevel(logging.ERROR)
    form = workbook_to_json(workbook_dict=sheets, form_name="data", warnings=[])
    create_survey_element_from_dict(form).to_xml(validate=False, warnings=[])


def _check_size(data: bytes) -> None:
    if len(data) > MOST_BYTES:
        raise UnreadableWorkbookError(f"The file is larger than {MOST_BYTES:,} bytes.")
    if zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MOST_UNPACKED:
                raise UnreadableWorkbookError(f"It unpacks to more than {MOST_UNPACKED:,} bytes.")


def _plain(row: Mapping[str, Any]) -> Row:
    return {str(key).strip(): str(value).strip() for key, value in row.items() if value is not None}
