"""What staff pages look like, as values; the screen draws exactly this."""

from dataclasses import dataclass

from kiosk.maintenance.results import Sign
from kiosk.staff.controls import Control


@dataclass(frozen=True)
class Key:
    """Something to press: a button, a tile or a key of a keypad."""

    control: Control
    text: str
    enabled: bool = True
    is_chosen: bool = False
    strong: bool = False
    """The one that the page is for."""
    picture: str = ""
    """The sign on a tile."""


@dataclass(frozen=True)
class Line:
    """A line of a page: a sign, a text, a detail below it, and buttons at its end."""

    text: str
    detail: str = ""
    sign: Sign | None = None
    keys: tuple[Key, ...] = ()


@dataclass(frozen=True)
class StaffView:
    """One page: lines, or a text that is being typed and its keys, or tiles to choose from."""

    name: str
    title: str
    back: Key | None = None
    leave: Key | None = None
    lines: tuple[Line, ...] = ()
    tiles: tuple[Key, ...] = ()
    entry: str | None = None
    keys: tuple[tuple[Key, ...], ...] = ()
    progress: float | None = None
    buttons: tuple[Key, ...] = ()
    more: str = ""
    """The words for turning to the next lines, with ``{page}`` and ``{pages}``."""

    def controls(self) -> dict[Control, Key]:
        """Everything that can be pressed, or could if it were enabled."""
        lines = (key for line in self.lines for key in line.keys)
        pad = (key for row in self.keys for key in row)
        ends = (key for key in (self.back, self.leave) if key is not None)
        keys = (*ends, *lines, *self.tiles, *pad, *self.buttons)
        return {key.control: key for key in keys}


@dataclass(frozen=True)
class ClosedView:
    """The shop is closed: a dark, quiet screen."""


@dataclass(frozen=True)
class PausedView:
    """Back soon."""

    heading: str
    line: str
