"""How long to wait before starting again what fell over: not at all at first, then ever longer."""

FIRST_S = 3.0
LONGEST_S = 60.0
STEADY_S = 120.0
"""Who ran this long has recovered; what happens next is a new story."""
FALLS = "HYMIO_FALLS"
"""The environment variable that hands the count over to the program that is started anew."""


def pause_s(falls: int) -> float:
    """Seconds before the next start; ``falls``: how often in a row it fell before this time."""
    return min(FIRST_S * 2.0 ** min(falls - 1, 20), LONGEST_S) if falls else 0.0


def counted(falls: int, ran_s: float) -> int:
    """Falls in a row before this one, for a program that then ran for some seconds."""
    return 0 if ran_s >= STEADY_S else falls


def falls_before(environment_value: str) -> int:
    """The count that was handed over; 0 if it makes no sense."""
    return int(environment_value) if environment_value.isdecimal() else 0
