"""Accounts and their passwords, as administrators and commands make them."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import Model
from django.utils.translation import gettext as _

from headoffice.accounts.models import Role, User
from headoffice.accounts.names import check_name
from headoffice.errors import HeadOfficeError


def create_user(
    name: str,
    password: str,
    *,
    role: Role = Role.ANALYST,
    group: Model | None = None,
    temporary: bool = False,
) -> User:
    """A new account; HeadOfficeError if the name is taken or the password is weak.

    ``temporary``: the first thing that the person does is to choose another password.
    """
    if (role == Role.MANAGER) != (group is not None):
        raise HeadOfficeError("a manager, and nobody else, needs the group that they look after")
    user = User(
        username=name,
        role=role,
        group_id=group.pk if group else None,
        must_change_password=temporary,
    )
    try:
        validate_password(password, user)
        user.set_password(password)
        user.full_clean()
        check_name(name)
        user.save()
    except ValidationError as error:
        raise HeadOfficeError(" ".join(error.messages)) from error
    except IntegrityError as error:
        raise HeadOfficeError(_("there is an account %(name)s already") % {"name": name}) from error
    return user


def set_password(user: User, password: str, *, temporary: bool) -> None:
    """Give somebody another password; their sessions end. HeadOfficeError if it is weak.

    ``temporary``: the first thing that the person does is to choose another one.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise HeadOfficeError(" ".join(error.messages)) from error
    user.set_password(password)
    user.must_change_password = temporary
    user.save(update_fields=["password", "must_change_password"])
