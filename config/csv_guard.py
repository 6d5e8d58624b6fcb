"""What a spreadsheet would calculate, and how a text is kept from that.

A text that begins with = + - @, also in full width, a tab or a line break gets an apostrophe in
front, so that no spreadsheet runs what a shopper typed (OWASP, "CSV Injection"). So does what
stands behind a separator within it: a spreadsheet that takes another sign to be the separator than
the file, as in Finnish or German, begins a new cell there, and takes quotation marks away that it
begins with.
"""

import re

STARTS = ("=", "+", "@", "＝", "＋", "＠", "－", "-")
"""What begins a formula. The hyphen last: within brackets it would make a range."""
RISKY = ("\t", "\r", "\n", *STARTS)
"""What a text may not begin with."""
SEPARATORS = (";", ",", "\t", "\r", "\n")
_WITHIN = re.compile(f'(?<=[{"".join(SEPARATORS)}])(?="*[{"".join(STARTS)}])')


def safe_text(text: str) -> str:
    """A text of which no spreadsheet takes a part for a formula."""
    text = _WITHIN.sub("'", text)
    return f"'{text}" if text.startswith(RISKY) else text
