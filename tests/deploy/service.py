"""The head office's service on a machine of a test's own."""

import socket
import ssl
import urllib.request
from contextlib import suppress

import trustme
from machine import Machine
from processes import wait_until

SETTINGS = "/etc/hymio/headoffice.env"


class Service:
    """Where it answers, and what it answers."""

    def __init__(self, machine: Machine, port: int, authority: trustme.CA) -> None:
        self.machine, self.port = machine, port
        self._context = ssl.create_default_context()
        authority.configure_trust(self._context)

    @property
    def url(self) -> str:
        """Its address."""
        return f"https://127.0.0.1:{self.port}"

    def get(self, path: str) -> str | None:
        """What a page says; None if there is no answer."""
        try:
            with urllib.request.urlopen(f"{self.url}{path}", context=self._context) as reply:  # noqa: S310
                return str(reply.read().decode())
        except OSError:
            state = self.machine.run("systemctl is-failed hymio-headoffice", check=False).stdout
            assert "failed" not in state.split(), self.machine.journal("hymio-headoffice")
            return None

    def wait(self) -> None:
        """Until it answers."""
        wait_until(lambda: self.get("/health"), "the service", seconds=60)

    def certificate(self) -> bytes:
        """The one that clients get; none from a worker that is being replaced."""
        with (
            suppress(OSError),
            socket.create_connection(("127.0.0.1", self.port), timeout=10) as plain,
            self._context.wrap_socket(plain, server_hostname="127.0.0.1") as tls,
        ):
            return tls.getpeercert(binary_form=True) or b""
        return b""
