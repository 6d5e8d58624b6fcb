"""Names that people tell apart: nobody is to be taken for somebody else."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from headoffice.accounts.models import User

_ALPHABETS = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"})
"""Those that have letters in common, to the eye."""
_LOOKS_LIKE = str.maketrans(
    "аеорсухіјѕһԁԛԝкмтвнӏгпьαορνκιτυχηεβωγσςμոօսհցıɩɡɑȷ015",
    "aeopcyxijshdqwkmtbhlrnbaopvkituxnebwyocunouhgiigajols",
)
"""Small letters and digits, and the Latin letter that each is taken for."""


def check_name(name: str) -> None:
    """ValidationError for a name that mixes alphabets or looks like that of somebody else."""
    if len(_alphabets(name)) > 1:
        raise ValidationError(
            _(
                "A name has letters of one alphabet only: "
                "this one looks like another name and is not."
            )
        )
    look = _look(name)
    for other in User.objects.values_list("username", flat=True):
        if other != name and _look(other) == look:
            raise ValidationError(
                _("This name looks like that of %(name)s: choose another.") % {"name": other}
            )


def _alphabets(name: str) -> set[str]:
    letters = filter(str.isalpha, unicodedata.normalize("NFKC", name))
    return {unicodedata.name(letter, "").partition(" ")[0] for letter in letters} & _ALPHABETS


def _look(name: str) -> str:
    """The same text for all names that look the same."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    # A capital i, an l and a 1 are one stroke.
    return folded.translate(_LOOKS_LIKE).replace("i", "l")
