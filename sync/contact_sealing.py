"""Contact details leave the screen sealed: nobody who has the kiosk, or its card, reads them.

The head office names a key with each heartbeat's receipt, and alone has the half that opens what is
sealed to it (libsodium's sealed boxes). Until the first heartbeat a kiosk knows none, and stores
what was typed as it is; the head office seals it when it comes.
"""

import base64
import logging
from collections.abc import Sequence

import msgspec

from config.values import ContactDetails, SealedContact
from sync.messages import AnswerBody, Body, SealingKey
from sync.outbox.protocol import StateStore

STATE_KEY = "contact_key"
"""Where the outbox keeps the key that it heard of last."""
_log = logging.getLogger(__name__)
_encoder = msgspec.json.Encoder()
_key = msgspec.json.Decoder(SealingKey)


def remember_key(store: StateStore, key: SealingKey | None) -> None:
    """Keep the key that the head office has named, if it is another one than before."""
    if key is None:
        return
    text = _encoder.encode(key).decode()
    if store.state(STATE_KEY) != text:
        store.set_state(STATE_KEY, text)


def seal_bodies(store: StateStore, bodies: Sequence[Body]) -> tuple[Body, ...]:
    """The same, with contact details sealed if a key is known."""
    return tuple(_sealed(store, body) if _tells_who(body) else body for body in bodies)


def seal(details: ContactDetails, key: SealingKey) -> SealedContact:
    """Contact details for the holder of a key's other half; ValueError if it is no key."""
    # Loaded with the first contact details: few kiosks ask for them, and all start quickly.
    from nacl.exceptions import CryptoError
    from nacl.public import PublicKey, SealedBox

    try:
        box = SealedBox(PublicKey(base64.b64decode(key.public))).encrypt(_encoder.encode(details))
    except (CryptoError, TypeError) as error:
        raise ValueError(f"key {key.number} of the head office is none ({error})") from error
    return SealedContact(key.number, base64.b64encode(box).decode())


def _tells_who(body: Body) -> bool:
    return (
        isinstance(body, AnswerBody)
        and isinstance(body.value, ContactDetails)
        and body.value.consent
    )


def _sealed(store: StateStore, body: Body) -> Body:
    known = store.state(STATE_KEY)
    if known is None or not (
        isinstance(body, AnswerBody) and isinstance(body.value, ContactDetails)
    ):
        return body
    try:
        return msgspec.structs.replace(body, value=seal(body.value, _key.decode(known)))
    except (ValueError, msgspec.MsgspecError):
        # An answer is worth more than a key that is of no use: the next heartbeat names another.
        _log.exception("Contact details can't be sealed, and are stored as they were typed.")
        return body
