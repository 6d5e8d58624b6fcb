"""What can be wrong with a file that tells a kiosk what to do."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong in a file: where, what was found, what is allowed."""

    path: str
    """Key path such as ``questions[2].text.fi``; empty for the file as a whole."""
    actual: str
    hint: str

    def __str__(self) -> str:
        where = self.path or "the file as a whole"
        return f"{where}: found {self.actual}; {self.hint}"


class ConfigError(Exception):
    """A configuration file can't be used; the one used before stays in force."""


class UnreadableFileError(ConfigError):
    """{file} can't be read: {reason}."""

    def __init__(self, file: str, reason: str) -> None:
        self.file = file
        self.reason = reason
        end = "" if "\n" in reason else "."
        super().__init__(f"{file} can't be read: {reason}{end}")


class UnnamedFolderError(ConfigError):
    """It is not known where answers are kept."""

    def __init__(self) -> None:
        super().__init__(
            "Where are the answers to be kept? This user has no home, and XDG_DATA_HOME is not set."
            " Name a folder: --data DIR"
        )


class InvalidFileError(ConfigError):
    """{file} has mistakes, listed one a line."""

    def __init__(self, file: str, mistakes: tuple[Mistake, ...]) -> None:
        self.file = file
        self.mistakes = mistakes
        count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
        lines = "".join(f"\n  {mistake}" for mistake in mistakes)
        super().__init__(f"{file} has {count}:{lines}")
