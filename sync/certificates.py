"""Whose word for the head office is trusted, and what is wrong with a certificate."""

import ssl
from pathlib import Path

from sync.errors import BadAuthorityError
from sync.outcome import NetworkTrouble

_VERIFY_CODES: dict[int, NetworkTrouble] = {
    9: "certificate_too_new",
    10: "certificate_expired",
    62: "certificate_name",  # X509_V_ERR_HOSTNAME_MISMATCH
    64: "certificate_name",  # X509_V_ERR_IP_ADDRESS_MISMATCH
}


def trusted(ca_file: str) -> str | bool:
    """The file or folder of certificates to trust: as given, else the system's store.

    True if there is neither. Raises BadAuthorityError if the given file is not there, or holds no
    certificate.
    """
    if ca_file:
        if not Path(ca_file).is_file():
            raise BadAuthorityError(ca_file, "there is no such file")
        try:
            ssl.create_default_context(cafile=ca_file)
        except (ssl.SSLError, OSError):
            raise BadAuthorityError(ca_file, "it holds no certificate in PEM form") from None
        return ca_file
    system = ssl.get_default_verify_paths()
    return system.cafile or system.capath or True


def certificate_trouble(error: BaseException) -> NetworkTrouble:
    """What is wrong with a certificate, or with TLS, according to an exception of requests."""
    # The cause is an argument of an argument there.
    inner: object = error
    while isinstance(inner, BaseException):
        if isinstance(inner, ssl.SSLCertVerificationError):
            return _VERIFY_CODES.get(inner.verify_code, "certificate_untrusted")
        inner = getattr(inner, "reason", None) or next(iter(inner.args), None)
    return "tls"
