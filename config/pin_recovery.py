"""How a head office lets staff choose a new PIN: a word of the kiosk, answered by its head office.

The kiosk shows a challenge; whoever may, at the head office, turns it into an answer; staff type
it. Both ends know the hash of the kiosk's credential and nobody else does, so nothing has to travel
over a network, which may be what is broken. An answer fits one challenge of one kiosk.
"""

import hashlib
import hmac
import secrets

LETTERS = "23456789FHKLMQRWXY"
"""No two look or sound alike."""
LENGTH = 8
"""34 bits: a challenge takes a few tries and then gives way to another one."""
_PURPOSE = b"hymio:pin-recovery:1:"


def new_challenge() -> str:
    """A challenge that was never there before."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def recovery_answer(credential_hash: bytes, challenge: str) -> str:
    """The answer to a challenge; ``credential_hash``: SHA-256 of the kiosk's credential."""
    mac = hmac.digest(credential_hash, _PURPOSE + plain_letters(challenge).encode(), hashlib.sha256)
    number, letters = int.from_bytes(mac, "big"), ""
    for _ in range(LENGTH):
        number, index = divmod(number, len(LETTERS))
        letters += LETTERS[index]
    return letters


def plain_letters(typed: str) -> str:
    """Without dashes and spaces, in capitals."""
    return "".join(letter for letter in typed.upper() if letter in LETTERS)


def grouped(letters: str) -> str:
    """As it is read aloud: ``KLMQ-7342``."""
    head, tail = letters[:4], letters[4:]
    return f"{head}-{tail}" if tail else head
