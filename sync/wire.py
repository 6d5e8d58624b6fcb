"""The bytes of a request's body."""

import gzip

_SMALL = 600
"""Below this many bytes compression saves no packet."""


def encode_body(body: bytes) -> tuple[bytes, dict[str, str]]:
    """What travels for a JSON body, and the headers that say what it is."""
    headers = {"Content-Type": "application/json"}
    if len(body) <= _SMALL:
        return body, headers
    return gzip.compress(body, 6, mtime=0), headers | {"Content-Encoding": "gzip"}
