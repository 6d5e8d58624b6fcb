"""What is built ahead is what really comes."""

from dataclasses import replace

from config.loader import load_questionnaire
from config.settings import QuestionRoute, Timing
from kiosk.session.prefetch import follow_up_views
from kiosk.session.question_view import Options
from kiosk.session.state import Rules

RULES = Rules(load_questionnaire("checkout"), "d" * 64, "en", Timing(), QuestionRoute())


def test_each_face_leads_to_its_own_follow_up() -> None:
    coming = list(follow_up_views(RULES, "fi"))
    assert ["better", "better", "liked"] == [view.question_id for view in coming]
    assert {"fi"} == {view.language for view in coming}
    assert all(view.thanks is not None and view.area.blank() == view.area for view in coming)
    assert all(isinstance(view.area, Options) for view in coming)


def test_where_only_the_rating_is_asked_nothing_comes() -> None:
    alone = replace(RULES, route=QuestionRoute(follow_up=False, invite=False))
    assert [] == list(follow_up_views(alone, "en"))
    assert [] == list(follow_up_views(replace(RULES, route=QuestionRoute(follow_up=False)), "en"))
