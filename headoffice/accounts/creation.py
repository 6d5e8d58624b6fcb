"""Accounts and their passwords, as administrators and commands make them."""

from collections.abc import Iterable

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from headoffice.accounts.models import Responsibility, Role, User
from headoffice.accounts.names import check_name
from headoffice.errors import HeadOfficeError


def create_user(
    name: str,
    password: str,
    *,
    role: Role = Role.ANALYST,
    group: Model | None = None,
    groups: Iterable[int] = (),
    points: Iterable[int] = (),
    temporary: bool = False,
) -> User:
    """A new account; HeadOfficeError if the name is taken or the password is weak.

    ``group``, ``groups``, ``points``: what a manager looks after, the latter two by their ids.

    ``temporary``: the first thing that the person does is to choose another password.
    """
    groups, points = {*groups, *([group.pk] if group else [])}, set(points)
    if (role == Role.MANAGER) != bool(groups or points):
        raise HeadOfficeError(
            "a manager, and nobody else, needs the groups or places that they look after"
        )
    user = User(username=name, role=role, must_change_password=temporary)
    try:
        validate_password(password, user)
        user.set_password(password)
        user.full_clean()
        check_name(name)
        with transaction.atomic():
            user.save()
            set_responsibilities(user, groups, points)
    except ValidationError as error:
        raise HeadOfficeError(" ".join(error.messages)) from error
    except IntegrityError as error:
        raise HeadOfficeError(_("there is an account %(name)s already") % {"name": name}) from error
    return user


def set_responsibilities(user: User, groups: Iterable[int], points: Iterable[int]) -> None:
    """From now on this person looks after these groups and places, and nothing else."""
    with transaction.atomic():
        user.responsibilities.all().delete()
        Responsibility.objects.bulk_create(
            [
                *(Responsibility(user=user, group_id=group) for group in sorted(set(groups))),
                *(Responsibility(user=user, point_id=point) for point in sorted(set(points))),
            ]
        )


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
