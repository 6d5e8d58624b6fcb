"""A large chain with years of counts behind it, put into PostgreSQL by PostgreSQL itself.

What a thousand kiosks told in years can't be delivered in minutes. So the counts are made up,
with the shape that deliveries give them: by day and by hour, by face and option, by language,
with some misuse and some test taps. The raw answers are fewer than the counts say, spread over the
same days: pages read them for comments, and for the newest faces.
"""

import datetime as dt
import random
import time
import uuid
from typing import NamedTuple

from django.db import connection

COUNTRIES = (
    ("Finland", "Europe/Helsinki", "fi"),
    ("Sweden", "Europe/Stockholm", "sv"),
    ("Germany", "Europe/Berlin", "de"),
)
REGIONS = 8
"""In each country."""
SPOTS = ("Checkout", "Self-service tills", "Exit")
HOURS_OPEN = range(8, 22)
HOURLY_DAYS = 120
"""Hours are filled in for the newest days only: the map of hours draws at most 92 of them."""
RAW_A_DAY = 14
"""Raw messages of a kiosk on a day."""

REMARKS = (
    "queue checkout long friendly staff floor clean bread fresh price parking lights music "
    "trolley waited minutes nobody helped quickly returned broken scanner thank service shelf"
)


class Filled(NamedTuple):
    """How much there is."""

    answers: int
    raw: int
    daily: int
    hourly: int

    def __str__(self) -> str:
        return (
            f"counts of {self.answers / 1e6:.1f} M answers in {self.daily / 1e6:.1f} M daily and "
            f"{self.hourly / 1e6:.1f} M hourly rows, {self.raw / 1e6:.1f} M raw messages"
        )


def fill(kiosks: int, days: int) -> None:
    """Make the chain, with the newest day today."""
    from headoffice import clock
    from headoffice.rollups import area_sums

    today = clock.now().date()
    _structure(kiosks, clock.now_ms() - (days + 1) * 86_400_000)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(_STANDING)
        cursor.execute(_SHAPE, [_shape()])
        for table in ("results_daily", "results_hourly", "ingest_storedmessage"):
            keys = _without_keys(cursor, table)
            for ago in range(days, -1, -1):
                day = today - dt.timedelta(days=ago)
                # So that the last day of a year is busier than a day in February.
                busy = 1 + 0.3 * (day.month == 12) - 0.1 * (day.month == 2)
                begins = int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()) * 1000
                at = {
                    "day": day,
                    "busy": busy,
                    "begins": begins,
                    "raw": RAW_A_DAY,
                    "nth": days - ago,
                }
                if table == "results_daily":
                    cursor.execute(_DAILY, at)
                elif table == "ingest_storedmessage":
                    cursor.execute(_RAW, at | {"remarks": _remarks(day)})
                elif ago < HOURLY_DAYS:
                    cursor.execute(_HOURLY, at)
            for statement in keys:
                cursor.execute(statement)
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("SET work_mem = '1GB'")
        cursor.execute(_MONTHLY)
        cursor.execute("VACUUM ANALYZE results_monthly")
        cursor.execute("ANALYZE")
    # As the head office does it while it serves, week by week and area by area.
    begun = time.monotonic()
    area_sums.sum_areas()
    print(f"sums of areas made from the counts in {time.monotonic() - begun:.0f} s", flush=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def filled() -> Filled:
    """What is there, as far as PostgreSQL remembers; the number of answers exactly."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(count) FROM results_daily WHERE question <> '' AND value <> 'skipped'"
            " AND value NOT LIKE 'option:%'"
        )
        numbers = [int(cursor.fetchone()[0])]
        for table in ("ingest_storedmessage", "results_daily", "results_hourly"):
            cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE relname = %s", [table])
            numbers.append(int(cursor.fetchone()[0]))
    return Filled(*numbers)


def _structure(kiosks: int, since_ms: int) -> None:
    from config.questionnaire import canonical, digest
    from headoffice import clock
    from headoffice.demonstration import story
    from headoffice.fleet.models import Assignment, ExperiencePoint, Kiosk
    from headoffice.fleet.tree import get_or_create_group
    from headoffice.messages.models import Installation
    from headoffice.questionnaires.models import Version

    text = canonical(story.QUESTIONNAIRE)
    for shop in range(kiosks // len(SPOTS)):
        country, zone, _language = COUNTRIES[shop % len(COUNTRIES)]
        region = shop // len(COUNTRIES) % REGIONS
        group = get_or_create_group(
            ("Chain", country, f"{country} {region + 1}", f"Shop {shop + 1}")
        )
        for spot in SPOTS:
            point = ExperiencePoint.objects.create(group=group, name=spot, time_zone=zone)
            kiosk = Kiosk.objects.create(
                heartbeat_at=clock.now(), version="1.0", waiting=0, quarantined=0, state="open"
            )
            Assignment.objects.create(kiosk=kiosk, point=point, since_ms=since_ms)
            Installation.objects.create(kiosk=kiosk, uuid=uuid.uuid4())
    Version.objects.create(
        digest=digest(text),
        definition=text.decode(),
        name=story.QUESTIONNAIRE.id,
        title=story.QUESTIONNAIRE.title,
        first_kiosk=Kiosk.objects.first(),
    )


def _shape() -> list[str]:
    """What a kiosk counts on a day: question, value, language, misuse, test and how often."""
    mostly, seldom = "", "en"
    rows = [("rating", str(face), n) for face, n in enumerate((11.0, 17.0, 48.0))]
    rows += [("reasons", "answered", 13.0), ("reasons", "skipped", 8.0)]
    rows += [
        ("reasons", f"option:{option}", n)
        for option, n in (
            *(("queue", 5.0), ("staff", 3.0), ("range", 3.0), ("prices", 4.0), ("clean", 2.0)),
            ("something_else", 1.0),
        )
    ]
    rows += [
        ("recommend", str(n), weight)
        for n, weight in enumerate((0.2, 0.1, 0.1, 0.2, 0.2, 0.6, 0.8, 2.5, 5.0, 6.0, 7.0))
    ]
    rows += [("recommend", "skipped", 14.0), ("words", "text", 2.5), ("words", "skipped", 25.0)]
    rows += [("", "complete", 28.0), ("", "timed_out", 40.0), ("", "partial", 3.0)]
    rows += [("", f"left:{question}", 8.0) for question in ("reasons", "recommend", "words")]
    shape = [(*row, mostly, "", "f") for row in rows]
    shape += [(q, value, n / 8, seldom, "", "f") for q, value, n in rows]
    shape += [("rating", face, n, mostly, "repeated", "f") for face, n in (("0", 1.0), ("2", 1.0))]
    shape += [("rating", face, 0.05, mostly, "", "t") for face in ("0", "1", "2")]
    return ["\t".join(map(str, row)) for row in shape]


def _remarks(day: dt.date) -> list[str]:
    """Some texts of a day, as they are stored."""
    source = random.Random(day.toordinal())  # noqa: S311 - made up on purpose
    words = REMARKS.split()
    return [f'"{" ".join(source.sample(words, source.randint(3, 14)))}"' for _ in range(40)]


def _without_keys(cursor: object, table: str) -> list[str]:
    """Take its indexes off, for they are made more quickly afterwards; how to make them again."""
    run = cursor.execute  # type: ignore[attr-defined]
    run(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype = 'p'",
        [table],
    )
    ((key, definition),) = cursor.fetchall()  # type: ignore[attr-defined]
    run(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname <> %s",
        [table, key],
    )
    indexes = cursor.fetchall()  # type: ignore[attr-defined]
    for name, _definition in indexes:
        run(f'DROP INDEX "{name}"')
    run(f'ALTER TABLE {table} DROP CONSTRAINT "{key}"')
    again = [f'ALTER TABLE {table} ADD CONSTRAINT "{key}" {definition}']
    return [*again, *(text for _name, text in indexes)]


_STANDING = """
CREATE TEMPORARY TABLE standing AS
SELECT k.kiosk_id AS kiosk, k.point_id AS point, p.time_zone AS zone, i.id AS installation,
    (SELECT min(id) FROM questionnaires_version) AS version,
    0.55 + 0.9 * ((k.kiosk_id * 7) % 10) / 9.0 AS busy,
    CASE p.time_zone WHEN 'Europe/Helsinki' THEN 'fi' WHEN 'Europe/Stockholm' THEN 'sv'
        ELSE 'de' END AS language,
    ((k.kiosk_id * 13) % 21 - 10) / 100.0 AS mood
FROM fleet_assignment k
    JOIN fleet_experiencepoint p ON p.id = k.point_id
    JOIN ingest_installation i ON i.kiosk_id = k.kiosk_id
ORDER BY kiosk
"""
_SHAPE = """
CREATE TEMPORARY TABLE shape AS
SELECT p[1] AS question, p[2] AS value, p[3]::float AS n, p[4] AS language, p[5] AS misuse,
    p[6]::boolean AS test,
    CASE WHEN p[1] = 'rating' THEN p[2]::int - 1 ELSE 0 END AS mood
FROM (SELECT string_to_array(line, E'\\t') AS p FROM unnest(%s::text[]) AS line) AS lines
"""
_COUNT = (
    "floor(h.n * s.busy * %(busy)s * (1 + h.mood * s.mood) * (0.6 + 0.8 * random()){share}"
    " + random())::int"
)
_DAILY = f"""
INSERT INTO results_daily (kiosk, point, version, question, value, language, misuse, test, day,
    count, took_ms)
SELECT kiosk, point, version, question, value, language, misuse, test, %(day)s, n, n * 1500
FROM (
    SELECT s.kiosk, s.point, s.version, h.question, h.value, h.misuse, h.test,
        CASE h.language WHEN '' THEN s.language ELSE h.language END AS language,
        {_COUNT.format(share="")} AS n
    FROM standing s CROSS JOIN shape h
) AS counts WHERE n > 0
ORDER BY kiosk
"""  # noqa: S608 - a text of this file
_MONTHLY = """
INSERT INTO results_monthly (kiosk, point, version, question, value, language, misuse, test, month,
    count, took_ms)
SELECT kiosk, point, version, question, value, language, misuse, test,
    date_trunc('month', day)::date AS month, sum(count), sum(took_ms)
FROM results_daily
GROUP BY kiosk, point, version, question, value, language, misuse, test, month
ORDER BY kiosk, month
"""
_HOURLY = f"""
INSERT INTO results_hourly (kiosk, point, version, question, value, language, misuse, test, day,
    count, took_ms, hour_ms)
SELECT kiosk, point, version, question, value, language, misuse, test, %(day)s, n, n * 1500, hour_ms
FROM (
    SELECT s.kiosk, s.point, s.version, h.question, h.value, h.misuse, h.test,
        CASE h.language WHEN '' THEN s.language ELSE h.language END AS language,
        (extract(epoch FROM (%(day)s::timestamp + make_interval(hours => hour)) AT TIME ZONE s.zone)
            * 1000)::bigint AS hour_ms,
        {_COUNT.format(share=f" / {len(HOURS_OPEN)}")} AS n
    FROM generate_series({HOURS_OPEN[0]}, {HOURS_OPEN[-1]}) AS hour
        CROSS JOIN standing s CROSS JOIN shape h
) AS counts WHERE n > 0
ORDER BY hour_ms, kiosk
"""  # noqa: S608 - likewise
_RAW = """
INSERT INTO ingest_storedmessage (kiosk, installation, seq, fingerprint, kind, response, version,
    point, question, value, language, test, misuse, took_ms, wall_ms, boot, mono_ms, happened_ms,
    certain, received_ms, counts)
SELECT s.kiosk, s.installation, seq, decode(md5(s.kiosk || '/' || seq), 'hex'), 1,
    -- The text is of the same shopper as the rating before it.
    md5(s.kiosk || '-' || CASE WHEN written THEN seq - 1 ELSE seq END)::uuid, s.version, s.point,
    CASE WHEN written THEN 'words' ELSE 'rating' END,
    CASE WHEN written THEN (%(remarks)s::text[])[1 + (s.kiosk * 31 + nth) %% 40]
        ELSE (CASE WHEN random() < 0.15 THEN 0 WHEN random() < 0.25 THEN 1 ELSE 2 END)::text END,
    s.language, false, '', 1500, happened, '00000000-0000-7000-8000-000000000001', seq,
    happened, true, happened + 2000, true
FROM standing s
    CROSS JOIN LATERAL (
        SELECT nth, %(nth)s * %(raw)s + nth AS seq,
            (nth = 2 AND (s.kiosk + %(nth)s) %% 3 = 0) AS written,
            %(begins)s + 6 * 3600000 + nth * 3000000 + (s.kiosk %% 50) * 1000 AS happened
        FROM generate_series(1, %(raw)s) AS nth
    ) AS made
ORDER BY happened
"""
