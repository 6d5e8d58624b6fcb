"""Where the head office is, and whose word for it is trusted."""

import ipaddress
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from sync.errors import BadAddressError, InsecureAddressError


def checked_address(url: str, *, plain_allowed: bool = False) -> str:
    """A head office's base address without a slash at the end.

    Raises BadAddressError, and InsecureAddressError for plain HTTP beyond this machine.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadAddressError(url, "it must look like https://feedback.example.com")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise BadAddressError(url, "it may hold neither a user name nor ? nor #")
    if parts.scheme == "http" and not plain_allowed and not _is_loopback(parts.hostname):
        raise InsecureAddressError(url)
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def trusted(ca_file: str) -> str | bool:
    """The file or folder of certificates to trust: as given, else the system's store.

    True if there is neither; raises BadAddressError if the given file is not there.
    """
    if ca_file:
        if not Path(ca_file).is_file():
            raise BadAddressError(ca_file, "head_office.ca_file names no file")
        return ca_file
    system = ssl.get_default_verify_paths()
    return system.cafile or system.capath or True
