"""Where a text seems to hold an e-mail address or a telephone number, in whatever signs.

Two rules of one purpose: a page hides the part of a text that looks so, a file the whole text, as
the engines that write files have no pattern in common that would find the part. Whatever the page
hides, the file hides as well.
"""

import re

MASK = "▇▇▇"
AT_SIGNS = "@\N{FULLWIDTH COMMERCIAL AT}\N{SMALL COMMERCIAL AT}"
SPELT_AT_SIGNS = ("(at)", "[at]", "{at}")
FEWEST_DIGITS = 7
"""Of a telephone number; what has fewer is a price, a time or a number of minutes."""


def _digits_beyond_ascii() -> str:
    """All other decimal digits, as ranges of a class of signs.

    None stands beyond the second plane; every command and process asks this as it starts.
    """
    codes = [code for code in range(128, 0x20000) if chr(code).isdecimal()]
    # Scripts have ten each, in a row.
    return "".join(f"{chr(code)}-{chr(code + 9)}" for code in codes[::10])


OTHER_DIGITS = _digits_beyond_ascii()
_SPELT = "|".join(re.escape(sign) for sign in SPELT_AT_SIGNS)
_DOT = "[.\N{FULLWIDTH FULL STOP}\N{IDEOGRAPHIC FULL STOP}]"
_EMAIL = re.compile(
    rf"(?<![\w.+-])[\w.+-]+\s?(?:[{AT_SIGNS}]|{_SPELT})\s?[\w-]+(?:{_DOT}[\w-]+)+", re.IGNORECASE
)
# Between digits there may be spaces, brackets, dashes; with a colon they are times.
_PHONE = re.compile(rf"(?<!\d)[+(]{{0,2}}\d(?:(?:[^\w:]|_){{0,3}}\d){{{FEWEST_DIGITS - 1},}}(?!\d)")


def mask_personal(text: str) -> str:
    """The text without e-mail addresses and telephone numbers."""
    return _PHONE.sub(MASK, _EMAIL.sub(MASK, text))
