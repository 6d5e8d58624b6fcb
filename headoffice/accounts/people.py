"""Accounts, made from the shell."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils.translation import gettext as _

from headoffice.accounts.models import Role, User
from headoffice.errors import HeadOfficeError
from headoffice.fleet.models import Group


def nobody() -> bool:
    """Whether no account exists yet."""
    return not User.objects.exists()


def create_user(
    name: str,
    password: str,
    *,
    role: Role = Role.ANALYST,
    group: Group | None = None,
    temporary: bool = False,
) -> User:
    """A new account; HeadOfficeError if the name is taken or the password is weak.

    ``temporary``: the first thing that the person does is to choose another password.
    """
    if (role == Role.MANAGER) != (group is not None):
        raise HeadOfficeError("a manager, and nobody else, needs the group that they look after")
    user = User(username=name, role=role, group=group, must_change_password=temporary)
    try:
        validate_password(password, user)
        user.set_password(password)
        user.full_clean()
        user.save()
    except ValidationError as error:
        raise HeadOfficeError(" ".join(error.messages)) from error
    except IntegrityError as error:
        raise HeadOfficeError(_("there is an account %(name)s already") % {"name": name}) from error
    return user
