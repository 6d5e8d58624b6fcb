"""A database with Citus for the tests, on servers that somebody has started.

HYMIO_TEST_CITUS holds the workers, like `127.0.0.1:15511 127.0.0.1:15512`; the coordinator is the
server of HYMIO_DATABASE_URL. All of them have shared_preload_libraries = 'citus', the same user,
and let each other in without a password.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import psycopg
from django.apps import apps
from django.db import models

from headoffice.db import citus

WORKERS = os.environ.get("HYMIO_TEST_CITUS", "").split()


@contextmanager
def workers_of(url: str) -> Iterator[None]:
    """Give a database of the coordinator its workers, for as long as the block lasts."""
    at = urlsplit(url)
    name = at.path[1:]
    servers = [f"postgres://{at.username}@{worker}" for worker in WORKERS]
    for server in servers:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as keeper:
            keeper.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            keeper.execute(f"CREATE DATABASE {name}")
        with psycopg.connect(f"{server}/{name}", autocommit=True) as worker:
            worker.execute("CREATE EXTENSION citus")
    with psycopg.connect(url, autocommit=True) as coordinator:
        coordinator.execute("CREATE EXTENSION citus")
        coordinator.execute("SELECT citus_set_coordinator_host(%s, %s)", [at.hostname, at.port])
        for worker in WORKERS:
            host, port = worker.split(":")
            coordinator.execute("SELECT citus_add_node(%s, %s)", [host, int(port)])
    try:
        yield
    finally:
        for server in servers:
            with psycopg.connect(f"{server}/postgres", autocommit=True) as keeper:
                keeper.execute(f"DROP DATABASE {name} WITH (FORCE)")


def distribute_tables(connection: Any) -> None:
    """What `distribute` would have done with the tables that there are, and their rows."""
    there = connection.introspection.table_names()
    big = [apps.get_model(label)._meta.db_table for label in citus.DISTRIBUTED_TABLES]
    with connection.cursor() as cursor:
        # As `distribution.migrating` does for the head office's own connection.
        cursor.execute(citus.ONE_CONNECTION)
        for label in citus.REFERENCE_TABLES:
            if (table := apps.get_model(label)._meta.db_table) in there:
                cursor.execute("SELECT create_reference_table(%s)", [table])
        for table in big:
            if table in there:
                beside = "none" if table == big[0] else big[0]
                cursor.execute(
                    "SELECT create_distributed_table(%s, 'kiosk', colocate_with => %s)",
                    [table, beside],
                )
        # As `distribution._numbers_go_on` does.
        for label in (*citus.REFERENCE_TABLES, *citus.LOCAL_TABLES):
            meta = apps.get_model(label)._meta
            if meta.db_table in there and isinstance(meta.pk, models.AutoField):
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), max(id)) "  # noqa: S608 - fixed names
                    f'FROM "{meta.db_table}"',
                    [meta.db_table, meta.pk.column],
                )
