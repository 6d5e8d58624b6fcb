"""What is wrong with a kiosk reaches the log, its staff and the head office, in words."""

import logging
from dataclasses import replace

import pytest
from gallery_staff import WELL

from kiosk.i18n import translator
from kiosk.staff.pages.status import report_lines
from kiosk.troubles import MAX_DETAIL, TroubleBoard, describe_trouble, trouble
from sync.messages import TROUBLES, Trouble


def test_each_part_reports_for_itself_and_the_log_hears_of_it_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    board = TroubleBoard()
    touch, damage = Trouble("touch", "event9"), Trouble("outbox_damaged", "file", 3)
    with caplog.at_level(logging.INFO):
        board.report("touch", touch)
        board.report("outbox", damage)
        board.report("touch", touch)
        assert (touch, damage) == board.current
        board.report("touch")
        board.report("touch")
    assert (damage,) == board.current
    said = [record.getMessage() for record in caplog.records]
    assert [describe_trouble(touch), describe_trouble(damage), "Well again: touch."] == said


def test_a_detail_is_cut_to_what_the_head_office_takes() -> None:
    assert MAX_DETAIL == len(trouble("settings", "x" * 1000).detail)


@pytest.mark.parametrize("language", ["en", "de", "fi", "hu", "it", "pl", "sv"])
@pytest.mark.parametrize("kind", TROUBLES)
@pytest.mark.parametrize("count", [None, 0, 4])
def test_every_kind_is_a_red_line_of_its_own_in_every_language(
    kind: str, count: int | None, language: str
) -> None:
    told = Trouble(kind, "the detail", count)
    first, second, *_rest = report_lines(replace(WELL, troubles=(told,)), translator(language))
    assert ("bad", "good") == (first.sign, second.sign)
    assert translator(language)("Something is wrong") != first.text
    assert (kind != "untouched") == ("the detail" in first.detail)
    assert describe_trouble(told)


def test_a_kind_of_a_later_version_is_a_red_line_too() -> None:
    told = Trouble("on_fire", "hot")
    line = report_lines(replace(WELL, troubles=(told,)), translator("en"))[0]
    assert ("Something is wrong", "hot", "bad") == (line.text, line.detail, line.sign)
    assert "on_fire: hot" == describe_trouble(told)
