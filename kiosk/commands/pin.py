"""``hymio-kiosk set-pin``: the staff's PIN, without a screen."""

from pathlib import Path

from kiosk.last_good import read_settings_aloud
from kiosk.staff.pin import PinFile
from sync.clock import SystemClock


def set_pin(pin: str, config: Path | None, data: Path | None) -> str:
    """Makes this the PIN and ends a lock-out; raises PinError."""
    folder = read_settings_aloud(config, data).data
    PinFile(folder, SystemClock()).choose(pin)
    return "The PIN was set; a lock-out has ended."
