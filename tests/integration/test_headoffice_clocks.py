"""When a message was made, for kiosks whose clocks were not known when they made it."""

import pytest
from office import Device, answer, moment, new_id

from headoffice.clock import now_ms
from headoffice.messages.models import BootBounds, StoredMessage
from sync.messages import Message, Sighting

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

HOUR = 3_600_000


def made(seq: int, boot: str, mono_ms: int, wall_ms: int) -> Message:
    return answer(seq, at=moment(mono_ms, wall_ms, boot))


def stored(seq: int) -> StoredMessage:
    return StoredMessage.objects.get(seq=seq)


def test_bounds_keep_a_clock_at_1970_out_of_1970_and_are_kept(device: Device) -> None:
    boot, now = new_id(), now_ms()
    wide = Sighting(boot, 0, now - 10 * HOUR, 2 * HOUR)
    device.deliver(made(1, boot, HOUR, wall_ms=5000), sightings=(wide,))
    found = stored(1)
    assert (False, now - 11 * HOUR) == (found.certain, found.happened_ms)
    bounds = BootBounds.objects.get()
    assert (now - 12 * HOUR, now - 8 * HOUR) == (bounds.earliest_ms, bounds.latest_ms)


def test_the_kiosks_word_counts_within_the_bounds(device: Device) -> None:
    boot, now = new_id(), now_ms()
    wide = Sighting(boot, 0, now - 10 * HOUR, 2 * HOUR)
    device.deliver(made(1, boot, 0, wall_ms=now - 9 * HOUR), sightings=(wide,))
    assert (False, now - 9 * HOUR) == (stored(1).certain, stored(1).happened_ms)


def test_bounds_that_come_later_time_anew_what_came_before(device: Device) -> None:
    boot, now = new_id(), now_ms()
    device.deliver(made(1, boot, HOUR, wall_ms=5000))
    assert 5000 == stored(1).happened_ms
    wide = Sighting(boot, 0, now - 10 * HOUR, 2 * HOUR)
    device.deliver(made(2, boot, 2 * HOUR, wall_ms=9000), sightings=(wide,))
    assert [now - 11 * HOUR, now - 10 * HOUR] == [stored(1).happened_ms, stored(2).happened_ms]


def test_narrower_bounds_replace_wider_ones_and_not_the_other_way(device: Device) -> None:
    boot, now = new_id(), now_ms()
    for seq, error in ((1, 3 * HOUR), (2, 2 * HOUR), (3, 4 * HOUR)):
        wide = Sighting(boot, 0, now - 10 * HOUR, error)
        device.deliver(made(seq, boot, 0, wall_ms=0), sightings=(wide,))
    bounds = BootBounds.objects.get()
    assert 4 * HOUR == bounds.latest_ms - bounds.earliest_ms


def test_a_sighting_makes_certain_what_bounds_did_not(device: Device) -> None:
    boot, now = new_id(), now_ms()
    wide = Sighting(boot, 0, now - 10 * HOUR, 2 * HOUR)
    device.deliver(made(1, boot, 0, wall_ms=0), sightings=(wide,))
    seen = Sighting(boot, HOUR, now - 9 * HOUR, 20)
    device.deliver(made(2, boot, 0, wall_ms=0), sightings=(seen,))
    assert [(True, now - 10 * HOUR)] * 2 == [
        (row.certain, row.happened_ms) for row in (stored(1), stored(2))
    ]
