"""Whether a kiosk can show a questionnaire: its fonts have the letters, its panel the room."""

from collections.abc import Iterator, Sequence

from assets.letters import Fonts
from config.errors import InvalidFileError, Mistake
from config.kinds import texts
from config.panel_room import room_mistakes
from config.questionnaire import Questionnaire
from config.settings import Screen
from kiosk.i18n import native_name

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
        *(room_mistakes(questionnaire, *room) if room is not None else ()),
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
