"""Names of groups, places and tags: one name, however a keyboard or a spreadsheet writes it."""

import unicodedata


def plain_name(text: str) -> str:
    """A name with composed letters (NFC), single spaces and no signs that nobody sees."""
    seen = "".join(sign for sign in text if not _is_unseen(sign))
    return " ".join(unicodedata.normalize("NFC", seen).split())


def name_key(text: str) -> str:
    """The same for all ways to write one name: composed or not, small or large, wide or not."""
    folded = unicodedata.normalize("NFKC", plain_name(text)).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def _is_unseen(sign: str) -> bool:
    # Joiners stay: emoji and some scripts need them.
    return unicodedata.category(sign) == "Cf" and sign not in "\u200c\u200d"
