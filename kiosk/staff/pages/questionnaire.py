"""Which questionnaire, and in which language it begins."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self, assert_never

from kiosk.i18n import native_name
from kiosk.maintenance.results import Sign
from kiosk.overrides import ActiveConfig, OverridesChange
from kiosk.staff.controls import Control
from kiosk.staff.results import (
    QuestionnaireChoices,
    QuestionnaireFailure,
    QuestionnaireUsed,
    Result,
)
from kiosk.staff.state import Gettext, StaffPage, StaffState, StaffStep
from kiosk.staff.tasks import ASSIGNMENT, Effect, ListQuestionnaires, UseQuestionnaire
from kiosk.staff.texts import set_by_head_office
from kiosk.staff.views import Key, Line, StaffView
from sync.failure_texts import translate


@dataclass(frozen=True)
class ChooseQuestionnaire(Control):
    """One of those that are offered."""

    questionnaire: str


@dataclass(frozen=True)
class ChooseLanguage(Control):
    """One that the questionnaire in use has."""

    language: str


QuestionnaireControl = ChooseQuestionnaire | ChooseLanguage


@dataclass(frozen=True)
class QuestionnairePage(StaffPage[QuestionnaireControl]):
    """A choice stands once it was checked, also if nobody looks at this page any more."""

    name = "questionnaire"

    choices: QuestionnaireChoices | None = None
    choice: str = ""
    """Being checked."""
    failure: QuestionnaireFailure | None = None

    @classmethod
    def open(cls) -> tuple[Self, tuple[Effect, ...]]:
        return cls(), (ListQuestionnaires(),)

    @staticmethod
    def title(_: Gettext) -> str:
        return _("Questionnaire and language")

    def press(
        self, control: QuestionnaireControl, state: StaffState, config: ActiveConfig
    ) -> StaffStep:
        match control:
            case _ if self.choice:
                return StaffStep(state)
            case ChooseQuestionnaire(questionnaire=name):
                page = QuestionnairePage(self.choices, choice=name)
                return state.show(page, UseQuestionnaire(name))
            case ChooseLanguage(language=language):
                return state.change(OverridesChange.of(language=language))
            case _:
                assert_never(control)

    def receive(self, result: Result, state: StaffState, at_ms: int) -> StaffStep:
        match result:
            case QuestionnaireChoices():
                return state.show(replace(self, choices=result))
            case QuestionnaireUsed(name=name) if name == self.choice:
                return state.show(QuestionnairePage(self.choices))
            case QuestionnaireFailure(name=name):
                choice = "" if name == self.choice else self.choice
                return state.show(QuestionnairePage(self.choices, choice, result))
        return StaffStep(state)

    def view(self, state: StaffState, config: ActiveConfig, now_ms: int, _: Gettext) -> StaffView:
        if self.choices is None:
            return self.frame(_, lines=(Line(_("One moment…")),))
        lines = [*state.problem_lines(_)]
        if self.failure is not None:
            unchanged = _("It has mistakes. The questionnaire before stays.")
            lines.append(Line(self.failure.name, unchanged, "bad"))
            if self.failure.letters:
                lines.append(Line(_("No font has these letters"), self.failure.letters, "bad"))
            lines += [Line("", translate(mistake, _)) for mistake in self.failure.mistakes]
        lines += self._choice_lines(config, _)
        if "language" in config.sleeping:
            language = native_name(config.language)
            lines.append(Line(_("Language"), f"{language}\n{set_by_head_office(_)}"))
        languages = tuple(
            Key(ChooseLanguage(tag), native_name(tag), is_chosen=tag == config.language)
            for tag in config.in_use.questionnaire.languages
            if "language" not in config.sleeping
        )
        return self.frame(_, lines=tuple(lines), buttons=languages)

    def _choice_lines(self, config: ActiveConfig, _: Gettext) -> Iterator[Line]:
        if "questionnaire" in config.sleeping:
            yield Line(config.in_use.questionnaire.title, set_by_head_office(_), "good")
            return
        office = config.assignment
        is_office = office is not None and not config.is_own_choice
        if office is not None:
            use = Key(ChooseQuestionnaire(ASSIGNMENT), _("Use"), not self.choice)
            sign: Sign | None = "good" if is_office else None
            keys = () if is_office else (use,)
            yield Line(office.questionnaire.title, _("From the head office"), sign, keys)
        for choice in self.choices.questionnaires if self.choices else ():
            if choice.name == config.settings.questionnaire and not is_office:
                yield Line(choice.title, choice.name, "good")
                continue
            # One with mistakes can be tried as well: then it is said what is wrong.
            use = Key(ChooseQuestionnaire(choice.name), _("Use"), not self.choice)
            sign = "bad" if choice.mistakes else None
            yield Line(choice.title, choice.name, sign, (use,))
