"""Where the head office is."""

from urllib.parse import urlsplit

from config.rules import is_loopback
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
    if parts.scheme == "http" and not plain_allowed and not is_loopback(parts.hostname):
        raise InsecureAddressError(url)
    return url.rstrip("/")


def loopback_host(url: str) -> str:
    """The host of an address if it is this machine, else an empty text."""
    host = urlsplit(url).hostname or ""
    return host if is_loopback(host) else ""
