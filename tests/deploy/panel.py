"""The kiosk's service on a machine of a test's own, with a window as its panel."""

import json
import subprocess
from typing import Any

from machine import Machine
from processes import StepError, wait_until

TRACE = "/var/cache/hymio/trace.jsonl"
UNIT_FOLDER = "/etc/systemd/system/hymio-kiosk.service.d"


class Panel:
    """The service with a window of a virtual screen in the place of its panel."""

    def __init__(self, machine: Machine, display: str, start: str) -> None:
        """``start``: the unit's line that starts it; ``display``: of this machine's network."""
        self.machine, self.display = machine, display
        drop_in = machine.path(UNIT_FOLDER)
        drop_in.mkdir(parents=True)
        (drop_in / "panel.conf").write_text(
            "[Service]\n"
            "# There is no console, and no graphics card; a window is the panel.\n"
            "TTYPath=\nTTYReset=no\nTTYVHangup=no\nTTYVTDisallocate=no\nStandardInput=null\n"
            f"Environment=WLR_BACKENDS=x11 WLR_RENDERER=pixman DISPLAY={display}\n"
            f"ExecStart=\n{start} --trace {TRACE}\n"
        )
        machine.run("systemctl daemon-reload")

    def told(self, event: str) -> list[dict[str, Any]]:
        """What the kiosk tells of itself."""
        file = self.machine.path(TRACE)
        lines = file.read_text().splitlines() if file.exists() else []
        return [told for line in lines if (told := json.loads(line))["event"] == event]

    def wait(self, event: str, seconds: float = 60, **fields: object) -> dict[str, Any]:
        """The first such event."""

        def seek() -> dict[str, Any] | None:
            found = [t for t in self.told(event) if all(t.get(k) == v for k, v in fields.items())]
            return found[0] if found else None

        try:
            return wait_until(seek, f"the kiosk to tell {event} {fields}", seconds=seconds)
        except StepError as error:
            raise StepError(f"{error}\n{self.machine.journal('hymio-kiosk')}") from None

    def tap(self, target: str) -> None:
        """A finger on the panel, through the compositor."""
        x, y, width, height = self.told("shown")[-1]["targets"][target]
        at = [str(round(x + width / 2)), str(round(y + height / 2))]
        click = ["mousemove", *at, "sleep", "0.1", "mousedown", "1", "mouseup", "1"]
        subprocess.run(
            ["xdotool", *click], check=True, env={"DISPLAY": self.display, "PATH": "/usr/bin:/bin"}
        )
