"""How a kiosk joins: a short code, read aloud, becomes a credential.

A code has eight characters of an alphabet without look-alikes and sound-alikes (34 bits), lives
for a day and works for one kiosk. Guesses are throttled per address and altogether. When the
reply is lost, the same installation may ask again with the same code and gets a fresh credential
for the same kiosk, until the code expires or that kiosk has once used its credential.
"""

import datetime as dt
import hashlib
import hmac
import secrets
import uuid
from zoneinfo import available_timezones

from django.conf import settings

from headoffice import clock
from headoffice.accounts import throttle
from headoffice.errors import HeadOfficeError
from headoffice.fleet import credentials, places
from headoffice.fleet.models import Assignment, EnrolmentCode, HeadOffice, Kiosk
from headoffice.problems import RefusedError
from headoffice.turns import writing
from sync.messages import EnrolmentReply, EnrolmentRequest

ALPHABET = "23456789FHKLMQRWXY"
LENGTH = 8
LIFETIME = dt.timedelta(days=1)
GUESSES_PER_SOURCE = 10
GUESSES_ALTOGETHER = 200
"""In ten minutes: with 18^8 codes, guessing for a year finds one of 10 open codes once in 100."""
_EVERYONE = "enrol:all"


def create_code(place: str, time_zone: str | None = None) -> str:
    """A code for one more kiosk at the place of this name or path, made if it is new.

    HeadOfficeError if the name is not enough to tell which place, or the zone is unknown.
    """
    zone = time_zone or settings.TIME_ZONE
    if zone not in available_timezones():
        raise HeadOfficeError(f"there is no time zone {zone}: one is called Europe/Helsinki")
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    with writing():
        point = places.named(place, zone)
        EnrolmentCode.objects.create(
            hash=_hash(code), point=point, expires_at=clock.now() + LIFETIME
        )
    return f"{code[:4]}-{code[4:]}"


def enrol(request: EnrolmentRequest, source: str) -> EnrolmentReply:
    """Trade a code for an identity; RefusedError if the code is unknown, expired or used."""
    sources = (f"enrol:{source}", _EVERYONE)
    wait = max(
        throttle.wait_seconds(sources[0], limit=GUESSES_PER_SOURCE),
        throttle.wait_seconds(_EVERYONE, limit=GUESSES_ALTOGETHER),
    )
    if wait:
        raise RefusedError("throttled", f"Try again in {wait} seconds.", retry_after=wait)
    try:
        with writing():
            return _trade(request)
    except RefusedError as refusal:
        if refusal.kind == "code_unknown":
            throttle.failed(*sources)
        raise


def _trade(request: EnrolmentRequest) -> EnrolmentReply:
    now = clock.now()
    # Locked, so that two kiosks with one code don't both get in.
    code = (
        EnrolmentCode.objects.select_for_update(of=("self",))
        .select_related("point", "kiosk")
        .filter(hash=_hash(request.code))
        .first()
    )
    if code is None:
        raise RefusedError("code_unknown", "Check the code, or ask for a new one.")
    if code.expires_at <= now:
        raise RefusedError("code_expired", "Ask for a new code.")
    kiosk = code.kiosk
    if kiosk is None:
        kiosk = Kiosk.objects.create(created_at=now, version=request.version)
        Assignment.objects.create(kiosk=kiosk, point=code.point, since_ms=clock.now_ms())
        code.kiosk, code.installation = kiosk, uuid.UUID(request.installation)
        code.save()
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


def _hash(code: str) -> bytes:
    """Keyed, because a plain hash of so short a code could be turned back."""
    plain = "".join(c for c in code.upper() if c.isalnum())
    return hmac.digest(settings.SECRET_KEY.encode(), f"code:{plain}".encode(), hashlib.sha256)
