"""Head offices of no, 3, 40 and 1,000 locations to look at: page_offices.py FOLDER NAME.

Fills the data folder of a head office and writes `pages.json` there: the addresses of its pages by
role, and the words of its people that no translation changes.
"""

import datetime as dt
import json
import os
import random
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PASSWORD = "puolukka-77x"
SIZES = {"0": 0, "3": 3, "40": 40, "1000": 1000}
NEWS = "Umbau der Kassenzone: zwei neue Selbstbedienungskassen"
LONG = "Lebensmittelfachgeschäft Königswusterhausen"
TROUBLES: tuple[dict[str, Any], ...] = (
    {"heartbeat_at": dt.timedelta(days=3), "waiting": 5231, "oldest_waiting_ms": 4 * 86_400_000},
    {"quarantined": 12, "free_disk_bytes": 120_000_000, "clock_offset_ms": 7_400_000},
    {
        "troubles": [
            {"kind": "outbox_damaged", "detail": "outbox.damaged-1.sqlite3", "count": 1234},
            {"kind": "touch", "detail": "", "count": None},
            {"kind": "settings", "detail": "screen.brightness, sound.volume", "count": 2},
            {"kind": "untouched", "detail": "", "count": 30},
        ]
    },
    {"state": "out_of_order", "version": "0.9.0"},
    {"state": "paused"},
    {"revoked_at": dt.timedelta(days=9)},
    {"heartbeat_at": None},
)
"""What some of the kiosks have, one after the other; a span of time is one ago."""
IMPORT = """id,kind,group,name,time_zone,opening_hours,tags
,group,{top},Nord,,,
,place,{top} / Nord,{long},Europe/Berlin,Mon-Fri 8:00-20:00,"autobahn, bäckerei"
,place,{top} / Nrod,Filiale 2,Europe/Berlin,,
"""
WRONG_IMPORT = """id,kind,group,name,time_zone,opening_hours,tags
,place,Nowhere,Nothing,Mars/Base,always,
p99999,place,Nowhere,,,,
"""
PLACES = "period=12-weeks"
_EVERYONE = {
    "today": "/",
    "overview": f"/results/?{PLACES}",
    "overview, a year": "/results/?period=year",
    "overview, wrong days": "/results/?from=2026-05-02&to=2026-05-01",
    "places": "/results/place",
    "questions": f"/results/questions?{PLACES}",
    "comments": f"/results/comments?{PLACES}",
    "comments, none": f"/results/comments?{PLACES}&q=nobody+wrote+this",
    "choose": f"/results/choose?to=compare&{PLACES}",
    "compare": f"/results/compare?{PLACES}",
    "notes": "/results/notes",
    "help": "/results/help",
    "wall": "/wall",
    "walls": "/walls/",
    "kiosks": "/kiosks/",
    "kiosks, all": "/kiosks/?view=all",
    "kiosks, none": "/kiosks/?q=nothing+like+this&view=offline",
    "export": f"/export/?{PLACES}",
    "password": "/password",
    "not found": "/no/such/page",
    "api": "/api/v1/",
}
_ADMINISTRATORS = {
    "tokens": "/tokens/",
    "codes": "/kiosks/code",
    "structure": "/structure/",
    "new group": "/structure/group",
    "new place": "/structure/place",
    "import": "/structure/import",
    "people": "/people/",
    "questionnaires": "/questionnaires/",
    "new questionnaire": "/questionnaires/new",
}


def main(folder: str, name: str) -> None:
    """Needs a folder in which the head office has made its database."""
    os.environ |= {
        "HYMIO_DATA": folder,
        "HYMIO_HOSTS": "testserver",
        "HYMIO_TIME_ZONE": "Europe/Helsinki",
        "DJANGO_SETTINGS_MODULE": "headoffice.settings",
    }
    import django

    django.setup()
    fill(name)
    Path(folder, "pages.json").write_text(json.dumps(_told()))


def fill(name: str) -> None:
    """The locations, their answers, and who looks after them."""
    from headoffice.accounts.creation import create_user
    from headoffice.accounts.models import Role
    from headoffice.fleet.models import ExperiencePoint, Group

    create_user("analyst", PASSWORD, role=Role.ANALYST)
    create_user("aino.virtanen", PASSWORD, role=Role.ADMINISTRATOR)
    if name == "3":
        _three()
    elif name == "40":
        from headoffice.demonstration.seeding import WHOLE, seed

        seed(WHOLE)
    elif name == "1000":
        from big_chain import plant_big

        plant_big(10, 100, 56)
    first = ExperiencePoint.objects.order_by("pk").first()
    if first is None:
        return
    for manager in ("manager", "eero.laine"):
        create_user(manager, PASSWORD, role=Role.MANAGER, points=[first.pk])
    groups = Group.objects.filter(points__isnull=False).order_by("-pk").values_list("pk", flat=True)
    several = {"groups": [groups[0]], "points": [first.pk]}
    create_user("regional", PASSWORD, role=Role.MANAGER, **several)
    create_user("maria.margarete.winkelmann-hohenstein", PASSWORD, role=Role.MANAGER, **several)
    _furnish()


def _three() -> None:
    """Every kind of question, in three shops of which one has a long name."""
    from results_data import SHOPS, plant

    from headoffice.fleet.models import ExperiencePoint

    plant(tuple(shop for shop in SHOPS if shop.responses > 3)[:3])
    ExperiencePoint.objects.filter(name="Pasila").update(name=LONG)


def _furnish() -> None:
    """What people leave behind: notes, goals, links, codes, tokens, and kiosks in trouble."""
    from headoffice import clock
    from headoffice.accounts.models import User
    from headoffice.api.models import Scope
    from headoffice.api.tokens import create_token
    from headoffice.fleet import enrolment
    from headoffice.fleet.models import ExperiencePoint, Kiosk
    from headoffice.notes.models import Note
    from headoffice.walls.links import create_link

    now, points = clock.now(), list(ExperiencePoint.objects.order_by("pk"))
    admin, regional = User.objects.get(username="admin"), User.objects.get(username="regional")
    # They were heard just now; otherwise the clock would be in doubt.
    well = {"heartbeat_at": now, "version": "1.0.0", "waiting": 0, "quarantined": 0}
    Kiosk.objects.filter(demonstration=False).update(state="open", **well)
    kiosks = list(Kiosk.objects.order_by("pk"))
    for kiosk, told in zip(kiosks[1:], TROUBLES, strict=False):
        for field, value in ({"version": "1.0.0"} | told).items():
            setattr(kiosk, field, now - value if isinstance(value, dt.timedelta) else value)
        kiosk.demonstration = False
        kiosk.save()
    ExperiencePoint.objects.filter(pk=points[0].pk).update(goal=85)
    days = [now.date() - dt.timedelta(days=back) for back in (40, 35, 9)]
    text = "New tills" if len(points) > SIZES["3"] else NEWS
    aino = User.objects.get(username="aino.virtanen")
    Note.objects.create(first=days[0], last=days[1], text="Strike in transport", author=aino)
    Note.objects.create(point=points[0], first=days[2], last=days[2], text=text, author=regional)
    enrolment.create_codes(points[:5], "admin")
    create_token("Business intelligence", list(Scope)[:2], admin)
    create_link(admin, "All locations", "", "en")
    create_link(regional, LONG, f"place=p{points[0].pk}", "de")


def _told() -> dict[str, Any]:
    from results_data import SENTENCES

    from headoffice.accounts.models import User
    from headoffice.fleet.models import EnrolmentCode, ExperiencePoint, Group, Kiosk
    from headoffice.notes.models import Note
    from headoffice.questionnaires.models import Version

    points = list(ExperiencePoint.objects.order_by("pk"))
    groups = list(Group.objects.order_by("pk"))
    everyone, administrators = dict(_EVERYONE), dict(_ADMINISTRATORS)
    chance = random.Random(3)  # noqa: S311 - the same ones in every run
    if points:
        point, kiosk = points[0].pk, Kiosk.objects.order_by("pk")[0].pk
        ill = Kiosk.objects.order_by("pk")[min(2, len(points) - 1)].pk
        some = "&".join(f"place=p{p.pk}" for p in chance.sample(points, min(5, len(points))))
        regions = "&".join(f"place=g{g.pk}" for g in groups if g.parent_id == groups[0].pk)
        everyone |= {
            "place": f"/results/place?place=p{point}&{PLACES}",
            "group": f"/results/place?place=g{groups[0].pk}&{PLACES}",
            "kiosk's results": f"/results/place?place=k{kiosk}&{PLACES}",
            "compare, some": f"/results/compare?{some}&{PLACES}",
            "compare, regions": f"/results/compare?{regions}&{PLACES}",
            "compare, days": f"/results/compare?{some}&period=28-days&least=5&against=year",
            "wall of one": f"/wall?place=p{point}",
            "kiosk": f"/kiosks/{kiosk}",
            "kiosk in trouble": f"/kiosks/{ill}",
        }
        administrators |= {
            "group's form": f"/structure/group/{groups[0].pk}",
            "place's form": f"/structure/place/{point}",
            "move": f"/kiosks/{kiosk}/move",
            "pin": f"/kiosks/{kiosk}/pin",
            "revoke": f"/kiosks/{kiosk}/revoke",
            "person": f"/people/{User.objects.get(username='regional').pk}",
            "deactivate": f"/people/{User.objects.get(username='regional').pk}/deactivate",
            "remove": f"/people/{User.objects.get(username='regional').pk}/remove",
            "note": f"/results/notes/{Note.objects.order_by('pk')[0].pk}",
            "withdraw wall": "/walls/1/withdraw",
            "settings of a group": f"/settings/g{groups[0].pk}",
            "settings of a kiosk": f"/settings/k{kiosk}",
            "roll-outs": "/roll-outs/",
            "replace": f"/kiosks/{kiosk}/replace",
            "let in again": f"/kiosks/{kiosk}/restore",
            "many kiosks": f"/kiosks/bulk?action=block&kiosk={kiosk}&kiosk={ill}",
        }
        if code := EnrolmentCode.objects.exclude(batch=None).first():
            administrators["code sheet"] = f"/kiosks/code/{code.batch}"
    words = [*(p.name for p in points), *(g.name for g in groups)]
    words += [p.time_zone for p in points] + list(User.objects.values_list("username", flat=True))
    words += [*Note.objects.values_list("text", flat=True), "Business intelligence"]
    # A word of German and Finnish too.
    words += [*SENTENCES, "Other things", "Anna", "Logo"]
    definitions = list(Version.objects.values_list("definition", flat=True))
    manager = {"shop": "/shop/", **everyone}
    return {
        "roles": {
            "admin": everyone | administrators,
            "analyst": everyone | {"forbidden": "/people/"},
            **({"manager": manager | {"forbidden": "/people/"}} if points else {}),
            **({"regional": manager} if points else {}),
        },
        # The longest first: others are parts of them.
        "words": sorted(set(words), key=lambda word: (-len(word), word)),
        "definitions": definitions,
        "top": groups[0].name if groups else "Kette",
    }


if __name__ == "__main__":
    sys.path[:0] = [str(HERE), str(HERE / "integration"), str(HERE.parent / "scripts")]
    sys.path[:0] = [str(HERE.parent)]
    main(*sys.argv[1:])
