"""`create-user` and `set-password`."""

import argparse
import sys
from typing import Any

from headoffice.commands.opening import Allow, open_head_office


def add(commands: Any, everywhere: argparse.ArgumentParser) -> None:
    """What may be typed."""
    user = commands.add_parser("create-user", parents=[everywhere], help="let a person log in")
    user.add_argument("name")
    user.add_argument("--password-stdin", action="store_true", help="read the password from stdin")
    user.add_argument(
        "--role",
        choices=("administrator", "analyst", "manager"),
        default="analyst",
        help="an analyst sees everything, a manager one part of it (default: analyst)",
    )
    user.add_argument(
        "--group",
        metavar="PATH",
        action="append",
        default=[],
        help="a part that a manager sees, like “Finland / Helsinki”; may be given more than once",
    )
    user.add_argument(
        "--place",
        metavar="PATH",
        action="append",
        default=[],
        help="a single place that a manager sees; may be given more than once",
    )
    user.add_argument(
        "--new", action="store_true", help="make a head office if there is none in the data folder"
    )
    user.set_defaults(run=_create_user)

    password = commands.add_parser(
        "set-password",
        parents=[everywhere],
        help="give somebody who forgot theirs another password; their sessions end",
    )
    password.add_argument("name")
    password.add_argument(
        "--password-stdin", action="store_true", help="read it from stdin instead of making one"
    )
    password.set_defaults(run=_set_password)


def _create_user(options: argparse.Namespace) -> int:
    open_head_office(Allow.CREATE if options.new else Allow.NOTHING)
    from headoffice.accounts.creation import create_user
    from headoffice.accounts.models import Role
    from headoffice.accounts.passwords import readable_password
    from headoffice.accounts.security_log import SHELL, record
    from headoffice.fleet.places import group_at, point_at

    role = Role(options.role)
    groups = [group_at(path).pk for path in options.group]
    points = [point_at(path).pk for path in options.place]
    if options.password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
        user = create_user(options.name, password, role=role, groups=groups, points=points)
        record("account.made", SHELL, user, role=role)
        print(f"{options.name} may log in.")
        return 0
    password = readable_password()
    user = create_user(
        options.name, password, role=role, groups=groups, points=points, temporary=True
    )
    record("account.made", SHELL, user, role=role)
    print(f"{options.name} may log in with the password {password}")
    return 0


def _set_password(options: argparse.Namespace) -> int:
    open_head_office()
    from headoffice.accounts.creation import set_password
    from headoffice.accounts.models import User
    from headoffice.accounts.passwords import readable_password
    from headoffice.accounts.security_log import SHELL, record
    from headoffice.errors import HeadOfficeError

    user = User.objects.filter(username=options.name).first()
    if user is None:
        names = ", ".join(User.objects.order_by("username").values_list("username", flat=True)[:20])
        raise HeadOfficeError(f"there is no account {options.name}: there are {names or 'none'}")
    if options.password_stdin:
        set_password(user, sys.stdin.readline().rstrip("\r\n"), temporary=False)
        text = f"{user.username} logs in with the new password from now on."
    else:
        password = readable_password()
        set_password(user, password, temporary=True)
        text = (
            f"{user.username} logs in with the password {password}, and is asked for another one."
        )
    record("account.password_given", SHELL, user)
    print(text)
    if not user.is_active:
        print(f"{user.username} is shut out all the same: an administrator lets them in again.")
    return 0
