"""What staff are told of a factory reset, and asking for one."""

from pathlib import Path

from kiosk.errors import ResetRefusedError
from kiosk.maintenance.factory_reset import find_undelivered, request_reset
from kiosk.staff.results import ResetState
from sync.failure_texts import disk_text


def reset_state(folder: Path) -> ResetState:
    """What it would throw away. Raises SyncError."""
    left = find_undelivered(folder)
    return ResetState(left.waiting + left.quarantined + left.damaged_files)


def try_reset(folder: Path) -> ResetState:
    """Asks for it, if nothing undelivered would go."""
    try:
        request_reset(folder)
    except ResetRefusedError:
        return reset_state(folder)
    except OSError as error:
        return ResetState(problem=disk_text(error))
    return ResetState(is_requested=True)
