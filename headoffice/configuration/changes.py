"""What people change, checked against what is stored, and written down by a roll-out."""

from collections.abc import Iterable

from headoffice import clock
from headoffice.accounts.models import User
from headoffice.configuration.models import ScheduleRow, SettingValue
from headoffice.configuration.rules import Change, Rules
from headoffice.configuration.scopes import field_of


def real_changes(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Those that change anything."""
    return tuple(
        change
        for change in changes
        if change.before != change.after or change.schedule_before != change.schedule_after
    )


def stale_changes(changes: Iterable[Change], rules: Rules) -> tuple[Change, ...]:
    """Those that begin with something else than what is said now: somebody else was quicker."""
    return tuple(change for change in changes if not _is_current(change, rules))


def _is_current(change: Change, rules: Rules) -> bool:
    if change.name:
        return rules.setting(change.scope, change.name) == change.before
    return rules.schedule(change.scope) == change.schedule_before


def write_changes(changes: Iterable[Change], author: User | None) -> None:
    """Bring what is stored to what these changes say; in a transaction."""
    for change in changes:
        field, number = field_of(change.scope)
        where = {f"{field}_id": number}
        if not change.name:
            ScheduleRow.objects.filter(**where).delete()
            ScheduleRow.objects.bulk_create(
                ScheduleRow(
                    **where,
                    version_id=entry.version,
                    begins_ms=entry.begins_ms,
                    ends_ms=entry.ends_ms,
                    position=position,
                    author=author,
                )
                for position, entry in enumerate(change.schedule_after)
            )
            continue
        SettingValue.objects.filter(**where, name=change.name).delete()
        if change.after is not None:
            SettingValue.objects.create(
                **where,
                name=change.name,
                value=change.after.value,
                locks=change.after.locks,
                author=author,
                at=clock.now(),
            )
