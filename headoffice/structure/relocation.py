"""Changes to places and kiosks that change which place and hour an answer belongs to."""

from headoffice.db.write_lock import exclusive_write
from headoffice.fleet.models import Assignment, ExperiencePoint, Kiosk
from headoffice.ingest.correction import reassign_points
from headoffice.rollups import area_sums, verify


def move_kiosk(kiosk: Kiosk, point: ExperiencePoint, since_ms: int) -> int:
    """Put down that a kiosk has stood at a place since an instant; how many messages moved.

    What was answered before stays with the place where it was answered.
    """
    with exclusive_write():
        Kiosk.objects.select_for_update(no_key=True).get(pk=kiosk.pk)
        Assignment.objects.update_or_create(
            kiosk=kiosk, since_ms=since_ms, defaults={"point": point}
        )
        return reassign_points(kiosk.pk, since_ms)


def change_time_zone(point: ExperiencePoint, zone: str) -> None:
    """Give a place another time zone and sort all its answers into the hours of that."""
    with exclusive_write():
        ExperiencePoint.objects.filter(pk=point.pk).update(time_zone=zone)
        point.time_zone = zone
        stood = Assignment.objects.filter(point=point).values_list("kiosk", flat=True).distinct()
        # In one order, so that two such changes at once wait for each other.
        for kiosk in sorted(stood):
            verify.check_kiosk(kiosk, repair=True)
        area_sums.discard_sums({point.pk})
