"""Gauges of this machine and this program: disks, copies, certificate, version."""

import ipaddress
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from headoffice.db.backup_record import read_record
from headoffice.db.disk import Room, room_of
from headoffice.db.queries import fetch_all
from headoffice.telemetry.families import gauge

_POSTGRES_FOLDER = "SELECT setting FROM pg_settings WHERE name = 'data_directory'"
"""No row for who may not know: it takes the role pg_read_all_settings."""


class Machine(Collector):
    """What can be told without the database, or of its disk."""

    certificate_end_s: float | None = None
    """Until when the certificate in force is good, as Unix time; None without TLS."""

    def collect(self) -> Iterator[Metric]:
        """What is known of it now."""
        yield gauge("hymio_build_info", "The program.", 1, version=version("hymio"))
        yield from _disks()
        yield from _copies()
        if self.certificate_end_s is not None:
            yield gauge(
                "hymio_certificate_not_after_timestamp_seconds",
                "Until when the certificate in force is good.",
                self.certificate_end_s,
            )


MACHINE = Machine()


def _disks() -> Iterator[Metric]:
    free = GaugeMetricFamily(
        "hymio_disk_free_bytes", "What is left on the disk of a folder.", labels=["folder"]
    )
    size = GaugeMetricFamily("hymio_disk_size_bytes", "How large that disk is.", labels=["folder"])
    for folder, room in _rooms():
        free.add_metric([folder], room.free)
        size.add_metric([folder], room.size)
    yield free
    yield size


def _rooms() -> Iterator[tuple[str, Room]]:
    for name, folder in (("data", settings.DATA), ("database", _folder_of_postgres())):
        if folder is None:
            continue
        try:
            yield name, room_of(folder)
        except OSError:
            # Out of this user's sight.
            continue


def _folder_of_postgres() -> Path | None:
    """Where a PostgreSQL on this machine keeps its data, if that can be known."""
    if connection.vendor != "postgresql" or not _is_here(connection.settings_dict["HOST"]):
        return None
    try:
        rows = fetch_all(_POSTGRES_FOLDER)
    except (DatabaseError, InterfaceError):
        return None
    return Path(rows[0][0]) if rows else None


def _is_here(host: str) -> bool:
    if host in ("", "localhost") or host.startswith("/"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _copies() -> Iterator[Metric]:
    record = read_record(settings.DATA)
    made = record.at.timestamp() if record and record.at else 0
    yield gauge(
        "hymio_backup_last_success_timestamp_seconds",
        "When the last good copy was made; 0: never.",
        made,
    )
    yield gauge(
        "hymio_backup_failed",
        "Whether a back-up has failed since.",
        bool(record and record.failed_at),
    )
