"""Brings the catalogues of kiosk and head office up to date. `scripts/translate` calls this.

    scripts/translate            extract the texts, update every catalogue, compile them
    scripts/translate --check    change nothing; say what is missing and exit with 1
    scripts/translate --compile  compile the catalogues that are not compiled yet, or not anew

Texts are what stands in ``_("…")`` and its relatives under kiosk/ and headoffice/ and in
sync/failure_texts.py, and in the ``{% translate %}`` of the head office's pages. A new text appears
without a translation in each assets/locale/LANGUAGE/LC_MESSAGES/hymio.po or
headoffice/locale/LANGUAGE/LC_MESSAGES/django.po: fill it in and run this again.

What is compiled is not in git. The set-up of a checkout, a run of the tests and the build of a
wheel (hatch_build.py) compile what is missing or older than its text.
"""

import io
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from prepare import is_stale

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("de", "fi", "hu", "it", "pl", "sv")
"""English is the language of the texts themselves."""
WIDTH = 96
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


@dataclass(frozen=True)
class Book:
    """The catalogues of one program."""

    about: str
    sources: Path
    locale: Path
    domain: str
    also: tuple[Path, ...] = ()
    """Modules elsewhere whose texts it shows."""

    def text(self, language: str) -> Path:
        """What translators edit."""
        return self.locale / language / "LC_MESSAGES" / f"{self.domain}.po"

    def compiled(self, language: str) -> Path:
        """What the program reads."""
        return self.text(language).with_suffix(".mo")

    @property
    def template(self) -> Path:
        """The texts themselves."""
        return self.locale / f"{self.domain}.pot"


KIOSK = Book(
    "the kiosk's screens", ROOT / "kiosk", ROOT / "assets" / "locale", "hymio",
    (ROOT / "sync" / "failure_texts.py",),
)  # fmt: skip
HEAD_OFFICE = Book(
    "the head office's pages", ROOT / "headoffice", ROOT / "headoffice" / "locale", "django"
)
BOOKS = (KIOSK, HEAD_OFFICE)


def extracted(book: Book) -> Catalog:
    """The texts in use, with the comments for translators that stand above them."""
    template = Catalog(project="hymio", charset="utf-8")
    for path in (*_sources(book.sources), *book.also):
        file = io.BytesIO(_prepared(path).encode())
        for _line, text, comments, context in extract("python", file, KEYWORDS, ["Translators:"]):
            # Where a text stands changes with every edit; the catalogues need not.
            template.add(text, auto_comments=comments, context=context)
    return template


def _sources(folder: Path) -> Iterator[Path]:
    programs = (path for path in folder.rglob("*.py") if "migrations" not in path.parts)
    return iter(sorted([*programs, *folder.rglob("*.html")]))


def _prepared(path: Path) -> str:
    source = path.read_text()
    if path.suffix != ".html":
        return source
    # Not at the top: compiling, as the build of a wheel does, goes without Django.
    from django.utils.translation.template import templatize

    # As Django prepares a page for gettext; the indentation of a page is none of Python's.
    lines = templatize(source, origin=str(path)).splitlines()
    return "\n".join(line.strip() for line in lines)


def read(path: Path, language: str | None = None) -> Catalog:
    """A catalogue; an empty one where there is no file."""
    if not path.exists():
        return Catalog(locale=language, charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def forms(text: object) -> tuple[str, ...]:
    """A text in all its forms: one, or several that depend on a number."""
    return tuple(map(str, text)) if isinstance(text, list | tuple) else (str(text or ""),)


def ids(messages: Iterable[Message]) -> set[str]:
    """What is translated, as complaints name it."""
    return {forms(message.id)[0] for message in messages if message.id}


def missing(catalogue: Catalog) -> list[str]:
    """The texts that have no translation, or one that someone has to look at."""
    return [forms(message.id)[0] for message in catalogue if message.id and not done(message)]


def done(message: Message) -> bool:
    """Whether a message is translated, in all its forms."""
    return all(forms(message.string)) and not message.fuzzy


def as_text(book: Book, catalogue: Catalog) -> bytes:
    """A catalogue as a file: sorted, without dates, so that only real changes change it."""
    written = io.BytesIO()
    write_po(
        written, catalogue, width=WIDTH, omit_header=True, sort_output=True, ignore_obsolete=True
    )
    facts = []
    if catalogue.locale:
        facts += [f"Language: {catalogue.locale}", f"Plural-Forms: {catalogue.plural_forms}"]
    facts += ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"]
    head = f"# The words of {book.about}. Made by scripts/translate.\n"
    head += 'msgid ""\nmsgstr ""\n' + "".join(f'"{fact}\\n"\n' for fact in facts)
    return head.encode() + b"\n" + written.getvalue()


def as_compiled(catalogue: Catalog) -> bytes:
    """A catalogue as the program reads it."""
    written = io.BytesIO()
    # Babel would put in the present minute, and every run would make another file.
    catalogue.creation_date = datetime(2026, 1, 1, tzinfo=UTC)
    write_mo(written, catalogue)
    return written.getvalue()


def update(book: Book) -> list[str]:
    """Write every file anew; returns what is still missing."""
    template = extracted(book)
    book.locale.mkdir(parents=True, exist_ok=True)
    book.template.write_bytes(as_text(book, template))
    lacking = []
    for language in LANGUAGES:
        text = book.text(language)
        catalogue = read(text, language)
        catalogue.update(template, no_fuzzy_matching=True)
        text.parent.mkdir(parents=True, exist_ok=True)
        text.write_bytes(as_text(book, catalogue))
        compile_text(book, language)
        lacking += [f"{language}: no translation of {text!r}" for text in missing(catalogue)]
    return lacking


def compile_text(book: Book, language: str) -> None:
    """Compile one catalogue from its file; whoever reads it meanwhile finds the old or the new."""
    compiled = book.compiled(language)
    fresh = compiled.with_suffix(f".{os.getpid()}")
    fresh.write_bytes(as_compiled(read(book.text(language), language)))
    fresh.replace(compiled)


def compile_stale(books: Iterable[Book] = BOOKS) -> None:
    """Compile every catalogue that is not compiled, or was changed since."""
    for book in books:
        for language in LANGUAGES:
            if is_stale(book.text(language)):
                compile_text(book, language)


def check(book: Book) -> list[str]:
    """Everything that differs from what :func:`update` would leave, and every missing text."""
    texts = ids(extracted(book))
    found = []
    if texts != ids(read(book.template)):
        found.append(f"{book.template.name} is not what is in use")
    for language in LANGUAGES:
        catalogue = read(book.text(language), language)
        known = ids(catalogue)
        found += [f"{language}: {text!r} is not in the catalogue" for text in texts - known]
        found += [f"{language}: {text!r} is not in use" for text in known - texts]
        found += [f"{language}: no translation of {text!r}" for text in missing(catalogue)]
        compiled = book.compiled(language)
        if not compiled.exists() or compiled.read_bytes() != as_compiled(catalogue):
            found.append(f"{language}: the compiled catalogue is not made from the text")
    return found


def main(arguments: list[str]) -> int:
    """0 if every text is translated, 1 if not, 2 for wrong usage."""
    if arguments not in ([], ["--check"], ["--compile"]):
        print(__doc__)
        return 0 if arguments in (["--help"], ["-h"]) else 2
    if arguments == ["--compile"]:
        compile_stale()
        return 0
    work = check if arguments else update
    found = [f"{book.about}: {complaint}" for book in BOOKS for complaint in work(book)]
    print("\n".join(found) or "Every text is translated.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
