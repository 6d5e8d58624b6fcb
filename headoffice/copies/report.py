"""What the checks of a copy found, for who reads it on a terminal or in a log."""

from dataclasses import dataclass, field
from pathlib import Path

from headoffice.db.contents import Contents


@dataclass
class Report:
    """Grows with every check."""

    file: Path
    right: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)
    """What could not be checked here, and what it would take."""
    contents: Contents | None = None

    @property
    def verified(self) -> bool:
        """Whether all of it was checked and is right."""
        return not self.wrong and not self.unchecked

    def lines(self) -> list[str]:
        """In words; the last line is the verdict."""
        lines = [f"right: {text}" for text in self.right]
        lines += [f"not checked: {text}" for text in self.unchecked]
        lines += [f"WRONG: {text}" for text in self.wrong]
        # What a database says of damage may have several lines.
        return [f"{self.file}:", *("  " + " ".join(line.split()) for line in lines), self.verdict]

    @property
    def verdict(self) -> str:
        """Whether to rely on it, in a sentence."""
        if self.wrong:
            return f"Don't rely on this copy: {' '.join(self.wrong[0].split())}"
        if self.unchecked:
            return "This copy is right as far as it was checked."
        return "This copy can be put back."
