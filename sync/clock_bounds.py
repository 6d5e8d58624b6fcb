"""What is known of the clock of a boot that never heard from the head office.

A boot's clock is one unknown number: how far the head office's time is ahead of the monotonic
clock. A boot that heard from the head office knows it (a sighting). Of any other it is certain that
it came after the boots before it and before the boots after it, and that time passed within each:
so the number lies between two bounds, and a sighting that spans them says just that.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sync.messages import Sighting


@dataclass(frozen=True)
class Boot:
    """A run of the machine: its first and last message by its monotonic clock."""

    id: str
    first_ms: int
    last_ms: int


def wide_sightings(
    boots: Sequence[Boot], known: Mapping[str, Sighting], boot_ids: Iterable[str]
) -> tuple[Sighting, ...]:
    """A sighting that spans what is possible, for each of these boots of which none is known.

    ``boots`` in the order in which they happened. Left out are those with no known boot after
    them: how late they may have been, only the receipt of the messages tells.
    """
    least = _least(boots, known)
    most = _most(boots, known)
    found = []
    for boot in boots:
        if boot.id in known or boot.id not in set(boot_ids) or boot.id not in most:
            continue
        # 1970, if nothing is known before: no earlier time can be told anyway.
        low = least.get(boot.id, -boot.first_ms)
        high = max(most[boot.id], low)
        middle = (low + high) // 2
        found.append(
            Sighting(boot.id, boot.first_ms, middle + boot.first_ms, (high - low + 1) // 2)
        )
    return tuple(found)


def _least(boots: Sequence[Boot], known: Mapping[str, Sighting]) -> dict[str, int]:
    """The least that each boot's clock can be behind the head office's."""
    found: dict[str, int] = {}
    passed: int | None = None
    for boot in boots:
        if sighting := known.get(boot.id):
            ahead = sighting.head_ms - sighting.error_ms - sighting.mono_ms
            # It was still running when it heard from the head office.
            ended = max(boot.last_ms, sighting.mono_ms)
        elif passed is not None:
            ahead, ended = passed - boot.first_ms, boot.last_ms
        else:
            continue
        found[boot.id] = ahead
        passed = max(ahead + ended, passed or 0)
    return found


def _most(boots: Sequence[Boot], known: Mapping[str, Sighting]) -> dict[str, int]:
    """The most that each boot's clock can be behind the head office's."""
    found: dict[str, int] = {}
    begins: int | None = None
    for boot in reversed(boots):
        if sighting := known.get(boot.id):
            ahead = sighting.head_ms + sighting.error_ms - sighting.mono_ms
            began = min(boot.first_ms, sighting.mono_ms)
        elif begins is not None:
            ahead, began = begins - boot.last_ms, boot.first_ms
        else:
            continue
        found[boot.id] = ahead
        begins = ahead + began if begins is None else min(ahead + began, begins)
    return found
