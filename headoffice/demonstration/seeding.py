"""Puts the made-up chain into the database, and takes it out again."""

import datetime as dt
import random
import uuid
from collections.abc import Callable
from typing import NamedTuple

from django.db import connection

from config.questionnaire import canonical, digest
from headoffice import clock
from headoffice.db.write_lock import exclusive_write
from headoffice.demonstration import story, year
from headoffice.errors import HeadOfficeError
from headoffice.fleet.models import Assignment, ExperiencePoint, Group, Kiosk
from headoffice.fleet.tree import Tree, get_or_create_group
from headoffice.messages.models import Installation
from headoffice.messages.rows import message_table
from headoffice.questionnaires.models import Version
from headoffice.rollups import area_sums
from headoffice.rollups.write import CountChanges, TimeZones

VERSION = "demonstration"
"""What a made-up kiosk says its program is."""
_TABLES = ("ingest_storedmessage", "results_hourly", "results_daily", "results_monthly")


class Size(NamedTuple):
    """How much is made up."""

    shops: int
    kiosks_per_shop: int
    days: int
    responses: float
    """Of one kiosk on an ordinary day."""


WHOLE = Size(shops=40, kiosks_per_shop=3, days=365, responses=5.0)
SMALL = Size(shops=6, kiosks_per_shop=2, days=70, responses=4.0)


class SeedResult(NamedTuple):
    """What was made up."""

    shops: int
    kiosks: int
    messages: int


def seed(size: Size, report: Callable[[str], None] = lambda _text: None) -> SeedResult:
    """Make up a chain; HeadOfficeError if there is one already."""
    if Group.objects.filter(parent=None, name=story.TOP).exists():
        raise HeadOfficeError("the demonstration data is there already: see --remove")
    now_ms = clock.now_ms()
    since_ms = now_ms - (size.days + 1) * 24 * 3_600_000
    stored = kiosks = 0
    shops = story.shops(size.shops)
    for number, shop in enumerate(shops):
        with exclusive_write():
            for spot in range(size.kiosks_per_shop):
                at = _site(shop, spot, since_ms)
                # One source per kiosk: the same story each time, whatever the engine's speed.
                source = random.Random(f"{number}/{spot}")  # noqa: S311 - made up on purpose
                rows = year.messages(at, size.days, size.responses, now_ms, source)
                changes = CountChanges(TimeZones({at.point: shop.country.zone}))
                for row in rows:
                    changes.add(row)
                message_table.insert(rows)
                changes.write()
                Installation.objects.filter(pk=at.installation).update(
                    stored_up_to=len(rows), highest=len(rows)
                )
                last = max((r.happened_ms for r in rows if r.kind == 1), default=None)
                Kiosk.objects.filter(pk=at.kiosk).update(last_answer_ms=last, last_seq=len(rows))
                stored, kiosks = stored + len(rows), kiosks + 1
        report(f"Made up {number + 1} of {len(shops)} shops")
    # So that the first pages are planned with what is there now. In line, as it writes too.
    with exclusive_write(), connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return SeedResult(len(shops), kiosks, stored)


def _site(shop: story.Shop, spot: int, since_ms: int) -> year.KioskSite:
    group = get_or_create_group((story.TOP, shop.country.name, shop.town, shop.name))
    point = ExperiencePoint.objects.create(
        group=group,
        name=story.SPOTS[spot],
        time_zone=shop.country.zone,
        opening_hours=story.opening_hours(shop),
        tags=["demonstration"],
    )
    now = clock.now()
    kiosk = Kiosk.objects.create(
        demonstration=True,
        created_at=clock.instant(since_ms),
        heartbeat_at=now - dt.timedelta(seconds=20 + spot),
        version=VERSION,
        waiting=0,
        quarantined=0,
        state="open",
    )
    Assignment.objects.create(kiosk=kiosk, point=point, since_ms=since_ms)
    installation = Installation.objects.create(kiosk=kiosk, uuid=uuid.uuid4())
    return year.KioskSite(kiosk.pk, installation.pk, point.pk, _version(kiosk).pk, shop, spot)


def _version(kiosk: Kiosk) -> Version:
    definition = canonical(story.QUESTIONNAIRE)
    version, _made = Version.objects.get_or_create(
        digest=digest(definition),
        defaults={
            "definition": definition.decode(),
            "name": story.QUESTIONNAIRE.id,
            "title": story.QUESTIONNAIRE.title,
            "first_kiosk": kiosk,
        },
    )
    return version


def remove() -> int:
    """Take everything made up out again; how many kiosks went."""
    kiosks = list(Kiosk.objects.filter(demonstration=True).values_list("pk", flat=True))
    top = Group.objects.filter(parent=None, name=story.TOP).first()
    for kiosk in kiosks:
        with exclusive_write(), connection.cursor() as cursor:
            for table in _TABLES:
                cursor.execute(f"DELETE FROM {table} WHERE kiosk = %s", [kiosk])  # noqa: S608 - constant names
            Kiosk.objects.filter(pk=kiosk).delete()
    if kiosks:
        area_sums.discard_sums()
    if top is not None:
        with exclusive_write():
            _remove_places(top)
    return len(kiosks)


def _remove_places(top: Group) -> None:
    """Those that no kiosk has ever stood at, and the groups that are empty then."""
    tree = Tree.load()
    under = tree.under(top.pk)
    ExperiencePoint.objects.filter(group__in=under, assignments=None).delete()
    for group in sorted(under, key=lambda pk: -len(tree.names(pk))):
        if not Group.objects.filter(parent=group).exists():
            Group.objects.filter(pk=group, points=None).delete()
