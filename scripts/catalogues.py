"""Brings the kiosk's catalogues up to date. `scripts/translate` calls this.

    scripts/translate            extract the texts, update every catalogue, compile them
    scripts/translate --check    change nothing; say what is missing and exit with 1

Texts are what stands in ``_("…")`` under kiosk/. A new text appears in each
assets/locale/LANGUAGE/LC_MESSAGES/hymio.po without a translation: fill it in and run this again.
"""

import io
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "assets" / "locale"
DOMAIN = "hymio"
LANGUAGES = ("de", "fi", "hu", "it", "pl", "sv")
"""English is the language of the texts themselves."""
WIDTH = 96


@dataclass(frozen=True)
class Files:
    """Where a language's catalogue is."""

    language: str

    @property
    def text(self) -> Path:
        """What translators edit."""
        return LOCALE / self.language / "LC_MESSAGES" / f"{DOMAIN}.po"

    @property
    def compiled(self) -> Path:
        """What the kiosk reads."""
        return self.text.with_suffix(".mo")


def extracted() -> Catalog:
    """The texts in use, with the comments for translators that stand above them."""
    template = Catalog(project="hymio", charset="utf-8")
    for _file, _line, text, comments, context in extract_from_dir(
        ROOT / "kiosk", keywords={"_": None}, comment_tags=("Translators:",)
    ):
        # Where a text stands changes with every edit; the catalogues need not.
        template.add(text, auto_comments=comments, context=context)
    return template


def read(path: Path, language: str | None = None) -> Catalog:
    """A catalogue; an empty one where there is no file."""
    if not path.exists():
        return Catalog(locale=language, domain=DOMAIN, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=DOMAIN)


def missing(catalogue: Catalog) -> list[str]:
    """The texts that have no translation, or one that someone has to look at."""
    return [str(message.id) for message in catalogue if message.id and not done(message)]


def done(message: object) -> bool:
    """Whether a message is translated."""
    return bool(getattr(message, "string", "")) and not getattr(message, "fuzzy", False)


def as_text(catalogue: Catalog) -> bytes:
    """A catalogue as a file: sorted, without dates, so that only real changes change it."""
    written = io.BytesIO()
    write_po(
        written, catalogue, width=WIDTH, omit_header=True, sort_output=True, ignore_obsolete=True
    )
    facts = [f"Language: {catalogue.locale}"] if catalogue.locale else []
    facts += ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"]
    head = "# The words of the kiosk's screens. Made by scripts/translate.\n"
    head += 'msgid ""\nmsgstr ""\n' + "".join(f'"{fact}\\n"\n' for fact in facts)
    return head.encode() + b"\n" + written.getvalue()


def as_compiled(catalogue: Catalog) -> bytes:
    """A catalogue as the kiosk reads it."""
    written = io.BytesIO()
    # Babel would put in the present minute, and every run would make another file.
    catalogue.creation_date = datetime(2026, 1, 1, tzinfo=UTC)
    write_mo(written, catalogue)
    return written.getvalue()


def update() -> list[str]:
    """Write every file anew; returns what is still missing."""
    template = extracted()
    (LOCALE / f"{DOMAIN}.pot").write_bytes(as_text(template))
    lacking = []
    for language in LANGUAGES:
        files = Files(language)
        catalogue = read(files.text, language)
        catalogue.update(template, no_fuzzy_matching=True)
        files.text.parent.mkdir(parents=True, exist_ok=True)
        files.text.write_bytes(as_text(catalogue))
        # From what was written: what is compiled is what a translator reads.
        files.compiled.write_bytes(as_compiled(read(files.text, language)))
        lacking += [f"{language}: no translation of {text!r}" for text in missing(catalogue)]
    return lacking


def check() -> list[str]:
    """Everything that differs from what :func:`update` would leave, and every missing text."""
    template = extracted()
    texts = {message.id for message in template if message.id}
    found = []
    if texts != {message.id for message in read(LOCALE / f"{DOMAIN}.pot") if message.id}:
        found.append("hymio.pot is not what is in use")
    for language in LANGUAGES:
        files = Files(language)
        catalogue = read(files.text, language)
        known = {message.id for message in catalogue if message.id}
        found += [f"{language}: {text!r} is not in the catalogue" for text in texts - known]
        found += [f"{language}: {text!r} is not in use" for text in known - texts]
        found += [f"{language}: no translation of {text!r}" for text in missing(catalogue)]
        compiled = files.compiled.read_bytes() if files.compiled.exists() else b""
        if compiled != as_compiled(catalogue):
            found.append(f"{language}: the compiled catalogue is not made from the text")
    return found


def main(arguments: list[str]) -> int:
    """0 if every text is translated, 1 if not, 2 for wrong usage."""
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 0 if arguments in (["--help"], ["-h"]) else 2
    found = check() if arguments else update()
    print("\n".join(found) or "Every text is translated.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
