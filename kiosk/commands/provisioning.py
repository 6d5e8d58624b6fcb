"""What a kiosk is set up with: a file, that one stick carries to forty of them.

::

    url = "https://feedback.example.com"
    codes = ["KAJO-7342", "RXMY-2296"]   # each kiosk takes the first that none has taken yet
    pin = "4711"
    language = "fi"
    width_mm = 344
"""

import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from config.errors import InvalidFileError, Mistake
from config.loader import read_document
from config.mistakes import find_mistakes
from config.questionnaire import LanguageTag
from config.rules import head_office_mistakes
from config.settings import HeadOfficeSettings
from kiosk.errors import SetupError, UnfitPinError
from kiosk.maintenance.results import Media
from kiosk.staff.pin import check_fitness

FILE_NAME = "hymio-setup.toml"
"""What is looked for on a stick."""
SETTINGS_NAME = "kiosk.toml"
Code = Annotated[str, Meta(min_length=4, max_length=40)]


class Provisioning(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is left out stays as it is on the kiosk."""

    url: Annotated[str, Meta(pattern="^https?://.+", max_length=500)] = ""
    """The head office's address."""
    codes: tuple[Code, ...] | dict[str, Code] = ()
    """Enrolment codes: of a list the first that was not used yet; of a table the one under the
    machine's host name."""
    pin: str = ""
    """The staff's."""
    language: LanguageTag | None = None
    """Shown first."""
    width_mm: Annotated[float, Meta(ge=80, le=3000)] | None = None
    """Width of the visible panel."""
    touch: str | None = None
    """Kivy's input provider of the panel, as in the settings."""
    ca_file: str = ""
    """A PEM file beside this one: who signs the head office's certificate."""
    dangerously_allow_plain_http: bool = False
    """As in the settings."""
    files: str = ""
    """A folder beside this file whose files go to /etc/hymio: ``kiosk.toml``, questionnaires, a
    logo."""


@dataclass(frozen=True)
class Plan:
    """What is to be done, with where its files are."""

    given: Provisioning
    folder: Path
    """What names of files are relative to."""
    codes: tuple[str, ...]
    """Those that this machine may take."""

    @property
    def ca_file(self) -> Path | None:
        """The authority's file."""
        return self.folder / self.given.ca_file if self.given.ca_file else None

    @property
    def files(self) -> Path | None:
        """The folder with files."""
        return self.folder / self.given.files if self.given.files else None


def find_provisioning(media: Media) -> Path | None:
    """The file on a stick; None if there is none. Raises SetupError if there are several."""
    found = [each.path / FILE_NAME for each in media.sticks if (each.path / FILE_NAME).is_file()]
    if len(found) > 1:
        names = " and ".join(map(str, found))
        raise SetupError(f"There are several: {names}.", "Take one stick out, or name the file.")
    return found[0] if found else None


def load_plan(file: Path, host: str) -> Plan:
    """The plan of a file for the machine of this name.

    Raises ConfigError with every mistake.
    """
    raw = read_document(file)
    mistakes = list(find_mistakes(raw, Provisioning))
    # Of what is right in itself, so that a slip of the pen hides no other mistake.
    broken = {re.split(r"[.\[ ]", each.path)[0] for each in mistakes}
    sound = {name: value for name, value in raw.items() if name not in broken}
    given = msgspec.convert(sound, Provisioning)
    mistakes += _mistakes(given, file.parent, host, has_url="url" in raw)
    if mistakes:
        raise InvalidFileError(str(file), tuple(mistakes))
    return Plan(given, file.parent, _codes(given, host))


def _codes(given: Provisioning, host: str) -> tuple[str, ...]:
    if isinstance(given.codes, dict):
        return (given.codes[host],) if host in given.codes else ()
    return given.codes


def _mistakes(given: Provisioning, folder: Path, host: str, *, has_url: bool) -> Iterator[Mistake]:
    office = HeadOfficeSettings(
        url=given.url, dangerously_allow_plain_http=given.dangerously_allow_plain_http
    )
    for mistake in head_office_mistakes(office):
        yield Mistake(mistake.path.removeprefix("head_office."), mistake.actual, mistake.hint)
    if given.codes and not has_url:
        yield Mistake("url", "nothing", "codes need the address of the head office")
    if isinstance(given.codes, dict) and host not in given.codes:
        known = ", ".join(given.codes)
        yield Mistake("codes", f"no {host}, which is this machine's name", f"there are: {known}")
    if given.pin:
        try:
            check_fitness(given.pin)
        except UnfitPinError as error:
            yield Mistake("pin", f"{len(given.pin)} characters", str(error))
    if given.ca_file:
        try:
            ssl.create_default_context(cafile=str(folder / given.ca_file))
        except OSError as error:
            why = error.strerror or str(error)
            yield Mistake("ca_file", repr(given.ca_file), f"a PEM file beside this one ({why})")
    if given.files and not (folder / given.files).is_dir():
        yield Mistake("files", repr(given.files), "a folder beside this file")
