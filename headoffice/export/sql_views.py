"""Views with stable names for reporting tools that read the database themselves.

They are made anew after every migration. SQLite can't change a table that a view reads, so there
they are taken away before; on PostgreSQL they stay where they can, and with them who may read
them. What their columns hold is told in docs/api.md.
"""

from django.db import connections, transaction
from django.db.models.signals import post_migrate, post_save, pre_migrate

from headoffice.export.columns import value_of
from headoffice.export.dialect import dialect
from headoffice.rollups.local_time import offset_spans

NAMES = ("hymio_places", "hymio_answers", "hymio_responses", "hymio_hourly")
_UNTIL_MS = 2_524_608_000_000
"""2050: as far as clocks can be told in advance."""

_TREE = """
WITH RECURSIVE tree (id, path) AS (
    SELECT id, CAST(name AS text) FROM fleet_group WHERE parent_id IS NULL
    UNION ALL
    SELECT g.id, tree.path || ' / ' || g.name
    FROM fleet_group AS g JOIN tree ON g.parent_id = tree.id
)
SELECT id, path FROM tree
"""
_PLACES = """
SELECT p.id AS place_id, p.name AS place, tree.path AS group_path, p.time_zone
FROM fleet_experiencepoint AS p JOIN {tree} AS tree ON tree.id = p.group_id
"""
_PATHS = """
CREATE OR REPLACE FUNCTION hymio_group_paths() RETURNS TABLE (id bigint, path text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
AS $$ #variable_conflict use_column
BEGIN RETURN QUERY {tree}; END $$
"""
"""On PostgreSQL the tree is read by a function: Citus joins what a function returns with tables on
many machines, and refuses a recursive query there. It reads with the rights of the views' owner, as
the views do."""
_ANSWERS = """
SELECT m.kiosk, m.installation, m.seq, {response} AS response, m.point AS place_id, p.name AS place,
    {utc} AS time_utc, {local} AS time_local, m.certain AS time_certain, v.name AS questionnaire,
    m.version, CASE m.kind WHEN 1 THEN 'answer' WHEN 2 THEN 'skip' ELSE 'end' END AS event,
    m.question, {value} AS value,
    CASE WHEN m.kind = 1 AND {digit} THEN CAST(m.value AS integer) END AS number,
    m.language, m.took_ms, m.misuse, m.test, m.counts AS last_word, m.received_ms, {id} AS id,
    {day} AS day_local
FROM ingest_storedmessage AS m
JOIN fleet_experiencepoint AS p ON p.id = m.point
JOIN questionnaires_version AS v ON v.id = m.version
"""
_RESPONSES = """
SELECT a.kiosk, a.response, min(a.place_id) AS place_id, min(a.place) AS place,
    min(a.time_utc) AS begun_utc, min(a.time_local) AS begun_local, max(a.time_utc) AS ended_utc,
    min(a.questionnaire) AS questionnaire, min(a.version) AS version, min(a.language) AS language,
    max(CASE WHEN a.question = {rating} THEN a.number END) AS rating,
    sum(CASE WHEN a.event = 'answer' THEN 1 ELSE 0 END) AS answers,
    sum(CASE WHEN a.event = 'skip' THEN 1 ELSE 0 END) AS skips,
    max(CASE WHEN a.event = 'end' THEN a.value END) AS outcome,
    max(a.misuse) AS misuse, {any_test} AS test, min(a.day_local) AS day_local
FROM hymio_answers AS a JOIN questionnaires_version AS v ON v.id = a.version
WHERE a.last_word
GROUP BY a.kiosk, a.response
"""
_HOURLY = """
SELECT h.day, {hour} AS hour_utc, h.point AS place_id, p.name AS place, h.kiosk,
    v.name AS questionnaire, h.version, h.question, h.value, h.language, h.misuse, h.test, h.count
FROM results_hourly AS h
JOIN fleet_experiencepoint AS p ON p.id = h.point
JOIN questionnaires_version AS v ON v.id = h.version
WHERE h.count <> 0
"""


def connect_signals() -> None:
    """Keep the views in step with the tables, and the clocks with the places."""
    from headoffice.fleet.models import ExperiencePoint

    pre_migrate.connect(_before, dispatch_uid="export-views-before")
    post_migrate.connect(_after, dispatch_uid="export-views-after")
    post_save.connect(_on_place, sender=ExperiencePoint, dispatch_uid="export-zones")


def know_zones(using: str = "default") -> None:
    """Write down how far from UTC the clocks of every place are; SQLite can't tell."""
    from headoffice.export.models import ZoneOffset
    from headoffice.fleet.models import ExperiencePoint

    known = set(ZoneOffset.objects.using(using).values_list("zone", flat=True).distinct())
    used = ExperiencePoint.objects.using(using).values_list("time_zone", flat=True).distinct()
    for zone in set(used) - known:
        rows = [
            ZoneOffset(zone=zone, from_ms=part.from_ms, offset_s=part.offset_s)
            for part in offset_spans(zone, 0, _UNTIL_MS)
        ]
        ZoneOffset.objects.using(using).bulk_create(rows, ignore_conflicts=True)


def statements(vendor: str) -> dict[str, str]:
    """What each view selects, in the words of an engine."""
    own = _postgres() if vendor == "postgresql" else _sqlite()
    texts = zip(NAMES, (_PLACES, _ANSWERS, _RESPONSES, _HOURLY), strict=True)
    return {name: text.format(**own).replace("%%", "%") for name, text in texts}


def _postgres() -> dict[str, str]:
    at = "to_timestamp(m.happened_ms / 1000.0)"
    return {
        "tree": "hymio_group_paths()",
        "id": "encode(m.fingerprint, 'hex')",
        "response": "m.response",
        "utc": at,
        "local": f"{at} AT TIME ZONE p.time_zone",
        "day": f"CAST({at} AT TIME ZONE p.time_zone AS date)",
        "value": value_of(dialect("postgresql")),
        "digit": "m.value ~ '^[0-9]+$'",
        "rating": "(v.definition::jsonb -> 'questions' -> 0 ->> 'id')",
        "any_test": "bool_or(a.test)",
        "hour": "to_timestamp(h.hour_ms / 1000.0)",
    }


def _sqlite() -> dict[str, str]:
    d = dialect("sqlite")
    offset = (
        "coalesce((SELECT z.offset_s FROM export_zoneoffset AS z WHERE z.zone = p.time_zone "
        "AND z.from_ms <= m.happened_ms ORDER BY z.from_ms DESC LIMIT 1), 0)"
    )
    return {
        "tree": f"({_TREE})",
        "id": "lower(hex(m.fingerprint))",
        "response": d.uuid("m.response"),
        "utc": f"{d.iso('m.happened_ms')} || 'Z'",
        "local": d.iso(f"m.happened_ms + 1000 * {offset}"),
        "day": d.day(f"m.happened_ms + 1000 * {offset}"),
        "value": value_of(d),
        "digit": "m.value GLOB '[0-9]*'",
        "rating": "json_extract(v.definition, '$.questions[0].id')",
        "any_test": "max(a.test)",
        "hour": f"{d.iso('h.hour_ms')} || 'Z'",
    }


def _before(using: str, **_more: object) -> None:
    if connections[using].vendor == "sqlite":
        _drop(using)


def _after(using: str, **_more: object) -> None:
    tables = connections[using].introspection.table_names()
    needed = {"export_zoneoffset", "ingest_storedmessage", "results_hourly"}
    if not needed <= set(tables):
        # The signal comes once for each app; some of the tables may be yet to come.
        return
    know_zones(using)
    views = statements(connections[using].vendor)
    if connections[using].vendor == "postgresql":
        create = "CREATE OR REPLACE VIEW"
    else:
        create = "CREATE VIEW"
        _drop(using)
    with transaction.atomic(using), connections[using].cursor() as cursor:
        if connections[using].vendor == "postgresql":
            cursor.execute(_PATHS.format(tree=_TREE))
        for name, text in views.items():
            cursor.execute(f"{create} {name} AS {text}")


def _drop(using: str) -> None:
    with connections[using].cursor() as cursor:
        for name in reversed(NAMES):
            cursor.execute(f"DROP VIEW IF EXISTS {name}")


def _on_place(using: str, **_more: object) -> None:
    know_zones(using)
