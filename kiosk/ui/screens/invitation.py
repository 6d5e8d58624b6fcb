"""The invitation to tell more: two buttons, and how long it takes."""

from typing import Any

from kivy.app import App
from kivy.uix.widget import Widget

from kiosk.session.touch import Touch
from kiosk.session.views import InvitationView
from kiosk.ui.widgets.buttons import WordButton
from kiosk.ui.widgets.controls import FittingWords
from kiosk.ui.widgets.languages import LanguagesButton
from kiosk.ui.widgets.next_shopper import NextShopperRow
from kiosk.ui.widgets.thanks import ThanksLine


class InvitationScreen(Widget):
    """Emits ``on_reply(accepted)``, ``on_back``, ``on_languages`` and ``on_rate``."""

    __events__ = ("on_reply", "on_back", "on_languages", "on_rate")

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self._view: InvitationView | None = None
        self._thanks = ThanksLine()
        self._question, self._line = FittingWords(), FittingWords()
        self._line.bold = False
        self._accept, self._decline = WordButton(strong=True), WordButton()
        self._back, self._languages = WordButton(), LanguagesButton()
        self._next = NextShopperRow()
        self._next.bind(on_rate=lambda _row, *said: self.dispatch("on_rate", *said))
        self._accept.bind(on_tap=lambda *_args: self.dispatch("on_reply", True))
        self._decline.bind(on_tap=lambda *_args: self.dispatch("on_reply", False))
        self._back.bind(on_tap=lambda *_args: self.dispatch("on_back"))
        self._languages.bind(on_tap=lambda *_args: self.dispatch("on_languages"))
        for widget in (self._thanks, self._question, self._line, self._accept, self._decline):
            self.add_widget(widget)
        self.bind(pos=self._arrange, size=self._arrange)

    def render(self, view: InvitationView) -> None:
        """Shows the view."""
        self._view = view
        self._question.text, self._line.text = view.question, view.line
        self._thanks.from_right = view.from_right
        self._accept.text, self._decline.text = view.accept, view.decline
        self._back.text = view.back
        self._thanks.opacity = 0 if view.thanks is None else 1
        if view.thanks is not None:
            self._thanks.render(view.thanks)
        if view.next_shopper is not None:
            self._next.render(view.next_shopper)
            self._next.from_right = view.from_right
        parts = (
            (self._back, view.back),
            (self._languages, view.languages),
            (self._next, view.next_shopper),
        )
        for button, label in parts:
            if label and button.parent is None:
                self.add_widget(button)
            elif not label and button.parent is not None:
                self.remove_widget(button)
        self._arrange()

    def put_away(self) -> None:
        """The screen is left: nothing stays pressed."""
        for control in self.targets().values():
            control.let_go()
        self._view = None
        self._thanks.rest()

    @property
    def offscreen_parts(self) -> tuple[Any, ...]:
        """What belongs to it, also while it does not show."""
        return self._back, self._languages, self._next

    @property
    def thanks_line(self) -> ThanksLine:
        """The thanks that stay in sight."""
        return self._thanks

    def targets(self) -> dict[str, Any]:
        """Yes, no, back and the languages."""
        named = {"accept": self._accept, "decline": self._decline, "back": self._back}
        named["languages"] = self._languages
        faces = self._next.targets() if self._next.parent is self else {}
        return faces | {name: button for name, button in named.items() if button.parent is self}

    def digit(self, digit: int) -> Any | None:
        """The faces for the next shopper, where they are in reach."""
        return self._next.digit(digit) if self._next.parent is self else None

    def on_rate(self, question: str, value: int, touch: Touch) -> None:
        """Emitted when the next shopper touched a face."""

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
        left = self.center_x - room / 2
        beside = theme.footer_inset * (2 if view.languages else 1)
        back = min(room / 4, theme.target * 2.6) if view.back else 0.0
        row = room - beside - (back + gap if back else 0.0)
        is_above = view.next_shopper is not None and row < self._next.least_width()
        covered = theme.target + gap if is_above else 0.0
        height = self.height - covered
        free = height - foot - high - 4 * gap
        squeezed = min(1.0, free / (heading + question + line))
        heading, question, line = (part * squeezed for part in (heading, question, line))
        whole = heading + question + line + high + 3 * gap
        above = min(foot, max(gap, height - foot - whole))
        top = self.y + foot + (height - foot - above + whole) / 2
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
        self._back.size = (max(1.0, back), theme.target)
        self._languages.pos = (left + theme.footer_inset, self.y + theme.margin)
        self._next.size = (room if is_above else row, theme.target)
        if is_above:
            self._next.pos = (left, self.top - theme.margin - theme.target)
        else:
            behind = back + gap if back and not view.from_right else 0.0
            self._next.pos = (left + beside + behind, self.y + theme.margin)
        self._back.pos = (left + beside, self.y + theme.margin)
        self._back.letter_size = theme.label_size
        if view.from_right:
            self._back.right = left + room
            self._accept.x, self._decline.x = self._decline.x, self._accept.x
        self._thanks.arrive()
