"""What is measured, by the conventions of Prometheus: base units, ``_total`` for counters.

Counters and histograms are of this process and begin at 0 with it; gauges are read from the
database when they are asked for, so every process tells the same.
"""

from collections.abc import Iterator

from django.db import DatabaseError, connection
from django.db.models import Count, F, Sum
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from headoffice import clock
from headoffice.export.models import Export
from headoffice.fleet.models import Alarm
from headoffice.fleet.overview import all_kiosks
from headoffice.ingest.models import Gap

# The time at which each counter began would double the page and says nothing.
disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY = CollectorRegistry()
_messages = Counter(
    "hymio_messages",
    "Messages that kiosks delivered, by what became of them.",
    ["outcome"],
    registry=REGISTRY,
)
for _outcome in ("stored", "refused", "duplicate"):
    _messages.labels(_outcome)
_batches = Histogram(
    "hymio_batch_duration_seconds",
    "How long a kiosk waited for the receipt of a batch.",
    ["status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=REGISTRY,
)
_requests = Histogram(
    "hymio_http_request_duration_seconds",
    "How long other requests took until their reply began.",
    ["area"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.3, 1, 3, 10),
    registry=REGISTRY,
)
ProcessCollector(registry=REGISTRY)


def note_delivery(
    sender: object, *, messages: int, stored: int, refused: int, **_more: object
) -> None:
    """A batch was stored."""
    del sender
    _messages.labels("stored").inc(stored)
    _messages.labels("refused").inc(refused)
    _messages.labels("duplicate").inc(max(0, messages - stored - refused))


def note_request(path: str, status: int, seconds: float) -> None:
    """A request was answered."""
    if path.startswith("/api/kiosk/v1/batches"):
        _batches.labels(str(status)).observe(seconds)
    else:
        _requests.labels(_area(path)).observe(seconds)


def _area(path: str) -> str:
    """A few areas: a label for every address would be a series for every guess of a stranger."""
    for prefix, area in (
        ("/api/kiosk/", "kiosks"),
        ("/api/", "api"),
        ("/export/", "export"),
        ("/static/", "static"),
    ):
        if path.startswith(prefix):
            return area
    return "pages"


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
