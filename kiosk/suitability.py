"""Whether a kiosk can show a questionnaire: its fonts have the letters, its panel the room."""

import math
from collections.abc import Iterator, Sequence

from config.errors import InvalidFileError, Mistake
from config.kinds import texts
from config.questionnaire import MultipleChoice, Question, Questionnaire, SingleChoice, Smiley
from config.settings import Screen
from kiosk.i18n import native_name
from kiosk.typesetting.fonts import Fonts

_NEAR = 0.12
"""Two widths that differ by less mean the same panel."""
_MOST_LETTERS = 12
"""So many of the letters that are missing are named."""


class UnsuitableQuestionnaireError(InvalidFileError):
    """{file} is right in itself, but this kiosk can't show it; the reasons one a line."""

    def __init__(self, file: str, mistakes: tuple[Mistake, ...], letters: tuple[str, ...]) -> None:
        super().__init__(file, mistakes)
        self.letters = letters
        """Those that no font has."""


def check_suitability(
    file: str,
    questionnaire: Questionnaire,
    screen: Screen,
    panel_mm: tuple[int, int] | None = None,
) -> None:
    """Raises UnsuitableQuestionnaireError with everything that this kiosk can't show.

    ``panel_mm``: width and height that the panel says of itself.
    """
    fonts = Fonts.of(screen.fonts)
    room = _room(screen, panel_mm)
    mistakes = (
        *_letter_mistakes(questionnaire, fonts),
        *(_room_mistakes(questionnaire, *room) if room is not None else ()),
    )
    if mistakes:
        shown = "".join(text for _path, text in _shown_texts(questionnaire))
        raise UnsuitableQuestionnaireError(file, mistakes, fonts.missing(shown))


def width_notes(screen: Screen, panel_mm: tuple[int, int] | None) -> list[str]:
    """What the one who sets a kiosk up should know of the width of its panel."""
    if screen.width_mm is None:
        if panel_mm is None:
            return ["No panel tells its width here: 217 mm is taken. Set width_mm of [screen]."]
        return [f"The panel says that it is {panel_mm[0]} x {panel_mm[1]} mm large."]
    if panel_mm is None:
        return []
    near = any(abs(screen.width_mm - side) <= _NEAR * side for side in panel_mm if side)
    if near:
        return []
    note = (
        f"The panel says that it is {panel_mm[0]} x {panel_mm[1]} mm large, and width_mm of "
        f"[screen] says {screen.width_mm:g}: measure it, or controls are not as large as they "
        "should be."
    )
    return [note]


def _room(screen: Screen, panel_mm: tuple[int, int] | None) -> tuple[float, float] | None:
    """Width and height of the page in mm; None where nobody knows its height."""
    if not screen.fullscreen:
        width = screen.width_mm or 217.0
        return width, width * screen.height / screen.width
    if panel_mm is None or min(panel_mm) <= 0:
        return None
    if screen.width_mm is None:
        return float(panel_mm[0]), float(panel_mm[1])
    wide, high = panel_mm
    # Turned by the compositor, if the width is rather the panel's height.
    if abs(screen.width_mm - high) < abs(screen.width_mm - wide):
        wide, high = high, wide
    return screen.width_mm, screen.width_mm * high / wide


def _room_mistakes(questionnaire: Questionnaire, wide: float, high: float) -> Iterator[Mistake]:
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


def named_letters(letters: Sequence[str]) -> str:
    """Letters as they are, and by their numbers for those who see boxes."""
    shown = [f"{letter} (U+{ord(letter):04X})" for letter in letters[:_MOST_LETTERS]]
    more = len(letters) - len(shown)
    return ", ".join([*shown, *([f"… ({more})"] if more else [])])


def _letter_mistakes(questionnaire: Questionnaire, fonts: Fonts) -> Iterator[Mistake]:
    for path, text in _shown_texts(questionnaire):
        if missing := fonts.missing(text):
            yield Mistake(
                path,
                f"letters that no font has: {named_letters(missing)}",
                "name a font file with them in the settings, as `fonts` of [screen], and check "
                "the settings",
            )


def _shown_texts(questionnaire: Questionnaire) -> Iterator[tuple[str, str]]:
    yield "title", questionnaire.title
    for index, language in enumerate(questionnaire.languages):
        yield f"languages[{index}]", native_name(language)
    for index, question in enumerate(questionnaire.questions):
        for path, translations in texts(question):
            for language, text in translations.items():
                yield f"questions[{index}].{path}.{language}", text
