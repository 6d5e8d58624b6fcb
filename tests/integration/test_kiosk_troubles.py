"""What a kiosk reports to be wrong with itself, at the head office: page, API and metrics."""

import pytest
from django.utils import translation
from office import Device

from headoffice.results.board import board
from headoffice.results.today import read_today
from headoffice.telemetry.state import State
from sync.messages import TROUBLES, Trouble

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def notes() -> tuple[str, ...]:
    return board(read_today()).cards[0].notes


def in_trouble() -> float:
    gauges = {metric.name: metric for metric in State().collect()}
    return gauges["hymio_kiosks_in_trouble"].samples[0].value


def test_a_trouble_stands_on_the_page_until_the_kiosk_is_well(device: Device) -> None:
    device.beat(troubles=(Trouble("outbox_damaged", "outbox.damaged-1.sqlite3", 1234),))
    assert ("Stored answers were damaged. Lost, at least: 1,234.",) == notes()
    assert read_today().kiosks[0].needs_attention
    assert 1 == in_trouble()
    device.beat()
    assert () == notes()
    assert not read_today().kiosks[0].needs_attention
    assert 0 == in_trouble()


@pytest.mark.parametrize("language", ["en", "de", "fi", "hu", "it", "pl", "sv"])
def test_every_kind_has_words_of_its_own_in_every_language(device: Device, language: str) -> None:
    counts = (None, 0, 5)
    for count in counts:
        device.beat(troubles=tuple(Trouble(kind, "detail", count) for kind in TROUBLES))
        with translation.override(language):
            told = notes()
            unknown = translation.gettext("It reports that something is wrong: %(detail)s")
        assert len(TROUBLES) == len(set(told))
        assert unknown % {"detail": "detail"} not in told


def test_a_kind_of_a_later_version_is_shown_as_it_is(device: Device) -> None:
    device.beat(troubles=(Trouble("on_fire"), Trouble("wet", "<b>rain</b>")))
    assert (
        "It reports that something is wrong: on_fire",
        "It reports that something is wrong: <b>rain</b>",
    ) == notes()
