"""The words of the screens in the shopper's language.

UI texts come from gettext catalogues in ``assets/locale``; their source language is English.
What a shop asks comes from its questionnaire, which brings its own translations.
"""

import gettext
from collections.abc import Callable
from functools import cache
from importlib import resources

DOMAIN = "hymio"

NATIVE_NAMES = {
    "de": "Deutsch",
    "en": "English",
    "fi": "Suomi",
    "hu": "Magyar",
    "it": "Italiano",
    "pl": "Polski",
    "sv": "Svenska",
}


def native_name(tag: str) -> str:
    """A language under the name that its speakers use; its tag in capitals if not known."""
    return NATIVE_NAMES.get(tag) or NATIVE_NAMES.get(tag.partition("-")[0]) or tag.upper()


@cache
def translator(tag: str) -> Callable[[str], str]:
    """Translates UI texts into this language; into English where there is no catalogue."""
    for name in (tag.replace("-", "_"), tag.partition("-")[0]):
        catalogue = resources.files("assets") / "locale" / name / "LC_MESSAGES" / f"{DOMAIN}.mo"
        if catalogue.is_file():
            with catalogue.open("rb") as file:
                return gettext.GNUTranslations(file).gettext
    return gettext.NullTranslations().gettext
