"""Whose word for the head office is trusted."""

import ssl
from pathlib import Path

from sync.errors import BadAuthorityError


def trust_store(ca_file: str) -> str | bool:
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
