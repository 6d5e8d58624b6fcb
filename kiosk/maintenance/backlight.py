"""The panel's brightness, where the kernel has it in its hands."""

from pathlib import Path

ROOT = Path("/sys/class/backlight")


class Backlight:
    """The first backlight below a folder; honest about there being none."""

    def __init__(self, root: Path = ROOT) -> None:
        self._root = root

    def percent(self) -> int | None:
        """How bright it is; None if there is none, or it can't be set by this user."""
        for folder in self._folders():
            try:
                most = int((folder / "max_brightness").read_text())
                now = int((folder / "brightness").read_text())
                with (folder / "brightness").open("r+"):
                    pass  # may be written
            except (OSError, ValueError):
                continue
            if most > 0:
                return round(100 * now / most)
        return None

    def set(self, percent: int) -> bool:
        """Make it that bright; False if that can't be done."""
        for folder in self._folders():
            try:
                most = int((folder / "max_brightness").read_text())
                (folder / "brightness").write_text(str(max(1, round(most * percent / 100))))
            except (OSError, ValueError):
                continue
            return True
        return False

    def _folders(self) -> list[Path]:
        try:
            return sorted(self._root.iterdir())
        except OSError:
            return []
