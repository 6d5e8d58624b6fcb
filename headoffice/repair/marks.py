"""Times that the head office noted by itself, and that lie ahead."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from django.apps import apps
from django.db.models import DateTimeField, Max, Model

from headoffice import clock
from headoffice.db.write_lock import exclusive_write
from headoffice.fleet.models import Assignment, Kiosk
from headoffice.ingest.correction import reassign_points
from headoffice.messages.models import Gap, StoredMessage, Unstored
from headoffice.rollups import area_sums
from headoffice.timekeeping.judgement import TOLERANCE_MS

_MEANT_FOR_LATER = ("expires_at", "expire_date")


class WrongMarks(NamedTuple):
    """How many times of one kind lie ahead."""

    what: str
    many: int


def mend_marks(*, apply: bool) -> Iterator[WrongMarks]:
    """Every kind of which some lie ahead; with ``apply`` they are mended."""
    latest_ms = clock.now_ms() + TOLERANCE_MS
    steps = (
        ("kiosks heard in the future", _heartbeats),
        ("kiosks whose last answer was given in the future", _last_answers),
        ("kiosks that came to a place in the future", _moves),
        ("notes about numbers that are missing or were not stored", _notes),
        ("other times of what was made, changed or seen", _others),
        ("sums of areas that reach into the future", _sums),
    )
    for what, mend in steps:
        if many := mend(latest_ms, apply=apply):
            yield WrongMarks(what, many)


def _heartbeats(latest_ms: int, *, apply: bool) -> int:
    """They were last heard when they last delivered, as far as that is known."""
    ahead = Kiosk.objects.filter(heartbeat_at__gt=clock.instant(latest_ms))
    count = 0
    for kiosk in list(ahead):
        count += 1
        if apply:
            Kiosk.objects.filter(pk=kiosk.pk, heartbeat_at=kiosk.heartbeat_at).update(
                heartbeat_at=_heard(kiosk, latest_ms)
            )
    return count


def _heard(kiosk: Kiosk, latest_ms: int) -> datetime:
    rows = StoredMessage.objects.filter(kiosk=kiosk.pk, happened_ms__lte=latest_ms)
    last_ms = rows.aggregate(last=Max("happened_ms"))["last"]
    known = kiosk.created_at if last_ms is None else clock.instant(last_ms)
    return min(known, clock.now())


def _last_answers(latest_ms: int, *, apply: bool) -> int:
    ahead = Kiosk.objects.filter(last_answer_ms__gt=latest_ms)
    count = 0
    for kiosk in ahead.values_list("pk", flat=True):
        count += 1
        if apply:
            counted = StoredMessage.objects.filter(
                kiosk=kiosk, kind=1, test=False, misuse="", happened_ms__lte=latest_ms
            )
            last = counted.order_by("-happened_ms").values_list("happened_ms", flat=True).first()
            Kiosk.objects.filter(pk=kiosk).update(last_answer_ms=last)
    return count


def _moves(latest_ms: int, *, apply: bool) -> int:
    """They stand there now; before, a kiosk with no earlier place counts there too."""
    ahead = Assignment.objects.filter(since_ms__gt=latest_ms).order_by("kiosk", "since_ms")
    count = 0
    for stay in list(ahead):
        count += 1
        if not apply:
            continue
        with exclusive_write():
            Kiosk.objects.select_for_update(no_key=True).filter(pk=stay.kiosk_id).first()
            newest = Assignment.objects.filter(kiosk=stay.kiosk_id, since_ms__lte=latest_ms)
            last_ms = newest.aggregate(last=Max("since_ms"))["last"] or 0
            stay.since_ms = max(clock.now_ms(), last_ms + 1)
            stay.save(update_fields=["since_ms"])
            reassign_points(stay.kiosk_id, 0)
    return count


def _notes(latest_ms: int, *, apply: bool) -> int:
    count = 0
    for rows, field in (
        (Unstored.objects.filter(received_ms__gt=latest_ms), "received_ms"),
        (Gap.objects.filter(noticed_ms__gt=latest_ms), "noticed_ms"),
    ):
        count += rows.count()
        if apply:
            with exclusive_write():
                rows.update(**{field: clock.now_ms()})
    return count


def _others(latest_ms: int, *, apply: bool) -> int:
    count = 0
    for model in apps.get_models():
        for name in _noted_times(model):
            rows = model._default_manager.filter(**{f"{name}__gt": clock.instant(latest_ms)})  # noqa: SLF001 - Django's documented name
            count += rows.count()
            if apply and rows.exists():
                with exclusive_write():
                    rows.update(**{name: clock.now()})
    return count


def _noted_times(model: type[Model]) -> list[str]:
    fields = model._meta.concrete_fields  # noqa: SLF001 - likewise
    return [
        field.name
        for field in fields
        if isinstance(field, DateTimeField)
        and field.name not in _MEANT_FOR_LATER
        and (model, field.name) != (Kiosk, "heartbeat_at")
    ]


def _sums(latest_ms: int, *, apply: bool) -> int:
    """Their days were taken for over, so that what came on them was left out."""
    today = clock.instant(latest_ms).date()
    reach = area_sums.reach_beyond(today)
    if reach and apply:
        area_sums.begin_anew()
    return reach
