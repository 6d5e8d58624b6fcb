"""One question behind the rating: what is asked, what is touched, and the way on."""

from dataclasses import replace
from typing import Any

from kivy.animation import Animation
from kivy.app import App
from kivy.properties import ListProperty, NumericProperty
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from kiosk.session.question_view import Area
from kiosk.session.touch import KEY, Touch
from kiosk.session.views import QuestionView
from kiosk.ui.screens.area_cache import AreaCache
from kiosk.ui.screens.offer_layout import OfferParts, offer_layout
from kiosk.ui.screens.question_layout import ABOVE, BETWEEN, QUESTION, layouts
from kiosk.ui.widgets.area_factory import make_area
from kiosk.ui.widgets.areas import AnswerArea
from kiosk.ui.widgets.buttons import ProgressLine, WordButton
from kiosk.ui.widgets.controls import FittingWords
from kiosk.ui.widgets.footer import place_footer
from kiosk.ui.widgets.keyboard_area import KeyboardArea
from kiosk.ui.widgets.languages import LanguagesButton
from kiosk.ui.widgets.next_shopper import NextShopperRow
from kiosk.ui.widgets.text_entry import Keyboard
from kiosk.ui.widgets.thanks import ThanksLine


class QuestionScreen(Widget):
    """Emits what was touched; only the part that is touched to answer is built for a question."""

    least = NumericProperty(0)
    """The least height into which it fits with a question that is easy to read."""
    access_spot = ListProperty()
    """Where the accessibility button has its room: its lower left corner."""

    floor: float | None = None
    """The lower edge of the faces that stood where this screen is; None: nobody has seen them."""

    __events__ = (
        "on_answer", "on_draft", "on_skip", "on_back", "on_leave", "on_languages", "on_rate",
    )  # fmt: skip

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self._view: QuestionView | None = None
        self._area: AnswerArea | None = None
        self._areas = AreaCache(self._make)
        self._keyboard = Keyboard()
        self._words = FittingWords()
        self._line, self._count = ProgressLine(), Label(font_name="Figtree")
        self._thanks, self._languages = ThanksLine(), LanguagesButton()
        self._back, self._leave = WordButton(), WordButton()
        self._skip, self._submit = WordButton(), WordButton(strong=True)
        self._back.bind(on_tap=lambda *_args: self.dispatch("on_back"))
        self._leave.bind(on_tap=lambda *_args: self.dispatch("on_leave"))
        self._skip.bind(on_tap=lambda *_args: self._tell("on_skip"))
        self._submit.bind(on_tap=lambda *_args: self.hand_over(self._submit.told))
        self._next = NextShopperRow()
        self._next.bind(on_rate=lambda _row, *said: self.dispatch("on_rate", *said))
        self._languages.bind(on_tap=lambda *_args: self.dispatch("on_languages"))
        for widget in (self._words, self._line, self._count, self._thanks):
            self.add_widget(widget)
        self.bind(pos=self._arrange, size=self._arrange)

    def render(self, view: QuestionView) -> None:
        """Shows the view; the same question is only brought up to date."""
        before, self._view = self._view, view
        if self._is_other(before, view):
            self._build(view)
            if view.thanks is not None:
                self._fade_in()
        elif self._area is not None:
            self._area.render(view.area)
            if isinstance(self._area, KeyboardArea):
                self._area.next_word = view.submit or view.skip
        self._thanks.from_right = self._line.from_right = view.from_right
        self._words.text = view.text
        if view.thanks is not None:
            self._thanks.render(view.thanks)
        if view.progress is not None:
            self._count.text = view.progress.text
            self._line.share = view.progress.number / view.progress.total
        if view.next_shopper is not None:
            self._next.render(view.next_shopper)
            self._next.from_right = view.from_right
        self._name(view)
        self._arrange()

    def put_away(self) -> None:
        """The screen is left: nothing stays pressed or half written."""
        for control in self.targets().values():
            control.let_go()
        self._view = None
        self._take_away()
        self._thanks.rest()
        for part in (self._words, self._next):
            Animation.cancel_all(part, "opacity")
            part.opacity = 1

    def prepare(self, view: QuestionView) -> None:
        """Builds what this view needs before anyone waits for it."""
        if self._area is None:
            self._areas.prepare(view.area)

    @property
    def offscreen_parts(self) -> tuple[Any, ...]:
        """What belongs to it, also while it does not show."""
        buttons = (self._back, self._leave, self._skip, self._submit, self._languages)
        return (*buttons, self._next, self._keyboard, *self._areas.areas)

    @property
    def thanks_line(self) -> ThanksLine:
        """The thanks that stay in sight."""
        return self._thanks

    def targets(self) -> dict[str, Any]:
        """What can be touched, by name."""
        named = {"back": self._back, "leave": self._leave, "skip": self._skip, "done": self._submit}
        named["languages"] = self._languages
        answer = self._area.targets() if self._area is not None else {}
        faces = self._next.targets() if self._next.parent is self else {}
        return answer | faces | {n: button for n, button in named.items() if button.parent is self}

    def digit(self, digit: int) -> Any | None:
        """The control that a digit key stands for; the faces, where they are in reach."""
        if self._next.parent is self:
            return self._next.digit(digit)
        return self._area.digit(digit) if self._area is not None else None

    def type(self, key: str) -> bool:
        """A character, a space or a backspace of a physical keyboard."""
        return isinstance(self._area, KeyboardArea) and self._area.type(key)

    @property
    def is_writing(self) -> bool:
        """Whether letters go into an entry."""
        return isinstance(self._area, KeyboardArea) and self._area.active is not None

    def go_on(self) -> None:
        """The enter key of a physical keyboard while writing."""
        if isinstance(self._area, KeyboardArea):
            self._area.after_entry()

    def hand_over(self, touch: Touch = KEY) -> None:
        """What was put together is the answer; without one the question is passed."""
        view = self._view
        if view is None:
            return
        if view.answer is not None:
            meant = replace(touch, hands_over=True)
            self.dispatch("on_answer", view.question_id, view.answer, meant)
        elif not self._submit.off:
            self.dispatch("on_skip", view.question_id)

    def on_answer(self, question: str, value: object, touch: Touch) -> None:
        """Emitted when an answer was given."""

    def on_rate(self, question: str, value: int, touch: Touch) -> None:
        """Emitted when the next shopper touched a face."""

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
        self._area = area = self._areas.take(view.area)
        # A finger that stays on a control of the question before speaks of that question.
        area.question = view.question_id
        area.from_right = view.from_right
        if isinstance(area, KeyboardArea):
            area.language, area.next_word = view.language, view.submit or view.skip
            area.arrive()
        self.add_widget(area)

    def _fade_in(self) -> None:
        """What is offered comes gently, below thanks that stand already."""
        seconds = App.get_running_app().theme.motion.appear
        parts: tuple[Any, ...] = (self._words, self._next, self._area)
        for part in parts:
            Animation.cancel_all(part, "opacity")
            if seconds:
                part.opacity = 0
                Animation(opacity=1, duration=seconds).start(part)

    def _take_away(self) -> None:
        area, self._area = self._area, None
        if area is None:
            return
        Animation.cancel_all(area, "opacity")
        area.opacity = 1
        for control in area.targets().values():
            control.let_go()
        self.remove_widget(area)
        self._areas.put_back(area)

    def _make(self, data: Area) -> AnswerArea:
        area = make_area(data, self._keyboard)
        area.bind(
            on_answer=lambda area, *said: self.dispatch("on_answer", area.question, *said),
            on_draft=lambda area, draft: self.dispatch("on_draft", area.question, draft),
            on_needs=self._arrange,
        )
        if isinstance(area, KeyboardArea):
            area.bind(on_next=lambda *_args: self.hand_over())
        return area

    def _tell(self, event: str, *facts: object) -> None:
        if self._view is not None:
            self.dispatch(event, self._view.question_id, *facts)

    def _name(self, view: QuestionView) -> None:
        words = {
            self._back: view.back,
            self._leave: view.leave,
            self._skip: view.skip,
            self._submit: view.submit,
        }
        for button, text in words.items():
            button.text, button.off = text, view.busy
        self._languages.off = view.busy
        self._submit.off = view.busy or view.answer is None
        self._submit.is_selected = view.busy
        if self._area is not None and self._area.busy != view.busy:
            self._area.busy = view.busy
            Animation.cancel_all(self._area, "opacity")
            self._area.opacity = 0.6 if view.busy else 1.0

    # --- arranging ---

    def _arrange(self, *_args: object) -> None:
        view, area = self._view, self._area
        if view is None or area is None or self.width < 2:
            return
        is_offer = view.next_shopper is not None and area.active is None
        self._set_shown(self._next, shown=is_offer)
        if is_offer:
            self._arrange_offer(view, area)
            return
        theme = App.get_running_app().theme
        plans = layouts(view, theme, self.width, writing=area.active is not None)
        fitting = (
            plan for plan in plans if self.height >= plan.fixed_height + area.min_height(plan.room)
        )
        tightest, readable = plans[-1], plans[-3]
        self.least = readable.fixed_height + area.min_height(readable.room)
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
        spare = max(0.0, room - area.used_height(plan.room, room))
        top -= spare * ABOVE
        self._words.full_size = theme.question_size * QUESTION
        self._words.size = (plan.room - 2 * beside, plan.words)
        self._words.pos = (left + beside, top - plan.words)
        top -= plan.words + plan.gap + spare * BETWEEN
        bottom += spare * (1 - ABOVE - BETWEEN)
        area.beside = beside
        area.size, area.pos = (plan.room, max(1.0, top - bottom)), (left, bottom)
        spot = (left, self.top - plan.margin - theme.target)
        if plan.foot:
            spot = (left + theme.footer_inset, self.y + plan.margin)
        self._set_shown(self._languages, shown=bool(view.languages))
        self._languages.pos = spot
        box = (left, self.y + plan.margin, plan.room)
        self._place_buttons(box, shown=plan.foot > 0)

    def _arrange_offer(self, view: QuestionView, area: AnswerArea) -> None:
        theme = App.get_running_app().theme
        for button in (self._skip, self._submit):
            button.letter_size = theme.label_size
        plan = offer_layout(
            (*self.pos, *self.size),
            theme,
            OfferParts(
                has_languages=bool(view.languages),
                faces_width=self._next.least_width(),
                skip_wish=self._skip.wish() if view.skip else 0.0,
                send_wish=self._submit.wish() if view.submit else 0.0,
                min_height=area.min_height,
                used_height=area.used_height,
            ),
            self.floor,
        )
        self.least = plan.least
        for button in (self._back, self._leave, self._skip, self._submit):
            is_here = button in (self._skip, self._submit)
            self._set_shown(button, shown=is_here and bool(button.text))
        self._set_shown(self._languages, shown=bool(view.languages))
        self._line.opacity = self._count.opacity = 0
        self._thanks.opacity = 0 if plan.thanks is None else 1
        self._words.full_size = theme.question_size * QUESTION
        area.beside = 0.0
        places = (
            (self._next, plan.faces),
            (self._thanks, plan.thanks),
            (self._words, plan.words),
            (self._skip, plan.skip),
            (self._submit, plan.send),
        )
        for part, box in places:
            if box is not None:
                part.pos, part.size = box[:2], box[2:]
        area.size, area.pos = plan.area[2:], plan.area[:2]
        self._thanks.arrive()
        self.access_spot, self._languages.pos = plan.access, plan.languages

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
        if view.from_right:
            self._count.x, self._line.right = left, left + room
        return top - height

    def _place_buttons(self, box: tuple[float, float, float], *, shown: bool) -> None:
        """Back and leave at the left, the ways on at the right; what has no words is away."""
        theme = App.get_running_app().theme
        ways_back, ways_on = (self._back, self._leave), (self._submit, self._skip)
        for button in (*ways_back, *ways_on):
            # While someone writes, the keyboard has the way on.
            is_on_keyboard = button is self._submit and self.is_writing
            self._set_shown(button, shown=shown and bool(button.text) and not is_on_keyboard)
            button.letter_size = theme.label_size * (1.6 if button is self._leave else 1)
        inset = theme.footer_inset * (2 if self._languages.parent else 1)
        from_right = self._view is not None and self._view.from_right
        place_footer(theme, ways_back, ways_on, box, inset, from_right=from_right)

    def _set_shown(self, widget: Any, *, shown: bool) -> None:
        """On the screen, or not."""
        if shown and widget.parent is None:
            self.add_widget(widget)
        elif not shown and widget.parent is not None:
            self.remove_widget(widget)
