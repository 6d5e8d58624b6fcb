"""The parts of a question screen that are touched to answer, one for each kind of question."""

import math
from collections.abc import Sequence
from typing import Any, ClassVar

from kivy.app import App
from kivy.properties import BooleanProperty, NumericProperty
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from kiosk.session.question_view import Choice, FaceRow, Numbers, YesOrNo
from kiosk.session.touch import Touch
from kiosk.ui.widgets.buttons import WordButton
from kiosk.ui.widgets.controls import FaceButton, fit_labels

_LABEL = 0.8
"""So much of the space between two faces their labels may take."""
_NARROWEST = 6.7
"""An option is at least so many letters wide."""
_WIDE, _ALONE = 15, 20
"""Options are at most so many letters wide: in columns, and in one."""
_LARGE, _TALL = 1.75, 1.45
"""Numbers and options are at most this much higher than a finger needs."""


class AnswerArea(Widget):
    """Emits ``on_answer(value, touch)`` and ``on_draft(value)``.

    ``min_height(room)`` is the least height at this width; the screen gives at least that.
    """

    __events__: ClassVar[tuple[str, ...]] = ("on_answer", "on_draft", "on_needs")
    beside = NumericProperty(0)
    """What has to stay free at both ends of its top."""
    from_right = BooleanProperty(defaultvalue=False)
    """Laid out as languages are read that run from the right."""
    question: str = ""
    """Whose answers it gives."""
    active: Any = None
    """The entry that is written in, if there is one."""

    def __init__(self, **properties: Any) -> None:
        super().__init__(size_hint=(None, None), **properties)
        self.busy = False
        for name in ("pos", "size", "beside", "from_right"):
            self.fbind(name, self.place)

    def min_height(self, room: float) -> float:
        """Least height at this width."""
        raise NotImplementedError

    def used_height(self, room: float, height: float) -> float:  # noqa: ARG002 - most fill it
        """How much of this height it covers at this width."""
        return height

    def targets(self) -> dict[str, Any]:
        """What can be touched, by name, in the order of the keys."""
        raise NotImplementedError

    def place(self, *_args: object) -> None:
        """Puts everything where it belongs."""
        self.lay_out()
        if self.from_right:
            for part in self.children:
                part.right = self.x + self.right - part.x

    def lay_out(self) -> None:
        """Puts everything where it belongs if it is read from the left."""
        raise NotImplementedError

    def render(self, data: Any) -> None:
        """Shows what is chosen."""
        raise NotImplementedError

    def rest(self) -> None:
        """It leaves the screen."""

    def digit(self, digit: int) -> Any | None:  # noqa: ARG002 - for those that have one
        """The control that this digit key stands for."""
        return None

    def on_answer(self, value: object, touch: Touch) -> None:
        """Emitted when a touch is an answer."""

    def on_draft(self, value: object) -> None:
        """Emitted when an answer is being put together."""

    def on_needs(self) -> None:
        """Emitted when the least height has changed."""

    @property
    def theme(self) -> Any:
        """What everything is measured with."""
        return App.get_running_app().theme

    def answer_of(self, value: object) -> Any:
        """A handler that answers with this value."""
        return lambda control, *_args: self.dispatch("on_answer", value, control.told)


class FacesArea(AnswerArea):
    """A row of faces."""

    def __init__(self, data: FaceRow, **properties: Any) -> None:
        super().__init__(**properties)
        order = range(data.faces - 1, -1, -1) if data.happy_first else range(data.faces)
        self._buttons = [FaceButton(face=value, faces=data.faces) for value in order]
        for button in self._buttons:
            button.bind(on_tap=self.answer_of(int(button.face)), height=self._grown)
            self.add_widget(button)
        self.render(data)

    def render(self, data: FaceRow) -> None:
        """Shows what is chosen."""
        for button in self._buttons:
            value = int(button.face)
            button.label = data.labels[value] if data.labels else ""
            button.is_selected = value == data.selection
            button.opacity = 1 if data.selection in (None, value) else 0.45

    def min_height(self, room: float) -> float:  # noqa: ARG002 - it is always one row
        """Faces with their labels."""
        return max(button.minimum_height for button in self._buttons)

    def used_height(self, room: float, height: float) -> float:  # noqa: ARG002 - it is always one row
        """One row."""
        return self.min_height(room)

    def targets(self) -> dict[str, Any]:
        """The faces."""
        return {f"face-{int(button.face)}": button for button in self._buttons}

    def digit(self, digit: int) -> Any | None:
        """1 is the first face from the left."""
        return self._buttons[digit - 1] if 1 <= digit <= len(self._buttons) else None

    def _grown(self, *_args: object) -> None:
        self.dispatch("on_needs")
        self.place()

    def place(self, *_args: object) -> None:
        """The order of the faces says already from where they are read."""
        self.lay_out()

    def lay_out(self) -> None:
        """Side by side, their tops on one line."""
        faces = len(self._buttons)
        side, gap = self.theme.face(faces), self.theme.face_gap(faces)
        fit_labels(self._buttons, side + gap * _LABEL, self.theme.label_size)
        left = self.center_x - (faces * side + (faces - 1) * gap) / 2
        top = self.center_y + max(button.height for button in self._buttons) / 2
        for button in self._buttons:
            button.pos_hint = {}
            button.x, button.top = left, top
            left += side + gap


class NumbersArea(AnswerArea):
    """Numbers in as few rows as fit, the words for the two ends below them."""

    def __init__(self, data: Numbers, **properties: Any) -> None:
        super().__init__(**properties)
        self._buttons = {n: WordButton(text=str(n)) for n in data.numbers}
        for number, button in self._buttons.items():
            button.bind(on_tap=self.answer_of(number))
            self.add_widget(button)
        self._low, self._high = Label(font_name="Figtree"), Label(font_name="Figtree")
        self._scratch = Label(font_name="Figtree")
        """Never shown: the ends are measured with it before anything has its place."""
        self._low.valign = self._high.valign = "top"
        self.add_widget(self._low)
        self.add_widget(self._high)
        self.render(data)

    def render(self, data: Numbers) -> None:
        """Shows what is chosen."""
        first, last = data.numbers[0], data.numbers[-1]
        self._low.text = f"{first} – {data.low}" if data.low else ""
        self._high.text = f"{last} – {data.high}" if data.high else ""
        for number, button in self._buttons.items():
            button.is_selected = number == data.selection
        self.place()

    def min_height(self, room: float) -> float:
        """Rows of numbers and the ends."""
        rows, gap = self._rows(room), self.theme.gap
        return rows * self.theme.target + (rows - 1) * gap + self._ends_height(room)

    def used_height(self, room: float, height: float) -> float:
        """Rows of large numbers, where there is room for them."""
        return min(
            height, self.min_height(room) + self._rows(room) * self.theme.target * (_LARGE - 1)
        )

    def targets(self) -> dict[str, Any]:
        """The numbers."""
        return {f"number-{number}": button for number, button in self._buttons.items()}

    def digit(self, digit: int) -> Any | None:
        """The number itself."""
        return self._buttons.get(digit)

    def lay_out(self) -> None:
        """A grid in the middle."""
        theme, count = self.theme, len(self._buttons)
        self._low.halign = "right" if self.from_right else "left"
        self._high.halign = "left" if self.from_right else "right"
        gap = theme.gap
        rows = self._rows(self.width)
        columns = math.ceil(count / rows)
        wide = min((self.width - gap * (columns - 1)) / columns, theme.target * 2.0)
        ends = self._ends_height(self.width)
        high = min((self.height - ends - gap * (rows - 1)) / rows, theme.target * _LARGE)
        whole = wide * columns + gap * (columns - 1)
        top = self.center_y + (rows * high + (rows - 1) * gap + ends) / 2
        left = self.center_x - whole / 2
        for index, button in enumerate(self._buttons.values()):
            row, column = divmod(index, columns)
            missing = columns - min(columns, count - row * columns)
            start = left + missing * (wide + gap) / 2
            button.size, button.letter_size = (wide, high), theme.label_size * 1.45
            button.pos = (start + column * (wide + gap), top - row * (high + gap) - high)
        bottom = top - rows * high - (rows - 1) * gap - theme.small_size * 0.5
        whole = max(whole, min(self.width, theme.label_size * 24))
        for label, x in ((self._low, self.center_x - whole / 2), (self._high, self.center_x)):
            label.font_size, label.color = theme.small_size, theme.colours.quiet
            label.size = (whole / 2, ends)
            label.text_size = (whole / 2 - gap / 2, None)
            label.texture_update()
            label.size = (whole / 2 - gap / 2, label.texture_size[1])
            label.pos = (x + (gap / 2 if label is self._high else 0), bottom - label.height)

    def _rows(self, room: float) -> int:
        gap = self.theme.gap
        fit = max(1, int((room + gap) / (self.theme.target + gap)))
        return math.ceil(len(self._buttons) / fit)

    def _ends_height(self, room: float) -> float:
        if not self._low.text:
            return 0.0
        half = min(room, self.theme.label_size * 24) / 2 - self.theme.gap / 2
        scratch, lines_height = self._scratch, 0.0
        scratch.font_size, scratch.text_size = self.theme.small_size, (half, None)
        for label in (self._low, self._high):
            scratch.text = label.text
            scratch.texture_update()
            lines_height = max(lines_height, scratch.texture_size[1])
        return float(self.theme.small_size * 0.7 + lines_height)


class YesOrNoArea(AnswerArea):
    """Two large buttons."""

    def __init__(self, data: YesOrNo, **properties: Any) -> None:
        super().__init__(**properties)
        self._yes, self._no = WordButton(), WordButton()
        self._yes.bind(on_tap=self.answer_of(value=True))
        self._no.bind(on_tap=self.answer_of(value=False))
        self.add_widget(self._yes)
        self.add_widget(self._no)
        self.render(data)

    def render(self, data: YesOrNo) -> None:
        """Shows what is chosen."""
        self._yes.text, self._no.text = data.yes, data.no
        self._yes.is_selected, self._no.is_selected = (
            data.selection is True,
            data.selection is False,
        )

    def min_height(self, room: float) -> float:  # noqa: ARG002 - it is always one row
        """One row."""
        return float(self.theme.target)

    def used_height(self, room: float, height: float) -> float:  # noqa: ARG002 - it is always one row
        """One row of large buttons."""
        return min(height, self.theme.target * 1.9)

    def targets(self) -> dict[str, Any]:
        """Yes before no."""
        return {"yes": self._yes, "no": self._no}

    def digit(self, digit: int) -> Any | None:
        """1 is yes, 2 is no."""
        return {1: self._yes, 2: self._no}.get(digit)

    def lay_out(self) -> None:
        """Side by side."""
        gap = self.theme.gap * 1.5
        wide = min((self.width - gap) / 2, self.theme.target * 3.6)
        high = min(self.height, self.theme.target * 1.9)
        lefts = (self.center_x - gap / 2 - wide, self.center_x + gap / 2)
        for button, left in zip((self._yes, self._no), lefts, strict=True):
            button.size, button.letter_size = (wide, high), self.theme.line_size * 1.2
            button.pos = (left, self.center_y - high / 2)


class OptionsGrid(AnswerArea):
    """Options to touch, in as many columns as the height asks for; emits ``on_answer(id)``."""

    def __init__(self, choices: Sequence[Choice], *, several: bool, **properties: Any) -> None:
        super().__init__(**properties)
        self._buttons = {c.id: WordButton(text=c.text, tick=several) for c in choices}
        for option, button in self._buttons.items():
            button.bind(on_tap=self.answer_of(option))
            self.add_widget(button)

    def render(self, choices: Sequence[Choice]) -> None:
        """Shows what is chosen."""
        for choice in choices:
            self._buttons[choice.id].text = choice.text
            self._buttons[choice.id].is_selected = choice.is_selected

    def min_height(self, room: float) -> float:
        """With as many columns as the width allows."""
        return self._height(self._most_columns(room))

    def targets(self) -> dict[str, Any]:
        """The options."""
        return {f"option-{option}": button for option, button in self._buttons.items()}

    def digit(self, digit: int) -> Any | None:
        """By their place."""
        buttons = list(self._buttons.values())
        return buttons[digit - 1] if 1 <= digit <= len(buttons) else None

    def lay_out(self) -> None:
        """A grid, filled row by row."""
        theme, count = self.theme, len(self._buttons)
        gap = theme.gap
        columns = self._columns(self.width, self.height)
        rows = math.ceil(count / columns)
        wide = min(
            (self.width - gap * (columns - 1)) / columns,
            theme.label_size * (_WIDE if columns > 1 else _ALONE),
        )
        high = min((self.height - gap * (rows - 1)) / rows, theme.target * _TALL)
        left = self.center_x - (wide * columns + gap * (columns - 1)) / 2
        top = self.center_y + (high * rows + gap * (rows - 1)) / 2
        for index, button in enumerate(self._buttons.values()):
            row, column = divmod(index, columns)
            button.size, button.letter_size = (wide, high), theme.label_size
            button.from_right = self.from_right
            button.pos = (left + column * (wide + gap), top - row * (high + gap) - high)

    def used_height(self, room: float, height: float) -> float:
        """Rows of tall buttons, where there is room for them."""
        return min(height, self._height(self._columns(room, height), _TALL * self.theme.target))

    def _columns(self, room: float, height: float) -> int:
        """As few as fit comfortably; one more where the last row would be emptier without."""
        most, columns = self._most_columns(room), 1
        # A pixel more or less is a matter of rounding.
        while columns < most and self._height(columns, _TALL * self.theme.target) > height + 1:
            columns += 1
        return min(range(columns, most + 1), key=lambda tried: (-len(self._buttons) % tried, tried))

    def _most_columns(self, room: float) -> int:
        gap = self.theme.gap
        # Large letters give way before there are more rows than fit.
        least = self.theme.label_size / self.theme.letters * _NARROWEST
        return max(1, min(4, int((room + gap) / (least + gap))))

    def _height(self, columns: int, high: float | None = None) -> float:
        rows = math.ceil(len(self._buttons) / columns)
        high = self.theme.target if high is None else high
        return float(rows * high + (rows - 1) * self.theme.gap)
