"""Asks a person at the machine what a kiosk is to be set up with."""

import getpass
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.questionnaire import Questionnaire
from config.settings import Settings
from kiosk.commands.provisioning import Plan, Provisioning
from kiosk.errors import SetupError, UnfitPinError
from kiosk.i18n import native_name
from kiosk.staff.pin import check_fitness
from sync.address import checked_address
from sync.errors import BadAddressError, InsecureAddressError
from sync.identity import Identity


@dataclass(frozen=True)
class Present:
    """How the kiosk is now; what a question offers."""

    settings: Settings
    questionnaire: Questionnaire
    identity: Identity | None
    has_pin: bool
    panel_width_mm: int | None
    """As the panel says."""


def ask_plan(present: Present) -> Plan:
    """The answers of a person; what is only confirmed stays as it is."""
    print("What stands in [brackets] is taken if you press Enter.")
    url = _ask_address(present)
    codes = _ask_code(present, url)
    given = Provisioning(
        url=url,
        codes=codes,
        pin=_ask_pin(present.has_pin),
        language=_ask_language(present),
        width_mm=_ask_width(present),
        dangerously_allow_plain_http=present.settings.head_office.dangerously_allow_plain_http,
    )
    return Plan(given, Path(), codes)


def _ask_address(present: Present) -> str:
    plain = present.settings.head_office.dangerously_allow_plain_http
    known = present.identity.url if present.identity else present.settings.head_office.url
    while True:
        url = _ask("Address of the head office, like https://feedback.example.com", known)
        if not url:
            print("  The kiosk then only collects; say setup again to join a head office.")
            return ""
        try:
            return checked_address(url, plain_allowed=plain)
        except (BadAddressError, InsecureAddressError) as error:
            print(f"  {error}")


def _ask_code(present: Present, url: str) -> tuple[str, ...]:
    if not url:
        return ()
    identity = present.identity
    kept = f"stay {identity.place}" if identity and identity.url == url else ""
    while True:
        code = _ask("Enrolment code, from its page Kiosks", kept)
        if kept and code == kept:
            return ()
        if 4 <= len(code) <= 40:
            return (code,)
        print("  A code looks like KAJO-7342.")


def _ask_pin(has_pin: bool) -> str:
    hint = " [as it is]" if has_pin else ""
    while True:
        pin = _secret(f"PIN of the staff, 4 to 12 digits{hint}: ")
        if not pin and has_pin:
            return ""
        try:
            check_fitness(pin)
        except UnfitPinError as error:
            print(f"  {error}")
            continue
        if pin == _secret("Once more: "):
            return pin
        print("  The two were different.")


def _ask_language(present: Present) -> str:
    languages = present.questionnaire.languages
    names = ", ".join(f"{tag} ({native_name(tag)})" for tag in languages)
    known = present.settings.language
    offered = known if known in languages else languages[0]
    return _choose(f"Language shown first: {names}", languages, offered)


def _choose(question: str, allowed: Sequence[str], offered: str) -> str:
    while (word := _ask(question, offered)) not in allowed:
        print(f"  There is: {', '.join(allowed)}.")
    return word


def _ask_width(present: Present) -> float:
    offered = present.panel_width_mm or present.settings.screen.width_mm
    said = ", as the panel says" if present.panel_width_mm else '; 10.1": 217, 15.6": 344'
    while True:
        text = _ask(f"Width of the picture in mm{said}", f"{offered:g}")
        try:
            width = float(text.replace(",", "."))
        except ValueError:
            width = 0
        if 80 <= width <= 3000:
            return width
        print("  A number of millimetres, 80 to 3000: measure the lit part of the panel.")


def _ask(question: str, offered: str) -> str:
    hint = f" [{offered}]" if offered else ""
    return _read(lambda: input(f"{question}{hint}: ")).strip() or offered


def _secret(question: str) -> str:
    if sys.stdin.isatty():
        return _read(lambda: getpass.getpass(question)).strip()
    return _read(lambda: input(question)).strip()


def _read(ask: Callable[[], str]) -> str:
    try:
        return ask()
    except EOFError:
        raise SetupError("The input ended before every question was answered.") from None
