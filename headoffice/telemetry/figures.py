"""What is measured, by the conventions of Prometheus: base units, ``_total`` for counters.

Counters and histograms are of all processes of this `serve` together and begin at 0 with it.
"""

import functools
import os
from collections.abc import Iterator
from pathlib import Path

from django.http import HttpResponse
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from headoffice.db.failures import Trouble
from headoffice.db.outages import OUTAGES
from headoffice.telemetry.ledger import Counter, Durations, Ledger
from headoffice.telemetry.machine import MACHINE
from headoffice.telemetry.state import State
from headoffice.web.problems import ProblemResponse

_ledger = Ledger()
_messages = Counter(_ledger, ("stored", "refused", "duplicate"))
_definitions = Counter(_ledger, ("stored", "refused"))
_STATUSES = tuple(map(str, (200, 400, 401, 405, 413, 415, 422, 500, 503)))
_batches = Durations(
    _ledger,
    (*_STATUSES, "other"),
    (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
_AREAS = {"/api/kiosk/": "kiosks", "/api/": "api", "/export/": "export", "/static/": "static"}
"""A few: a label for every address would be a series for every guess of a stranger."""
_requests = Durations(_ledger, (*_AREAS.values(), "pages"), (0.01, 0.025, 0.05, 0.1, 0.3, 1, 3, 10))
_KIOSKS = "/api/kiosk/"
_refused = Counter(
    _ledger,
    (
        *("no_credential", "unknown_credential", "revoked"),
        *("code_unknown", "code_used", "code_expired", "throttled"),
    ),
)
_failures = Counter(_ledger, (*Trouble, "clock", "busy", "other"))


def count_delivery(
    sender: object, *, messages: int, stored: int, refused: int, **_more: object
) -> None:
    """A batch was stored."""
    del sender
    if stored:
        OUTAGES.note_stored()
    _messages.add("stored", stored)
    _messages.add("refused", refused)
    _messages.add("duplicate", max(0, messages - stored - refused))


def count_stored_definition(sender: object, **_more: object) -> None:
    """The definition of a questionnaire was taken."""
    del sender
    _definitions.add("stored", 1)


def count_refused_definition(sender: object, **_more: object) -> None:
    """What a kiosk sent as a definition was refused."""
    del sender
    _definitions.add("refused", 1)


def time_request(path: str, status: int, seconds: float) -> None:
    """A request was answered."""
    if path.startswith("/api/kiosk/v1/batches"):
        _batches.add(str(status) if str(status) in _STATUSES else "other", seconds)
    else:
        area = next((area for begin, area in _AREAS.items() if path.startswith(begin)), "pages")
        _requests.add(area, seconds)


def count_problem(path: str, response: HttpResponse) -> None:
    """A request was answered; if it was a kiosk's and got a problem document, it is counted."""
    if not (path.startswith(_KIOSKS) and isinstance(response, ProblemResponse)):
        return
    if response.status_code == 503:
        _failures.add(response.reason if response.reason in _failures else "other", 1)
    elif response.reason in _refused:
        _refused.add(response.reason, 1)


class _Happened(Collector):
    """What the processes of this head office have counted and measured."""

    def collect(self) -> Iterator[Metric]:
        """The sums of all of them."""
        yield _counter(
            "hymio_messages",
            "Messages that kiosks delivered, by what became of them.",
            "outcome",
            _messages,
        )
        yield _counter(
            "hymio_definitions",
            "Definitions of questionnaires that kiosks delivered, by what became of them.",
            "outcome",
            _definitions,
        )
        yield _counter(
            "hymio_kiosks_refused",
            "Requests of kiosks that were not let in, by reason.",
            "reason",
            _refused,
        )
        yield _counter(
            "hymio_store_failures",
            "Requests of kiosks that were answered with 503, by reason.",
            "reason",
            _failures,
        )
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


def _counter(name: str, words: str, label: str, counter: Counter) -> Metric:
    family = CounterMetricFamily(name, words, labels=[label])
    for value, count in counter.values():
        family.add_metric([value], count)
    return family


def _histogram(name: str, words: str, label: str, durations: Durations) -> Metric:
    family = HistogramMetricFamily(name, words, labels=[label])
    for value, buckets, total in durations.values():
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


REGISTRY = CollectorRegistry()
REGISTRY.register(_Happened())
REGISTRY.register(State())
REGISTRY.register(MACHINE)
