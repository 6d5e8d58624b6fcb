"""How long to wait before starting again what crashed: not at all at first, then ever longer."""

FIRST_S = 3.0
LONGEST_S = 60.0
STEADY_S = 120.0
"""Whatever ran this long has recovered: the next crash is the first again."""
CRASHES = "HYMIO_FALLS"
"""The environment variable that hands the count over to the program that is started anew."""


def pause_s(crashes: int) -> float:
    """Seconds before the next start; ``crashes``: how many in a row came before this one."""
    return min(FIRST_S * 2.0 ** min(crashes - 1, 20), LONGEST_S) if crashes else 0.0


def crashes_in_a_row(crashes: int, ran_s: float) -> int:
    """Crashes in a row before this one, for a program that then ran for some seconds."""
    return 0 if ran_s >= STEADY_S else crashes


def parse_crash_count(environment_value: str) -> int:
    """The count that was handed over; 0 if it makes no sense."""
    return int(environment_value) if environment_value.isdecimal() else 0
