"""What a start is told: options of the command line, the data folder, exit codes."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from config.errors import UnnamedFolderError
from config.user_folder import user_folder

OK, FAILED, WRONG_USAGE = 0, 1, 2
STAFF_ENDED = 3
"""Staff ended the program: it is not to be started again by itself."""


@dataclass(frozen=True)
class RunOptions:
    """What the command line says about ``run``; None: the settings decide."""

    config: Path | None = None
    data: Path | None = None
    fullscreen: bool | None = None
    size: tuple[int, int] | None = None
    trace: Path | None = None


def data_folder(given: Path | None, setting: str) -> Path:
    """Where the kiosk keeps its answers: as given, as set, or where the system keeps such.

    Raises UnnamedFolderError for a user without a home if nothing names it.
    """
    if given is not None:
        return given
    if setting:
        return Path(setting).expanduser()
    share = user_folder("XDG_DATA_HOME", ".local", "share")
    if share is None:
        raise UnnamedFolderError
    return share / "hymio"


def add_folder_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what every command that looks at a kiosk's folder takes."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="the settings (TOML)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="where answers are kept")


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what ``run`` takes, and whatever else shows a kiosk."""
    add_folder_arguments(parser)
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--windowed", dest="fullscreen", action="store_false", default=None)
    where.add_argument("--fullscreen", dest="fullscreen", action="store_true", default=None)
    parser.add_argument(
        "--size", type=_size, metavar="WxH", help="size of the window in pixels; implies --windowed"
    )
    parser.add_argument(
        "--trace", type=Path, metavar="FILE", help="append what happens, for developers"
    )


def run_options(arguments: argparse.Namespace) -> RunOptions:
    """What parsed arguments of ``run`` say."""
    fullscreen = arguments.fullscreen
    if arguments.size is not None and fullscreen is None:
        fullscreen = False
    return RunOptions(arguments.config, arguments.data, fullscreen, arguments.size, arguments.trace)


def parse_run_options(words: Sequence[str]) -> RunOptions:
    """What these words of a command line say; exits where they make no sense."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    add_run_arguments(parser)
    return run_options(parser.parse_args(words))


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size like 1280x800")
    size = (int(width), int(height))
    if min(size) < 240 or max(size) > 7680:
        raise argparse.ArgumentTypeError(f"{text!r}: each side must be 240 to 7680 pixels")
    return size
