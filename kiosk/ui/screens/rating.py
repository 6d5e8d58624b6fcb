"""The question with its faces: what a shopper sees first."""

import math
from dataclasses import replace
from typing import Any

from kivy.animation import Animation
from kivy.app import App
from kivy.clock import Clock
from kivy.uix.boxlayout import BoxLayout

from kiosk.session.touch import Touch
from kiosk.session.views import LanguageButton, RatingView
from kiosk.ui.theme import FACE_MM
from kiosk.ui.widgets.controls import FaceButton, LanguageChoice, fit_labels
from kiosk.ui.widgets.face import Box
from kiosk.ui.widgets.languages import FoldedLanguages

_DIMMED = 0.28
_LABEL = 0.8
"""So much of the space between two faces their labels may take."""


class RatingScreen(BoxLayout):
    """Emits ``on_answer(question, value, touch)``, ``on_language(tag)`` and ``on_languages``.

    Languages that need more than one row are folded into one button, behind which they all are.
    """

    __events__ = ("on_answer", "on_language", "on_languages")

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self._view: RatingView | None = None
        self._choices: list[LanguageChoice] = []
        self._folded = FoldedLanguages()
        self._folded.bind(on_tap=lambda *_args: self.dispatch("on_languages"))
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
            button.is_selected = value == view.pending_face
            button.opacity = 1 if view.pending_face in (None, value) else _DIMMED
        self._fit()
        if [choice.tag for choice in self._choices] != [each.tag for each in view.languages]:
            self._build_languages(view.languages)
        for choice, language in zip(self._choices, view.languages, strict=True):
            choice.is_selected = language.is_selected
        if self._is_folded:
            self._arrange()
        self.ids.languages.opacity = 1 if view.pending_face is None else _DIMMED

    def targets(self) -> dict[str, Any]:
        """What can be touched, by name."""
        faces = {f"face-{int(b.face)}": b for b in reversed(self.ids.faces.children)}
        if self._is_folded:
            return faces | {"languages": self._folded}
        return faces | {f"language-{choice.tag}": choice for choice in self._choices}

    def face_boxes(self) -> dict[int, Box]:
        """Where each face is seen."""
        return {int(b.face): b.ids.picture.drawn_box for b in self.ids.faces.children}

    def fade_around(self, face: int, seconds: float) -> None:
        """Everything goes but this face, which is drawn by what comes."""
        for button in self.ids.faces.children:
            if int(button.face) == face:
                button.opacity = 0
        Animation.cancel_all(self, "opacity")
        Animation(opacity=0, duration=seconds).start(self)

    def digit(self, digit: int) -> Any | None:
        """1 is the first face from the left."""
        faces = self.ids.faces.children[::-1]
        return faces[digit - 1] if 1 <= digit <= len(faces) else None

    def put_away(self) -> None:
        """The screen is left: a finger that is still on it means nothing when it comes back."""
        Animation.cancel_all(self, "opacity")
        self.opacity = 1
        for control in self.targets().values():
            control.let_go()

    def on_answer(self, question: str, value: int, touch: Touch) -> None:
        """Emitted when a face was touched."""

    def on_language(self, tag: str) -> None:
        """Emitted when a language was touched."""

    def on_languages(self) -> None:
        """Emitted when the shopper looks for another language."""

    @property
    def offscreen_parts(self) -> tuple[Any, ...]:
        """What belongs to it, also while it does not show."""
        return (self._folded, *self._choices)

    @property
    def _is_folded(self) -> bool:
        return self._folded.parent is not None

    def _build_faces(self, view: RatingView) -> None:
        row = self.ids.faces
        row.clear_widgets()
        row.spacing = App.get_running_app().theme.face_gap(view.faces)
        values = range(view.faces)
        for value in reversed(values) if view.happy_first else values:
            button = FaceButton(face=value, faces=view.faces)
            button.bind(height=self._fit)
            button.bind(on_tap=self._face_touched)
            row.add_widget(button)

    def _fit_faces(self, *_args: object) -> None:
        """Faces as large as the theme says where they fit; else smaller ones, and less question."""
        buttons = self.ids.faces.children
        if self._view is None or not buttons:
            return
        look = App.get_running_app().theme
        faces = self._view.faces
        question = look.question_size * (3.6 if look.portrait else 2.4)
        labels = max(button.height - button.ids.picture.height for button in buttons)
        taken = self.padding[1] + self.padding[3] + labels + self.ids.languages.height
        free = self.height - taken - 2.4 * look.gap_min
        # Faces are as large beside large letters as beside others.
        usual = free + labels * (1 - 1 / look.letters) - question / look.letters
        side = min(look.face(faces), max(usual, min(FACE_MM * look.mm, look.face(faces))))
        self.ids.question.height = max(look.question_size * 0.9, min(question, free - side))
        for button in buttons:
            button.side = side
        fit_labels(buttons, side + look.face_gap(faces) * _LABEL, look.label_size)

    def _build_languages(self, languages: tuple[LanguageButton, ...]) -> None:
        self._choices = []
        for language in languages:
            choice = LanguageChoice(tag=language.tag, text=language.name)
            choice.bind(on_tap=self._language_touched, width=self._arrange)
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
        full_width = sum(choice.width + gap for choice in self._choices) - gap
        lines = max(1, math.ceil(full_width / max(room, 1)))
        is_folded = lines > 1 and self._view is not None
        if is_folded and self._view is not None:
            self._folded.offer(self._view.languages, room)
        shown = [self._folded] if is_folded else self._choices
        widest = sum(each.width + gap for each in shown) - gap
        # In the middle, if the accessibility button leaves that much room at both sides.
        rows.parent.padding = [0 if widest <= room - inset else inset, 0, 0, 0]
        row = BoxLayout(spacing=gap, size_hint=(None, None), pos_hint={"center_x": 0.5})
        row.height, row.width = shown[0].height, widest
        for each in shown:
            row.add_widget(each)
        rows.add_widget(row)

    def _face_touched(self, button: FaceButton) -> None:
        if self._view is not None:
            others = sum(1 for each in self.ids.faces.children if each.is_touched)
            touch = replace(button.told, faces=1 + others)
            self.dispatch("on_answer", self._view.question_id, int(button.face), touch)

    def _language_touched(self, choice: LanguageChoice) -> None:
        self.dispatch("on_language", choice.tag)
