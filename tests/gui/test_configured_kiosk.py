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
    made.start()
    yield made
    made.kill()


def until(seek: Callable[[], object], what: str, kiosk: Kiosk) -> None:
    wait_until(lambda: seek() or None, what, seconds=WITHIN_S, watched=(kiosk,))


def test_it_takes_shows_and_proves_what_is_meant_for_it(
    office: ConfiguringOffice, kiosk: Kiosk
) -> None:
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
    office.body = None
    until(lambda: office.report and "" == office.report.in_force, "the files again", kiosk)
