"""`serve`."""

import argparse
import os
import sys
from typing import Any

from headoffice.commands import checks
from headoffice.commands.opening import Allow, open_head_office
from headoffice.commands.serve_options import add_options, address_of, host_names


def add(commands: Any, everywhere: argparse.ArgumentParser) -> None:
    """What may be typed."""
    serve = commands.add_parser("serve", parents=[everywhere], help="serve pages and kiosks")
    add_options(serve)
    serve.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until told to end."""
    from headoffice.server.serve import serve, usual_workers

    address = address_of(options)
    address.check(behind_proxy=options.behind_proxy)
    os.environ["HYMIO_TLS"] = "1" if address.tls else "0"
    os.environ["HYMIO_BEHIND_PROXY"] = "1" if options.behind_proxy else "0"
    os.environ["HYMIO_HOSTS"] = " ".join(host_names(options, address))
    # Before a first account is made, whose password is shown once.
    bound = address.bind()
    open_head_office(Allow.CREATE | Allow.UPGRADE)
    for finding in checks.at_start(options):
        print(f"hymio-headoffice: {finding}", file=sys.stderr)
    _first_administrator()
    return serve(address, bound, options.workers or usual_workers())


def _first_administrator() -> None:
    from headoffice.accounts.creation import create_user
    from headoffice.accounts.models import Role, User
    from headoffice.accounts.passwords import readable_password

    if not User.objects.exists():
        password = readable_password()
        create_user("admin", password, role=Role.ADMINISTRATOR)
        print("Made the first account. This password is shown once:")
        print(f"  name:     admin\n  password: {password}", flush=True)
