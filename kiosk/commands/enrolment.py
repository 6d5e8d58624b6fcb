"""``hymio-kiosk enrol`` and ``hymio-kiosk renew``."""

from pathlib import Path

from kiosk.last_good import read_settings_aloud
from kiosk.maintenance.enrolment import enrol_kiosk, replace_credential
from sync.errors import CodeRefusedError


def join_head_office(
    codes: tuple[str, ...], url: str, config: Path | None, data: Path | None
) -> str:
    """Enrols with the first code that no other kiosk has taken, and keeps the identity.

    Says what was done. Raises ConfigError, or SyncError if the head office refuses or can't be
    reached.
    """
    read = read_settings_aloud(config, data)
    for code in codes[:-1]:
        try:
            identity = enrol_kiosk(code, url, read.settings, read.data)
            break
        except CodeRefusedError as refusal:
            if not refusal.is_used:
                raise
    else:
        identity = enrol_kiosk(codes[-1] if codes else "", url, read.settings, read.data)
    return f"Enrolled as {identity.place!r} at {identity.url}."


def renew_credential(config: Path | None, data: Path | None) -> str:
    """Replaces the credential, also of a kiosk that is running; says what was done.

    Raises ConfigError, or SyncError if there is no new one; the present one then stays.
    """
    read = read_settings_aloud(config, data)
    identity = replace_credential(read.settings, read.data)
    return f"The credential of {identity.place!r} was replaced; the old one ends when it is used."
