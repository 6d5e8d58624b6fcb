"""What can go wrong on the way home; every message says what it means for the answers."""


class SyncError(Exception):
    """Base of everything that this package raises."""


class OutboxError(SyncError):
    """The outbox can't do what was asked."""


class OutboxInUseError(OutboxError):
    """{folder} is in use by another Hymio kiosk process."""

    def __init__(self, folder: str) -> None:
        super().__init__(
            f"{folder} is in use by another Hymio kiosk process. Nothing was changed. "
            "Stop the other one, or start this one with another --data folder."
        )


class OutboxNewerError(OutboxError):
    """The outbox was written by a newer version of Hymio."""

    def __init__(self, file: str, unknown: tuple[str, ...]) -> None:
        self.unknown = unknown
        super().__init__(
            f"{file} was written by a newer version of Hymio (unknown: {', '.join(unknown)}). "
            "It was left untouched and its answers are safe. Start the newer version again."
        )


class OutboxFullError(OutboxError):
    """The disk is full; nothing was stored."""

    def __init__(self) -> None:
        super().__init__(
            "The disk is full and the reserve is used up: this answer was not stored. Answers "
            "stored before are safe. Free some space."
        )


class OutboxUnwritableError(OutboxError):
    """The outbox can't be read or written: {reason}."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The outbox can't be used: {reason}. Nothing new was stored; answers stored before "
            "stay where they are. Check the disk."
        )


class OutboxClosedError(OutboxError):
    """The outbox was closed."""

    def __init__(self) -> None:
        super().__init__("The outbox was closed; nothing more is stored.")


class WrongInstallationError(OutboxError):
    """A receipt speaks of another installation than the outbox's present one."""


class EnrolmentError(SyncError):
    """The kiosk was not enrolled."""

    reason: str = ""
    """A sentence that the kiosk's screen translates; empty: the message is all there is."""
    detail: str = ""
    """What somebody else said, as it is."""


class CodeRefusedError(EnrolmentError):
    """The head office doesn't take this code: {why}."""

    def __init__(self, why: str, *, is_used: bool = False) -> None:
        """``is_used``: another kiosk has taken it."""
        self.is_used = is_used
        self.reason = why
        super().__init__(f"{why} The kiosk was not enrolled; ask the head office for a new code.")


class HeadOfficeUnreachableError(EnrolmentError):
    """No proper reply came from the address."""

    def __init__(self, url: str, why: str, *, reason: str = "", detail: str = "") -> None:
        """``reason`` and ``detail``: see EnrolmentError; without them ``why`` is the reason."""
        self.reason = reason or why
        self.detail = detail
        super().__init__(f"{url} did not enrol this kiosk: {why}")


class IdentityError(SyncError):
    """The file with the kiosk's identity can't be used."""


class ConfigurationRefusalError(SyncError):
    """The configuration can't be taken: {reasons}."""

    def __init__(self, reasons: tuple[str, ...]) -> None:
        """``reasons``: every mistake, one a line; English."""
        self.reasons = reasons
        super().__init__(f"The configuration can't be taken: {'; '.join(reasons)}")


class CredentialNotRenewedError(SyncError):
    """The head office gave no new credential: {why}."""

    def __init__(self, why: str) -> None:
        super().__init__(f"The credential was not renewed; the present one stays. {why}")


class InsecureAddressError(SyncError):
    """The head office's address would send the credential readable over the network."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"{url} is not protected by TLS: answers and the kiosk's credential would travel "
            "readable for everyone. Use https://, or, in a network where that is acceptable, set "
            "head_office.dangerously_allow_plain_http = true."
        )


class BadAddressError(SyncError):
    """The head office's address can't be used: {why}."""

    def __init__(self, url: str, why: str) -> None:
        super().__init__(f"{url!r} can't be the head office's address: {why}.")


class BadAuthorityError(SyncError):
    """The certificates to trust can't be read: {why}."""

    def __init__(self, file: str, why: str) -> None:
        super().__init__(
            f"head_office.ca_file is {file!r}, but {why}. Nothing is sent; answers are kept."
        )
