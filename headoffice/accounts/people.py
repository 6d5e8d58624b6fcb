"""Accounts, made from the shell."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from headoffice.accounts.models import User
from headoffice.errors import HeadOfficeError


def nobody() -> bool:
    """Whether no account exists yet."""
    return not User.objects.exists()


def create_user(name: str, password: str, *, administrator: bool = False) -> User:
    """A new account; HeadOfficeError if the name is taken or the password is weak."""
    user = User(username=name, is_staff=administrator, is_superuser=administrator)
    try:
        validate_password(password, user)
        user.set_password(password)
        user.full_clean()
        user.save()
    except ValidationError as error:
        raise HeadOfficeError(" ".join(error.messages)) from error
    except IntegrityError as error:
        raise HeadOfficeError(f"there is an account {name} already") from error
    return user
