"""Changes to places and kiosks that change which place and hour an answer belongs to."""

from headoffice.fleet.models import Assignment, ExperiencePoint, Kiosk
from headoffice.ingest.correcting import replace_stays
from headoffice.results import rollups, summing
from headoffice.turns import writing


def move(kiosk: Kiosk, point: ExperiencePoint, since_ms: int) -> int:
    """Put down that a kiosk has stood at a place since an instant; how many messages moved.

    What was answered before stays with the place where it was answered.
    """
    with writing():
        Kiosk.objects.select_for_update(no_key=True).get(pk=kiosk.pk)
        Assignment.objects.update_or_create(
            kiosk=kiosk, since_ms=since_ms, defaults={"point": point}
        )
        return replace_stays(kiosk.pk, since_ms)


def change_time_zone(point: ExperiencePoint, zone: str) -> None:
    """Give a place another time zone and sort all its answers into the hours of that."""
    with writing():
        ExperiencePoint.objects.filter(pk=point.pk).update(time_zone=zone)
        point.time_zone = zone
        stood = Assignment.objects.filter(point=point).values_list("kiosk", flat=True).distinct()
        # In one order, so that two such changes at once wait for each other.
        for kiosk in sorted(stood):
            rollups.check(kiosk, repair=True)
        summing.forget({point.pk})
