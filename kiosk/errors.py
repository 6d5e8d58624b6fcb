"""What can go wrong on a kiosk."""


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
