"""A multi-touch panel: fingers as a real panel's driver would report them (TUIO over UDP).

A mouse has one pointer, so two fingers need this. The kiosk is told about the panel as about any
other, by ``screen.touch`` in its settings.
"""

import socket
import struct
from collections.abc import Mapping

from processes import free_port


class TouchPanel:
    """A panel that covers the whole window; places are pixels of the window, from the top left."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.port = free_port()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    @property
    def setting(self) -> str:
        """The value of ``screen.touch`` for this panel."""
        return f"tuio,127.0.0.1:{self.port}"

    def press(self, fingers: Mapping[int, tuple[float, float]]) -> None:
        """Put these fingers down in the same instant."""
        places = [
            _message("set", finger, x / self.width, y / self.height, 0.0, 0.0, 0.0)
            for finger, (x, y) in fingers.items()
        ]
        self._send(_message("alive", *fingers), *places)

    def release(self) -> None:
        """Lift all fingers in the same instant."""
        self._send(_message("alive"))

    def close(self) -> None:
        """Unplug it."""
        self._socket.close()

    def _send(self, *messages: bytes) -> None:
        at_once = struct.pack(">Q", 1)
        parts = b"".join(struct.pack(">i", len(message)) + message for message in messages)
        self._socket.sendto(_text("#bundle") + at_once + parts, ("127.0.0.1", self.port))


def _message(command: str, *values: float) -> bytes:
    """An Open Sound Control message about cursors on a surface."""
    types = "".join("i" if isinstance(value, int) else "f" for value in values)
    packed = b"".join(struct.pack(f">{t}", v) for t, v in zip(types, values, strict=True))
    return _text("/tuio/2Dcur") + _text(f",s{types}") + _text(command) + packed


def _text(text: str) -> bytes:
    """Text with a zero at its end, filled up to a multiple of four bytes."""
    raw = text.encode() + b"\0"
    return raw + b"\0" * (-len(raw) % 4)
