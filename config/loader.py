"""Reads configuration files, completely or not at all."""

import os
import tomllib
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
from msgspec import structs

from config.errors import InvalidFileError, Mistake, UnreadableFileError
from config.mistakes import find_mistakes, shown
from config.questionnaire import Question, Questionnaire
from config.rules import (
    background_mistakes,
    brand_file,
    colour_mistakes,
    head_office_mistakes,
    logo_mistakes,
    questionnaire_mistakes,
)
from config.settings import BrandColours, HeadOffice, Hours, Settings
from config.times import hours_mistakes

MAX_FILE_BYTES = 1_000_000
_DEFAULTS = resources.files("config") / "defaults"


def load_settings(path: Path | None = None) -> Settings:
    """The settings in ``path``; without one, of the first place in :func:`settings_places`.

    Where no file is found the shipped defaults hold. The paths of the brand's files come back
    absolute.
    Raises ConfigError with every mistake.
    """
    source: Path | Traversable
    if path is not None:
        source = path
    else:
        found = [place for place in settings_places() if place.is_file()]
        source = found[0] if found else _DEFAULTS / "kiosk.toml"
    raw = _read(source)
    mistakes = list(find_mistakes(raw, Settings))
    office = _sound(raw.get("head_office", {}), HeadOffice)
    if office is not None:
        mistakes += head_office_mistakes(office)
    hours = _sound(raw.get("hours", {}), Hours)
    if hours is not None:
        mistakes += hours_mistakes(hours)
    folder = source.parent if isinstance(source, Path) else Path()
    mistakes += _brand_mistakes(raw.get("brand"), folder)
    if mistakes:
        raise InvalidFileError(str(source), tuple(mistakes))
    return _with_absolute_files(msgspec.convert(raw, Settings), folder)


def settings_places() -> tuple[Path, ...]:
    """Where settings are looked for when no file is named, in this order."""
    home = os.environ.get("XDG_CONFIG_HOME")
    own = Path(home) if home else Path.home() / ".config"
    return own / "hymio" / "kiosk.toml", Path("/etc/hymio/kiosk.toml")


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
    raw = _read(source)
    mistakes = list(find_mistakes(raw, Questionnaire))
    mistakes += _rule_mistakes(raw)
    if mistakes:
        raise InvalidFileError(str(source), tuple(mistakes))
    return msgspec.convert(raw, Questionnaire)


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


def _with_absolute_files(settings: Settings, folder: Path) -> Settings:
    brand = settings.brand
    names = {"logo": brand.logo, "background": brand.background}
    files = {key: str(brand_file(name, folder).absolute()) for key, name in names.items() if name}
    return structs.replace(settings, brand=structs.replace(brand, **files))


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


def _read(source: Path | Traversable) -> dict[str, Any]:
    try:
        with source.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise UnreadableFileError(str(source), error.strerror or str(error)) from error
    if len(data) > MAX_FILE_BYTES:
        raise UnreadableFileError(str(source), f"it is larger than {MAX_FILE_BYTES:,} bytes")
    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UnreadableFileError(
            str(source), f"it is not UTF-8 text (byte {error.start} is {shown(data[error.start])})"
        ) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UnreadableFileError(str(source), f"it is not valid TOML: {error}") from error
