"""One schema for one machine and for many: `hymio-headoffice distribute`."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import citus
import psycopg
import pytest
from django.apps import apps
from django.db import connection
from office import ServedOffice, answer, other_database, server_tool
from processes import PROGRAMS, clean_environment, run_to_end

from headoffice.db import citus as distribution
from headoffice.errors import HeadOfficeError

DECLARED = (
    *distribution.DISTRIBUTED_TABLES,
    *distribution.REFERENCE_TABLES,
    *distribution.LOCAL_TABLES,
)
needs_citus = pytest.mark.skipif(
    not citus.WORKERS, reason="needs a PostgreSQL with Citus, see docs/scaling.md"
)


# --- the declaration ----------------------------------------------------------------------


def test_every_table_has_one_place() -> None:
    there = [model._meta.label for model in apps.get_models(include_auto_created=True)]
    assert sorted(there) == sorted(DECLARED)


@pytest.mark.database
@pytest.mark.django_db
@pytest.mark.parametrize("label", distribution.DISTRIBUTED_TABLES)
def test_every_unique_key_of_a_distributed_table_holds_its_kiosk(label: str) -> None:
    table = apps.get_model(label)._meta.db_table
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, table).values()
    keys = [c["columns"] for c in constraints if c["unique"] or c["primary_key"]]
    assert keys
    assert [] == [key for key in keys if distribution.DISTRIBUTION_KEY not in key]
    # One that refers to another table would have to be checked on another machine.
    assert [] == [c for c in constraints if c["foreign_key"]]


def test_no_table_refers_to_a_distributed_one() -> None:
    big = {apps.get_model(label) for label in distribution.DISTRIBUTED_TABLES}
    related = [
        field
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if field.is_relation and field.related_model in big
    ]
    assert [] == related


# --- refusals -----------------------------------------------------------------------------


@pytest.mark.database
@pytest.mark.django_db
@pytest.mark.skipif(bool(citus.WORKERS), reason="this database has Citus")
def test_a_database_without_citus_is_refused_and_left_alone() -> None:
    why = "this is SQLite" if connection.vendor == "sqlite" else "no Citus extension"
    with pytest.raises(HeadOfficeError, match=why):
        distribution.distribute(pytest.fail)
    assert not distribution.is_distributed()
    with distribution.migrating():  # has nothing to add to a migration here
        pass


@pytest.mark.e2e
def test_the_command_says_what_is_missing(served: ServedOffice) -> None:
    refused = served.run("distribute")
    assert (1, "") == (refused.returncode, refused.stdout)
    assert "hymio-headoffice: only a PostgreSQL with the Citus extension" in refused.stderr


# --- with Citus ---------------------------------------------------------------------------


@pytest.fixture
def chain(tmp_path: Path, postgres_url: str) -> Iterator[ServedOffice]:
    """A head office with a small chain in it, on a PostgreSQL that has Citus and workers."""
    with other_database(postgres_url) as url, citus.workers_of(url):
        office = ServedOffice(tmp_path / "office", database=url)
        made = office.run("seed-demo", "--small", "--new")
        assert made.returncode == 0, made.stderr
        yield office
        office.stop()


def kinds(office: ServedOffice) -> dict[str, str]:
    """What each table became, by its name; those that stayed plain are left out."""
    with psycopg.connect(office.database) as server:
        found = server.execute("SELECT table_name::text, citus_table_type FROM citus_tables")
        return {name: kind for name, kind in found if kind != "local"}


def everything(office: ServedOffice) -> list[tuple[str, int]]:
    """How many rows each table has."""
    tables = [apps.get_model(label)._meta.db_table for label in DECLARED]
    with psycopg.connect(office.database) as server:
        counts = [server.execute(f"SELECT count(*) FROM {t}").fetchone() for t in tables]  # noqa: S608
        return [(t, n[0]) for t, n in zip(tables, counts, strict=True) if n]


@needs_citus
@pytest.mark.database
@pytest.mark.slow
def test_data_goes_along_and_a_second_time_changes_nothing(chain: ServedOffice) -> None:
    before = everything(chain)
    done = chain.run("distribute")
    assert (0, "") == (done.returncode, done.stderr)
    assert "ingest_storedmessage: distributed by kiosk" in done.stdout
    assert "fleet_group: reference table, a copy on every machine" in done.stdout
    assert before == everything(chain)
    expected = {apps.get_model(label)._meta.db_table: "distributed" for label in
                distribution.DISTRIBUTED_TABLES}  # fmt: skip
    expected |= {apps.get_model(label)._meta.db_table: "reference" for label in
                 distribution.REFERENCE_TABLES}  # fmt: skip
    assert expected == kinds(chain)
    again = chain.run("distribute")
    assert (0, True) == (again.returncode, "already; nothing was changed" in again.stdout)
    proof = chain.run("rebuild-rollups", "--check")
    assert proof.returncode == 0, proof.stdout
    # New rows go on counting where the old ones ended.
    chain.start()
    chain.enrol("Main street")
    assert dict(before)["fleet_kiosk"] + 1 == dict(everything(chain))["fleet_kiosk"]
    removed = chain.run("seed-demo", "--remove")
    assert removed.returncode == 0, removed.stderr
    assert ("ingest_storedmessage", 0) in everything(chain)


@needs_citus
@pytest.mark.database
@pytest.mark.slow
def test_what_was_interrupted_goes_on_where_it_was(chain: ServedOffice) -> None:
    before = everything(chain)
    half_way = subprocess.Popen(
        [str(PROGRAMS / "hymio-headoffice"), "distribute", "--data", str(chain.folder)],
        env=clean_environment() | {"HYMIO_DATABASE_URL": chain.database},
        stdout=subprocess.PIPE, text=True, cwd="/",
    )  # fmt: skip
    assert half_way.stdout is not None
    for line in half_way.stdout:
        if "ingest_storedmessage: distributed" in line:
            half_way.kill()
            break
    half_way.wait()
    half_way.stdout.close()
    assert "results_daily" not in kinds(chain)
    # Half of it works as the whole does.
    chain.start()
    device = chain.enrol("Main street")
    bearer = {"Authorization": f"Bearer {device.credential}"}
    status, receipt = chain.send("batches", device.batch(answer(1), answer(2)), **bearer)
    assert (200, 2) == (status, receipt["stored_up_to"])
    done = chain.run("distribute")
    assert (0, False) == (done.returncode, "ingest_storedmessage" in done.stdout)
    assert "results_daily" in kinds(chain)
    added = dict(everything(chain))["ingest_storedmessage"]
    assert dict(before)["ingest_storedmessage"] + 2 == added
    status, receipt = chain.send("batches", device.batch(answer(3), answer(2)), **bearer)
    assert (200, 3) == (status, receipt["stored_up_to"])
    proof = chain.run("rebuild-rollups", "--check")
    assert proof.returncode == 0, proof.stdout


@needs_citus
@pytest.mark.database
@pytest.mark.slow
def test_a_dump_of_all_machines_can_be_put_on_one_and_on_several(
    chain: ServedOffice, postgres_url: str, tmp_path: Path
) -> None:
    assert chain.run("distribute").returncode == 0
    before = everything(chain)
    dump = tmp_path / "dump"
    options = ["--format=custom", "--extension=plpgsql", f"--file={dump}"]
    run_to_end([server_tool("pg_dump"), *options, f"--dbname={chain.database}"])
    with other_database(postgres_url) as url:
        run_to_end([server_tool("pg_restore"), "--no-owner", f"--dbname={url}", str(dump)])
        plain = ServedOffice(tmp_path / "plain", database=url)
        proof = plain.run("rebuild-rollups", "--check")
        assert proof.returncode == 0, proof.stdout
        assert before == everything(plain)
        with citus.workers_of(url):
            assert plain.run("distribute").returncode == 0
            assert before == everything(plain)


@needs_citus
@pytest.mark.database
def test_tables_that_lie_otherwise_are_named_and_left_alone(chain: ServedOffice) -> None:
    with psycopg.connect(chain.database) as server:
        server.execute("SELECT create_distributed_table('results_daily', 'point')")
    refused = chain.run("distribute")
    assert refused.returncode == 1
    assert "results_daily is distributed otherwise (point" in refused.stderr
    assert "undistribute_table('results_daily')" in refused.stderr


@needs_citus
@pytest.mark.database
def test_a_coordinator_without_workers_says_how_to_add_them(
    tmp_path: Path, postgres_url: str
) -> None:
    with other_database(postgres_url) as url:
        office = ServedOffice(tmp_path / "office", database=url)
        assert "CREATE EXTENSION citus" in office.run("distribute").stderr
        with psycopg.connect(url, autocommit=True) as server:
            server.execute("CREATE EXTENSION citus")
            assert "citus_set_coordinator_host" in office.run("distribute").stderr
            server.execute("SELECT citus_set_coordinator_host('127.0.0.1', inet_server_port())")
            assert "citus_add_node" in office.run("distribute").stderr
            assert (0,) == server.execute("SELECT count(*) FROM pg_dist_partition").fetchone()
