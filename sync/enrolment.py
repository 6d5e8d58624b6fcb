"""Joining a head office with a one-time code.

::

    identity = enrol("ABCD-EFGH", url, installation=outbox.position().installation,
                     version=version, head_office=settings.head_office)
    save_identity(folder, identity)
"""

import msgspec

from config.settings import HeadOfficeSettings, Sync
from sync.address import checked_address
from sync.clock_trust import LAST_MS
from sync.errors import CodeRefusedError, HeadOfficeUnreachableError
from sync.failure_texts import (
    CODE_LENGTH,
    CODE_REFUSALS,
    HEAD_OFFICE_REFUSES,
    INTERRUPTION,
    LOGIN_PAGE,
    NO_HEAD_OFFICE,
    network_failure_text,
    network_text,
    problem_text,
)
from sync.http_client import HttpClient, HttpReply
from sync.identity import Identity, load_identity, save_identity
from sync.messages import EnrolmentReply, EnrolmentRequest
from sync.outcome import Interruption, NetworkFailure, NotAReceipt
from sync.transport import problem

__all__ = ["Identity", "enrol", "load_identity", "save_identity"]
_ASKED_TO_LOG_IN = (401, 403, 407, 511)


def enrol(
    code: str,
    url: str,
    *,
    installation: str,
    version: str,
    head_office: HeadOfficeSettings | None = None,
    sync: Sync | None = None,
) -> Identity:
    """Exchange a code for an identity; the caller keeps it with :func:`save_identity`.

    Raises CodeRefusedError, HeadOfficeUnreachableError, BadAddressError, InsecureAddressError or
    BadAuthorityError.
    """
    code = code.strip()
    if not 4 <= len(code) <= 40:
        raise CodeRefusedError(CODE_LENGTH)
    head_office = head_office or HeadOfficeSettings()
    client = HttpClient(url, head_office, sync or Sync())
    body = msgspec.json.encode(
        EnrolmentRequest(code=code, installation=installation, version=version)
    )
    match client.send("POST", "enrolment", body):
        case HttpReply(status=200 | 201) as reply:
            return _identity(reply, url, head_office)
        case HttpReply() as reply:
            raise _refusal(reply, url)
        case NetworkFailure(kind=kind):
            raise HeadOfficeUnreachableError(
                url, network_failure_text(kind), reason=network_text(kind)
            )
        case NotAReceipt(detail=detail):
            raise HeadOfficeUnreachableError(url, detail, reason=NO_HEAD_OFFICE, detail=detail)
        case Interruption():
            raise HeadOfficeUnreachableError(url, "it was interrupted.", reason=INTERRUPTION)


def _identity(reply: HttpReply, url: str, head_office: HeadOfficeSettings) -> Identity:
    try:
        given = msgspec.json.decode(reply.body, type=EnrolmentReply)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        # The decoder's words are left out: the reply may hold a credential.
        raise HeadOfficeUnreachableError(
            url,
            "what answered is no Hymio head office. Is there a log-in page in between?",
            reason=LOGIN_PAGE,
        ) from None
    return Identity(
        kiosk=given.kiosk,
        credential=given.credential,
        place=given.place,
        head_office=given.head_office,
        # 0: old enough to be renewed with the first heartbeat.
        issued_ms=given.now_ms if 0 <= given.now_ms < LAST_MS else 0,
        url=checked_address(url, plain_allowed=head_office.dangerously_allow_plain_http),
    )


def _refusal(reply: HttpReply, url: str) -> CodeRefusedError | HeadOfficeUnreachableError:
    found = problem(reply.headers, reply.body)
    where = reply.headers.get("Location", "")[:200]
    if found is None and (reply.status < 400 or reply.status in _ASKED_TO_LOG_IN):
        why = f"a log-in page answers in its place (HTTP status {reply.status}): log in first."
        said = f"HTTP {reply.status} {where}".strip()
        return HeadOfficeUnreachableError(url, why, reason=LOGIN_PAGE, detail=said)
    if found is None:
        why = f"what answered (HTTP status {reply.status}) is no Hymio head office."
        said = f"HTTP {reply.status}"
        return HeadOfficeUnreachableError(url, why, reason=NO_HEAD_OFFICE, detail=said)
    word = found.type.rsplit(":", 1)[-1]
    if word in CODE_REFUSALS:
        return CodeRefusedError(CODE_REFUSALS[word], is_used=word == "code_used")
    text = problem_text(found)
    return HeadOfficeUnreachableError(url, text, reason=HEAD_OFFICE_REFUSES, detail=text)
