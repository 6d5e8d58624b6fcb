"""A kiosk that its head office configures while it runs: real processes, real clicks."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from configuring_office import ConfiguringOffice
from processes import wait_until
from test_kiosk_process import Kiosk

from config.loader import load_questionnaire
from config.questionnaire import canonical
from kiosk.configuration.store import CANDIDATE, ConfigurationStore, StoredConfiguration
from sync.configuration import configuration_digest
from sync.identity import save_identity

pytestmark = [pytest.mark.gui, pytest.mark.e2e, pytest.mark.slow]
# Nobody may have touched the screen for ten seconds before a change.

WITHIN_S = 60.0
SETTINGS = """
[sync]
heartbeat = 0.5
[screen]
fullscreen = false
"""


@pytest.fixture
def office() -> Iterator[ConfiguringOffice]:
    with ConfiguringOffice() as made:
        yield made


@pytest.fixture
def kiosk(tmp_path: Path, office: ConfiguringOffice) -> Iterator[Kiosk]:
    home = tmp_path / "home"
    home.mkdir()
    settings = tmp_path / "kiosk.toml"
    settings.write_text(SETTINGS)
    made = Kiosk(tmp_path, "--config", str(settings), home=home)
    save_identity(made.data, office.identity)
    yield made
    made.kill()


def until(seek: Callable[[], object], what: str, kiosk: Kiosk) -> None:
    wait_until(lambda: seek() or None, what, seconds=WITHIN_S, watched=(kiosk,))


def test_it_takes_shows_and_proves_what_is_meant_for_it(
    office: ConfiguringOffice, kiosk: Kiosk
) -> None:
    kiosk.start()
    kiosk.wait_for("rating")
    until(lambda: office.report, "a report", kiosk)
    assert office.report is not None
    assert ("", "good") == (office.report.in_force, office.report.state)
    other = load_questionnaire("checkout")
    definition = msgspec.json.decode(canonical(other))
    definition["id"] = "christmas"
    body = office.want(
        settings={"screen": {"theme": "dark"}, "way": {"follow_up": False, "invite": False}},
        schedule=[{"definition": definition}],
    )
    meant = configuration_digest(body)
    until(lambda: office.report and meant == office.report.in_force, "the new one", kiosk)
    until(lambda: office.report and "shown" == office.report.state, "the faces", kiosk)
    kiosk.click("face-2")
    until(lambda: office.report and "good" == office.report.state, "its proof", kiosk)
    until(lambda: 1 == len(set(office.head.counted())), "the answer", kiosk)


def test_one_that_crashes_the_program_is_given_up_after_three_starts(
    office: ConfiguringOffice, kiosk: Kiosk
) -> None:
    """Killed as by a crash below Python, as soon as the faces are there."""
    body = office.want(settings={"screen": {"theme": "dark"}})
    meant = configuration_digest(body)
    stored = StoredConfiguration(meant, body)
    ConfigurationStore(kiosk.data).write(CANDIDATE, stored)
    for _ in range(3):
        kiosk.start()
        until(lambda: office.report and "shown" == office.report.state, "the faces", kiosk)
        office.reports.clear()
        kiosk.kill()
    kiosk.start()
    until(lambda: office.report and office.report.is_fallback, "the fallback", kiosk)
    assert office.report is not None
    assert ("", meant, ("3 starts with it failed",)) == (
        office.report.in_force,
        office.report.refusal,
        office.report.reasons,
    )
    assert ["configuration"] == [each.kind for each in office.beats[-1].troubles]
