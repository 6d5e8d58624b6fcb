"""What can go wrong on a kiosk."""

from typing import Literal


class KioskError(Exception):
    """Something went wrong on this kiosk."""


class NoDisplayError(KioskError):
    """There is nothing to be seen on."""

    def __init__(self, driver: str, display: str) -> None:
        """``driver``: what SDL took instead; ``display``: what the variable DISPLAY says."""
        what = f"the display {display} can't be opened" if display else "DISPLAY is not set"
        super().__init__(
            f"There is no display: {what}, and the kiosk would be drawn where nobody sees it "
            f"(SDL's {driver}). Start it in a session of the panel, as `hymio-kiosk session` does; "
            f"SDL_VIDEODRIVER={driver} asks for it on purpose."
        )


class NotTheServiceError(KioskError):
    """The kiosk of this machine is a service, whose answers only its own user and root may read."""

    def __init__(self, command: str, user: str, folder: str) -> None:
        super().__init__(
            f"The kiosk of this machine is a service: {user} alone reads its answers, in {folder}. "
            f"Nothing was done. Say: sudo hymio-kiosk {command}\n"
            "For a kiosk of your own name its folder: --data DIR"
        )


class ResetRefusedError(KioskError):
    """A reset would throw away what the head office does not have: {what}."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"The kiosk is not reset, because answers would be lost: {what}. Let them be sent, or "
            "export them and have the head office take the stick in."
        )


class AlreadyKeptError(KioskError):
    """Another kiosk is kept here."""

    def __init__(self, where: str) -> None:
        """``where``: the folder, or the display."""
        super().__init__(
            f"Another kiosk runs already, on {where}. It goes on; this one ends, "
            "before it covers it. `hymio-kiosk status` says more of the one that runs."
        )


class SetupError(KioskError):
    """This machine was not set up: {what}. {advice}."""

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(f"{what} {advice}".rstrip())


class IllegalEventError(KioskError):
    """{event} can't happen while {phase}; nothing was changed."""

    def __init__(self, event: object, phase: object, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"{type(event).__name__} can't happen while {type(phase).__name__}: {reason}; "
            "nothing was changed."
        )


class WriterStoppedError(KioskError):
    """The writer has been stopped, so this answer was not taken."""


class PinError(KioskError):
    """Something about the PIN of the staff."""


class UnfitPinError(PinError):
    """This can't be the PIN: {reason}."""

    def __init__(self, reason: Literal["length", "too_easy"]) -> None:
        self.reason = reason
        super().__init__(
            "A PIN has 4 to 12 digits."
            if reason == "length"
            else "This PIN is among the first that anyone would try."
        )


class PinFileError(PinError):
    """The PIN can't be read or kept: {reason}."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"{reason} Answers are not touched by this. Choose a PIN with: hymio-kiosk set-pin"
        )
