"""What Django's own rules for passwords leave open."""

import secrets
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from headoffice.accounts.models import User

FEWEST = 4
TOO_SHORT = ngettext_lazy(
    "This password is too short. It must contain at least %d character.",
    "This password is too short. It must contain at least %d characters.",
)
"""Django's own words, not translated there into Finnish and Italian: so they are here."""
_READ_ALOUD = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without signs that look alike: no 1, i, l, 0, o."""
_PARTS, _PART = 4, 4


def readable_password() -> str:
    """A new one to be read aloud, such as ``fk7q-mw3h-x9rt-a2dz``: 79 random bits."""
    return "-".join(
        "".join(secrets.choice(_READ_ALOUD) for _ in range(_PART)) for _ in range(_PARTS)
    )


class VisibleCharacters:
    """A password has some different characters that one can see: eight blanks are none."""

    def validate(self, password: str, user: User | None = None) -> None:
        """ValidationError if there are too few."""
        del user
        seen = {c for c in password.casefold() if unicodedata.category(c)[0] not in "ZCM"}
        if len(seen) < FEWEST:
            raise ValidationError(self.get_help_text(), code="password_invisible")

    def get_help_text(self) -> str:
        """The rule in words."""
        return _("A password needs visible characters: this one has too few that differ.")
