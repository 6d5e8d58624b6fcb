"""Places, kiosks and questionnaires, for programs."""

from collections import Counter

from django.utils.translation import gettext_noop as _

from config.kinds import kind
from headoffice import clock
from headoffice.api import schema
from headoffice.api.frame import cursor_of, endpoint, position
from headoffice.api.models import Scope
from headoffice.fleet.kiosks import KioskAt, all_kiosks
from headoffice.fleet.models import Alarm, ExperiencePoint, Kiosk
from headoffice.fleet.tree import Tree
from headoffice.messages.losses import losses
from headoffice.questionnaires.definitions import parse_definition
from headoffice.questionnaires.models import Version
from headoffice.web.problems import RefusedError

_After = tuple[schema.StoredNumber]


@endpoint(
    "places",
    Scope.PLACES,
    schema.Page,
    schema.Places,
    _("The locations where kiosks stand, with the groups above them."),
)
def places(page: schema.Page) -> schema.Places:
    """GET places."""
    rows = ExperiencePoint.objects.filter(pk__gt=_after(page)).order_by("pk")
    found = list(rows[: page.limit + 1])
    tree = Tree.load()
    return schema.Places(
        tuple(
            schema.Place(
                id=point.pk,
                name=point.name,
                group_path=tree.names(point.group_id),
                time_zone=point.time_zone,
                tags=tuple(point.tags),
            )
            for point in found[: page.limit]
        ),
        _next([point.pk for point in found], page.limit),
    )


@endpoint(
    "kiosks",
    Scope.PLACES,
    schema.Page,
    schema.Kiosks,
    _("Kiosks with location and status."),
)
def kiosks(page: schema.Page) -> schema.Kiosks:
    """GET kiosks."""
    found = list(Kiosk.objects.filter(pk__gt=_after(page)).order_by("pk")[: page.limit + 1])
    standing = {row.kiosk.pk: row for row in all_kiosks()}
    alarms = Counter(Alarm.objects.values_list("kiosk", flat=True))
    lost = losses()
    return schema.Kiosks(
        tuple(
            schema.Kiosk(
                id=kiosk.pk,
                uuid=str(kiosk.uuid),
                place=standing[kiosk.pk].point.pk if kiosk.pk in standing else None,
                state=kiosk.state,
                overdue=kiosk.pk in standing and standing[kiosk.pk].overdue,
                place_open=_is_open(standing.get(kiosk.pk)),
                revoked=kiosk.revoked_at is not None,
                heartbeat_at=kiosk.heartbeat_at,
                last_answer_at=standing[kiosk.pk].last_answer if kiosk.pk in standing else None,
                version=kiosk.version,
                waiting=kiosk.waiting,
                oldest_waiting_ms=kiosk.oldest_waiting_ms,
                quarantined=kiosk.quarantined,
                free_disk_bytes=kiosk.free_disk_bytes,
                clock_offset_ms=kiosk.clock_offset_ms,
                gone=lost[kiosk.pk].messages if kiosk.pk in lost else 0,
                alarms=alarms[kiosk.pk],
                troubles=tuple(each["kind"] for each in kiosk.troubles),
            )
            for kiosk in found[: page.limit]
        ),
        _next([kiosk.pk for kiosk in found], page.limit),
    )


def _is_open(row: KioskAt | None) -> bool | None:
    return row.hours.is_open(clock.now_ms()) if row is not None and row.hours.are_known else None


@endpoint(
    "questionnaires",
    Scope.PLACES,
    schema.Page,
    schema.Questionnaires,
    _("Every version of every questionnaire that was answered."),
)
def questionnaires(page: schema.Page) -> schema.Questionnaires:
    """GET questionnaires."""
    found = list(Version.objects.filter(pk__gt=_after(page)).order_by("pk")[: page.limit + 1])
    return schema.Questionnaires(
        tuple(_questionnaire(version) for version in found[: page.limit]),
        _next([version.pk for version in found], page.limit),
    )


@endpoint(
    "questionnaires/<str:digest>",
    Scope.PLACES,
    schema.NoParameters,
    schema.WholeQuestionnaire,
    _("The definition of one version, as the kiosks have it."),
)
def questionnaire(parameters: schema.NoParameters, digest: str) -> schema.WholeQuestionnaire:
    """GET questionnaires/{digest}."""
    del parameters
    version = None if "\0" in digest else Version.objects.filter(digest=digest).first()
    if version is None:
        raise RefusedError("not_found", "There is no questionnaire with this digest.")
    definition = parse_definition(version.definition or "")
    return schema.WholeQuestionnaire(version.pk, version.digest, definition)


def _questionnaire(version: Version) -> schema.Questionnaire:
    form = parse_definition(version.definition or "")
    if form is None:
        return schema.Questionnaire(
            version.pk, version.digest, version.name, version.title, (), (), known=False
        )
    return schema.Questionnaire(
        version=version.pk,
        digest=version.digest,
        name=form.id,
        title=form.title,
        languages=form.languages,
        questions=tuple(schema.Question(q.id, kind(q), dict(q.text)) for q in form.questions),
        known=True,
    )


def _after(page: schema.Page) -> int:
    found: _After | None = position(page.cursor, _After)
    return -1 if found is None else found[0]


def _next(keys: list[int], limit: int) -> str | None:
    return cursor_of([keys[limit - 1]]) if len(keys) > limit else None
