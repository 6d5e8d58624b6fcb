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
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import Enum
from typing import NamedTuple, TypeVar
from uuid import UUID

import msgspec
from django.conf import settings
from django.db.models import Q, QuerySet
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import SecretBox

from config.values import ContactDetails, SealedContact
from headoffice import clock
from headoffice.accounts.security_log import record
from headoffice.db.write_lock import exclusive_write
from headoffice.messages.models import CONSENT_PREFIX, ContactKey, StoredMessage
from sync.messages import SealingKey

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
        """From the column of values; of what is damaged, consent without anything to open."""
        try:
            return _stored.decode(value)
        except (msgspec.MsgspecError, RecursionError, ValueError):
            return cls(consent=True, key=_DAMAGED)


class UnreadableReason(Enum):
    """Why details can't be read."""

    KEY_GONE = "their time is over"
    NO_BOX = "they are no sealed details"
    OTHER_SECRET_KEY = "their key was locked with another secret key"  # noqa: S105


class KeyPair(NamedTuple):
    """Both halves of a new key."""

    public: bytes
    locked: bytes


K = TypeVar("K")
_DAY_MS = 86_400_000
_DAYS_TOLD = 31
_DAMAGED = -1
"""In the place of a key's number: what is stored can't be read."""
_encoder = msgspec.json.Encoder()
_stored = msgspec.json.Decoder(StoredContact)
_details = msgspec.json.Decoder(ContactDetails)
ERASED = _encoder.encode(StoredContact(consent=True)).decode()
"""What is stored of details that were erased on request: that there was consent."""


def seal_details(details: ContactDetails) -> str:
    """What to store of contact details; makes the day's key if there is none yet."""
    if not details.consent:
        return _encoder.encode(StoredContact(consent=False)).decode()
    key = _newest(clock.now().date())
    return seal_to_key(details, key.pk, bytes(key.public))


def reseal_details(contact: SealedContact) -> str:
    """What to store of details that a kiosk has sealed: to the day's key, if they can be opened."""
    was = StoredContact(True, contact.key, contact.box)
    details = open_details({0: was})[0]
    if isinstance(details, UnreadableReason):
        _log.warning("Contact details came that can't be opened: %s", details.value)
        return _encoder.encode(was).decode()
    return seal_details(details)


def kiosk_sealing_key() -> SealingKey:
    """What kiosks seal contact details to; the same until the secret key is another one."""
    key = _newest(None)
    return SealingKey(key.pk, base64.b64encode(bytes(key.public)).decode())


def seal_to_key(details: ContactDetails, key: int, public: bytes) -> str:
    """Details as they are stored, sealed to a key."""
    box = SealedBox(PublicKey(public)).encrypt(_encoder.encode(details))
    return _encoder.encode(StoredContact(True, key, base64.b64encode(box).decode())).decode()


def new_key_pair() -> KeyPair:
    """A key for a day."""
    private = PrivateKey.generate()
    return KeyPair(bytes(private.public_key), bytes(_lock().encrypt(bytes(private))))


def unlock(locked: bytes | memoryview) -> PrivateKey | None:
    """The half of a key that opens; None if it was locked with another secret key."""
    try:
        return PrivateKey(_lock().decrypt(bytes(locked)))
    except CryptoError:
        return None


def unseal(contact: StoredContact, private: PrivateKey) -> ContactDetails:
    """The details of one who consented, by the half of their key that opens."""
    return _details.decode(SealedBox(private).decrypt(base64.b64decode(contact.box)))


def open_details(
    found: Mapping[K, StoredContact],
) -> dict[K, ContactDetails | UnreadableReason]:
    """What can be read of some stored details that came with consent."""
    keys = _private({contact.key for contact in found.values()})
    return {of: _opened(contact, keys) for of, contact in found.items() if contact.consent}


def erase_expired_keys(lived_ms: int) -> int:
    """Delete the keys of days that are CONTACT_DAYS and more ago; how many there were.

    Not by the calendar alone, as a clock may be wrong: so much time has to be known to have passed
    since a key was first looked at, too. ``lived_ms``: how much that is up to now.
    """
    today = clock.now().date()
    of_days = ContactKey.objects.exclude(day=None)
    if of_days.filter(Q(lived_ms=None) | Q(day__gt=today)).exists():
        with exclusive_write():
            of_days.filter(lived_ms=None).update(lived_ms=lived_ms)
            # Made by a clock that was ahead: its details came today at the latest.
            of_days.filter(day__gt=today).update(day=today)
    expired = of_days.filter(
        day__lte=today - timedelta(days=settings.CONTACT_DAYS + 1),
        lived_ms__lte=lived_ms - settings.CONTACT_DAYS * _DAY_MS,
    )
    if not expired.exists():
        return 0
    with exclusive_write():
        days = sorted({str(day) for day in expired.values_list("day", flat=True)})
        count, _by_table = expired.delete()
    record("contacts.keys_erased", "job", days=count, of=",".join(days[:_DAYS_TOLD]))
    return count


def contact_answers(kiosk: int, response: UUID) -> "QuerySet[StoredMessage]":
    """The answers of one response that hold contact details."""
    return StoredMessage.objects.filter(
        kiosk=kiosk,
        response=response,
        kind=StoredMessage.Kind.ANSWER,
        value__startswith=f"{CONSENT_PREFIX},",
    )


def erase_response(kiosk: int, response: UUID) -> int:
    """Erase the contact details of one response now; how many answers held some.

    That there was consent still counts. What comes again is known, and changes nothing.
    """
    with exclusive_write():
        return contact_answers(kiosk, response).update(value=ERASED)


def _newest(day: date | None) -> ContactKey:
    newest = ContactKey.objects.filter(day=day).order_by("-pk").first()
    # With another secret key nobody could open what is sealed to it.
    if newest is not None and unlock(newest.locked) is not None:
        return newest
    with exclusive_write():
        public, locked = new_key_pair()
        return ContactKey.objects.create(day=day, public=public, locked=locked)


def _private(numbers: Iterable[int]) -> dict[int, PrivateKey | None]:
    possible = [number for number in numbers if 0 < number < 2**63]
    return {key.pk: unlock(key.locked) for key in ContactKey.objects.filter(pk__in=possible)}


def _opened(
    contact: StoredContact, keys: dict[int, PrivateKey | None]
) -> ContactDetails | UnreadableReason:
    if contact.key == _DAMAGED:
        return UnreadableReason.NO_BOX
    if contact.key not in keys:
        return UnreadableReason.KEY_GONE
    private = keys[contact.key]
    if private is None:
        return UnreadableReason.OTHER_SECRET_KEY
    try:
        return unseal(contact, private)
    except (CryptoError, TypeError, ValueError, msgspec.MsgspecError):
        return UnreadableReason.NO_BOX


def _lock() -> SecretBox:
    """From the secret key, which holds 512 random bits and needs no stretching."""
    secret = settings.SECRET_KEY.encode()
    return SecretBox(hashlib.blake2b(secret, digest_size=32, person=b"hymio contacts").digest())
