"""What is measured, by the conventions of Prometheus: base units, ``_total`` for counters.

Counters and histograms are of all processes of this `serve` together and begin at 0 with it; gauges
are read from the database when they are asked for, so that every machine tells the same.
"""

import functools
import os
from collections.abc import Iterator
from pathlib import Path

from django.db import DatabaseError, connection
from django.db.models import Count, F, Sum
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from headoffice import clock
from headoffice.export.models import Export
from headoffice.fleet.models import Alarm
from headoffice.fleet.overview import all_kiosks
from headoffice.ingest.models import Gap
from headoffice.telemetry.ledger import Counter, Durations, Ledger

_ledger = Ledger()
_messages = Counter(_ledger, ("stored", "refused", "duplicate"))
_STATUSES = tuple(map(str, (200, 400, 401, 405, 413, 415, 422, 500, 503)))
_batches = Durations(
    _ledger,
    (*_STATUSES, "other"),
    (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
_AREAS = {"/api/kiosk/": "kiosks", "/api/": "api", "/export/": "export", "/static/": "static"}
"""A few: a label for every address would be a series for every guess of a stranger."""
_requests = Durations(_ledger, (*_AREAS.values(), "pages"), (0.01, 0.025, 0.05, 0.1, 0.3, 1, 3, 10))


def note_delivery(
    sender: object, *, messages: int, stored: int, refused: int, **_more: object
) -> None:
    """A batch was stored."""
    del sender
    _messages.add("stored", stored)
    _messages.add("refused", refused)
    _messages.add("duplicate", max(0, messages - stored - refused))


def note_request(path: str, status: int, seconds: float) -> None:
    """A request was answered."""
    if path.startswith("/api/kiosk/v1/batches"):
        _batches.add(str(status) if str(status) in _STATUSES else "other", seconds)
    else:
        area = next((area for begin, area in _AREAS.items() if path.startswith(begin)), "pages")
        _requests.add(area, seconds)


class _Happened(Collector):
    """What the processes of this head office have counted and measured."""

    def collect(self) -> Iterator[Metric]:
        """The sums of all of them."""
        messages = CounterMetricFamily(
            "hymio_messages",
            "Messages that kiosks delivered, by what became of them.",
            labels=["outcome"],
        )
        for outcome, count in _messages.told():
            messages.add_metric([outcome], count)
        yield messages
        yield _histogram(
            "hymio_batch_duration_seconds",
            "How long a kiosk waited for the receipt of a batch.",
            "status",
            _batches,
        )
        yield _histogram(
            "hymio_http_request_duration_seconds",
            "How long other requests took until their reply began.",
            "area",
            _requests,
        )
        yield from _processes()


def _histogram(name: str, words: str, label: str, durations: Durations) -> Metric:
    family = HistogramMetricFamily(name, words, labels=[label])
    for value, buckets, total in durations.told():
        family.add_metric([value], buckets, total)
    return family


def _processes() -> Iterator[Metric]:
    """What Prometheus wants to know of a process, added up; the first of them began it all."""
    whole: dict[str, Metric] = {}
    for process in _ledger.processes():
        pid = functools.partial(int, process)
        for family in ProcessCollector(pid=pid, registry=None).collect():
            if family.name not in whole:
                whole[family.name] = family
            elif family.name != "process_start_time_seconds":
                _add(whole[family.name], family.samples[0].value)
    if "process_cpu_seconds" in whole:
        _add(whole["process_cpu_seconds"], _ended_cpu_seconds(_ledger.founder))
    yield from whole.values()


def _add(family: Metric, amount: float) -> None:
    (sample,) = family.samples
    family.samples = [sample._replace(value=sample.value + amount)]


def _ended_cpu_seconds(process: int) -> float:
    """What the workers took that have ended: a counter must not go back."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


class _State(Collector):
    """Gauges, read from the database."""

    def collect(self) -> Iterator[Metric]:
        """Ask the database, and tell how long it took; ``hymio_database_up`` is 0 if it fails."""
        up = GaugeMetricFamily("hymio_database_up", "Whether the database answers.")
        begun = clock.mono()
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
                cursor.fetchone()
            latency = clock.mono() - begun
            gauges = list(_gauges())
        except DatabaseError:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield _gauge(
            "hymio_database_latency_seconds", "How long the smallest question takes.", latency
        )
        yield from gauges


REGISTRY = CollectorRegistry()
REGISTRY.register(_Happened())
REGISTRY.register(_State())


def _gauges() -> Iterator[Metric]:
    rows = [row for row in all_kiosks() if row.kiosk.revoked_at is None]
    yield _gauge("hymio_kiosks", "Kiosks that may deliver.", len(rows))
    yield _gauge(
        "hymio_kiosks_overdue",
        "Kiosks whose heartbeat is missing.",
        sum(row.overdue for row in rows),
    )
    yield _gauge(
        "hymio_messages_waiting",
        "Messages that kiosks have not delivered yet, as they said themselves.",
        sum(row.kiosk.waiting or 0 for row in rows),
    )
    yield _gauge(
        "hymio_messages_quarantined",
        "Messages in quarantine on kiosks.",
        sum(row.kiosk.quarantined or 0 for row in rows),
    )
    oldest = max((row.kiosk.oldest_waiting_ms or 0 for row in rows), default=0)
    yield _gauge(
        "hymio_oldest_waiting_seconds", "Age of the oldest message that waits.", oldest / 1000
    )
    gaps = Gap.objects.aggregate(ranges=Count("first"), gone=Sum(F("last") - F("first") + 1))
    yield _gauge("hymio_gaps", "Ranges of numbers that never arrived.", gaps["ranges"])
    yield _gauge("hymio_messages_gone", "Messages in those gaps.", gaps["gone"] or 0)
    yield _gauge("hymio_alarms", "Alarms that someone should look at.", Alarm.objects.count())
    going = Export.objects.filter(state=Export.State.RUNNING)
    sums = going.aggregate(n=Count("pk"), rows=Sum("rows"), total=Sum("total"))
    yield _gauge("hymio_exports_running", "Files being made.", sums["n"])
    yield _gauge("hymio_export_rows", "Rows written into them so far.", sums["rows"] or 0)
    yield _gauge("hymio_export_rows_expected", "Rows they will have.", sums["total"] or 0)


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words)
    family.add_metric([], value)
    return family
