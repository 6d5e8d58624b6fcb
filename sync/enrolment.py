"""Joining a head office with a one-time code.

::

    identity = enrol("ABCD-EFGH", url, installation=outbox.position().installation,
                     version=version, head_office=settings.head_office)
    save_identity(folder, identity)
"""

import msgspec

from config.settings import HeadOffice, Sync
from sync.address import checked_address
from sync.errors import CodeRefusedError, HeadOfficeUnreachableError
from sync.identity import Identity, load_identity, save_identity
from sync.messages import EnrolmentReply, EnrolmentRequest
from sync.outcome import Interrupted, NetworkFailed, NotAReceipt
from sync.transport import HttpClient, Replied, problem
from sync.words import network_words

__all__ = ["Identity", "enrol", "load_identity", "save_identity"]

_CODES = {
    "code_unknown": "The head office doesn't know this code.",
    "code_expired": "This code has expired.",
    "code_used": "This code was used before.",
    "throttled": "Too many codes were tried; wait a few minutes.",
}


def enrol(
    code: str,
    url: str,
    *,
    installation: str,
    version: str,
    head_office: HeadOffice | None = None,
    sync: Sync | None = None,
) -> Identity:
    """Exchange a code for an identity; the caller keeps it with :func:`save_identity`.

    Raises CodeRefusedError, HeadOfficeUnreachableError, BadAddressError, InsecureAddressError or
    BadAuthorityError.
    """
    code = code.strip()
    if not 4 <= len(code) <= 40:
        raise CodeRefusedError("A code has 4 to 40 characters.")
    head_office = head_office or HeadOffice()
    client = HttpClient(url, head_office, sync or Sync())
    body = msgspec.json.encode(
        EnrolmentRequest(code=code, installation=installation, version=version)
    )
    match client.send("POST", "enrolment", body):
        case Replied(status=200 | 201) as reply:
            return _identity(reply, url, head_office)
        case Replied() as reply:
            raise _refusal(reply, url)
        case NetworkFailed(kind=kind):
            raise HeadOfficeUnreachableError(url, network_words(kind))
        case NotAReceipt(detail=detail):
            raise HeadOfficeUnreachableError(url, detail)
        case Interrupted():
            raise HeadOfficeUnreachableError(url, "it was interrupted.")


def _identity(reply: Replied, url: str, head_office: HeadOffice) -> Identity:
    try:
        given = msgspec.json.decode(reply.body, type=EnrolmentReply)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # The decoder's words are left out: the reply may hold a credential.
        raise HeadOfficeUnreachableError(
            url, "what answered is no Hymio head office. Is there a log-in page in between?"
        ) from None
    return Identity(
        kiosk=given.kiosk,
        credential=given.credential,
        place=given.place,
        head_office=given.head_office,
        issued_ms=given.now_ms,
        url=checked_address(url, plain_allowed=head_office.dangerously_allow_plain_http),
    )


def _refusal(reply: Replied, url: str) -> CodeRefusedError | HeadOfficeUnreachableError:
    found = problem(reply.headers, reply.body)
    if found is None:
        return HeadOfficeUnreachableError(
            url, f"what answered (HTTP status {reply.status}) is no Hymio head office."
        )
    word = found.type.rsplit(":", 1)[-1]
    if word in _CODES:
        return CodeRefusedError(_CODES[word])
    return HeadOfficeUnreachableError(url, f"{found.title} {found.detail}".strip())
