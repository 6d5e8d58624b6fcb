"""The types that all messages between a kiosk and the head office are made of."""

from typing import Annotated

import msgspec
from msgspec import Meta

Seq = Annotated[int, Meta(ge=1, le=2**53)]
Milliseconds = Annotated[int, Meta(ge=-(2**53), le=2**53)]
UuidText = Annotated[
    str,
    # The length too: Python's $ also matches before a newline at the end.
    Meta(pattern="^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", max_length=36),
]
Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", max_length=64)]
Language = Annotated[str, Meta(min_length=2, max_length=8)]


class Sent(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a kiosk sends.

    Unknown fields are refused at the head office, so that a newer kiosk learns at once that
    an older head office would have dropped something.
    """


class Strict(Sent, frozen=True, forbid_unknown_fields=True):
    """The same, with unknown fields refused."""
