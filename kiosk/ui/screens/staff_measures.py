"""What the staff's pages are measured with: comfortable, or close where a panel is low."""

from typing import Any

_SHORT_MM = 110


def is_short(theme: Any) -> bool:
    """Whether a page has no height to spare."""
    return bool(theme.height < _SHORT_MM * theme.mm)


def least(theme: Any) -> float:
    """The height of a button: comfortable, or just enough for a finger where room is short."""
    return float(theme.target_min if is_short(theme) else theme.target)


def apart(theme: Any) -> float:
    """The space between two buttons."""
    return float(theme.gap_min if is_short(theme) else theme.gap)


def edge(theme: Any) -> float:
    """What stays free around a page."""
    return float(theme.margin * (0.55 if is_short(theme) else 0.8))
