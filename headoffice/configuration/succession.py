"""What is said for one kiosk alone passes on to the one that takes its place."""

from headoffice.configuration.models import ScheduleRow, SettingValue
from headoffice.fleet.models import Kiosk


def pass_on(kiosk: Kiosk, successor: Kiosk, **_signal: object) -> None:
    """Give the successor the settings and the schedule of the kiosk itself.

    The old one keeps them: it may be let in again. The next heartbeat of the new one works its
    document out.
    """
    settings = list(SettingValue.objects.filter(kiosk=kiosk))
    schedule = list(ScheduleRow.objects.filter(kiosk=kiosk))
    for row in (*settings, *schedule):
        row.pk, row.kiosk = None, successor
    SettingValue.objects.bulk_create(settings)
    ScheduleRow.objects.bulk_create(schedule)
