"""How much slower than a calm machine this one is now: limits of time are stretched by it.

A limit in a test tells a hang or a square from what is due; how fast the product is, is for bench/.
"""

import time

_CALM_S = 0.05
_ROUNDS = 1_000_000


def slowness() -> float:
    """From 1 (nothing else to do here) to 20: this machine's time for a loop to a calm one's.

    The worst of five, as other work comes and goes.
    """
    return min(20.0, max(1.0, *(_loop_s() / _CALM_S for _ in range(5))))


def limit_s(seconds: float) -> float:
    """What a calm machine needs at most, in seconds of this one now, and twice that.

    Twice, since the disk and the network slow down as well and the loop does not notice.
    """
    return 2 * seconds * slowness()


def has_passed(begun: float, seconds: float) -> bool:
    """Whether so many seconds of a calm machine are over since then, by the monotonic clock."""
    passed = time.monotonic() - begun
    return passed > seconds and passed > limit_s(seconds)


def _loop_s() -> float:
    begun = time.perf_counter()
    for _ in range(_ROUNDS):
        pass
    return time.perf_counter() - begun
