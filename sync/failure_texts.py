"""What staff read about the way home: what happened, and what to do.

English here, as in logs and on the command line; the kiosk's screen translates whole sentences.
"""

import errno
import re
from collections.abc import Callable
from typing import Self

from sync.messages import Problem
from sync.outcome import (
    FetchOutcome,
    NetworkFailure,
    NetworkTrouble,
    NotAReceipt,
    Rejection,
    SendOutcome,
)


def gettext_noop(text: str) -> str:
    """Marks a text that the kiosk's screen translates."""
    return text


class Sentence(str):
    """A sentence with values in it, which keeps its pattern so that it can be translated."""

    __slots__ = ("pattern", "values")
    pattern: str
    values: dict[str, str]

    def __new__(cls, pattern: str, **values: str) -> Self:
        """``pattern`` has the names of the values in braces."""
        text = super().__new__(cls, pattern.format(**values))
        text.pattern, text.values = pattern, values
        return text


def translate(text: str, gettext: Callable[[str], str]) -> str:
    """A text of this module in another language; an empty one stays empty."""
    if isinstance(text, Sentence):
        return gettext(text.pattern).format(**text.values)
    # gettext would answer an empty text with the head of its catalogue.
    return gettext(text) if text else ""


_NETWORK: dict[NetworkTrouble, str] = {
    "name": gettext_noop(
        "The head office's name is not known to the network. Check the address and the DNS."
    ),
    "refused": gettext_noop("The head office's machine is there, but its program doesn't answer."),
    "timeout": gettext_noop("No answer in time. The connection is slow or interrupted."),
    "tls": gettext_noop(
        "The secure connection failed: what answers there doesn't speak TLS as it "
        "should. Check the address and its port."
    ),
    "certificate_untrusted": gettext_noop(
        "The head office's certificate is not trusted. Set head_office.ca_file to the certificate "
        "of its issuer. If it worked before, somebody may be listening in: ask whoever runs the "
        "network."
    ),
    "certificate_name": gettext_noop(
        "The certificate that was shown is for another name than the head office's "
        "address. Check the address, or the head office's certificate."
    ),
    "certificate_expired": gettext_noop(
        "The head office's certificate has expired, or this kiosk's clock is wrong. "
        "Renew the certificate, or set the clock."
    ),
    "certificate_too_new": gettext_noop(
        "The head office's certificate is not valid yet: this kiosk's clock is probably"
        " wrong. Set the clock."
    ),
    "unreachable": gettext_noop("The head office can't be reached. Check the cable or the Wi-Fi."),
    "cut": gettext_noop("The connection was cut in the middle."),
    "proxy": gettext_noop("The proxy doesn't let the kiosk through."),
}


CLOCK_IMPOSSIBLE = gettext_noop(
    "The head office's clock shows a time that can't be. Set it. Answers are delivered and "
    "counted, but when they were given is known from this kiosk's clock alone."
)
CLOCK_CONTRADICTS = gettext_noop(
    "The head office's clock contradicts itself: it has jumped, or another machine answers as "
    "well. Set it. Answers are delivered and counted, and none is removed because of it."
)
CLOCK_IN_DOUBT = gettext_noop(
    "The head office doubts its own clock and takes nothing until it is set right. Answers are "
    "kept, and go by themselves then."
)
_OLDER_THAN_KIOSK = gettext_noop(
    "The head office has an older version. Update it. Answers are kept."
)
_PROBLEMS = {
    "urn:hymio:problem:clock": CLOCK_IN_DOUBT,
    "urn:hymio:problem:not_found": _OLDER_THAN_KIOSK,
    "urn:hymio:problem:method": _OLDER_THAN_KIOSK,
}
DOES_NOT_COUNT = gettext_noop("The head office answers, but does not count what it was sent.")
FILTER_SUSPECTED = gettext_noop(
    "Something on the way turns down every message, though not the head office itself. A filter "
    "or a proxy in the network may be at fault. Answers are kept."
)
TOO_MANY_BEGINNINGS = gettext_noop(
    "The head office says again and again that this kiosk's numbers are taken. Is the kiosk's "
    "memory card in use twice? Numbers are begun anew now and then only. Answers are kept."
)


CODE_REFUSALS = {
    "code_unknown": gettext_noop("The head office doesn't know this code."),
    "code_expired": gettext_noop("This code has expired."),
    "code_used": gettext_noop("This code was used before."),
    "throttled": gettext_noop("Too many codes were tried; wait a few minutes."),
}
CODE_LENGTH = gettext_noop("A code has 4 to 40 characters.")
LOGIN_PAGE = gettext_noop("A log-in page or a proxy answers in place of the head office.")
NO_HEAD_OFFICE = gettext_noop("There is no Hymio head office at this address.")
ADDRESS_UNUSABLE = gettext_noop("The address of the head office can't be used.")
NOTHING_STORED = gettext_noop("Nothing can be stored just now.")
HEAD_OFFICE_REFUSES = gettext_noop("The head office answers, and says no.")
INTERRUPTION = gettext_noop("It was interrupted.")


def disk_text(error: Exception) -> str:
    """Why something could not be kept, as a sentence."""
    if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
        return gettext_noop("The disk is full. Free some space.")
    return Sentence(gettext_noop("The disk can't be written ({reason})."), reason=str(error))


def network_text(kind: NetworkTrouble) -> str:
    """A failed connection as a sentence."""
    return _NETWORK[kind]


def network_failure_text(kind: NetworkTrouble) -> str:
    """A failed connection in words."""
    text = _NETWORK[kind]
    return text[0].lower() + text[1:]


def failure_text(outcome: SendOutcome | FetchOutcome) -> str:  # noqa: PLR0911 - a line for each case
    """An outcome in words; empty if all is well."""
    match outcome:
        case NetworkFailure(kind=kind):
            return _NETWORK[kind]
        case NotAReceipt(reason="head_office"):
            return gettext_noop(
                "Another head office answers at this address. Enrol this kiosk again."
            )
        case NotAReceipt(reason="redirect" | "not_json"):
            return LOGIN_PAGE
        case NotAReceipt(detail=detail):
            return Sentence(
                gettext_noop("What answered is no valid receipt: {detail}."), detail=_cut(detail)
            )
        case Rejection(status=401 | 403):
            return gettext_noop("The head office refuses this kiosk's credential. Enrol it again.")
        case Rejection(problem=Problem() as problem) if field := _unknown_field(problem):
            return Sentence(
                gettext_noop(
                    "The head office is older than this kiosk: it doesn't know “{field}”, which "
                    "the kiosk has to send now. Update the head office. Answers are kept."
                ),
                field=field,
            )
        case Rejection(problem=Problem(type="urn:hymio:problem:protocol", detail=detail)):
            return Sentence(
                gettext_noop(
                    "The head office and this kiosk speak different versions of the protocol. "
                    "{detail} Update the older of the two. Answers are kept."
                ),
                detail=_cut(detail),
            )
        case Rejection(problem=Problem(type=kind)) if kind in _PROBLEMS:
            return _PROBLEMS[kind]
        case Rejection(status=status, problem=problem):
            said = f" ({problem_text(problem)})" if problem else ""
            return Sentence(
                gettext_noop("The head office answered with status {status}."),
                status=f"{status}{said}",
            )
        case _:
            return ""


def problem_text(problem: Problem) -> str:
    """What the head office says of a problem, in one line."""
    return _cut(f"{problem.title}: {problem.detail}" if problem.detail else problem.title)


_LONGEST_QUOTE = 200


def _cut(text: str) -> str:
    """What somebody else wrote, in one line that fits a page."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_QUOTE else f"{line[:_LONGEST_QUOTE]}…"


_UNKNOWN_FIELD = re.compile(r"unknown field `(\w+)`")


def _unknown_field(problem: Problem) -> str:
    """The field that an older head office refuses; empty if that is not what is wrong."""
    for error in problem.errors:
        if not error.path.startswith("$.messages[") and (
            found := _UNKNOWN_FIELD.search(error.message)
        ):
            return found[1]
    return ""
