"""Which widget draws which controls of a question."""

from typing import assert_never

from kiosk.session.question_view import (
    Area,
    ContactForm,
    FaceRow,
    Numbers,
    Options,
    TextBox,
    YesOrNo,
)
from kiosk.ui.widgets.areas import AnswerArea, FacesArea, NumbersArea, YesOrNoArea
from kiosk.ui.widgets.contact_area import ContactArea
from kiosk.ui.widgets.text_areas import OptionsArea, TextBoxArea
from kiosk.ui.widgets.text_entry import Keyboard


def make_area(data: Area, keyboard: Keyboard) -> AnswerArea:
    """Draws these controls; what is written in uses this keyboard."""
    match data:
        case FaceRow():
            return FacesArea(data)
        case Numbers():
            return NumbersArea(data)
        case YesOrNo():
            return YesOrNoArea(data)
        case Options():
            return OptionsArea(data, keyboard)
        case TextBox():
            return TextBoxArea(data, keyboard)
        case ContactForm():
            return ContactArea(data, keyboard)
        case _:
            assert_never(data)
