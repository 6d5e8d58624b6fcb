"""The words of the screens in the shopper's language.

UI texts come from gettext catalogues in ``assets/locale``; their source language is English.
What a shop asks comes from its questionnaire, which brings its own translations.
"""

import gettext
import json
from collections.abc import Callable
from functools import cache
from importlib import resources
from typing import Any

DOMAIN = "hymio"
LANGUAGES = ("de", "en", "fi", "hu", "it", "pl", "sv")
"""Those that have every text of the screens."""
_OLD_CODES = {"iw": "he", "in": "id", "ji": "yi", "no": "nb", "tl": "fil"}


def native_name(tag: str) -> str:
    """A language under the name that its speakers use; its tag in capitals if not known."""
    names: dict[str, str] = _languages()["names"]
    return names.get(tag) or names.get(_language(tag)) or tag.upper()


def is_right_to_left(tag: str) -> bool:
    """Whether pages of this language are laid out from the right."""
    return _language(tag) in _languages()["right_to_left"]


def decimal_point(gettext: Callable[[str], str]) -> str:
    """What stands before the decimals in this language."""
    # The text is that of kiosk.staff.texts.number, which tells translators about it.
    return gettext("1,234.5")[-2]


@cache
def translator(tag: str) -> Callable[[str], str]:
    """Translates UI texts into this language; into English where there is no catalogue."""
    for name in (tag.replace("-", "_"), tag.partition("-")[0]):
        catalogue = resources.files("assets") / "locale" / name / "LC_MESSAGES" / f"{DOMAIN}.mo"
        if catalogue.is_file():
            with catalogue.open("rb") as file:
                return gettext.GNUTranslations(file).gettext
    return gettext.NullTranslations().gettext


def _language(tag: str) -> str:
    code = tag.partition("-")[0]
    return _OLD_CODES.get(code, code)


@cache
def _languages() -> dict[str, Any]:
    """What the CLDR says; ``scripts/name_languages.py`` writes the file."""
    file = resources.files("assets") / "locale" / "languages.json"
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found
