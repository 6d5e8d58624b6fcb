"""What can be pressed on staff pages, as values; each page declares its own beside these."""

import re
from dataclasses import astuple, dataclass


@dataclass(frozen=True)
class Control:
    """Something that can be pressed."""


@dataclass(frozen=True)
class Back(Control):
    """To the page before."""


@dataclass(frozen=True)
class Leave(Control):
    """Out of the staff pages."""


@dataclass(frozen=True)
class Digit(Control):
    """A key of the keypad."""

    digit: str


@dataclass(frozen=True)
class Delete(Control):
    """Takes the last sign back."""


@dataclass(frozen=True)
class Confirm(Control):
    """What was typed is whole."""


def control_id(control: Control) -> str:
    """``open_page:status``: what widgets and traces call a control."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(control).__name__).lower()
    # A page stands for its name.
    values = (str(getattr(v, "name", v) if isinstance(v, type) else v) for v in astuple(control))
    return ":".join((name, *values))
