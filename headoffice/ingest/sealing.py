"""Contact details, sealed: readable by the head office alone, and not for ever.

What shoppers leave to be reached by is never stored as it is. It is sealed (libsodium's sealed
boxes) to a key of the day on which it came. The half of the key that opens it stands in the
database, locked with the secret key of the data folder: who has the database or a copy of it, and
not that file, learns nobody's address. When the details have been kept for as long as they may be,
the day's key is deleted, and no detail that was sealed with it can be read again.
"""

import base64
import hashlib
import logging
import threading
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import Enum
from typing import NamedTuple, TypeVar
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import QuerySet
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import SecretBox

from headoffice import clock
from headoffice.ingest.models import CONSENTED, ContactKey, StoredMessage
from headoffice.turns import writing
from sync.messages import ContactDetails, SealedContact, SealingKey

EVERY_S = 3600.0
_log = logging.getLogger("headoffice.ingest")


class StoredContact(
    msgspec.Struct, frozen=True, tag="contact", tag_field="type", omit_defaults=True
):
    """Contact details as the column of values has them; without consent there are none."""

    consent: bool
    key: int = 0
    """The number of the key that they are sealed to."""
    box: str = ""
    """JSON of the details, sealed, in base64."""

    @classmethod
    def of(cls, value: str) -> "StoredContact":
        """From the column of values; msgspec.ValidationError if it is something else."""
        return _stored.decode(value)


class Closed(Enum):
    """Why details can't be read."""

    ERASED = "their time is over"
    BROKEN = "they are no sealed details"
    OTHER_SECRET_KEY = "their key was locked with another secret key"  # noqa: S105


class Pair(NamedTuple):
    """Both halves of a new key."""

    public: bytes
    locked: bytes


Of = TypeVar("Of")
_encoder = msgspec.json.Encoder()
_stored = msgspec.json.Decoder(StoredContact)
_details = msgspec.json.Decoder(ContactDetails)


def stored(details: ContactDetails) -> str:
    """What to store of contact details; makes the day's key if there is none yet."""
    if not details.consent:
        return _encoder.encode(StoredContact(consent=False)).decode()
    key = _newest(clock.now().date())
    return sealed(details, key.pk, bytes(key.public))


def stored_anew(contact: SealedContact) -> str:
    """What to store of details that a kiosk has sealed: to the day's key, if we can open them."""
    was = StoredContact(True, contact.key, contact.box)
    details = opened({0: was})[0]
    if isinstance(details, Closed):
        _log.warning("Contact details came that can't be opened: %s", details.value)
        return _encoder.encode(was).decode()
    return stored(details)


def for_kiosks() -> SealingKey:
    """What kiosks seal contact details to; the same until the secret key is another one."""
    key = _newest(None)
    return SealingKey(key.pk, base64.b64encode(bytes(key.public)).decode())


def sealed(details: ContactDetails, key: int, public: bytes) -> str:
    """Details as they are stored, sealed to a key."""
    box = SealedBox(PublicKey(public)).encrypt(_encoder.encode(details))
    return _encoder.encode(StoredContact(True, key, base64.b64encode(box).decode())).decode()


def new_pair() -> Pair:
    """A key for a day."""
    private = PrivateKey.generate()
    return Pair(bytes(private.public_key), bytes(_lock().encrypt(bytes(private))))


def unlocked(locked: bytes | memoryview) -> PrivateKey | None:
    """The half of a key that opens; None if it was locked with another secret key."""
    try:
        return PrivateKey(_lock().decrypt(bytes(locked)))
    except CryptoError:
        return None


def unsealed(contact: StoredContact, private: PrivateKey) -> ContactDetails:
    """The details of one who consented, by the half of their key that opens."""
    return _details.decode(SealedBox(private).decrypt(base64.b64decode(contact.box)))


def opened(found: Mapping[Of, StoredContact]) -> dict[Of, ContactDetails | Closed]:
    """What can be read of some stored details that came with consent."""
    keys = _private({contact.key for contact in found.values()})
    return {of: _opened(contact, keys) for of, contact in found.items() if contact.consent}


def erase() -> int:
    """Delete the keys of days that are CONTACT_DAYS and more ago; how many there were."""
    last_erased = clock.now().date() - timedelta(days=settings.CONTACT_DAYS + 1)
    if not ContactKey.objects.filter(day__lte=last_erased).exists():
        return 0
    with writing():
        gone, _by_table = ContactKey.objects.filter(day__lte=last_erased).delete()
    return gone


def left(kiosk: int, response: UUID) -> "QuerySet[StoredMessage]":
    """The answers of one response that hold contact details."""
    return StoredMessage.objects.filter(
        kiosk=kiosk,
        response=response,
        kind=StoredMessage.Kind.ANSWER,
        value__startswith=f"{CONSENTED},",
    )


def forget(kiosk: int, response: UUID) -> int:
    """Erase the contact details of one response now; how many answers held some.

    That there was consent still counts. What comes again is known, and changes nothing.
    """
    with writing():
        return left(kiosk, response).update(value=_encoder.encode(StoredContact(True)).decode())


def keep(stopped: threading.Event) -> None:
    """Erase what is due, once an hour, until told to stop."""
    while True:
        try:
            if gone := erase():
                _log.info("Contact details of %d days are erased: their time is over", gone)
        except DatabaseError:
            _log.exception("Contact details could not be erased; in an hour again")
        finally:
            # Not kept for an hour: connections are counted, see docs/scaling.md.
            connection.close()
        if stopped.wait(EVERY_S):
            return


def _newest(day: date | None) -> ContactKey:
    newest = ContactKey.objects.filter(day=day).order_by("-pk").first()
    # With another secret key nobody could open what is sealed to it.
    if newest is not None and unlocked(newest.locked) is not None:
        return newest
    with writing():
        public, locked = new_pair()
        return ContactKey.objects.create(day=day, public=public, locked=locked)


def _private(numbers: Iterable[int]) -> dict[int, PrivateKey | None]:
    return {key.pk: unlocked(key.locked) for key in ContactKey.objects.filter(pk__in=numbers)}


def _opened(contact: StoredContact, keys: dict[int, PrivateKey | None]) -> ContactDetails | Closed:
    if contact.key not in keys:
        return Closed.ERASED
    private = keys[contact.key]
    if private is None:
        return Closed.OTHER_SECRET_KEY
    try:
        return unsealed(contact, private)
    except (CryptoError, TypeError, ValueError, msgspec.MsgspecError):
        return Closed.BROKEN


def _lock() -> SecretBox:
    """From the secret key, which holds 512 random bits and needs no stretching."""
    secret = settings.SECRET_KEY.encode()
    return SecretBox(hashlib.blake2b(secret, digest_size=32, person=b"hymio contacts").digest())
