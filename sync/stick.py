"""What a kiosk writes onto a stick for the head office: see docs/stick.md."""

from typing import Literal

import msgspec

from sync.messages import Body, Moment, Origin, Sighting
from sync.wire_types import Digest, Seq, UuidText


class StickManifest(msgspec.Struct, frozen=True, kw_only=True):
    """What lies beside the answers that a kiosk wrote onto a stick."""

    format: Literal[1] = 1
    version: str
    """Of the kiosk."""
    kiosk: str
    """Its id; empty if it is not enrolled."""
    head_office: str
    """Where it is enrolled; or empty."""
    place: str
    moment: Moment
    """Of the export."""
    clocks: tuple[Sighting, ...]
    """What the kiosk knows of the head office's time in each boot."""
    questionnaires: dict[Digest, str]
    """The definitions that answers refer to, by their digests."""


class StickLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of ``answers.jsonl``, as far as the head office takes it in."""

    installation: UuidText
    seq: Seq
    moment: Moment
    state: str
    origin: Origin | None = None
    body: Body | None = None
    """None: the kiosk can't read it any more."""
