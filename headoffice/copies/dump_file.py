"""The checks of what pg_dump wrote: restored on a server, or at least read to its end."""

from django.db import DatabaseError

from headoffice.copies.checks import LiveOffice, check_database
from headoffice.copies.dump_reading import load_dump
from headoffice.copies.report import Report
from headoffice.copies.schema import compare_schema, schema_state, upgrade_scratch
from headoffice.copies.scratch import database_on, private_server
from headoffice.db.postgres_tools import need_tool, restore_dump, run_tool
from headoffice.db.queries import execute
from headoffice.db.stand_in import Parameters, stand_in
from headoffice.errors import HeadOfficeError


def verify_dump(report: Report, live: LiveOffice | None, key: str | None, scratch: str) -> None:
    """Fill the report about a file that begins as pg_dump's do."""
    if failure := run_tool([need_tool("pg_restore"), "--list", str(report.file)], {}):
        report.wrong.append(f"it is damaged: {failure}")
        return
    if scratch:
        with database_on(scratch) as parameters:
            _check_restored(report, live, key, parameters)
        return
    try:
        with private_server() as parameters:
            _check_restored(report, live, key, parameters)
    except HeadOfficeError as error:
        report.unchecked.append(
            f"that PostgreSQL takes it back: {error}. --scratch names one to try it on"
        )
        load_dump(report, live, key)


def _check_restored(
    report: Report, live: LiveOffice | None, key: str | None, parameters: Parameters
) -> None:
    with stand_in(parameters) as database:
        failure = restore_dump(report.file, database.get_connection_params(), "--jobs=2")
        if "No space left on device" in failure:
            raise HeadOfficeError("there is no room to restore it for the check")
        if failure:
            report.wrong.append(f"it can't be restored: {failure}")
            return
        try:
            # Without figures about its tables the server would read them over and over.
            execute("ANALYZE")
            state = schema_state()
            if unusable := compare_schema(state):
                report.wrong.append(unusable)
                return
            if state.older:
                upgrade_scratch()
                report.right.append("its tables are of an earlier version; this one can use them")
            else:
                report.right.append("PostgreSQL takes it; its tables are those of this version")
            check_database(report, live, key)
        except DatabaseError as error:
            report.wrong.append(f"what was restored can't be read: {error}")
