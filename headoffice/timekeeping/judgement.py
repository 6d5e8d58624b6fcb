"""Decides whether a clock is trusted; without a clock, a database or a kiosk of its own."""

import datetime as dt
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

MADE = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
"""When this program was made, or somewhat earlier: no clock that is right shows less."""
MADE_MS = int(MADE.timestamp() * 1000)
MINUTE_MS, DAY_MS = 60_000, 86_400_000
TOLERANCE_MS = 20 * MINUTE_MS
"""Less than the smallest mistake that is common: a time zone. Clocks that differ by less agree."""
LONGEST_REST_MS = DAY_MS
"""A machine that was off for longer is asked about its clock."""
COMPARABLE_MS = 30 * DAY_MS
"""A monotonic clock that has come further since the last look is taken for made up: while the head
office serves, it is looked at every minute."""
USUAL_MISTAKE_MS = (-DAY_MS, 30 * DAY_MS)
"""What a clock may be set by, or a machine be off for, without anybody's word."""
WAIT_MS = 10 * MINUTE_MS
"""So long kiosks have to object to such a difference."""


class Reading(NamedTuple):
    """Both clocks of a machine at one instant."""

    wall_ms: int
    boot: str
    mono_ms: int

    @property
    def zero_ms(self) -> int:
        """How far the wall clock is ahead of the monotonic one."""
        return self.wall_ms - self.mono_ms


class Reason(Enum):
    """Why a clock is in doubt; the value is said in the log."""

    BEFORE_PROGRAM = "it shows a time before this program was made"
    BEFORE_LAST = "it shows a time before what was written last"
    LONG_AFTER_LAST = "it shows a time more than a day after what was written last"
    JUMPED = "it has jumped: less or more time has passed than it shows"
    KIOSKS = "the clocks of several kiosks show another time"


@dataclass(frozen=True)
class Objection:
    """What stands against a clock."""

    reason: Reason
    off_ms: int
    """By how much it seems to be ahead; less than 0: behind."""

    @property
    def is_usual(self) -> bool:
        """Whether it may be a machine that was off or a clock that was set right."""
        least, most = USUAL_MISTAKE_MS
        return self.reason is not Reason.BEFORE_PROGRAM and least <= self.off_ms <= most


class Votes(NamedTuple):
    """How many kiosks say the same time as a clock, and how many another one."""

    agree: int
    object: int
    quorum: int
    """So many have to say it."""
    off_ms: int = 0
    """How far the clock is ahead of those that object, in their middle."""
    enrolled: int = 0
    """How many could say something."""

    @property
    def are_for(self) -> bool:
        """Whether kiosks bear the clock out."""
        return self.agree >= self.quorum and self.agree > self.object

    @property
    def are_against(self) -> bool:
        """Whether kiosks contradict it."""
        return self.object >= self.quorum and self.object > self.agree


class Trust(Enum):
    """What a trusted clock is trusted for."""

    LAST = "it goes on from what was written last"
    KIOSKS = "kiosks agree with it"
    WORD = "a person said that it is right"
    TIME = "nobody objected"

    @property
    def tells_how_long(self) -> bool:
        """Whether the time since the last look is known as well, however long it is."""
        return self in (Trust.KIOSKS, Trust.WORD)


def objection_to(now: Reading, last: Reading | None) -> Objection | None:
    """What stands against a clock by what was written last; None if nothing."""
    if now.wall_ms < MADE_MS:
        return Objection(Reason.BEFORE_PROGRAM, now.wall_ms - MADE_MS)
    if last is None:
        return None
    rest_ms = now.wall_ms - last.wall_ms
    passed_ms = now.mono_ms - last.mono_ms
    is_one_boot = now.boot == last.boot and 0 <= passed_ms <= COMPARABLE_MS
    if rest_ms < -TOLERANCE_MS:
        return Objection(Reason.BEFORE_LAST, rest_ms)
    if is_one_boot and abs(rest_ms - passed_ms) > TOLERANCE_MS:
        return Objection(Reason.JUMPED, rest_ms - passed_ms)
    if not is_one_boot and rest_ms > LONGEST_REST_MS:
        return Objection(Reason.LONG_AFTER_LAST, rest_ms)
    return None


def judge(
    objection: Objection | None, votes: Votes, *, waited_ms: int, accepted: bool
) -> Trust | Objection:
    """Why a clock is trusted, or what stands against it.

    ``waited_ms``: for how long it has been in doubt; ``accepted``: whether a person said that it is
    right.
    """
    if objection is not None and objection.reason is Reason.BEFORE_PROGRAM:
        return objection
    if accepted:
        return Trust.WORD
    if votes.are_against:
        return objection or Objection(Reason.KIOSKS, votes.off_ms)
    if objection is None:
        return Trust.LAST
    if votes.are_for:
        return Trust.KIOSKS
    return _after_waiting(objection, votes, waited_ms)


def _after_waiting(objection: Objection, votes: Votes, waited_ms: int) -> Trust | Objection:
    """For a difference that happens it is enough that kiosks could have objected and did not."""
    may_pass = objection.is_usual or not votes.enrolled
    if not may_pass or waited_ms < WAIT_MS or votes.object > votes.agree:
        return objection
    return Trust.KIOSKS if votes.agree else Trust.TIME


def is_even(now: Reading, last: Reading) -> bool:
    """Whether a clock has run as the monotonic one has since its last reading."""
    passed_ms = now.mono_ms - last.mono_ms
    is_steady = abs(now.zero_ms - last.zero_ms) <= TOLERANCE_MS
    return is_steady and 0 <= passed_ms <= COMPARABLE_MS


def passed_ms(now: Reading, last: Reading, *, tells_how_long: bool = False) -> int:
    """How much time is known to have passed between two readings of trusted clocks.

    Within a boot by the monotonic clock. A day at most, unless it is known from others how long it
    was.
    """
    by_mono = now.mono_ms - last.mono_ms
    is_one_boot = now.boot == last.boot and 0 <= by_mono <= COMPARABLE_MS
    rest_ms = by_mono if is_one_boot else max(0, now.wall_ms - last.wall_ms)
    return rest_ms if tells_how_long else min(rest_ms, DAY_MS)
