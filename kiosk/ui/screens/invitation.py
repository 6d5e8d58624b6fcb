"""The invitation to tell more: two buttons, and how long it takes."""

from typing import Any

from kivy.app import App
from kivy.uix.widget import Widget

from kiosk.ui.widgets.buttons import WordButton
from kiosk.ui.widgets.controls import FittingWords
from kiosk.ui.widgets.languages import LanguagesButton
from kiosk.ui.widgets.thanks import ThanksLine
from kiosk.views import InvitationView


class InvitationScreen(Widget):
    """Emits ``on_reply(accepted)``, ``on_back`` and ``on_languages``."""

    __events__ = ("on_reply", "on_back", "on_languages")

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self._view: InvitationView | None = None
        self._thanks = ThanksLine()
        self._question, self._line = FittingWords(), FittingWords()
        self._line.bold = False
        self._accept, self._decline = WordButton(strong=True), WordButton()
        self._back, self._languages = WordButton(), LanguagesButton()
        self._accept.bind(on_touched=lambda *_args: self.dispatch("on_reply", True))
        self._decline.bind(on_touched=lambda *_args: self.dispatch("on_reply", False))
        self._back.bind(on_touched=lambda *_args: self.dispatch("on_back"))
        self._languages.bind(on_touched=lambda *_args: self.dispatch("on_languages"))
        for widget in (self._thanks, self._question, self._line, self._accept, self._decline):
            self.add_widget(widget)
        self.bind(pos=self._arrange, size=self._arrange)

    def render(self, view: InvitationView) -> None:
        """Shows the view."""
        self._view = view
        self._question.text, self._line.text = view.question, view.line
        self._accept.text, self._decline.text = view.accept, view.decline
        self._back.text = view.back
        self._thanks.opacity = 0 if view.thanks is None else 1
        if view.thanks is not None:
            self._thanks.render(view.thanks)
        for button, wanted in ((self._back, view.back), (self._languages, view.languages)):
            if wanted and button.parent is None:
                self.add_widget(button)
            elif not wanted and button.parent is not None:
                self.remove_widget(button)
        self._arrange()

    def put_away(self) -> None:
        """The screen is left: nothing stays pressed."""
        for control in self.targets().values():
            control.let_go()
        self._view = None
        self._thanks.rest()

    @property
    def apart(self) -> tuple[Any, ...]:
        """What belongs to it, also while it does not show."""
        return self._back, self._languages

    def targets(self) -> dict[str, Any]:
        """Yes, no, back and the languages."""
        named = {"accept": self._accept, "decline": self._decline, "back": self._back}
        named["languages"] = self._languages
        return {name: button for name, button in named.items() if button.parent is self}

    def on_reply(self, accepted: object) -> None:
        """Emitted when the shopper has decided."""

    def on_back(self) -> None:
        """Emitted for the question before."""

    def on_languages(self) -> None:
        """Emitted when the shopper looks for another language."""

    def _arrange(self, *_args: object) -> None:
        view = self._view
        if view is None:
            return
        theme = App.get_running_app().theme
        room = self.width - 2 * theme.margin
        gap = theme.gap
        heading = theme.heading_size * (0.0 if view.thanks is None else 2.2)
        question, line = theme.question_size * 2.2, theme.line_size * 1.6
        high = theme.target * 1.25
        wide = min((room - 2 * gap) / 2, theme.label_size * 13)
        # The accessibility button is there, with or without a way back beside it.
        foot = theme.target + theme.margin + gap
        free = self.height - foot - high - 4 * gap
        squeezed = min(1.0, free / (heading + question + line))
        heading, question, line = (part * squeezed for part in (heading, question, line))
        whole = heading + question + line + high + 3 * gap
        above = min(foot, max(gap, self.height - foot - whole))
        top = self.y + foot + (self.height - foot - above + whole) / 2
        left = self.center_x - room / 2
        self._thanks.size, self._thanks.pos = (room, max(1.0, heading)), (left, top - heading)
        top -= heading + gap
        self._question.full_size = theme.question_size * 0.85
        self._question.size, self._question.pos = (room, question), (left, top - question)
        top -= question
        self._line.full_size, self._line.color = theme.line_size, theme.colours.quiet
        self._line.size, self._line.pos = (room, line), (left, top - line)
        top -= line + 2 * gap
        for button, x in ((self._decline, self.center_x - gap - wide),
                          (self._accept, self.center_x + gap)):  # fmt: skip
            button.size, button.pos = (wide, high), (x, top - high)
            button.letter_size = theme.label_size * 1.1
        self._back.size = (min(room / 4, theme.target * 2.6), theme.target)
        self._languages.pos = (left + theme.footer_inset, self.y + theme.margin)
        beside = theme.footer_inset * (2 if view.languages else 1)
        self._back.pos = (left + beside, self.y + theme.margin)
        self._back.letter_size = theme.label_size
