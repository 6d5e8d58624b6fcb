"""A chain of many places with counts of some weeks: big_chain.py FOLDER [REGIONS SHOPS DAYS]."""

import datetime as dt
import os
import random
import sys
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
FALLEN = 7
"""The shop of the first region whose index fell two weeks ago."""


class BigChain(NamedTuple):
    """What was planted: the regions, and the shops of each, from the first to the last."""

    regions: list[int]
    shops: list[list[int]]


def plant_big(regions: int = 10, shops: int = 100, days: int = 56, *, seed: int = 3) -> BigChain:
    """Regions of one chain with so many shops each; every shop has one kiosk and counts."""
    from results_data import FIRST

    from config.questionnaire import canonical, digest
    from headoffice import clock
    from headoffice.fleet.models import Assignment, ExperiencePoint, Group, Kiosk
    from headoffice.questionnaires.models import Version
    from headoffice.rollups.models import Daily, Monthly

    chance = random.Random(seed)  # noqa: S311 - the same chain in every run
    text = canonical(FIRST)
    question = FIRST.questions[0].id
    today = clock.now().date()
    made = BigChain([], [])
    version: Version | None = None
    daily: list[Daily] = []
    monthly: dict[tuple[object, ...], Monthly] = {}
    top = Group.objects.create(name="Chain")
    for number in range(1, regions + 1):
        region = Group.objects.create(name=f"Region {number:02}", parent=top)
        points = ExperiencePoint.objects.bulk_create(
            ExperiencePoint(group=region, name=f"Shop {number:02}-{n:03}", time_zone="UTC")
            for n in range(1, shops + 1)
        )
        kiosks = Kiosk.objects.bulk_create(Kiosk(heartbeat_at=clock.now()) for _p in points)
        Assignment.objects.bulk_create(
            Assignment(kiosk=k, point=p, since_ms=0) for k, p in zip(kiosks, points, strict=True)
        )
        if version is None:
            version = Version.objects.create(
                digest=digest(text),
                definition=text.decode(),
                name=FIRST.id,
                title=FIRST.title,
                first_kiosk=kiosks[0],
            )
        made.regions.append(region.pk)
        made.shops.append([point.pk for point in points])
        for n, (kiosk, point) in enumerate(zip(kiosks, points, strict=True), 1):
            for back in range(days):
                day = today - dt.timedelta(days=back)
                fallen = number == 1 and n == FALLEN and back < 14
                sad, happy = (9, 2) if fallen else (chance.randint(0, 2), chance.randint(4, 7))
                said = {"0": sad, "1": 2, "2": happy}
                for value, count in said.items():
                    if not count:
                        continue
                    known = {"version": version.pk, "question": question, "value": value}
                    row = {"kiosk": kiosk.pk, "point": point.pk, "language": "en", "misuse": ""}
                    row |= known | {"test": False}
                    daily.append(Daily(day=day, count=count, **row))
                    month = day.replace(day=1)
                    key = (kiosk.pk, month, value)
                    if key not in monthly:
                        monthly[key] = Monthly(month=month, count=0, **row)
                    monthly[key].count += count
    Daily.objects.bulk_create(daily, batch_size=2000)
    Monthly.objects.bulk_create(monthly.values(), batch_size=2000)
    return made


def main(folder: str, *numbers: str) -> None:
    """Needs a folder that a head office has been started in."""
    os.environ |= {
        "HYMIO_DATA": folder,
        "HYMIO_HOSTS": "testserver",
        "HYMIO_TIME_ZONE": "Europe/Helsinki",
        "DJANGO_SETTINGS_MODULE": "headoffice.settings",
    }
    import django

    django.setup()
    plant_big(*map(int, numbers))


if __name__ == "__main__":
    sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent.parent / "scripts")]
    main(*sys.argv[1:])
