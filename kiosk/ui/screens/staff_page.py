"""Draws any staff page: a heading, lines or tiles or keys, and buttons."""

from dataclasses import dataclass
from typing import Any

from kivy.app import App
from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    StringProperty,
)
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.gridlayout import GridLayout
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from kiosk.staff.controls import Control, Delete, control_id
from kiosk.staff.views import Key, PausedView, StaffView
from kiosk.staff.views import Line as LineView
from kiosk.ui.screens.staff_measures import apart, is_short, least
from kiosk.ui.screens.staff_parts import StaffBar, StaffButton, StaffLine, StaffTile, StaffTyped
from kiosk.ui.theme import KEY_GAP_MM, KEY_MM
from kiosk.ui.widgets.controls import FittingWords, fit_longest_word
from kiosk.ui.widgets.footer import is_in_two_rows

_HEAD = 0.8
"""The most that buttons take of the line with the title."""
_TYPED = 3.6
"""Height in letters of what a keyboard writes, with the line above it."""
_BELOW_TEXT = 0.62
"""So much of the height a keypad takes at most that stands below its text."""
_MOST_ENDS = 0.5
"""So much of a narrow row its buttons take beside the words."""
_FEW_COLUMNS = 4
"""A keypad this narrow stands beside its text, where the screen is wide."""


@dataclass(frozen=True)
class TurnLines(Control):
    """To the next lines; the screen's own, no page knows of it."""


class QuietPage(BoxLayout):
    """A page without a control: the shop is closed, or back soon."""

    dark = BooleanProperty(defaultvalue=False)

    def render(self, view: PausedView | None) -> None:
        """Shows the words; without any it is just dark."""
        self.dark = view is None
        self.ids.heading.text = view.heading if view else ""
        self.ids.line.text = view.line if view else ""


class TestBand(Widget):
    """Says over the shopper's screen that taps are not counted."""

    text = StringProperty("")
    ink = ColorProperty((0, 0, 0, 1))


class CornerSign(Label):
    """Shows whoever unpacks a kiosk where its pages are; what lies below is touched as ever."""


class StaffPage(BoxLayout):
    """Emits ``on_control(control)``."""

    __events__ = ("on_control",)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self._view: StaffView | None = None
        self._first = 0
        self._buttons: dict[str, Any] = {}
        self._pad: tuple[object, BoxLayout] | None = None

    def render(self, view: StaffView) -> None:
        """Shows the view."""
        before, self._view = self._view, view
        if before is None or before.name != view.name:
            self._first = 0
        self._build()

    def targets(self) -> dict[str, Any]:
        """What can be touched, by name."""
        return {name: button for name, button in self._buttons.items() if not button.off}

    def on_control(self, control: Control) -> None:
        """Emitted when a control was touched."""

    # --- building ---

    @property
    def _theme(self) -> Any:
        return App.get_running_app().theme

    def _build(self) -> None:
        view = self._view
        if view is None:
            return
        self.clear_widgets()
        self._buttons = {}
        keys_wide = bool(view.keys) and max(map(len, view.keys)) > _FEW_COLUMNS
        buttons_on_top = keys_wide and is_short(self._theme)
        head = self._head(view, buttons_on_top)
        foot = None if buttons_on_top else self._foot(view)
        inner = self.height - self.padding[1] - self.padding[3]
        room = inner - head.height - self.spacing
        if foot is not None:
            room -= foot.height + self.spacing
        body = self._body(view, keys_wide, room, head)
        self._fit(head)
        self.add_widget(head)
        self.add_widget(body)
        if foot is not None:
            self.add_widget(foot)

    def _head(self, view: StaffView, buttons_on_top: bool) -> BoxLayout:
        theme = self._theme
        head = BoxLayout(size_hint_y=None, height=least(theme), spacing=apart(theme))
        if view.back is not None:
            head.add_widget(self._button(view.back))
        text = (view.entry or view.title) if buttons_on_top else view.title
        title = FittingWords(text=text, full_size=theme.line_size, halign="left")
        head.add_widget(title)
        for key in view.buttons if buttons_on_top else ():
            head.add_widget(self._button(key))
        if view.leave is not None and not (buttons_on_top and view.buttons):
            head.add_widget(self._button(view.leave))
        return head

    def _fit(self, head: BoxLayout) -> None:
        """Makes the buttons beside the title smaller where long words leave no room for it."""
        buttons = [child for child in head.children if isinstance(child, StaffButton)]
        for button in buttons:
            button.ids.words.texture_update()
        room = (self.width - 2 * self.padding[0]) * _HEAD - len(buttons) * head.spacing
        wanted = sum(button.width for button in buttons)
        for button in buttons if wanted > room else ():
            button.side = max(self._theme.target_min, button.width * room / wanted)
            button.letter_size *= room / wanted

    def _foot(self, view: StaffView) -> BoxLayout | None:
        if not view.buttons:
            return None
        theme = self._theme
        rows: list[list[StaffButton]] = [[]]
        room = self.width - self.padding[0] - self.padding[2]
        for button in map(self._button, view.buttons):
            button.ids.words.texture_update()
            used = sum(other.width + apart(theme) for other in rows[-1])
            if rows[-1] and used + button.width > room:
                rows.append([])
            rows[-1].append(button)
        foot = BoxLayout(orientation="vertical", size_hint_y=None, spacing=apart(theme))
        for buttons in rows:
            row = BoxLayout(size_hint_y=None, height=least(theme), spacing=apart(theme))
            for button in buttons:
                row.add_widget(button)
            row.add_widget(Widget())
            foot.add_widget(row)
        foot.height = len(rows) * (least(theme) + apart(theme)) - apart(theme)
        return foot

    def _body(self, view: StaffView, keys_wide: bool, room: float, head: BoxLayout) -> Widget:
        if view.tiles:
            return self._tiles(view.tiles)
        if not view.keys:
            return self._paged(view, room, head)
        theme = self._theme
        aside = not keys_wide and not theme.portrait
        body = BoxLayout(
            orientation="horizontal" if aside else "vertical",
            spacing=apart(theme) * (1 if keys_wide else 2),
        )
        said = BoxLayout(orientation="vertical", spacing=apart(theme))
        if not keys_wide:
            said.add_widget(Widget())
        for line in view.lines:
            row = self._line(line, line.sign is not None)
            row.tight, row.large = keys_wide, not keys_wide
            row.stacked = row.stacked or (aside and bool(line.keys))
            said.add_widget(row)
        if view.entry is not None and not keys_wide:
            typed = FittingWords(text=view.entry, full_size=theme.heading_size, halign="left")
            typed.size_hint_y, typed.height = None, theme.heading_size * 1.4
            said.add_widget(typed)
        elif view.entry is not None and not is_short(theme):
            text = f"{view.entry}|"
            said.add_widget(StaffTyped(text=text, font_size=theme.line_size, height=least(theme)))
        said.add_widget(Widget())
        body.add_widget(said)
        body.add_widget(self._keypad(view.keys, room))
        return body

    def _keypad(self, rows: tuple[tuple[Key, ...], ...], room: float) -> Widget:
        """The keys; the same ones as before where only their state has changed.

        New widgets have no place until the next frame, and a quick finger is faster than that.
        """
        shape = (tuple(tuple(key.control for key in keys) for keys in rows), room, self.width)
        if self._pad is None or self._pad[0] != shape:
            self._pad = (shape, self._new_keypad(rows, room))
        pad = self._pad[1]
        if pad.parent is not None:
            pad.parent.remove_widget(pad)
        keys_of: dict[Control | None, Key] = {key.control: key for keys in rows for key in keys}
        for row in pad.children:
            for button in row.children:
                if key := keys_of.get(getattr(button, "control", None)):
                    button.text, button.off = key.text, not key.enabled
                    self._buttons[control_id(key.control)] = button
        return pad

    def _new_keypad(self, rows: tuple[tuple[Key, ...], ...], room: float) -> BoxLayout:
        theme = self._theme
        columns, gap = max(map(len, rows)), apart(theme)
        is_keyboard = len(rows) > 1 and columns > _FEW_COLUMNS
        if is_keyboard and (is_short(theme) or is_in_two_rows(theme)):
            gap = KEY_GAP_MM * theme.mm
        width = self.width - self.padding[0] - self.padding[2]
        if columns <= _FEW_COLUMNS and not theme.portrait:
            width = min(width * 0.55, columns * (least(theme) * 2.2 + gap))
        side = (width - gap * (columns - 1)) / columns
        share = _BELOW_TEXT if theme.portrait else 1.0
        height = min(least(theme) * 1.6, share * room / len(rows) - gap)
        height = max(height, least(theme))
        if is_keyboard:
            # What is typed needs some of the room.
            free = (room - theme.label_size * _TYPED) / len(rows) - gap
            roomy = least(theme) * (1.2 if theme.portrait else 1.0)
            height = max(KEY_MM * theme.mm, min(roomy, free))
        pad = BoxLayout(
            orientation="vertical",
            spacing=gap,
            size_hint=(None, None),
            size=(width, len(rows) * (height + gap) - gap),
            pos_hint={"center_x": 0.5, "center_y": 0.5},
        )
        for keys in rows:
            row = BoxLayout(spacing=gap)
            for key in keys:
                button = self._button(key, letters=theme.label_size)
                wide = key.control == Delete() and len(keys) < columns
                button.side, button.height = (2 * side + gap if wide else side), height
                button.is_key = is_keyboard
                if is_keyboard and len(key.text) > 1:
                    fit = 1.5 * button.side / len(key.text)
                    button.letter_size = min(button.letter_size, fit)
                row.add_widget(button)
            row.add_widget(Widget())
            pad.add_widget(row)
        return pad

    def _tiles(self, tiles: tuple[Key, ...]) -> Widget:
        theme = self._theme
        columns = 2 if theme.portrait else 5
        grid = GridLayout(cols=columns, spacing=apart(theme) * 1.5)
        for tile in tiles:
            button = StaffTile(text=tile.text, sign=tile.picture, is_chosen=tile.is_chosen)
            button.control = tile.control
            button.bind(on_tap=self._touched)
            self._buttons[control_id(tile.control)] = button
            grid.add_widget(button)
        return grid

    # --- lines ---

    def _paged(self, view: StaffView, room: float, head: BoxLayout) -> Widget:
        theme = self._theme
        body = BoxLayout(orientation="vertical")
        if view.progress is not None:
            room -= theme.gap * 2
        width = self.width - self.padding[0] - self.padding[2]
        any_sign = any(line.sign for line in view.lines)
        pages: list[list[StaffLine]] = [[]]
        used = 0.0
        for line in view.lines:
            row = self._line(line, any_sign)
            row.has_rule, row.large = len(view.lines) > 1, len(view.lines) == 1
            row.width = width
            row.do_layout()
            for label in row.ids.words.children:
                label.width = row.ids.words.width
                label.texture_update()
                fit_longest_word(label, label.width)
            row.ids.words.do_layout()
            if pages[-1] and used + row.height > room:
                pages.append([])
                used = 0.0
            pages[-1].append(row)
            used += row.height
        self._first = self._first % len(pages)
        for row in pages[self._first]:
            body.add_widget(row)
            self._buttons |= {control_id(key.control): key for key in row.ids.ends.children}
        if view.progress is not None:
            body.add_widget(StaffBar(share=view.progress))
        body.add_widget(Widget())
        if len(pages) > 1:
            text = view.more.format(page=self._first + 1, pages=len(pages))
            more = self._button(Key(TurnLines(), text))
            head.add_widget(more, index=1 if view.leave is not None else 0)
        return body

    def _line(self, line: LineView, any_sign: bool) -> StaffLine:
        row = StaffLine(
            text=line.text,
            detail=line.detail,
            sign=line.sign or "",
            any_sign=any_sign,
            has_keys=bool(line.keys),
        )
        for key in line.keys:
            button = self._button(key, keep=False)
            button.ids.words.texture_update()
            row.ids.ends.add_widget(button)
        if line.keys:
            row.ids.ends.do_layout()
            wide = row.ids.ends.minimum_width > _MOST_ENDS * self.width
            row.stacked = is_in_two_rows(self._theme) and wide
        return row

    def _button(self, key: Key, *, letters: float = 0.0, keep: bool = True) -> StaffButton:
        button = StaffButton(
            text=key.text,
            control=key.control,
            is_chosen=key.is_chosen,
            strong=key.strong,
            off=not key.enabled,
            letter_size=letters or self._theme.small_size,
        )
        button.bind(on_tap=self._touched)
        if keep:
            self._buttons[control_id(key.control)] = button
        return button

    def _touched(self, button: Any) -> None:
        if button.control == TurnLines():
            self._first += 1
            self._build()
        else:
            self.dispatch("on_control", button.control)
