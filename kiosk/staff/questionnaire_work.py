"""What staff's choice of a questionnaire has done in the background."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from config.errors import ConfigError, InvalidFileError
from config.loader import load_questionnaire, shipped_questionnaires
from config.questionnaire import Questionnaire
from kiosk.maintenance.panel import panel_size_mm
from kiosk.overrides import OverridesStore, QuestionnaireInUse
from kiosk.staff.results import (
    OverridesSaved,
    QuestionnaireChoice,
    QuestionnaireChoices,
    QuestionnaireFailure,
    QuestionnaireUsed,
    Result,
)
from kiosk.staff.tasks import ASSIGNMENT
from kiosk.suitability import UnsuitableQuestionnaireError, check_suitability, named_letters
from sync.failure_texts import NOTHING_STORED
from sync.outbox.protocol import QuestionnaireStore


@dataclass(frozen=True)
class QuestionnaireWorkPorts:
    """What the work needs to know of its kiosk."""

    store: OverridesStore
    folder: Path
    """Where answers are kept."""
    config_folder: Path | None
    """Where the settings file is: questionnaires are named relative to it."""
    outbox: Callable[[], QuestionnaireStore | None]
    save_last_good: Callable[[bytes], None]


class QuestionnaireWork:
    """Lists, checks and chooses."""

    def __init__(self, ports: QuestionnaireWorkPorts, tell: Callable[[Result], None]) -> None:
        self._ports = ports
        self._tell = tell

    def choices(self) -> QuestionnaireChoices:
        """All that can be chosen, and those that can't because of their mistakes."""
        names = [*shipped_questionnaires(), *map(str, self._files())]
        chosen = self._ports.store.config.settings.questionnaire
        if chosen not in names:
            names.append(chosen)
        return QuestionnaireChoices(tuple(self._choice(name) for name in names))

    def use(self, name: str) -> None:
        """Checks it, saves the choice and asks it from now on; tells what came of it."""
        if name == ASSIGNMENT:
            self._ports.store.use_assignment()
            self._succeeded(name)
            return
        try:
            found = self._suitable(name)
        except UnsuitableQuestionnaireError as error:
            self._tell(QuestionnaireFailure(name, mistakes_of(error), named_letters(error.letters)))
            return
        except ConfigError as error:
            self._tell(QuestionnaireFailure(name, mistakes_of(error)))
            return
        outbox = self._ports.outbox()
        if outbox is None:
            self._tell(QuestionnaireFailure(name, (NOTHING_STORED,)))
            return
        # Before any answer can refer to it.
        in_use = QuestionnaireInUse.of(found)
        outbox.remember_questionnaire(in_use.digest, in_use.definition)
        self._ports.store.use_questionnaire(name, in_use)
        self._succeeded(name)

    def _succeeded(self, name: str) -> None:
        self._ports.save_last_good(self._ports.store.config.in_use.definition)
        self._tell(QuestionnaireUsed(name))
        self._tell(OverridesSaved())

    def _files(self) -> list[Path]:
        own = self._ports.store.config.settings.staff.questionnaires
        folder = Path(own or self._ports.folder / "questionnaires")
        try:
            return sorted(folder.expanduser().glob("*.toml"))
        except OSError:
            return []

    def _choice(self, name: str) -> QuestionnaireChoice:
        try:
            found = self._suitable(name)
        except ConfigError as error:
            return QuestionnaireChoice(name, Path(name).stem, mistakes_of(error))
        return QuestionnaireChoice(name, found.title)

    def _suitable(self, name: str) -> Questionnaire:
        """One that this kiosk can ask; raises ConfigError with all reasons why it can't."""
        found = load_questionnaire(name, self._ports.config_folder)
        screen = self._ports.store.config.settings.screen
        panel = panel_size_mm() if screen.fullscreen else None
        check_suitability(name, found, screen, panel)
        return found


def mistakes_of(error: ConfigError) -> tuple[str, ...]:
    """Every mistake of a file as a line of its own."""
    if isinstance(error, InvalidFileError):
        return tuple(map(str, error.mistakes))
    return (str(error),)
