"""Writes the languages' own names from Unicode's CLDR: assets/locale/languages.json.

    .venv/bin/python scripts/name_languages.py

Run it again when babel, which brings the CLDR, has a newer one.
"""

import json
from pathlib import Path

from babel import Locale, localedata

FILE = Path(__file__).resolve().parent.parent / "assets" / "locale" / "languages.json"


def languages() -> dict[str, object]:
    """Each language's own name, as it stands at the beginning, and those that run from the right.

    A region has a name of its own where the CLDR gives it one, as ``pt-BR`` does.
    """
    names, from_right = {}, []
    for tag in sorted(localedata.locale_identifiers()):
        if tag == "root" or "_" in tag:
            continue
        locale = Locale.parse(tag)
        own = locale.languages.get(tag)
        if own is None:
            continue
        names[tag] = _capital(own)
        if locale.character_order == "right-to-left":
            from_right.append(tag)
        for region, name in locale.languages.items():
            if region.startswith(f"{tag}_") and region.count("_") == 1 and region[-2:].isupper():
                names[region.replace("_", "-")] = _capital(name)
    return {"names": names, "right_to_left": from_right}


def _capital(name: str) -> str:
    # "ꞓ" and the like have capitals of more letters, and Georgian's are for headings alone.
    first = name[:1].title()
    return name if "\u10d0" <= name[:1] <= "\u10ff" or len(first) != 1 else first + name[1:]


if __name__ == "__main__":
    text = json.dumps(languages(), ensure_ascii=False, indent=1, sort_keys=True)
    FILE.write_text(text + "\n", encoding="utf-8")
