"""A program whose wall clock is wrong, and whose monotonic clock is the machine's.

Not with libfaketime: it shifts what Python sleeps by, too.
"""

from pathlib import Path

_PATCH = """
import time
_off_ns = {off_s} * 10**9
_real = time.time_ns
time.time_ns = lambda: _real() + _off_ns
time.time = lambda: (_real() + _off_ns) / 1e9
"""


def environment(folder: Path, off_s: int) -> dict[str, str]:
    """What to add to a program's environment, so that its clock is off by so many seconds."""
    place = folder / f"clock-off-by-{off_s}-s"
    place.mkdir(exist_ok=True)
    (place / "sitecustomize.py").write_text(_PATCH.format(off_s=off_s))
    return {"PYTHONPATH": str(place)}
