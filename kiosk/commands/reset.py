"""``hymio-kiosk reset``: a kiosk that is handed on, without a screen."""

from pathlib import Path

from kiosk.errors import ResetRefusedError
from kiosk.last_good import read_settings_aloud
from kiosk.maintenance.factory_reset import finish_reset, request_reset
from sync.outbox.storage import lock_holder


def reset_kiosk(config: Path | None, data: Path | None, *, discard: bool = False) -> str:
    """Forgets everything of the shop; of a kiosk that is running, with its next start.

    Raises ResetRefusedError while answers would be lost, unless they are to be.
    """
    folder = read_settings_aloud(config, data).data
    if not folder.is_dir():
        return f"There is nothing of a kiosk in {folder}."
    request_reset(folder, discard=discard)
    if lock_holder(folder) is not None:
        return "The kiosk runs: it is reset with its next start."
    if not finish_reset(folder):
        raise ResetRefusedError("an answer has come meanwhile")
    return f"The kiosk of {folder} knows no shop, no PIN and no answer any more."
