"""A real window, a real finger, a faulty line and a few kill -9: what was thanked is home."""

import os
import random
import sys
from pathlib import Path

import pytest
from faults.databases import SqliteFile, counted
from faults.proxy import Fault, FaultyLine
from journey import HAPPY, NEUTRAL, SAD, Finger, HeadOffice, Kiosk
from processes import StepError, wait_until

from sync.outbox.sqlite import SqliteOutbox


def held(kiosk: Kiosk) -> set[str]:
    """The responses in the kiosk's quarantine."""
    with SqliteOutbox.look(kiosk.data) as outbox:
        return {each.body.response for each in outbox.quarantine() if each.body}


KILLS = int(os.environ.get("HYMIO_WINDOW_KILLS", "2"))
SEED = int(os.environ.get("HYMIO_FAULT_SEED", "1"))
SETTINGS = "[sync]\nevery = 1\nheartbeat = 1\nread_timeout = 3\n[timing]\nthanks = 0.3\n"


@pytest.mark.slow
@pytest.mark.e2e
@pytest.mark.gui
@pytest.mark.timeout(600)
def test_a_shoppers_answers_come_home_through_a_storm(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng = random.Random(SEED)  # noqa: S311 - repeatable, not secret
    calm = False

    def fault(_path: str) -> Fault:
        return Fault.NONE if calm or rng.random() < 0.5 else rng.choice(list(Fault))

    office = HeadOffice(tmp_path).start()
    kiosk = Kiosk(tmp_path, os.environ["DISPLAY"], settings=SETTINGS)
    thanked: set[str] = set()
    with FaultyLine(("127.0.0.1", office.port), fault) as line:
        try:
            kiosk.enrol(office.enrolment_code("Till"), office.url)
            kiosk.config.write_text(f'{SETTINGS}[head_office]\nurl = "{line.url}"\n')
            for run in range(KILLS + 1):
                kiosk.start()
                with Finger(kiosk) as finger:
                    for _ in range(rng.randint(2, 4)):
                        answered = finger.answer(rng.choice((HAPPY, NEUTRAL, SAD)))
                        thanked.add(answered.stored["response"])
                    if run < KILLS:
                        kiosk.kill()
                        office.kill()
                        office.start()
            calm = True
            kiosk.kill()
            kiosk.start()  # which tries at once, whatever it was waiting for
            database = SqliteFile(office.data)
            wait_until(
                lambda: thanked <= counted(database).keys() | held(kiosk),
                "every answer to come home",
                seconds=90, watched=(kiosk, office),
            )  # fmt: skip
            found = counted(database)
            kept = held(kiosk)
        except StepError as error:
            raise AssertionError(f"{error}\n{kiosk.last_words()}") from error
        finally:
            kiosk.kill()
            office.kill()
    met = sum(n for fault, n in line.met.items() if fault is not Fault.NONE)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(thanked)} answers thanked in a real window, {len(found)} counted, "
            f"{KILLS + 1} kill -9 of the kiosk, {KILLS} of the head office, {met} faults of the "
            f"line; {len(thanked - found.keys())} lost, "
            f"{sum(times > 1 for times in found.values())} doubled\n"
        )
    # A line that turned one down twice and let all else through: staff can send it again.
    assert thanked == found.keys() | kept
    assert len(kept) < 2
    assert set(found.values()) == {1}
    assert met > 0
