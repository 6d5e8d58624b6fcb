"""From which network a request came; that is what guesses are counted by.

Whoever has one IPv6 address has at least 2^64 of them, and often 2^80: so a network is what its
first 64 bits say, and a wider one, with a larger allowance, what its first 48 bits say.
"""

import ipaddress
import re

from django.conf import settings
from django.http import HttpRequest

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_WITH_PORT = re.compile(r"\[([^\]]+)\](?::\d+)?|([^:\s]+):\d+")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def source_of(request: HttpRequest) -> str:
    """The network that a request came from; behind a proxy the one that the proxy saw."""
    near = str(request.META.get("REMOTE_ADDR", ""))
    if settings.BEHIND_PROXY:
        # The last one was written by the proxy in front; those before it by anyone. What is no
        # address (some write "unknown") counts for the proxy itself.
        last = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2]
        if address := _address(last):
            return _network(address, 64)
    address = _address(near)
    return _network(address, 64) if address else near


def wider_network(source: str) -> str | None:
    """The site that an IPv6 network is a part of; None for all others."""
    try:
        network = ipaddress.ip_network(source)
    except ValueError:
        return None
    return _network(network.network_address, 48) if network.version == 6 else None


def _address(text: str) -> _Address | None:
    """An address as proxies write it: also with a port, brackets, quotes or a zone."""
    plain = text.strip().strip('"').strip()
    if found := _WITH_PORT.fullmatch(plain):
        plain = found[1] or found[2]
    try:
        address = ipaddress.ip_address(plain.partition("%")[0])
    except ValueError:
        return None
    return _inner(address) if isinstance(address, ipaddress.IPv6Address) else address


def _inner(address: ipaddress.IPv6Address) -> _Address:
    """The IPv4 address within an IPv6 one, for those that hold one."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else address)


def _network(address: _Address, prefix: int) -> str:
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((int(address) >> (128 - prefix) << (128 - prefix), prefix)))
