"""``hymio-kiosk setup``: from an installed package to a kiosk that stands after the next start.

It may be called again at any time: what is there already stays, unless something else is asked for.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.errors import ConfigError, InvalidFileError, Mistake
from config.loader import load_questionnaire, load_settings
from config.private_file import sync_folder
from config.settings import Settings
from kiosk.commands.dialogue import Present, ask_plan
from kiosk.commands.provisioning import SETTINGS_NAME, Plan, find_provisioning, load_plan
from kiosk.commands.settings_file import Value, set_values
from kiosk.errors import SetupError
from kiosk.maintenance.panel import panel_width_mm
from kiosk.maintenance.usb import find_media
from kiosk.service_account import UNIT, ServiceAccount
from kiosk.staff.pin import NAME as PIN_FILE
from sync.identity import load_identity

_AUTHORITY = "authority.pem"
_MOST_BYTES = 50_000_000
_NEW_FILE = """\
# Made by `hymio-kiosk setup`; say it again to change this, or write here.
# docs/settings.md has every setting. Check it with:  hymio-kiosk check /etc/hymio/kiosk.toml
"""


def run_program(command: Sequence[str], given: str = "") -> bool:
    """Runs a program to its end, whose words are seen; whether it went well."""
    return not subprocess.run(command, input=given, text=True, check=False).returncode  # noqa: S603 - this program and systemd's


@dataclass(frozen=True)
class Machine:
    """Where things are on the machine that is set up, and how programs are run on it."""

    service: ServiceAccount
    settings_folder: Path = Path("/etc/hymio")
    host: str = field(default_factory=lambda: os.uname().nodename)
    run: Callable[[Sequence[str], str], bool] = run_program

    @property
    def settings(self) -> Path:
        """The file of the settings."""
        return self.service.config or self.settings_folder / SETTINGS_NAME

    def kiosk(self, *words: str, given: str = "") -> bool:
        """Runs a command of the kiosk, which acts as the service; whether it went well."""
        return self.run([sys.executable, "-P", "-m", "kiosk", *words], given)


def set_up(file: Path | None, machine: Machine) -> Iterator[str]:
    """Does it, and says each step; ``file``: with what; None: of a stick, or asked for.

    Raises SetupError or ConfigError, with what was done so far.
    """
    file = file or find_provisioning(find_media())
    if file is None:
        plan = ask_plan(_present(machine))
    else:
        yield f"Set up as {file} says."
        plan = load_plan(file, machine.host)
    for name in _write_settings(plan, machine):
        yield f"Written: {machine.settings_folder / name}"
    if plan.given.pin and not machine.kiosk("set-pin", given=plan.given.pin):
        raise SetupError("The PIN was not set, for the reason above.")
    if plan.codes and not machine.kiosk(
        "enrol", "-", "--url", plan.given.url, given="\n".join(plan.codes)
    ):
        raise SetupError(
            "The kiosk has not joined its head office, for the reason above.",
            "Settings and PIN are written; mend it, and say `sudo hymio-kiosk setup` again.",
        )
    yield from _enable(machine)


def _present(machine: Machine) -> Present:
    settings = _settings(machine.settings)
    folder = _data_folder(machine, settings)
    return Present(
        settings=settings,
        questionnaire=load_questionnaire(settings.questionnaire, machine.settings.parent),
        identity=load_identity(folder),
        has_pin=(folder / PIN_FILE).exists(),
        panel_width_mm=panel_width_mm(),
    )


def _settings(file: Path) -> Settings:
    return load_settings(file) if file.exists() else Settings()


def _data_folder(machine: Machine, settings: Settings) -> Path:
    named = settings.storage.folder
    return Path(named).expanduser() if named else machine.service.folder


def _write_settings(plan: Plan, machine: Machine) -> Iterator[str]:
    """Checks everything, then writes it; the names of what was written."""
    target, brought = machine.settings, _brought_files(plan.files)
    source = brought.pop(SETTINGS_NAME, target)
    text = _NEW_FILE
    if source.exists():
        load_settings(source)  # before it is changed, with its own lines in what is said
        text = source.read_text()
    text = set_values(text, _values(plan, machine), str(source))
    if plan.ca_file is not None:
        brought[_AUTHORITY] = plan.ca_file
    _check(text, brought, plan, target)
    for name, file in brought.items():
        _install(file.read_bytes(), target.parent / name)
        yield name
    if not target.exists() or target.read_text() != text:
        _install(text.encode(), target)
        yield target.name


def _values(plan: Plan, machine: Machine) -> dict[str, Value]:
    given = plan.given
    asked: dict[str, Value | None] = {
        "language": given.language,
        "screen.width_mm": given.width_mm,
        "screen.touch": given.touch,
        "head_office.ca_file": str(machine.settings.parent / _AUTHORITY) if given.ca_file else None,
        "head_office.dangerously_allow_plain_http": given.dangerously_allow_plain_http or None,
    }
    return {path: value for path, value in asked.items() if value is not None}


def _check(text: str, brought: Mapping[str, Path], plan: Plan, target: Path) -> None:
    """Raises ConfigError with what is wrong with the settings, before anything is changed."""
    with tempfile.TemporaryDirectory(prefix="hymio-setup-") as folder:
        # As it will be: the files that are there, and over them those that are brought.
        there = _files(target.parent)
        for name, file in (there | dict(brought)).items():
            if name == SETTINGS_NAME:
                continue
            link = Path(folder) / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(file.absolute())
        draft = Path(folder) / SETTINGS_NAME
        draft.write_text(text)
        try:
            settings = load_settings(draft)
        except InvalidFileError as error:
            raise InvalidFileError(str(target), error.mistakes) from None
        questionnaire = load_questionnaire(settings.questionnaire, draft.parent)
    languages = questionnaire.languages
    if plan.given.language and plan.given.language not in languages:
        hint = f"the questionnaire {questionnaire.id!r} has {', '.join(languages)}"
        mistake = Mistake("language", repr(plan.given.language), hint)
        raise InvalidFileError("What was asked for", (mistake,))


def _brought_files(folder: Path | None) -> dict[str, Path]:
    """The files that a stick brings, by their name below the settings' folder."""
    if folder is None:
        return {}
    files = _files(folder)
    size = sum(path.stat().st_size for path in files.values())
    if size > _MOST_BYTES:
        raise SetupError(f"The files in {folder} have {size:,} bytes.", f"At most {_MOST_BYTES:,}.")
    return files


def _files(folder: Path) -> dict[str, Path]:
    """Every file in a folder and below, by its name from there."""
    paths = (path for path in sorted(folder.rglob("*")) if not path.is_symlink() and path.is_file())
    return {str(path.relative_to(folder)): path for path in paths}


def _install(content: bytes, target: Path) -> None:
    """Whole or not at all, and readable for the service's user."""
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.new")
    draft.write_bytes(content)
    draft.chmod(0o644)
    draft.replace(target)
    sync_folder(target.parent)


def _enable(machine: Machine) -> Iterator[str]:
    """Lets systemd start it with the machine."""
    if shutil.which("systemctl") is None:
        raise SetupError("There is no systemctl here, which starts the kiosk with the machine.")
    if not machine.run(["systemctl", "--quiet", "enable", UNIT], ""):
        raise SetupError("systemd did not take the service, for the reason above.")
    machine.run(["systemctl", "--quiet", "set-default", "graphical.target"], "")
    # One that runs takes its new settings up.
    machine.run(["systemctl", "try-restart", UNIT], "")
    if Path("/etc/systemd/system/display-manager.service").exists():
        yield (
            "Look: a desktop starts on this machine, and would take the panel. "
            "To be without it: sudo systemctl disable display-manager"
        )
    yield "Done. Restart the machine, and the kiosk stands: sudo reboot"


def set_up_this_machine(file: Path | None, service: ServiceAccount | None) -> Iterator[str]:
    """The same where it is called; raises SetupError where that can't be."""
    if service is None:
        raise SetupError(
            "The kiosk is no service of this machine.",
            "Install its package: sudo apt install ./hymio-kiosk_*.deb",
        )
    if os.geteuid() != 0:
        raise SetupError("Only root may set up a machine.", "Say: sudo hymio-kiosk setup")
    try:
        yield from set_up(file, Machine(service))
    except OSError as error:
        raise SetupError(f"{error.filename}: {error.strerror}.") from error
    except ConfigError:
        yield "Nothing was changed."
        raise
