"""Misuse: answers that are kept and thanked as always, but flagged with the reason.

Pure rules. What they flag is stored like any other answer; the head office leaves it out of the
figures by default and can show it at any time. How many honest answers of a crowd each rule flags
is simulated by ``bench/crowds.py``; ``docs/session.md`` has the table.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

from config.settings import MisuseRules
from kiosk.session.touch import Spot, Touch
from sync.messages import Misuse

_REMEMBERED = 50
"""More touches and ratings than any rule looks back on."""
_ROW = 6
"""Ratings, each soon after the one before,"""
_TOUCHES_EACH = 2.5
"""with so many touches for each: people in a hurry touch once, and one in ten once more."""
_TAPPING_MS = 1_000
"""A finger that came down less than this before is tapping."""
_HOUR_MS = 3_600_000
_LATELY = 10
"""So many ratings tell how busy it is just now."""
_FINGER_MM = 1.5
"""How far a finger that keeps tapping strays from where it was (standard deviation, each way)."""
_STRANGERS = 0.1
"""The same of different people's fingers, as a share of the control's side. Measured scatter is
0.15 to 0.24 of it (the effective width of Fitts' law, ISO 9241-411, is 4.133 of these); less is
assumed, so that a crowd that aims well is not taken for one finger."""
_CERTAIN = math.log(10_000)
"""Strangers look as much like one finger once in so many ratings at most."""
_QUIET = 0.3
"""However quiet it has been: a rush may have begun, in which so many come that soon."""


@dataclass(frozen=True)
class Rated:
    """One rating of those that came before; times in ms."""

    at_ms: int
    rating: int
    took_ms: int = 60_000
    """How long the faces had been there."""
    spot: Spot | None = None


@dataclass(frozen=True)
class History:
    """What was touched and rated lately, the oldest first, across shoppers; times in ms."""

    touches: tuple[int, ...] = ()
    """When fingers came down or keys were pressed, anywhere on the screen."""
    ratings: tuple[Rated, ...] = ()

    def with_touch(self, at_ms: int) -> "History":
        """With one touch more."""
        return History((*self.touches, at_ms)[-_REMEMBERED:], self.ratings)

    def without_last_touch(self) -> "History":
        """Without the last touch, which ticked or typed something: writing is no hammering."""
        return History(self.touches[:-1], self.ratings)

    def with_rating(self, rated: Rated) -> "History":
        """With one rating more."""
        return History(self.touches, (*self.ratings, rated)[-_REMEMBERED:])


@dataclass(frozen=True)
class Tap:
    """One touch that gives an answer."""

    at_ms: int
    took_ms: int
    """How long the question had been there."""
    touch: Touch
    rating: int | None = None
    """The value where the touch is a rating."""


def misuse(tap: Tap, history: History, rules: MisuseRules) -> tuple[Misuse, ...]:
    """Why this answer may not be meant; nothing for an ordinary one.

    ``too_fast``: sooner than a person can see the question and mean an answer, by a finger that
    had been tapping before; who aims at a face before it is there, and once, means it.
    ``burst``: one of several ratings that look like those of one finger, which comes back to the
    same spot as soon as it can; the ones before it could not be told from honest ones.
    ``held``: the finger, or whatever it was, rested on the control.
    ``hammered``: one of very many touches in a short time, or of many for each rating.
    ``several``: fingers, or a palm, lay on several faces at once.
    """
    if not rules.enabled:
        return ()
    found: list[Misuse] = []
    if tap.took_ms < _ms(rules.too_fast) and _was_tapping(tap, history):
        found.append("too_fast")
    if tap.rating is not None and _is_burst(tap, tap.rating, history, rules):
        found.append("burst")
    if tap.touch.held_ms > _ms(rules.held):
        found.append("held")
    if _is_hammered(tap, history, rules):
        found.append("hammered")
    if tap.touch.faces > 1:
        found.append("several")
    return tuple(found)


def _is_hammered(tap: Tap, history: History, rules: MisuseRules) -> bool:
    """Whether fingers came down faster, or more often for each rating, than people's do."""
    within_ms = _ms(rules.hammered_within)
    lately = sum(1 for at_ms in history.touches if tap.at_ms - at_ms <= within_ms)
    if lately >= rules.hammered:
        return True
    times = [rated.at_ms for rated in history.ratings[-_ROW:]] + [tap.at_ms]
    if tap.rating is None or len(times) <= _ROW:
        return False
    together = all(later - before <= within_ms for before, later in pairwise(times))
    touches = sum(1 for at_ms in history.touches if at_ms > times[0])
    return together and touches >= _TOUCHES_EACH * _ROW


def _was_tapping(tap: Tap, history: History) -> bool:
    """Whether this touch, itself among those remembered, was not the first for a while."""
    since_ms = tap.at_ms - tap.touch.held_ms - _TAPPING_MS
    return sum(1 for at_ms in history.touches if at_ms >= since_ms) > 1


def _is_burst(tap: Tap, rating: int, history: History, rules: MisuseRules) -> bool:
    """Whether one finger is likelier than a crowd, ten thousand times.

    A cumulative sum after Page (1954): each rating adds the logarithm of how much likelier it is
    that the finger of the one before gave it than that somebody else did, by how close to that one
    and how soon it came; whatever speaks against one finger takes from the sum, never below 0.
    Which face it is plays no part, nor that they are equal: where most are happy, many in a row
    are.
    """
    rated = (*history.ratings, Rated(tap.at_ms, rating, tap.took_ms, tap.touch.spot))
    rate = _rate(rated)
    total, alike = 0.0, 1
    for before, after in pairwise(rated):
        total = max(0.0, total + _likelihood(before, after, rate, _ms(rules.burst_within)))
        alike = alike + 1 if total else 1
    return total >= _CERTAIN and alike >= rules.burst


def _likelihood(before: Rated, after: Rated, rate: float, soon_ms: int) -> float:
    """Logarithm of the odds of one finger to somebody else; -inf where it can't be the same."""
    if before.spot is None or after.spot is None or after.took_ms > soon_ms:
        return -math.inf
    away_mm = after.spot.distance_mm(before.spot)
    finger = 2 * _FINGER_MM**2
    strangers = 2 * (_STRANGERS * after.spot.side_mm) ** 2
    if strangers < 2 * finger:
        return -math.inf  # on a small face everybody touches the same spot
    closeness = math.log(strangers / finger) - away_mm**2 / 2 * (1 / finger - 1 / strangers)
    free_ms = after.at_ms - before.at_ms - after.took_ms + soon_ms
    came_that_soon = max(_QUIET, 1 - math.exp(-rate * free_ms))
    return closeness - math.log(came_that_soon)


def _rate(rated: tuple[Rated, ...]) -> float:
    """Ratings a millisecond that this kiosk has had: in the last hour, or just now if that is more.

    A crowd that comes at all once is taken for a crowd.
    """
    now = rated[-1].at_ms
    hour = [each for each in rated if now - each.at_ms <= _HOUR_MS]
    return max(
        (len(part) - 1) / max(1, now - part[0].at_ms) for part in (hour, hour[-_LATELY - 1 :])
    )


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
