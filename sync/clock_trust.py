"""Whether the head office's clock can be right, and which of its words to believe.

A boot's clock is one unknown number: how far the head office's time is ahead of the monotonic
clock. A head office whose clock is right says the same number with every receipt. One that was
wrong for a while says two: then it *contradicts itself*, and its last word is not "now". What it
says alike is a claim; the claims of a boot are weighed against each other:

- by how long it held to each, up to a day: the wrong hour of a right day is outweighed, and so is a
  wrong first receipt, soon;
- by the kiosk's own clock, where that agrees with one of them.

If the two disagree, or nothing tells, the time is known within bounds only: a sighting that spans
all claims says so, and the head office takes the kiosk's wall clock within them, as uncertain.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sync.messages import Sighting

FIRST_MS = 1_577_836_800_000
"""2020: no head office is older than the program."""
LAST_MS = 4_102_444_800_000
"""2100."""
DRIFT = 1e-4
"""How fast two clocks may drift apart: 100 ppm, twice what a plain crystal does."""
AGREE_WITHIN_MS = 20 * 60_000
"""Less than the smallest mistake that is common: a time zone."""
_WALL_AGREES_WITHIN_MS = 12 * 3_600_000
_MINUTE_MS, _DAY_MS = 60_000, 86_400_000
_MOST_CLAIMS = 4
_MOST_ERROR_MS = 2**40


def possible(head_ms: int) -> bool:
    """Whether a head office's clock can show this at all."""
    return FIRST_MS <= head_ms < LAST_MS


@dataclass(frozen=True)
class Claim:
    """What the head office said alike of a boot's clock: its best sighting, and how long."""

    sighting: Sighting
    first_ms: int
    last_ms: int
    """The first and the last time that it was said, by the boot's monotonic clock."""

    @property
    def ahead_ms(self) -> int:
        """How far the head office is ahead of the boot's clock by this claim."""
        return self.sighting.head_ms - self.sighting.mono_ms

    @property
    def held_ms(self) -> int:
        """How long it was held to; a day is as good as a month."""
        return min(self.last_ms - self.first_ms, _DAY_MS)


def better(new: Sighting, old: Sighting) -> bool:
    """Whether a newer sighting of the same boot tells the head office's time more exactly."""
    return new.error_ms <= old.error_ms + abs(new.mono_ms - old.mono_ms) * DRIFT


def contradicts(one: Sighting, other: Sighting) -> bool:
    """Whether two sightings of one boot can't both be of a clock that is right."""
    apart = abs((one.head_ms - one.mono_ms) - (other.head_ms - other.mono_ms))
    drift = abs(one.mono_ms - other.mono_ms) * DRIFT
    return apart > AGREE_WITHIN_MS + drift + one.error_ms + other.error_ms


def contradicts_belief(new: Sighting, believed: Sighting) -> bool:
    """Whether a sighting is not to be taken for now: another is believed, or only bounds are."""
    return believed.error_ms > max(AGREE_WITHIN_MS, new.error_ms) or contradicts(new, believed)


def with_heard(claims: Sequence[Claim], new: Sighting) -> tuple[Claim, ...]:
    """The claims of a boot after another receipt; the same ones if that says nothing new."""
    for n, claim in enumerate(claims):
        if not contradicts(new, claim.sighting):
            exact = better(new, claim.sighting)
            first, last = min(claim.first_ms, new.mono_ms), max(claim.last_ms, new.mono_ms)
            if not exact and last - claim.last_ms < _MINUTE_MS:
                return tuple(claims)
            said = Claim(new if exact else claim.sighting, first, last)
            return (*claims[:n], said, *claims[n + 1 :])
    most = sorted(claims, key=lambda claim: claim.held_ms)[-(_MOST_CLAIMS - 1) :]
    return (*most, Claim(new, new.mono_ms, new.mono_ms))


def judged(claims: Sequence[Claim], wall_ahead_ms: int | None = None) -> Sighting:
    """What is to be believed of a boot's clock; bounds, if it can't be told.

    ``wall_ahead_ms``: how far the kiosk's own wall clock is ahead of the boot's, if that is known.
    """
    if len(claims) == 1:
        return claims[0].sighting
    longest = max(claims, key=lambda claim: claim.held_ms)
    others = max(claim.held_ms for claim in claims if claim is not longest)
    by_time = longest if longest.held_ms >= 3 * others + _MINUTE_MS else None
    by_wall = _nearest(claims, wall_ahead_ms)
    if by_time is None or by_wall is None or by_time is by_wall:
        believed = by_time or by_wall
        if believed is None:
            last = max(claims, key=lambda claim: claim.last_ms)
            believed = last if last.held_ms >= _DAY_MS else None
        if believed is not None:
            return believed.sighting
    return _span(claims)


def _nearest(claims: Sequence[Claim], wall_ahead_ms: int | None) -> Claim | None:
    if wall_ahead_ms is None:
        return None
    found = min(claims, key=lambda claim: abs(claim.ahead_ms - wall_ahead_ms))
    near = abs(found.ahead_ms - wall_ahead_ms) <= _WALL_AGREES_WITHIN_MS
    return found if near else None


def _span(claims: Sequence[Claim]) -> Sighting:
    low = min(claim.ahead_ms - claim.sighting.error_ms for claim in claims)
    high = max(claim.ahead_ms + claim.sighting.error_ms for claim in claims)
    at = max(claims, key=lambda claim: claim.last_ms).sighting
    error = min((high - low + 1) // 2, _MOST_ERROR_MS)
    return Sighting(at.boot, at.mono_ms, (low + high) // 2 + at.mono_ms, error)
