"""Every kind of question has controls of its own on the screen, on the smallest panel too."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec import structs
from questions_and_values import FORM

from config.questionnaire import Option, SingleChoice
from config.settings import QuestionRoute, Screen, Timing
from kiosk.session.state import Asking
from kiosk.suitability import check_suitability
from kiosk.ui.theme import KEY_MM, TARGET_MM
from sync.messages import EndBody

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("unpainted")]
FOOTER = {"back", "leave", "skip", "done", "languages"}
PATIENT = Timing(thanks=60, invitation=60, question=60, still_there=10)


def test_every_kind_can_be_touched(open_window: Callable[..., Any]) -> None:
    window = open_window(FORM, (800, 480), 154.0, PATIENT, QuestionRoute())
    window.session.answer("smiley", 0)
    window.commit_all()
    window.settle()
    window.session.answer_invitation(accepts=True)
    for question in FORM.questions[1:]:
        phase = window.session.state.phase
        assert isinstance(phase, Asking)
        assert question.id == phase.question
        window.frames(3)
        controls = {n: c for n, c in window.screen.targets().items() if n not in FOOTER}
        assert controls, question.id
        least = window.app.theme.target_min
        for name, control in controls.items():
            side = least * KEY_MM / TARGET_MM if name.startswith("key-") else least
            assert min(control.width, control.height) >= side * 0.99, (question.id, name)
        window.settle()
        window.session.skip(question.id)
        window.commit_all()
    assert any(isinstance(b, EndBody) for _t, bodies, _m in window.submitted for b in bodies)


@pytest.mark.parametrize(
    ("size", "width_mm", "options"),
    [
        ((720, 1280), 88.0, 12),
        ((480, 800), 86.0, 11),
        ((800, 480), 108.0, 12),
        ((1024, 600), 154.0, 12),
    ],
)
def test_as_many_options_as_are_accepted_lie_on_the_screen(
    open_window: Callable[..., Any], size: tuple[int, int], width_mm: float, options: int
) -> None:
    label = {"en": "An option"}
    why = SingleChoice(
        id="why",
        text={"en": "Why did you come to this shop, and what did you look for today?"},
        options=tuple(Option(id=f"o{n}", text=label) for n in range(options)),
        other=True,
    )
    form = structs.replace(FORM, languages=("en",), questions=(FORM.questions[0], why))
    screen = Screen(fullscreen=False, width=size[0], height=size[1], width_mm=width_mm)
    check_suitability("made up", form, screen)
    window = open_window(form, size, width_mm, PATIENT, QuestionRoute())
    window.session.answer("smiley", 0)
    window.commit_all()
    window.settle()
    if "accept" in window.screen.targets():
        window.tap("accept")
        window.settle()
    window.frames(3)
    controls = window.screen.targets()
    assert options + 1 == len([name for name in controls if name.startswith("option-")])
    for name, control in controls.items():
        left, bottom = control.to_window(control.x, control.y)
        assert left >= -1, name
        assert bottom >= -1, name
        assert left + control.width <= size[0] + 1, name
        assert bottom + control.height <= size[1] + 1, name
        assert control.height >= 0.97 * window.app.theme.target_min, name
