"""Gauges that are read from the database when they are asked for: every machine tells the same."""

from collections.abc import Iterator

from django.db import DatabaseError, InterfaceError, connection
from django.db.models import Count
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from headoffice import clock
from headoffice.db.sums import SafeSum
from headoffice.export.models import Export
from headoffice.fleet import kiosks
from headoffice.fleet.models import Alarm
from headoffice.messages.losses import losses, unfit_answers
from headoffice.questionnaires.models import Version
from headoffice.telemetry.families import gauge
from headoffice.timekeeping.guard import GUARD
from headoffice.timekeeping.leftovers import count_leftovers


class State(Collector):
    """The fleet, what was lost, files that are being made."""

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
        except (DatabaseError, InterfaceError):
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield gauge(
            "hymio_database_latency_seconds", "How long the smallest question takes.", latency
        )
        yield from gauges


def _gauges() -> Iterator[Metric]:
    rows = [row for row in kiosks.all_kiosks() if row.kiosk.revoked_at is None]
    yield gauge("hymio_kiosks", "Kiosks that may deliver.", len(rows))
    yield gauge(
        "hymio_kiosks_overdue",
        "Kiosks that were silent while their place was open, or while its hours are not known.",
        sum(row.overdue for row in rows),
    )
    yield gauge(
        "hymio_kiosks_overdue_open",
        "Of those, the ones whose place is open now, or whose opening hours are not known.",
        len(kiosks.overdue_while_open(rows)),
    )
    yield gauge(
        "hymio_messages_waiting",
        "Messages that kiosks have not delivered yet, as they said themselves.",
        sum(row.kiosk.waiting or 0 for row in rows),
    )
    yield gauge(
        "hymio_messages_quarantined",
        "Messages in quarantine on kiosks.",
        sum(row.kiosk.quarantined or 0 for row in rows),
    )
    yield gauge(
        "hymio_kiosks_in_trouble",
        "Kiosks that report something to be wrong with themselves.",
        sum(bool(row.kiosk.troubles) for row in rows),
    )
    oldest = max((row.kiosk.oldest_waiting_ms or 0 for row in rows), default=0)
    yield gauge(
        "hymio_oldest_waiting_seconds", "Age of the oldest message that waits.", oldest / 1000
    )
    lost = losses().values()
    yield gauge(
        "hymio_gaps", "Ranges of numbers that never arrived.", sum(loss.gaps for loss in lost)
    )
    yield gauge(
        "hymio_messages_gone", "Messages in those gaps.", sum(loss.messages for loss in lost)
    )
    yield gauge(
        "hymio_gaps_impossible",
        "Of those ranges the ones that no kiosk can have numbered.",
        sum(loss.impossible for loss in lost),
    )
    yield gauge(
        "hymio_answers_unfit",
        "Answers that don't fit their questionnaire and count nowhere.",
        sum(unfit_answers().values()),
    )
    yield gauge(
        "hymio_questionnaires",
        "Definitions of questionnaires that are stored.",
        Version.objects.exclude(definition=None).count(),
    )
    yield gauge(
        "hymio_clock_in_doubt",
        "Whether deliveries are refused because this machine's clock may be wrong.",
        (is_in_doubt := GUARD.objection() is not None),
    )
    yield gauge(
        "hymio_times_to_repair",
        "Times in the future, or by a clock that was wrong: see `repair-times`.",
        0 if is_in_doubt else sum(count_leftovers()),
    )
    if (offset := kiosks.median_clock_offset(rows)) is not None:
        yield gauge(
            "hymio_clock_offset_seconds",
            "How far this machine's clock is ahead of those of kiosks, in the median.",
            offset,
        )
    yield gauge("hymio_alarms", "Alarms that someone should look at.", Alarm.objects.count())
    going = Export.objects.filter(state=Export.State.RUNNING)
    sums = going.aggregate(n=Count("pk"), rows=SafeSum("rows"), total=SafeSum("total"))
    yield gauge("hymio_exports_running", "Files being made.", sums["n"])
    yield gauge("hymio_export_rows", "Rows written into them so far.", sums["rows"] or 0)
    yield gauge("hymio_export_rows_expected", "Rows they will have.", sums["total"] or 0)
