"""Places, kiosks and questionnaires, for programs."""

from collections import Counter

from django.utils.translation import gettext_noop as _

from headoffice import clock
from headoffice.api import schema
from headoffice.api.frame import cursor_of, endpoint, position
from headoffice.api.models import Scope
from headoffice.fleet import overview
from headoffice.fleet.models import Alarm, ExperiencePoint, Kiosk
from headoffice.fleet.tree import Tree
from headoffice.ingest.models import Gap
from headoffice.problems import RefusedError
from headoffice.questionnaires.models import Version
from headoffice.questionnaires.registry import parsed

_After = tuple[schema.Number]


@endpoint(
    "places",
    Scope.PLACES,
    schema.Page,
    schema.Places,
    _("The places where kiosks stand, with the groups above them."),
)
def places(asked: schema.Page) -> schema.Places:
    """GET places."""
    rows = ExperiencePoint.objects.filter(pk__gt=_after(asked)).order_by("pk")
    found = list(rows[: asked.limit + 1])
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
            for point in found[: asked.limit]
        ),
        _next([point.pk for point in found], asked.limit),
    )


@endpoint(
    "kiosks",
    Scope.PLACES,
    schema.Page,
    schema.Kiosks,
    _("The kiosks, where they stand and how they are."),
)
def kiosks(asked: schema.Page) -> schema.Kiosks:
    """GET kiosks."""
    found = list(Kiosk.objects.filter(pk__gt=_after(asked)).order_by("pk")[: asked.limit + 1])
    standing = {row.kiosk.pk: row for row in overview.all_kiosks()}
    alarms = Counter(Alarm.objects.values_list("kiosk", flat=True))
    gone: Counter[int] = Counter()
    for kiosk, first, last in Gap.objects.values_list("kiosk", "first", "last"):
        gone[kiosk] += last - first + 1
    return schema.Kiosks(
        tuple(
            schema.Kiosk(
                id=kiosk.pk,
                uuid=str(kiosk.uuid),
                place=standing[kiosk.pk].point.pk if kiosk.pk in standing else None,
                state=kiosk.state,
                overdue=kiosk.pk in standing and standing[kiosk.pk].overdue,
                revoked=kiosk.revoked_at is not None,
                heartbeat_at=kiosk.heartbeat_at,
                last_answer_at=None
                if kiosk.last_answer_ms is None
                else clock.instant(kiosk.last_answer_ms),
                version=kiosk.version,
                waiting=kiosk.waiting,
                quarantined=kiosk.quarantined,
                gone=gone[kiosk.pk],
                alarms=alarms[kiosk.pk],
            )
            for kiosk in found[: asked.limit]
        ),
        _next([kiosk.pk for kiosk in found], asked.limit),
    )


@endpoint(
    "questionnaires",
    Scope.PLACES,
    schema.Page,
    schema.Questionnaires,
    _("Every version of every questionnaire that was answered."),
)
def questionnaires(asked: schema.Page) -> schema.Questionnaires:
    """GET questionnaires."""
    found = list(Version.objects.filter(pk__gt=_after(asked)).order_by("pk")[: asked.limit + 1])
    return schema.Questionnaires(
        tuple(_questionnaire(version) for version in found[: asked.limit]),
        _next([version.pk for version in found], asked.limit),
    )


@endpoint(
    "questionnaires/<str:digest>",
    Scope.PLACES,
    schema.Nothing,
    schema.WholeQuestionnaire,
    _("The definition of one version, as the kiosks have it."),
)
def questionnaire(asked: schema.Nothing, digest: str) -> schema.WholeQuestionnaire:
    """GET questionnaires/{digest}."""
    del asked
    version = None if "\0" in digest else Version.objects.filter(digest=digest).first()
    if version is None:
        raise RefusedError("not_found", "There is no questionnaire with this digest.")
    definition = None if version.definition is None else parsed(version.definition)
    return schema.WholeQuestionnaire(version.pk, version.digest, definition)


def _questionnaire(version: Version) -> schema.Questionnaire:
    if version.definition is None:
        return schema.Questionnaire(
            version.pk, version.digest, version.name, version.title, (), (), known=False
        )
    form = parsed(version.definition)
    return schema.Questionnaire(
        version=version.pk,
        digest=version.digest,
        name=form.id,
        title=form.title,
        languages=form.languages,
        questions=tuple(
            schema.Question(q.id, str(q.__struct_config__.tag), dict(q.text))
            for q in form.questions
        ),
        known=True,
    )


def _after(asked: schema.Page) -> int:
    found: _After | None = position(asked.cursor, _After)
    return -1 if found is None else found[0]


def _next(keys: list[int], limit: int) -> str | None:
    return cursor_of([keys[limit - 1]]) if len(keys) > limit else None
