"""The next shopper at the real window: every spot, after every silence."""

import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from config.settings import QuestionRoute, Timing
from kiosk.session.state import Asking, Idle, StoringRating, Thanking
from sync.messages import AnswerBody

pytestmark = pytest.mark.gui

Open = Callable[..., Any]
SIZES = [
    pytest.param((800, 480), 154.0, id="7 inch"),
    pytest.param((1280, 800), 217.0, id="10 inch", marks=pytest.mark.slow),
    pytest.param((720, 1280), 88.0, id="upright", marks=pytest.mark.slow),
]
GRID = int(os.environ.get("HYMIO_SPOTS", "8"))
"""So many spots across and so many along."""


def tap_at(x: float, y: float) -> None:
    from kivy.tests.common import UnitTestTouch

    finger = UnitTestTouch(x, y)
    finger.touch_down()
    finger.touch_up()


def rated(window: Any) -> list[tuple[float, float, float]]:
    """Somebody rates and goes; where the faces stood."""
    window.frames(3)
    faces = window.screen.face_boxes()
    window.settle()
    window.tap("face-2")
    window.commit_all()
    return list(faces.values())


def words(window: Any) -> list[AnswerBody]:
    return [body for body in window.answers() if body.question != "rating"]


def run(window: Any, after_s: float, spot: tuple[float, float]) -> str:
    """A newcomer touches this spot so long after the thanks; what became of it."""
    window.submitted.clear()
    faces = rated(window)
    moment = window.session.rules.timing.moment
    if after_s > moment:
        window.pass_moment()
        window.clock.ahead_ms += round((after_s - moment) * 1000)
    else:
        window.clock.ahead_ms += round(after_s * 1000)
    window.session.tick()
    tap_at(*spot)
    # Nobody touches anything any more; the disk does its work.
    told = outcome(window, faces, spot)
    window.app.stage._close_languages()
    window.app.stage._access.close()
    for _ in range(40):
        if isinstance(window.session.state.phase, Idle) and window.session.state.is_safe:
            break
        if (attempt := window.session.state.attempt) is not None:
            window.session.on_commit(attempt.ticket)
        window.clock.ahead_ms += 3000
        window.session.tick()
    assert isinstance(window.session.state.phase, Idle)
    return told


def outcome(window: Any, faces: list[tuple[float, float, float]], spot: tuple[float, float]) -> str:
    sent = [word for word in words(window) if not word.unsent]
    phase = window.session.state.phase
    on_face = any(x <= spot[0] <= x + s and y <= spot[1] <= y + s for x, y, s in faces)
    if sent:
        return "sent where a face was" if on_face else "sent"
    if isinstance(phase, StoringRating):
        return "rated"
    if isinstance(phase, Asking) and phase.is_doubtful:
        return "chosen"
    if isinstance(phase, Asking) and phase.is_writing:
        return "chosen"
    if isinstance(phase, Thanking | Asking):
        return "nothing"
    return "left"


def touches(window: Any, size: tuple[int, int], after_s: float) -> Counter[str]:
    """What became of a newcomer's touch on each spot of a grid."""
    return Counter(
        run(window, after_s, ((column + 0.5) * size[0] / GRID, (row + 0.5) * size[1] / GRID))
        for column in range(GRID)
        for row in range(GRID)
    )


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("after_s", [0.5, 1, 2, 3, 5])
@pytest.mark.parametrize(("size", "width_mm"), SIZES)
def test_newcomers_touch_is_the_firsts_reason_only_where_it_is_certain(
    open_window: Open, size: tuple[int, int], width_mm: float, after_s: float
) -> None:
    window = open_window("checkout", size, width_mm, timing=Timing(), way=QuestionRoute())
    window.clock.stop()
    became = touches(window, size, after_s)
    assert not became["sent where a face was"]
    match after_s:
        case 0.5:
            assert {"nothing"} == set(became), "the thanks stand alone"
        case 2:
            assert became["sent"], "one touch is enough for who stays"
            assert became["rated"]
        case 3 | 5:
            assert not became["sent"]
            assert became["rated"]
            assert became["chosen"]
