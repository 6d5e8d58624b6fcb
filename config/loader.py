"""Reads configuration files, completely or not at all."""

import stat
import tomllib
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
from msgspec import structs

from config.errors import InvalidFileError, Mistake, UnreadableFileError
from config.mistakes import describe, find_mistakes
from config.opening_hours import hours_mistakes
from config.questionnaire import Question, Questionnaire
from config.rules import (
    background_mistakes,
    brand_file,
    colour_mistakes,
    font_mistakes,
    head_office_mistakes,
    logo_mistakes,
    questionnaire_mistakes,
    touch_mistakes,
)
from config.settings import BrandColours, HeadOfficeSettings, Hours, Screen, Settings
from config.syntax import syntax_mistake
from config.user_folder import user_folder

MAX_FILE_BYTES = 1_000_000
_MOST_DOTS = 200
_DEEPEST = 30
_DEFAULTS = resources.files("config") / "defaults"


def load_settings(path: Path | None = None) -> Settings:
    """The settings in ``path``; without one, of the first place in :func:`settings_places`.

    Where no file is found the shipped defaults hold. The paths of the brand's files and of
    fonts come back absolute.
    Raises ConfigError with every mistake.
    """
    source = settings_file(path)
    raw = read_document(source)
    folder = folder_of(source)
    if mistakes := settings_mistakes(raw, folder):
        raise InvalidFileError(str(source), mistakes)
    return build_settings(raw, folder)


def settings_file(path: Path | None) -> Path | Traversable:
    """Where the settings are read: ``path``, or the first place with a file, or the defaults."""
    if path is not None:
        return path
    found = [place for place in settings_places() if _is_to_be_read(place)]
    return found[0] if found else _DEFAULTS / "kiosk.toml"


def folder_of(source: Path | Traversable) -> Path:
    """To which the paths in a settings file are relative."""
    return source.parent if isinstance(source, Path) else Path()


def settings_mistakes(raw: dict[str, Any], folder: Path) -> tuple[Mistake, ...]:
    """Every mistake of a settings file, as read from ``folder``."""
    mistakes = list(find_mistakes(raw, Settings))
    office = _sound(raw.get("head_office", {}), HeadOfficeSettings)
    if office is not None:
        mistakes += head_office_mistakes(office)
    screen = raw.get("screen")
    touch = _sound(screen.get("touch", ""), str) if isinstance(screen, dict) else None
    if touch is not None:
        mistakes += touch_mistakes(touch)
    hours = _sound(raw.get("hours", {}), Hours)
    if hours is not None:
        mistakes += hours_mistakes(hours)
    mistakes += _brand_mistakes(raw.get("brand"), folder)
    screen = _sound(raw.get("screen", {}), Screen)
    if screen is not None:
        mistakes += font_mistakes(screen.fonts, folder)
    return tuple(mistakes)


def _is_to_be_read(place: Path) -> bool:
    """Whether settings are there; a home that may not be entered is not this user's.

    What an administrator wrote and this user may not read is, since that has to be told.
    """
    try:
        return place.is_file()
    except PermissionError:
        return place.is_relative_to("/etc")


def settings_places() -> tuple[Path, ...]:
    """Where settings are looked for when no file is named, in this order."""
    own = user_folder("XDG_CONFIG_HOME", ".config")
    places = (own, Path("/etc"))
    return tuple(place / "hymio" / "kiosk.toml" for place in places if place is not None)


def load_questionnaire(name: str, folder: Path | None = None) -> Questionnaire:
    """A shipped questionnaire by its name, or the one in a TOML file.

    What ends in ``.toml`` or has a slash is a file; a relative one is looked for in ``folder``
    (that of the settings file), or in the current one. Raises ConfigError with every mistake.
    """
    if name.endswith(".toml") or "/" in name:
        return _questionnaire((folder or Path()) / Path(name).expanduser())
    if name not in shipped_questionnaires():
        known = ", ".join(shipped_questionnaires())
        raise UnreadableFileError(
            name, f"no such questionnaire is shipped (shipped: {known}; a file ends in .toml)"
        )
    return _questionnaire(_DEFAULTS / "questionnaires" / f"{name}.toml")


def shipped_questionnaires() -> tuple[str, ...]:
    """The names of the questionnaires that come with Hymio."""
    files = (_DEFAULTS / "questionnaires").iterdir()
    return tuple(sorted(f.name.removesuffix(".toml") for f in files if f.name.endswith(".toml")))


def _questionnaire(source: Path | Traversable) -> Questionnaire:
    return build_questionnaire(read_document(source), str(source))


def build_questionnaire(raw: dict[str, Any], name: str) -> Questionnaire:
    """The questionnaire of a document as it was read; raises ConfigError with every mistake.

    ``name``: what an error calls the document.
    """
    if wrong := _excess(raw):
        raise UnreadableFileError(name, wrong)
    if mistakes := document_mistakes(raw):
        raise InvalidFileError(name, mistakes)
    return msgspec.convert(raw, Questionnaire)


def document_mistakes(raw: dict[str, Any]) -> tuple[Mistake, ...]:
    """Every mistake of a questionnaire as a file has it; none: it can be converted."""
    return (*find_mistakes(raw, Questionnaire), *_rule_mistakes(raw))


def shipped_document(name: str) -> dict[str, Any]:
    """A questionnaire that comes with Hymio, as its file has it."""
    return read_document(_DEFAULTS / "questionnaires" / f"{name}.toml")


def _brand_mistakes(raw: object, folder: Path) -> Iterator[Mistake]:
    """Checks the colours, the logo and the background, each if it is sound in itself."""
    if isinstance(raw, dict):
        colours = _sound(raw.get("colours"), BrandColours)
        unreadable = list(colour_mistakes(colours)) if colours is not None else []
        yield from unreadable
        logo = _sound(raw.get("logo", ""), str)
        if logo is not None:
            yield from logo_mistakes(logo, folder)
        background = _sound(raw.get("background", ""), str)
        if background is not None and not unreadable and (colours or "colours" not in raw):
            yield from background_mistakes(background, colours, folder)


def build_settings(raw: dict[str, Any], folder: Path) -> Settings:
    """The settings of a file without mistakes; the paths of the brand's files are absolute."""
    settings = msgspec.convert(raw, Settings)
    brand = settings.brand
    names = {"logo": brand.logo, "background": brand.background}
    files = {key: str(brand_file(name, folder).absolute()) for key, name in names.items() if name}
    fonts = tuple(str(brand_file(name, folder).absolute()) for name in settings.screen.fonts)
    return structs.replace(
        settings,
        brand=structs.replace(brand, **files),
        screen=structs.replace(settings.screen, fonts=fonts),
    )


def _rule_mistakes(raw: dict[str, Any]) -> Iterator[Mistake]:
    """Checks the rules on the sound parts, so that a typo elsewhere hides no other mistake."""
    languages = _sound(raw.get("languages"), get_type_hints(Questionnaire)["languages"])
    entries = raw.get("questions")
    if languages is not None and isinstance(entries, list):
        questions = [_sound(entry, Question) for entry in entries]
        yield from questionnaire_mistakes(languages, questions)


def _sound(raw: object, hint: Any) -> Any:
    """The value of a part that is right in itself, else None."""
    try:
        return msgspec.convert(raw, hint)
    except msgspec.ValidationError:
        return None


def read_document(source: Path | Traversable) -> dict[str, Any]:
    """A TOML file as it is, within bounds; UnreadableFileError tells why it can't be read."""
    try:
        if isinstance(source, Path) and _is_endless(source):
            raise UnreadableFileError(str(source), "it is a device or a pipe, and not a file")
        with source.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise UnreadableFileError(str(source), error.strerror or str(error)) from error
    return parse_document(str(source), data)


def parse_document(name: str, data: bytes) -> dict[str, Any]:
    """The TOML in the bytes of a file of this name; UnreadableFileError tells why it is none."""
    if len(data) > MAX_FILE_BYTES:
        raise UnreadableFileError(name, f"it is larger than {MAX_FILE_BYTES:,} bytes")
    if max(part.count(b".") for line in data.splitlines() or [b""] for part in line.split(b"=")) > (
        _MOST_DOTS
    ):
        # The parser takes minutes for a key of as many parts.
        raise UnreadableFileError(name, f"it has a key of more than {_MOST_DOTS} parts")
    text = ""
    try:
        text = data.decode("utf-8-sig")
        raw = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise UnreadableFileError(
            name,
            f"it is not UTF-8 text (byte {error.start} is {describe(data[error.start])})",
        ) from error
    except (ValueError, RecursionError, OverflowError) as error:
        # ValueError alone is what tomllib lets through, of numbers with thousands of digits.
        raise UnreadableFileError(name, syntax_mistake(text, str(error))) from error
    if wrong := _excess(raw):
        raise UnreadableFileError(name, wrong)
    return raw


def _is_endless(source: Path) -> bool:
    mode = source.stat().st_mode
    return stat.S_ISCHR(mode) or stat.S_ISBLK(mode) or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _excess(raw: dict[str, Any]) -> str:
    """What of a document is more than those who look for mistakes can go through; or nothing."""
    level: list[object] = [raw]
    for _depth in range(_DEEPEST):
        if any(isinstance(part, int) and not -(2**63) <= part < 2**63 for part in level):
            return "it has a whole number of more than 64 bits"
        level = [
            inner
            for part in level
            if isinstance(part, dict | list)
            for inner in (part.values() if isinstance(part, dict) else part)
        ]
    return f"it is nested more than {_DEEPEST} levels deep" if level else ""
