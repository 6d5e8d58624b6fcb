"""What is wrong with the network, told from the types of the exceptions that requests raises.

requests is built on urllib3 and puts the cause into layers of exceptions: as an argument, as the
``reason`` of giving up, or as what it was raised from.
"""

import http.client
import socket
import ssl
from collections.abc import Iterator

from urllib3 import exceptions as urllib3

from sync.outcome import NetworkTrouble

_VERIFY_CODES: dict[int, NetworkTrouble] = {
    9: "certificate_too_new",
    10: "certificate_expired",
    62: "certificate_name",  # X509_V_ERR_HOSTNAME_MISMATCH
    64: "certificate_name",  # X509_V_ERR_IP_ADDRESS_MISMATCH
}


_TROUBLES: tuple[tuple[tuple[type[BaseException], ...], NetworkTrouble], ...] = (
    ((urllib3.ProxyError,), "proxy"),
    ((urllib3.SSLError, ssl.SSLError), "tls"),
    ((socket.gaierror,), "name"),
    ((ConnectionRefusedError,), "refused"),
    ((urllib3.ReadTimeoutError, TimeoutError), "timeout"),
    ((urllib3.ProtocolError, http.client.HTTPException, ConnectionError), "cut"),
)
"""What tells more stands above: sending may be cut because the time was up."""


def network_trouble(error: BaseException) -> NetworkTrouble:
    """The trouble that an exception of requests means."""
    layers = list(_layers(error))
    for layer in layers:
        if isinstance(layer, ssl.SSLCertVerificationError):
            return _VERIFY_CODES.get(layer.verify_code, "certificate_untrusted")
    for types, trouble in _TROUBLES:
        if any(isinstance(layer, types) for layer in layers):
            return trouble
    return "unreachable"


def _layers(error: BaseException) -> Iterator[BaseException]:
    """An exception and those within it, from the outside in, each once."""
    waiting, seen = [error], set[int]()
    while waiting:
        layer = waiting.pop(0)
        if id(layer) in seen:
            continue
        seen.add(id(layer))
        yield layer
        inner = (*layer.args, getattr(layer, "reason", None), layer.__cause__)
        waiting += [each for each in inner if isinstance(each, BaseException)]
