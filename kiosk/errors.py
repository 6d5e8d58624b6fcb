"""What can go wrong on a kiosk."""

from typing import Literal


class KioskError(Exception):
    """Something went wrong on this kiosk."""


class IllegalEventError(KioskError):
    """{event} can't happen while {phase}; nothing was changed."""

    def __init__(self, event: object, phase: object, why: str) -> None:
        self.why = why
        super().__init__(
            f"{type(event).__name__} can't happen while {type(phase).__name__}: {why}; "
            "nothing was changed."
        )


class WriterStoppedError(KioskError):
    """The writer has been stopped, so this answer was not taken."""


class PinError(KioskError):
    """Something about the PIN of the staff."""


class UnfitPinError(PinError):
    """This can't be the PIN: {why}."""

    def __init__(self, why: Literal["length", "too_easy"]) -> None:
        self.why = why
        super().__init__(
            "A PIN has 4 to 12 digits."
            if why == "length"
            else "This PIN is among the first that anyone would try."
        )


class PinFileError(PinError):
    """The PIN can't be read or kept: {reason}."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"{reason} Answers are not touched by this. Choose a PIN with: hymio-kiosk set-pin"
        )
