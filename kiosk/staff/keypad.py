"""The digits that both pages of the PIN have."""

from typing import assert_never

from kiosk.staff.controls import Confirm, Delete, Digit
from kiosk.staff.pin import LONGEST
from kiosk.staff.state import Gettext
from kiosk.staff.views import Key

PinControl = Digit | Delete | Confirm


def pin_keys(enabled: bool, complete: bool, _: Gettext) -> tuple[tuple[Key, ...], ...]:
    """The keypad; ``complete``: what is typed may be confirmed."""
    rows = [tuple(Key(Digit(d), d, enabled) for d in row) for row in ("123", "456", "789")]
    last = (
        Key(Delete(), _("Delete"), enabled),
        Key(Digit("0"), "0", enabled),
        Key(Confirm(), _("OK"), enabled and complete, strong=True),
    )
    return (*rows, last)


def edit_digits(digits: str, control: Digit | Delete) -> str:
    """The digits after a key."""
    match control:
        case Digit(digit=digit):
            return (digits + digit)[:LONGEST]
        case Delete():
            return digits[:-1]
        case _:
            assert_never(control)
