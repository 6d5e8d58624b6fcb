"""One question behind the rating: what is asked, what is touched, and the way on."""

from dataclasses import dataclass
from typing import Any

from kivy.app import App
from kivy.properties import ListProperty, NumericProperty
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from kiosk.ui.screens.shelf import Shelf
from kiosk.ui.widgets.areas import AnswerArea, FacesArea, NumbersArea, YesOrNoArea
from kiosk.ui.widgets.buttons import ProgressLine, WordButton
from kiosk.ui.widgets.controls import FittingWords
from kiosk.ui.widgets.languages import LanguagesButton
from kiosk.ui.widgets.thanks import ThanksLine
from kiosk.ui.widgets.typing import Keyboard
from kiosk.ui.widgets.written import ContactArea, OptionsArea, WritingArea, WrittenArea
from kiosk.views import QuestionView
from kiosk.views_question import (
    Area,
    ContactForm,
    Faces,
    Numbers,
    Options,
    Writing,
    YesOrNo,
)

_TRIES = (
    (1.0, 2.5, True, True),
    (0.6, 2.5, True, True),
    (0.5, 1.35, True, True),
    (0.35, 1.2, True, False),
    (0.4, 1.35, False, False),
    (0.3, 1.3, False, False),
    (0.25, 0.9, False, False),
    (0.1, 0.6, False, False),
)
"""From generous to tight: share of the margin, lines of the question, with buttons, with head."""
_WRITING = (0.7, 1.35, True, True)
"""Where someone writes and there is room: the keys get what the question does not need."""
_WITH_BUTTONS = 4
"""So many of them; the others are for the keyboard, which goes on by a key of its own."""
_QUESTION = 0.74
"""Size of the question's letters; the rating's are 1."""
_ABOVE, _BETWEEN = 0.3, 0.14
"""Where height that is to spare goes: above the question, and below it; the rest to the bottom."""


@dataclass(frozen=True)
class _Plan:
    """How the height is shared out, in pixels."""

    room: float
    margin: float
    gap: float
    head: float
    words: float
    foot: float

    @property
    def taken(self) -> float:
        """What is not left for the part that is touched to answer."""
        gaps = 2 * self.gap if self.head else self.gap
        return 2 * self.margin + self.head + self.words + gaps + self.foot


class QuestionScreen(Widget):
    """Emits what was touched; only the part that is touched to answer is built for a question."""

    least = NumericProperty(0)
    """The least height into which it fits with a question that is easy to read."""
    access_spot = ListProperty()
    """Where the accessibility button has its room: its lower left corner."""

    __events__ = ("on_answer", "on_draft", "on_skip", "on_back", "on_leave", "on_languages")

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self._view: QuestionView | None = None
        self._area: AnswerArea | None = None
        self._shelf = Shelf(self._make)
        self._keyboard = Keyboard()
        self._words = FittingWords()
        self._line, self._count = ProgressLine(), Label(font_name="Figtree")
        self._thanks, self._languages = ThanksLine(), LanguagesButton()
        self._back, self._leave = WordButton(), WordButton()
        self._skip, self._done = WordButton(), WordButton(strong=True)
        self._back.bind(on_touched=lambda *_args: self.dispatch("on_back"))
        self._leave.bind(on_touched=lambda *_args: self.dispatch("on_leave"))
        self._skip.bind(on_touched=lambda *_args: self._tell("on_skip"))
        self._done.bind(on_touched=lambda *_args: self.hand_over())
        self._languages.bind(on_touched=lambda *_args: self.dispatch("on_languages"))
        for widget in (self._words, self._line, self._count, self._thanks):
            self.add_widget(widget)
        self.bind(pos=self._arrange, size=self._arrange)

    def render(self, view: QuestionView) -> None:
        """Shows the view; the same question is only brought up to date."""
        before, self._view = self._view, view
        if self._is_other(before, view):
            self._build(view)
        elif self._area is not None:
            self._area.render(view.area)
        self._words.text = view.text
        if view.thanks is not None:
            self._thanks.render(view.thanks)
        if view.progress is not None:
            self._count.text = view.progress.text
            self._line.share = view.progress.number / view.progress.total
        self._name(view)
        self._arrange()

    def put_away(self) -> None:
        """The screen is left: nothing stays pressed or half written."""
        for control in self.targets().values():
            control.let_go()
        self._view = None
        self._take_away()
        self._thanks.rest()

    def prepare(self, view: QuestionView) -> None:
        """Builds what this view needs before anyone waits for it."""
        if self._area is None:
            self._shelf.prepare(view.area)

    @property
    def apart(self) -> tuple[Any, ...]:
        """What belongs to it, also while it does not show."""
        buttons = (self._back, self._leave, self._skip, self._done, self._languages)
        return (*buttons, self._keyboard, *self._shelf.kept)

    def targets(self) -> dict[str, Any]:
        """What can be touched, by name."""
        named = {"back": self._back, "leave": self._leave, "skip": self._skip, "done": self._done}
        named["languages"] = self._languages
        answer = self._area.targets() if self._area is not None else {}
        return answer | {n: button for n, button in named.items() if button.parent is self}

    def digit(self, digit: int) -> Any | None:
        """The control that a digit key stands for."""
        return self._area.digit(digit) if self._area is not None else None

    def type(self, key: str) -> bool:
        """A character, a space or a backspace of a physical keyboard."""
        return isinstance(self._area, WrittenArea) and self._area.type(key)

    @property
    def is_writing(self) -> bool:
        """Whether letters go into an entry."""
        return isinstance(self._area, WrittenArea) and self._area.active is not None

    def go_on(self) -> None:
        """The enter key of a physical keyboard while writing."""
        if isinstance(self._area, WrittenArea):
            self._area.after_entry()

    def hand_over(self) -> None:
        """What was put together is the answer; without one the question is passed."""
        view = self._view
        if view is None:
            return
        if view.answer is not None:
            self.dispatch("on_answer", view.question_id, view.answer, self._done.held_ms)
        elif not self._done.off:
            self.dispatch("on_skip", view.question_id)

    def on_answer(self, question: str, value: object, held_ms: int) -> None:
        """Emitted when an answer was given."""

    def on_draft(self, question: str, draft: object) -> None:
        """Emitted when an answer is being put together."""

    def on_skip(self, question: str) -> None:
        """Emitted when the question is passed over."""

    def on_back(self) -> None:
        """Emitted for the question before."""

    def on_leave(self) -> None:
        """Emitted when the shopper has told enough."""

    def on_languages(self) -> None:
        """Emitted when the shopper looks for another language."""

    # --- building ---

    @staticmethod
    def _is_other(before: QuestionView | None, view: QuestionView) -> bool:
        return before is None or (before.question_id, before.language) != (
            view.question_id, view.language,
        )  # fmt: skip

    def _build(self, view: QuestionView) -> None:
        self._take_away()
        self._area = area = self._shelf.take(view.area)
        # A finger that stays on a control of the question before speaks of that question.
        area.question = view.question_id
        if isinstance(area, WrittenArea):
            area.language, area.next_word = view.language, view.done or view.skip
            area.arrive()
        self.add_widget(area)

    def _take_away(self) -> None:
        area, self._area = self._area, None
        if area is None:
            return
        for control in area.targets().values():
            control.let_go()
        self.remove_widget(area)
        self._shelf.put_back(area)

    def _make(self, asked: Area) -> AnswerArea:
        area = self._area_of(asked)
        area.bind(
            on_answer=lambda area, *said: self.dispatch("on_answer", area.question, *said),
            on_draft=lambda area, draft: self.dispatch("on_draft", area.question, draft),
            on_needs=self._arrange,
        )
        if isinstance(area, WrittenArea):
            area.bind(on_next=lambda *_args: self.hand_over())
        return area

    def _area_of(self, asked: Area) -> AnswerArea:
        match asked:
            case Faces():
                return FacesArea(asked)
            case Numbers():
                return NumbersArea(asked)
            case YesOrNo():
                return YesOrNoArea(asked)
            case Options():
                return OptionsArea(asked, self._keyboard)
            case Writing():
                return WritingArea(asked, self._keyboard)
            case ContactForm():
                return ContactArea(asked, self._keyboard)

    def _tell(self, event: str, *facts: object) -> None:
        if self._view is not None:
            self.dispatch(event, self._view.question_id, *facts)

    def _name(self, view: QuestionView) -> None:
        words = {
            self._back: view.back,
            self._leave: view.leave,
            self._skip: view.skip,
            self._done: view.done,
        }
        for button, text in words.items():
            button.text, button.off = text, view.busy
        self._languages.off = view.busy
        self._done.off = view.busy or view.answer is None
        self._done.chosen = view.busy
        if self._area is not None:
            self._area.busy = view.busy
            self._area.opacity = 0.6 if view.busy else 1.0

    # --- arranging ---

    def _arrange(self, *_args: object) -> None:
        view, area = self._view, self._area
        if view is None or area is None or self.width < 2:
            return
        theme = App.get_running_app().theme
        tries = _TRIES[:_WITH_BUTTONS] if area.active is None else (_WRITING, *_TRIES)
        plans = (self._plan(view, *each) for each in tries)
        fitting = (plan for plan in plans if self.height >= plan.taken + area.needed(plan.room))
        tightest, readable = self._plan(view, *tries[-1]), self._plan(view, *tries[-3])
        self.least = readable.taken + area.needed(readable.room)
        plan = next(fitting, tightest)
        left, top = self.x + (self.width - plan.room) / 2, self.top - plan.margin
        # Without a footer the accessibility button stands beside the question.
        beside = 0.0 if plan.foot else theme.footer_inset
        if plan.foot:
            self.access_spot = (left, self.y + plan.margin)
        else:
            self.access_spot = (left + plan.room - theme.target, top - theme.target)
        top = self._place_head(view, (left, top, plan.room, plan.head))
        top -= plan.gap if plan.head else 0
        bottom = self.y + plan.margin + plan.foot
        room = top - plan.words - plan.gap - bottom
        # What is asked and what is touched stand together, a little above the middle.
        spare = max(0.0, room - area.filled(plan.room, room))
        top -= spare * _ABOVE
        self._words.full_size = theme.question_size * _QUESTION
        self._words.size = (plan.room - 2 * beside, plan.words)
        self._words.pos = (left + beside, top - plan.words)
        top -= plan.words + plan.gap + spare * _BETWEEN
        bottom += spare * (1 - _ABOVE - _BETWEEN)
        area.beside = beside
        area.size, area.pos = (plan.room, max(1.0, top - bottom)), (left, bottom)
        spot = (left, self.top - plan.margin - theme.target)
        if plan.foot:
            spot = (left + theme.footer_inset, self.y + plan.margin)
        self._keep(self._languages, wanted=bool(view.languages))
        self._languages.pos = spot
        box = (left, self.y + plan.margin, plan.room, theme.target)
        self._place_buttons(box, shown=plan.foot > 0)

    def _plan(
        self, view: QuestionView, share: float, lines: float, buttons: bool, head: bool
    ) -> "_Plan":
        theme = App.get_running_app().theme
        margin = theme.margin * share
        gap = max(theme.gap * min(0.55, share), margin * 0.45)
        return _Plan(
            room=self.width - 2 * max(margin, theme.margin * 0.25),
            margin=margin,
            gap=gap,
            head=self._head_height(view) if head else 0.0,
            words=theme.question_size * _QUESTION * 1.15 * lines,
            foot=theme.target + max(theme.gap * share, theme.gap_min) if buttons else 0.0,
        )

    def _head_height(self, view: QuestionView) -> float:
        theme = App.get_running_app().theme
        if view.thanks is not None:
            return float(theme.heading_size * 1.5)
        return float(theme.small_size * 1.5) if view.progress is not None else 0.0

    def _place_head(self, view: QuestionView, box: tuple[float, float, float, float]) -> float:
        left, top, room, height = box
        theme = App.get_running_app().theme
        shown = height > 0
        self._thanks.opacity = 1 if shown and view.thanks is not None else 0
        seen = 1 if shown and view.thanks is None and view.progress is not None else 0
        self._line.opacity = self._count.opacity = seen
        self._thanks.size, self._thanks.pos = (room, max(1.0, height)), (left, top - height)
        self._count.font_size, self._count.color = theme.small_size, theme.colours.quiet
        self._count.texture_update()
        self._count.size = self._count.texture_size
        self._count.right, self._count.center_y = left + room, top - height / 2
        line = max(3.0, theme.hairline * 4)
        self._line.size = (max(1.0, room - self._count.width - theme.gap), line)
        self._line.pos = (left, top - height / 2 - line / 2)
        return top - height

    def _place_buttons(self, box: tuple[float, float, float, float], *, shown: bool) -> None:
        """Back and leave at the left, the ways on at the right; what has no words is away."""
        theme = App.get_running_app().theme
        left, bottom, room, height = box
        right = left + room
        left += theme.footer_inset * (2 if self._languages.parent else 1)
        row = ((self._back, "left"), (self._leave, "left"), (self._done, "right"),
               (self._skip, "right"))  # fmt: skip
        for button, _side in row:
            # While someone writes, the keyboard has the way on.
            unwanted = button is self._done and self.is_writing
            self._keep(button, wanted=shown and bool(button.text) and not unwanted)
            button.letter_size = theme.label_size
        seen = [button for button, _side in row if button.text]
        wishes = {button: button.wish() for button in seen}
        room = right - left - (len(seen) - 1) * theme.gap
        # All alike; where that is too little for one, each as its words ask for.
        alike = min(room / max(3, len(seen)), theme.target * 3.2)
        fair = alike if max(wishes.values(), default=0) <= alike else 0.0
        share = min(1.0, room / max(1.0, sum(wishes.values())))
        for button, side in row:
            if button.parent is None:
                continue
            wide = max(fair or wishes[button] * share, theme.target_min)
            button.size = (wide, height)
            if side == "left":
                button.pos, left = (left, bottom), left + wide + theme.gap
            else:
                button.pos, right = (right - wide, bottom), right - wide - theme.gap

    def _keep(self, widget: Any, *, wanted: bool) -> None:
        """On the screen if wanted, else not."""
        if wanted and widget.parent is None:
            self.add_widget(widget)
        elif not wanted and widget.parent is not None:
            self.remove_widget(widget)
