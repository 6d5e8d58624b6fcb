"""How a kiosk joins: a short code, read aloud, becomes a credential.

A code has eight characters of an alphabet without look-alikes and sound-alikes (34 bits), lives
for a day and works for one kiosk. Guesses are throttled per network, the more so while there are
many from everywhere; a right code from where nobody has guessed always works. When the reply is
lost, the same installation may ask again with the same code and gets a fresh credential for the
same kiosk, until the code expires or that kiosk has once used its credential.
"""

import contextlib
import datetime as dt
import hashlib
import hmac
import secrets
import uuid
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from zoneinfo import available_timezones

from django.conf import settings

from headoffice import clock
from headoffice.accounts import throttle
from headoffice.accounts.sealing import seal, unseal
from headoffice.accounts.security_log import record, record_guess
from headoffice.accounts.throttle import Limit
from headoffice.db.write_lock import exclusive_write
from headoffice.errors import HeadOfficeError
from headoffice.fleet import credentials, places, succession
from headoffice.fleet.models import Assignment, EnrolmentCode, ExperiencePoint, HeadOffice, Kiosk
from headoffice.web.problems import RefusedError
from sync.messages import EnrolmentReply, EnrolmentRequest

ALPHABET = "23456789FHKLMQRWXY"
LENGTH = 8
LIFETIME = dt.timedelta(days=1)
GUESSES_PER_SOURCE = 10
GUESSES_IN_AN_ATTACK = 2
GUESSES_ALTOGETHER = 200
"""In ten minutes. When there were so many, from wherever, somebody is guessing: each network then
has fewer. With 18^8 codes, a thousand networks that guess for a year find one of 10 open codes once
in 10; whoever mistypes a code is helped in ten minutes, and a right one is never refused."""
_DIFFERENCE = dt.timedelta(hours=1)
"""Between the clocks of two machines that serve one database."""
_PURPOSE = "hymio codes"
_EVERYONE = Limit("enrol:all", GUESSES_ALTOGETHER)


class NewCode(NamedTuple):
    """A code that was made, and the place that its kiosk will stand at."""

    code: str
    point: ExperiencePoint
    is_new_place: bool


class Batch(NamedTuple):
    """Codes that were made at once."""

    id: uuid.UUID
    codes: tuple[str, ...]
    """In the order of the places that they were made for."""


class OpenCode(NamedTuple):
    """A code that waits for its kiosk."""

    row: EnrolmentCode
    code: str
    """Empty if an earlier version made it, or another secret key: it can't be shown."""

    @property
    def hex(self) -> str:
        """What names it in an address, and opens nothing: its keyed hash."""
        return bytes(self.row.hash).hex()


def create_code(place: str, time_zone: str | None = None) -> str:
    """A code for one more kiosk at the place of this name or path, made if it is new."""
    return create_code_at(place, time_zone).code


def create_code_at(place: str, time_zone: str | None = None) -> NewCode:
    """The same, with the place.

    HeadOfficeError if the name is not enough to tell which place, or the zone is unknown.
    """
    zone = _zone(time_zone)
    with exclusive_write():
        point, is_new = places.find_or_make_point(place, zone)
        (code,) = create_codes([point]).codes
    return NewCode(code, point, is_new)


def create_codes(
    points: Sequence[ExperiencePoint], maker: str = "", predecessor: Kiosk | None = None
) -> Batch:
    """A code for one more kiosk at each of these places.

    ``maker``: the name of who asks for them; empty for a command. ``predecessor``: the kiosk whose
    place the new one takes.
    """
    batch, now = uuid.uuid4(), clock.now()
    codes = [_new_code() for _point in points]
    rows = [
        EnrolmentCode(
            hash=_hash(code),
            point=point,
            created_at=now,
            expires_at=now + LIFETIME,
            box=seal(code, _PURPOSE),
            maker=maker,
            batch=batch,
            predecessor=predecessor,
        )
        for point, code in zip(points, codes, strict=True)
    ]
    with exclusive_write():
        EnrolmentCode.objects.filter(expires_at__lte=now).exclude(box="").update(box="")
        EnrolmentCode.objects.bulk_create(rows)
    return Batch(batch, tuple(codes))


def open_codes(batch: uuid.UUID | None = None) -> list[OpenCode]:
    """The codes that a kiosk may still use, the newest first; only those of a batch, if given."""
    now = clock.now()
    rows = EnrolmentCode.objects.filter(
        kiosk=None, expires_at__gt=now, expires_at__lte=now + LIFETIME + _DIFFERENCE
    )
    if batch is not None:
        rows = rows.filter(batch=batch)
    rows = rows.select_related("point").order_by("-created_at", "point__name")
    return [OpenCode(row, unseal(row.box, _PURPOSE) or "") for row in rows]


def withdraw_codes(hashes: Iterable[bytes]) -> list[ExperiencePoint]:
    """Take back codes that no kiosk has used; the places of those that were open."""
    with exclusive_write():
        rows = EnrolmentCode.objects.filter(hash__in=list(hashes), kiosk=None)
        places_of = [row.point for row in rows.select_related("point")]
        rows.delete()
    return places_of


def _new_code() -> str:
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{code[:4]}-{code[4:]}"


def find_or_make_place(place: str, time_zone: str | None = None) -> ExperiencePoint:
    """The place of this name or path; made if it is new. HeadOfficeError as above."""
    zone = _zone(time_zone)
    with exclusive_write():
        return places.find_or_make_point(place, zone)[0]


def _zone(name: str | None) -> str:
    zone = name or settings.TIME_ZONE
    if zone not in available_timezones():
        raise HeadOfficeError(f"there is no time zone {zone}: one is called Europe/Helsinki")
    return str(zone)


def enrol_kiosk(request: EnrolmentRequest, source: str) -> EnrolmentReply:
    """Trade a code for an identity; RefusedError if the code is unknown, expired or used."""
    attacked = throttle.is_reached(_EVERYONE)
    most = GUESSES_IN_AN_ATTACK if attacked else GUESSES_PER_SOURCE
    limits = throttle.limits_by_source("enrol", source, most)
    try:
        throttle.count_try(*limits)
    except throttle.ThrottledError as error:
        wait = error.seconds
        record_guess("enrolment.locked")
        raise RefusedError("throttled", f"Try again in {wait} seconds.", retry_after=wait) from None
    try:
        with exclusive_write():
            reply = _trade(request)
    except RefusedError as refusal:
        record_guess("enrolment.refused", reason=refusal.kind)
        if refusal.kind == "code_unknown":
            with contextlib.suppress(throttle.ThrottledError):
                throttle.count_try(_EVERYONE)
        else:
            throttle.give_back(*limits)
        raise
    throttle.give_back(*limits)
    record("kiosk.enrolled", None, f"kiosk:{reply.kiosk}")
    return reply


def _trade(request: EnrolmentRequest) -> EnrolmentReply:
    now = clock.now()
    # Locked, so that two kiosks with one code don't both get in.
    code = (
        EnrolmentCode.objects.select_for_update(of=("self",))
        .select_related("point", "kiosk", "predecessor")
        .filter(hash=_hash(request.code))
        .first()
    )
    if code is None:
        raise RefusedError("code_unknown", "Check the code, or ask for a new one.")
    # One that would live for longer was made by a clock that was ahead.
    if not now < code.expires_at <= now + LIFETIME + _DIFFERENCE:
        raise RefusedError("code_expired", "Ask for a new code.")
    kiosk = code.kiosk
    if kiosk is None:
        kiosk = _imported(request.installation) or Kiosk(created_at=now)
        kiosk.version, kiosk.offline = request.version, False
        kiosk.save()
        Assignment.objects.create(kiosk=kiosk, point=code.point, since_ms=clock.now_ms())
        code.kiosk, code.installation = kiosk, uuid.UUID(request.installation)
        code.box = ""
        code.save()
        if code.predecessor is not None:
            succession.succeed(code.predecessor, kiosk)
    elif (
        str(code.installation) != request.installation
        or kiosk.heartbeat_at is not None
        or kiosk.revoked_at is not None
        or kiosk.installations.exists()
    ):
        raise RefusedError("code_used", "Each code is for one kiosk. Ask for a new code.")
    return EnrolmentReply(
        kiosk=str(kiosk.uuid),
        credential=credentials.issue(kiosk),
        place=code.point.name,
        head_office=HeadOffice.identity(),
        now_ms=clock.now_ms(),
    )


def _imported(installation: str) -> Kiosk | None:
    """The kiosk whose answers came by stick: what it delivers itself is to count once with them."""
    return Kiosk.objects.filter(
        heartbeat_at=None, revoked_at=None, installations__uuid=installation
    ).first()


def _hash(code: str) -> bytes:
    """Keyed, because a plain hash of so short a code could be turned back."""
    plain = "".join(c for c in code.upper() if c.isalnum())
    return hmac.digest(settings.SECRET_KEY.encode(), f"code:{plain}".encode(), hashlib.sha256)
