"""How a head office is served, as options say it: `serve` takes them, `check` looks at them."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headoffice.server.serve import Address


def add_options(serve: argparse.ArgumentParser) -> None:
    """How it is reached, and with how many processes it answers."""
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=_port, default=8000, help="0: any free one")
    serve.add_argument("--tls-cert", type=Path, metavar="PEM", help="certificate chain")
    serve.add_argument("--tls-key", type=Path, metavar="PEM", help="its private key")
    serve.add_argument(
        "--behind-proxy",
        action="store_true",
        help="a proxy in front speaks TLS and sets X-Forwarded-Proto and X-Forwarded-For",
    )
    serve.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name or address that browsers and kiosks use; may be given more than once",
    )
    serve.add_argument(
        "--workers",
        type=_number_of_workers,
        metavar="N",
        help="processes that answer, 1 to 32 (default: 3, or 1 where there is one core)",
    )


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port from 0 to 65535")
    return int(text)


def _number_of_workers(text: str) -> int:
    from headoffice.server.serve import MOST_WORKERS

    if not text.isdecimal() or not 1 <= int(text) <= MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {MOST_WORKERS}")
    return int(text)


def address_of(options: argparse.Namespace) -> "Address":
    """Where it listens by these options."""
    from headoffice.server.serve import Address

    # An IPv6 address may be given as in an URL.
    host = options.host.removeprefix("[").removesuffix("]")
    return Address(host, options.port, options.tls_cert, options.tls_key)


def host_names(options: argparse.Namespace, address: "Address") -> list[str]:
    """The names that requests may carry, besides those of loopback."""
    known = os.environ.get("HYMIO_HOSTS", "").split()
    return list(dict.fromkeys([*known, *options.allow_host, *address.names]))
