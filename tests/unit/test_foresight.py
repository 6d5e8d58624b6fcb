"""What is built ahead is what really comes."""

from dataclasses import replace

from config.loader import load_questionnaire
from config.settings import Timing, Way
from kiosk.foresight import after_the_rating
from kiosk.session_state import Rules
from kiosk.views_question import Options, blank

RULES = Rules(load_questionnaire("checkout"), "d" * 64, "en", Timing(), Way())


def test_each_face_leads_to_its_own_follow_up() -> None:
    coming = list(after_the_rating(RULES, "fi"))
    assert ["better", "better", "liked"] == [view.question_id for view in coming]
    assert {"fi"} == {view.language for view in coming}
    assert all(view.thanks is not None and blank(view.area) == view.area for view in coming)
    assert all(isinstance(view.area, Options) for view in coming)


def test_where_only_the_rating_is_asked_nothing_comes() -> None:
    alone = replace(RULES, way=Way(follow_up=False, invite=False))
    assert [] == list(after_the_rating(alone, "en"))
    assert [] == list(after_the_rating(replace(RULES, way=Way(follow_up=False)), "en"))
