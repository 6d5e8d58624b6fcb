"""The question with its faces: what a shopper sees first."""

import math
from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.uix.boxlayout import BoxLayout

from kiosk.ui.theme import FACE_MM
from kiosk.ui.widgets.controls import FaceButton, LanguageChoice
from kiosk.views import LanguageButton, RatingView

_DIMMED = 0.28


class RatingScreen(BoxLayout):
    """Emits ``on_answer(question, value, held_ms)`` and ``on_language(tag)``."""

    __events__ = ("on_answer", "on_language")

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self._view: RatingView | None = None
        self._choices: list[LanguageChoice] = []
        # Once before the next frame, however many of what they depend on change.
        self._fit = Clock.create_trigger(self._fit_faces, -1)
        self._arrange = Clock.create_trigger(self._arrange_languages, -1)
        self.bind(width=self._arrange, size=self._fit)
        self.ids.languages.bind(height=self._fit)

    def render(self, view: RatingView) -> None:
        """Shows the view; only what differs from the one before is built anew."""
        before, self._view = self._view, view
        self.ids.question.text = view.question
        if before is None or (before.faces, before.happy_first) != (view.faces, view.happy_first):
            self._build_faces(view)
        for button in self.ids.faces.children:
            value = int(button.face)
            button.label = view.labels[value] if view.labels else ""
            button.chosen = value == view.touched
            button.opacity = 1 if view.touched in (None, value) else _DIMMED
        if [choice.tag for choice in self._choices] != [each.tag for each in view.languages]:
            self._build_languages(view.languages)
        for choice, language in zip(self._choices, view.languages, strict=True):
            choice.chosen = language.chosen
        self.ids.languages.opacity = 1 if view.touched is None else _DIMMED

    def targets(self) -> dict[str, Any]:
        """What can be touched, by name."""
        faces = {f"face-{int(b.face)}": b for b in reversed(self.ids.faces.children)}
        languages = {f"language-{choice.tag}": choice for choice in self._choices}
        return faces | languages

    def digit(self, digit: int) -> Any | None:
        """1 is the first face from the left."""
        faces = self.ids.faces.children[::-1]
        return faces[digit - 1] if 1 <= digit <= len(faces) else None

    def put_away(self) -> None:
        """The screen is left: a finger that is still on it means nothing when it comes back."""
        for control in self.targets().values():
            control.let_go()

    def on_answer(self, question: str, value: int, held_ms: int) -> None:
        """Emitted when a face was touched."""

    def on_language(self, tag: str) -> None:
        """Emitted when a language was touched."""

    def _build_faces(self, view: RatingView) -> None:
        row = self.ids.faces
        row.clear_widgets()
        row.spacing = App.get_running_app().theme.face_gap(view.faces)
        values = range(view.faces)
        for value in reversed(values) if view.happy_first else values:
            button = FaceButton(face=value, faces=view.faces)
            button.bind(height=self._fit)
            button.bind(on_touched=self._face_touched)
            row.add_widget(button)

    def _fit_faces(self, *_args: object) -> None:
        """Faces as large as the theme says where they fit; else smaller ones, and less question."""
        buttons = self.ids.faces.children
        if self._view is None or not buttons:
            return
        look = App.get_running_app().theme
        question = look.question_size * (3.6 if look.portrait else 2.4)
        labels = max(button.height - button.ids.picture.height for button in buttons)
        taken = self.padding[1] + self.padding[3] + labels + self.ids.languages.height
        free = self.height - taken - 2.4 * look.gap_min
        least = FACE_MM * look.mm
        side = min(look.face(self._view.faces), max(free - question, least))
        self.ids.question.height = max(look.question_size, min(question, free - side))
        for button in buttons:
            button.side = side

    def _build_languages(self, languages: tuple[LanguageButton, ...]) -> None:
        self._choices = []
        for language in languages:
            choice = LanguageChoice(tag=language.tag, text=language.name)
            choice.bind(on_touched=self._language_touched, width=self._arrange)
            self._choices.append(choice)
        self._arrange()

    def _arrange_languages(self, *_args: object) -> None:
        """Lays the buttons out in as few rows as they need, each about as full as the others."""
        rows = self.ids.languages
        for row in rows.children:
            row.clear_widgets()
        rows.clear_widgets()
        if not self._choices:
            return
        inset = App.get_running_app().theme.footer_inset
        gap, room = rows.spacing, self.width - 2 * self.padding[0] - inset
        wanted = sum(choice.width + gap for choice in self._choices) - gap
        lines = max(1, math.ceil(wanted / max(room, 1)))
        share = math.ceil(len(self._choices) / lines)
        widest = max(
            sum(choice.width + gap for choice in self._choices[start : start + share]) - gap
            for start in range(0, len(self._choices), share)
        )
        # In the middle, if the accessibility button leaves that much room at both sides.
        rows.parent.padding = [0 if widest <= room - inset else inset, 0, 0, 0]
        for start in range(0, len(self._choices), share):
            line = self._choices[start : start + share]
            row = BoxLayout(spacing=gap, size_hint=(None, None), pos_hint={"center_x": 0.5})
            row.height = line[0].height
            row.width = sum(choice.width + gap for choice in line) - gap
            for choice in line:
                row.add_widget(choice)
            rows.add_widget(row)

    def _face_touched(self, button: FaceButton) -> None:
        if self._view is not None:
            self.dispatch("on_answer", self._view.question_id, int(button.face), button.held_ms)

    def _language_touched(self, choice: LanguageChoice) -> None:
        self.dispatch("on_language", choice.tag)
