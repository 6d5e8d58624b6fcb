"""Changes of configuration fly in while a kiosk is killed: every thanked answer counts once."""

import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from configuring_office import ConfiguringOffice, Reply, file_entry
from faults.storm import SHOP
from processes import Program, wait_until

from kiosk.configuration.store import CANDIDATE, ConfigurationStore, digest_of
from sync.identity import save_identity

LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9"/></svg>'
KILLS = 8


class Shop(Program):
    """The kiosk of ``shop.py``, configured by its head office."""

    def all_said(self, word: str) -> list[str]:
        lines = self.log.read_text(errors="replace").splitlines(keepends=True)
        return [x[len(word) + 1 : -1] for x in lines if x.startswith(f"{word} ") and x[-1] == "\n"]


@pytest.fixture
def office() -> Iterator[ConfiguringOffice]:
    with ConfiguringOffice() as made:
        yield made


def change(office: ConfiguringOffice, rng: random.Random) -> None:
    """Something else is meant, perhaps something that can't be used, or nothing."""
    settings: dict[str, Any] = {"sound": {"volume": rng.choice((0.1, 0.2, 0.3, 7))}}
    if rng.random() < 0.15:
        office.body = None
    elif rng.random() < 0.5:
        settings["brand"] = {"logo": "logo.svg"}
        office.want(LOGO, settings=settings, files=[file_entry("logo.svg", LOGO)])
    else:
        office.want(settings=settings)


@pytest.mark.slow
@pytest.mark.e2e
def test_changes_that_fly_in_cost_no_answer_and_the_last_word_holds(
    tmp_path: Path, office: ConfiguringOffice
) -> None:
    rng = random.Random(5)  # noqa: S311 - repeatable, not secret
    folder = tmp_path / "kiosk"
    save_identity(folder, office.identity)

    def misbehave(path: str) -> Reply | None:
        if path.partition("/")[0] not in ("configuration", "files") or rng.random() < 0.6:
            return None
        body = (office.body or b"{}")[: rng.randrange(40)]
        return rng.choice([(503, {}, b""), (200, {}, body), (200, {"Content-Length": "99"}, body)])

    office.misbehave = misbehave
    shop = Shop("Kiosk", [], tmp_path / "shop.log")
    try:
        for seed in range(KILLS):
            shop.command = [sys.executable, str(SHOP), str(folder), str(seed)]
            shop.command += [office.url, "", "0.02", "configured"]
            shop.start()
            runs = len(shop.all_said("configured"))
            wait_until(lambda n=runs: len(shop.all_said("configured")) > n or None, "a start",
                       seconds=60, watched=(shop,))  # fmt: skip
            for _ in range(6):
                change(office, rng)
                time.sleep(rng.uniform(0.05, 0.4))
            shop.kill()
        office.misbehave = lambda _path: None
        office.want(settings={"sound": {"volume": 0.4}})
        (folder / "quiet").touch()
        shop.command[3] = str(KILLS)
        shop.start()
        thanked = {line.split()[0] for line in shop.all_said("thanked") if line.count(" ") == 1}
        wait_until(lambda: thanked <= set(office.head.counted()) or None, "all answers",
                   seconds=60, watched=(shop,))  # fmt: skip
        store = ConfigurationStore(folder)
        wait_until(lambda: digest_of(store.find(CANDIDATE)) == office.meant or None,
                   "the last word", seconds=60, watched=(shop,))  # fmt: skip
        shop.kill()
    finally:
        shop.kill()
    counted = office.head.counted()
    assert len(counted) == len(set(counted))
    assert len(thanked) > KILLS
    assert len(set(shop.all_said("configured"))) > 2, "no change came into force"
