"""Whether a copy can be relied on: opened elsewhere and checked whole, never the live database."""

from pathlib import Path

from headoffice.copies.checks import LiveOffice
from headoffice.copies.dump_file import verify_dump
from headoffice.copies.report import Report
from headoffice.copies.sqlite_file import check_length, verify_sqlite
from headoffice.db.seals import DUMP_MAGIC, SQLITE_MAGIC, SealState, check_seal


def verify_copy(file: Path, live: LiveOffice | None, key: str | None, scratch: str = "") -> Report:
    """Check a copy; what it is compared with is known of the live database already.

    ``key`` is the fingerprint of the secret key that should belong to it, if there is one here;
    ``scratch`` is the address of a PostgreSQL that a dump may be tried on, in a database of its
    own. HeadOfficeError if it can't be.
    """
    report = Report(file)
    try:
        with file.open("rb") as copy:
            begin = copy.read(16)
        if not begin:
            report.wrong.append("it is empty")
        elif begin == SQLITE_MAGIC:
            check_length(report)
            _check_seal(report)
            if not report.wrong:
                verify_sqlite(report, live, key)
        elif begin.startswith(DUMP_MAGIC):
            _check_seal(report)
            if not report.wrong:
                verify_dump(report, live, key, scratch)
        else:
            report.wrong.append(
                "it is no copy of a head office: neither a SQLite database nor what "
                "pg_dump --format=custom writes"
            )
    except OSError as error:
        report.wrong.append(f"it can't be read: {error.strerror or error}")
    return report


def _check_seal(report: Report) -> None:
    match check_seal(report.file):
        case SealState.WHOLE:
            report.right.append("every byte is as it was written")
        case SealState.BROKEN:
            report.wrong.append("it is damaged: its bytes are not those that were written")
        case SealState.NONE:
            report.unchecked.append(
                "whether each value is as it was written: it has no checksum at its place, as "
                "copies of `hymio-headoffice backup` have"
            )
