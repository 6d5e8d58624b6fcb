"""What staff pages look like, as values; the screen draws exactly this."""

from dataclasses import dataclass

from kiosk.staff_facts import Sign


@dataclass(frozen=True)
class Key:
    """Something to press: a button or a key of a keypad."""

    control: str
    text: str
    enabled: bool = True
    chosen: bool = False
    strong: bool = False
    """The one that the page is for."""


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
    typed: str | None = None
    keys: tuple[tuple[Key, ...], ...] = ()
    progress: float | None = None
    buttons: tuple[Key, ...] = ()
    more: str = ""
    """The words for turning to the next lines, with ``{page}`` and ``{pages}``."""


@dataclass(frozen=True)
class ClosedView:
    """The shop is closed: a dark, quiet screen."""


@dataclass(frozen=True)
class PausedView:
    """Back soon."""

    heading: str
    line: str
