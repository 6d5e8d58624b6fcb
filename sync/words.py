"""What staff read about the way home: what happened, and what to do.

English here, as in logs and on the command line; the kiosk's screen translates whole sentences.
"""

import re

from sync.messages import Problem
from sync.outcome import (
    NetworkFailed,
    NetworkTrouble,
    NotAReceipt,
    Outcome,
    Rejected,
)


def gettext_noop(text: str) -> str:
    """Marks a text that the kiosk's screen translates."""
    return text


_NETWORK: dict[NetworkTrouble, str] = {
    "name": gettext_noop(
        "The head office's name is not known to the network. Check the address and the DNS."
    ),
    "refused": gettext_noop("The head office's machine is there, but its program doesn't answer."),
    "timeout": gettext_noop("No answer in time. The line is slow or interrupted."),
    "tls": gettext_noop(
        "The secure connection failed: what answers there doesn't speak TLS as it "
        "should. Check the address and its port."
    ),
    "certificate_untrusted": gettext_noop(
        "Nobody whom this kiosk trusts vouches for the head office's certificate. Set "
        "head_office.ca_file to the certificate of its issuer. If it worked before, "
        "somebody may be listening in: ask whoever runs the network."
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


def network_words(kind: NetworkTrouble) -> str:
    """A failed connection in words."""
    text = _NETWORK[kind]
    return text[0].lower() + text[1:]


def words(outcome: Outcome) -> str:  # noqa: PLR0911 - one line for each case reads best
    """An outcome in words; empty if all is well."""
    match outcome:
        case NetworkFailed(kind=kind):
            return _NETWORK[kind]
        case NotAReceipt(why="head_office"):
            return gettext_noop(
                "Another head office answers at this address. Enrol this kiosk again."
            )
        case NotAReceipt(why="redirect" | "not_json"):
            return gettext_noop("A log-in page or a proxy answers in place of the head office.")
        case NotAReceipt(detail=detail):
            return f"What answered is no valid receipt: {detail}."
        case Rejected(status=401 | 403):
            return gettext_noop("The head office refuses this kiosk's credential. Enrol it again.")
        case Rejected(problem=Problem() as problem) if field := _unknown_field(problem):
            return (
                f"The head office is older than this kiosk: it doesn't know “{field}”, which the "
                "kiosk has to send now. Update the head office. Answers are kept."
            )
        case Rejected(problem=Problem(type="urn:hymio:problem:protocol", detail=detail)):
            return (
                "The head office and this kiosk speak different versions of the protocol. "
                f"{detail} Update the older of the two. Answers are kept."
            )
        case Rejected(
            problem=Problem(type="urn:hymio:problem:not_found" | "urn:hymio:problem:method")
        ):
            return gettext_noop(
                "The head office doesn't know what this kiosk asks of it. Is it older than the "
                "kiosk? Update it. Answers are kept."
            )
        case Rejected(status=status, problem=problem):
            said = f" ({problem.title})" if problem else ""
            return f"The head office answered with status {status}{said}."
        case _:
            return ""


_UNKNOWN_FIELD = re.compile(r"unknown field `(\w+)`")


def _unknown_field(problem: Problem) -> str:
    """The field that an older head office refuses; empty if that is not what is wrong."""
    for error in problem.errors:
        if not error.path.startswith("$.messages[") and (
            found := _UNKNOWN_FIELD.search(error.message)
        ):
            return found[1]
    return ""
