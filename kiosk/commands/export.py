"""``hymio-kiosk export``: what staff can take away on a stick, without a screen."""

import os
import pwd
from pathlib import Path

from kiosk.last_good import read_settings_aloud
from kiosk.maintenance.export import ExportError, export, export_label
from sync.clock import SystemClock
from sync.identity import load_identity


def export_answers(target: Path, config: Path | None, data: Path | None) -> str:
    """Copies every stored answer, also of a kiosk that is running; says where to.

    Raises ExportError, ConfigError, or SyncError if nothing was ever stored.
    """
    read = read_settings_aloud(config, data)
    folder = read.data
    # Asked first, since to look into a folder behind one that is closed would fail.
    if not os.access(target, os.R_OK | os.W_OK | os.X_OK) or not target.is_dir():
        raise ExportError("gone", f"{target} is no folder that {_user()} may write into")
    identity = load_identity(folder)
    label = export_label(identity, SystemClock().moment(), read.settings.language or "en")
    done = export(folder, target, label)
    return f"{done.messages:,} messages in {done.folder}"


def _user() -> str:
    """Whom this command acts as: root's acts as the service's user."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"user {os.geteuid()}"
