"""What people did between a copy and the moment it was put back: it has to be done again.

What kiosks deliver comes again by itself. The rest is told as far as the database that was there
before can still be read.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar
from uuid import UUID

from django.db import DatabaseError
from django.db.models import Count

from headoffice import clock
from headoffice.accounts.models import Responsibility, User
from headoffice.api.models import Token
from headoffice.db.contents import Contents
from headoffice.db.queries import fetch_all
from headoffice.fleet.models import Assignment, ExperiencePoint, Kiosk
from headoffice.fleet.tree import Tree
from headoffice.messages.contacts import ERASED
from headoffice.messages.models import StoredMessage

_SHOWN = 20
K = TypeVar("K")
V = TypeVar("V")


class OfficeState(NamedTuple):
    """What people have put into a head office."""

    contents: Contents
    people: dict[str, tuple[object, ...]]
    """By name: role, password's hash, whether they may log in …"""
    tokens: dict[tuple[str, str], bool]
    """By name and when it was made: whether it was revoked."""
    places: dict[int, tuple[str, str]]
    """By number: path, and everything else."""
    kiosks: dict[UUID, tuple[str, bool]]
    """By id: the place where it stands, and whether it is shut out."""
    stays: frozenset[tuple[UUID, int, int]]
    """Kiosk, since when, and the number of the place."""
    misuse: dict[int, int]
    """By the number of the kiosk: messages about which people decided otherwise."""
    erased: dict[tuple[int, UUID], str]
    """By kiosk and response, contact details that were erased on request: when they were given."""

    @classmethod
    def read(cls) -> "OfficeState | None":
        """Of the database in place; None if it can't be read, as one of another version."""
        try:
            return _read()
        except DatabaseError:
            return None


def _read() -> OfficeState:
    tree = Tree.load()
    points = {point.pk: point for point in ExperiencePoint.objects.all()}
    stays = list(
        Assignment.objects.order_by("since_ms").values_list("kiosk__uuid", "since_ms", "point")
    )
    now = {kiosk: tree.path_of(points[point]) for kiosk, _since, point in stays}
    people = User.objects.values_list(
        "username", "role", "password", "is_active", "first_name", "last_name", "email"
    )
    charges: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for name, group, point in Responsibility.objects.order_by("group", "point").values_list(
        "user__username", "group", "point"
    ):
        charges[name].append((group or 0, point or 0))
    decided = StoredMessage.objects.filter(reported_misuse__isnull=False).values_list("kiosk")
    return OfficeState(
        Contents.read(fetch_all),
        {name: (*rest, tuple(charges[name])) for name, *rest in people},
        {
            (name, str(at)): revoked is not None
            for name, at, revoked in Token.objects.values_list("name", "created_at", "revoked_at")
        },
        {
            pk: (tree.path_of(p), f"{p.time_zone} {p.opening_hours} {p.tags} {p.custom}")
            for pk, p in points.items()
        },
        {
            uuid: (now.get(uuid, "?"), revoked is not None)
            for uuid, revoked in Kiosk.objects.values_list("uuid", "revoked_at")
        },
        frozenset(stays),
        dict(decided.annotate(n=Count("*")).order_by()),
        _erased(),
    )


def _erased() -> dict[tuple[int, UUID], str]:
    rows = StoredMessage.objects.filter(value=ERASED).values_list(
        "kiosk", "response", "happened_ms"
    )
    return {(kiosk, response): _minute(ms) for kiosk, response, ms in rows}


def _minute(ms: int) -> str:
    return f"{clock.instant(ms):%Y-%m-%d %H:%M} UTC"


def undone(before: OfficeState, after: OfficeState) -> list[str]:
    """What was there before and is not any more, in lines."""
    lines = []
    for title, found in _undone(before, after):
        names = sorted(set(found))
        shown = "; ".join(names[:_SHOWN])
        more = f"; and {len(names) - _SHOWN} more" if names[_SHOWN:] else ""
        if names:
            lines.append(f"{title}: {shown}{more}")
    return lines


def _undone(before: OfficeState, after: OfficeState) -> Iterator[tuple[str, list[str]]]:
    yield "accounts to make again", _gone(before.people, after.people, str)
    yield (
        "accounts changed since (role, password, shut out)",
        [
            *_changed(before.people, after.people, str),
            *(
                f"{name} (removed or renamed since)"
                for name in after.people.keys() - before.people.keys()
            ),
        ],
    )
    yield "tokens to make again", _gone(before.tokens, after.tokens, lambda key: key[0])
    yield "tokens to revoke again", _again(before.tokens, after.tokens, lambda key: key[0])
    yield (
        "places to make again",
        _gone(before.places, after.places, lambda pk: before.places[pk][0]),
    )
    yield (
        "places changed since",
        _changed(before.places, after.places, lambda pk: before.places[pk][0]),
    )
    yield (
        "kiosks to shut out again",
        [
            f"{place} ({uuid})"
            for uuid, (place, shut_out) in before.kiosks.items()
            if shut_out and uuid in after.kiosks and not after.kiosks[uuid][1]
        ],
    )
    yield (
        "kiosks to move again",
        [
            f"kiosk {uuid} to {before.places[point][0]} since {_minute(since)}"
            for uuid, since, point in before.stays - after.stays
            if uuid in after.kiosks and point in before.places
        ],
    )
    yield (
        "kiosks whose misuse was decided about",
        [
            f"kiosk {kiosk} ({n - after.misuse.get(kiosk, 0):+,} messages)"
            for kiosk, n in before.misuse.items()
            if n != after.misuse.get(kiosk, 0)
        ],
    )
    yield (
        "contact details to erase again, which can be read until then (Comments)",
        [
            f"given at kiosk {kiosk} on {at}"
            for (kiosk, response), at in before.erased.items()
            if (kiosk, response) not in after.erased
        ],
    )


def enrolled_since(before: OfficeState, after: OfficeState) -> list[str]:
    """Where the kiosks stand that joined after the copy, and are refused now."""
    return sorted(
        place
        for uuid, (place, shut_out) in before.kiosks.items()
        if uuid not in after.kiosks and not shut_out
    )


def _gone(before: dict[K, V], after: dict[K, V], name: Callable[[K], str]) -> list[str]:
    return [name(key) for key in before.keys() - after.keys()]


def _changed(before: dict[K, V], after: dict[K, V], name: Callable[[K], str]) -> list[str]:
    return [name(key) for key in before.keys() & after.keys() if before[key] != after[key]]


def _again(before: dict[K, bool], after: dict[K, bool], name: Callable[[K], str]) -> list[str]:
    return [name(key) for key in before.keys() & after.keys() if before[key] and not after[key]]
