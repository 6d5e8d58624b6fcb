"""How the height of a question's screen is shared out, from generous to tight."""

from dataclasses import dataclass

from kiosk.session.views import QuestionView
from kiosk.ui.theme import Theme
from kiosk.ui.widgets.footer import footer_height

_LAYOUTS = (
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
QUESTION = 0.74
"""Size of the question's letters; the rating's are 1."""
ABOVE, BETWEEN = 0.3, 0.14
"""Where height that is to spare goes: above the question, and below it; the rest to the bottom."""


@dataclass(frozen=True)
class QuestionLayout:
    """How the height is shared out, in pixels."""

    room: float
    margin: float
    gap: float
    head: float
    words: float
    foot: float

    @property
    def fixed_height(self) -> float:
        """What is not left for the part that is touched to answer."""
        gaps = 2 * self.gap if self.head else self.gap
        return 2 * self.margin + self.head + self.words + gaps + self.foot


def layouts(
    view: QuestionView, theme: Theme, width: float, *, writing: bool
) -> tuple[QuestionLayout, ...]:
    """The ways to lay it out, the most generous first."""
    tries = (_WRITING, *_LAYOUTS) if writing else _LAYOUTS[:_WITH_BUTTONS]
    return tuple(_layout(view, theme, width, each) for each in tries)


def _layout(
    view: QuestionView, theme: Theme, width: float, tried: tuple[float, float, bool, bool]
) -> QuestionLayout:
    share, lines, buttons, head = tried
    margin = theme.margin * share
    gap = max(theme.gap * min(0.55, share), margin * 0.45)
    return QuestionLayout(
        room=width - 2 * max(margin, theme.margin * 0.25),
        margin=margin,
        gap=gap,
        head=_head_height(view, theme) if head else 0.0,
        words=theme.question_size * QUESTION * 1.15 * lines,
        foot=footer_height(theme) + max(theme.gap * share, theme.gap_min) if buttons else 0.0,
    )


def _head_height(view: QuestionView, theme: Theme) -> float:
    if view.thanks is not None:
        return float(theme.heading_size * 1.5)
    return float(theme.small_size * 1.5) if view.progress is not None else 0.0
