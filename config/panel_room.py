"""Whether the controls of a questionnaire fit on a panel, as the tightest layout has them."""

import math
from collections.abc import Iterator

from config.errors import Mistake
from config.questionnaire import MultipleChoice, Question, Questionnaire, SingleChoice, Smiley


def room_mistakes(questionnaire: Questionnaire, wide: float, high: float) -> Iterator[Mistake]:
    """Questions whose controls are more than fit on a page of so many millimetres."""
    # On panels below 7 inch all lengths are in proportion, down to three quarters.
    share = min(1.0, max(0.75, min(wide, high) / 86.0))
    width, height = wide / share, high / share
    for index, question in enumerate(questionnaire.questions):
        need_wide, need_high = _needs(question, width, height)
        if need_wide > width or need_high > height:
            yield Mistake(
                f"questions[{index}]",
                f"controls of {need_wide * share:.0f} x {need_high * share:.0f} mm on a panel of "
                f"{wide:.0f} x {high:.0f} mm",
                "allowed: fewer options, or a larger panel (width_mm, width, height of [screen])",
            )


def _needs(question: Question, width: float, height: float) -> tuple[float, float]:
    """The least room of a question with its footer, in mm, as the tightest layout has it."""
    is_upright = height > width
    unit = (min(width * 1.2, height) if is_upright else min(width / 1.6, height)) / 100
    words = (6.2 if is_upright else 7.6) * unit
    footer = 27 if is_upright and width < 125 else 12
    around = words + footer + 9
    match question:
        case Smiley(faces=faces):
            return faces * 12 + (faces - 1) * 3 + 6, around + 18
        case SingleChoice(options=options) | MultipleChoice(options=options):
            columns = max(1, min(4, int((width - 2.5 + 3) / (4.1 * 8 + 3))))
            rows = math.ceil((len(options) + question.other) / columns)
            return 40.0, around + rows * 15 - 3
        case _:
            return 75.0, around + 30
