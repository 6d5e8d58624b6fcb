"""Takes in what a kiosk exported onto a stick: the same messages that it would deliver itself.

They go the way of every delivery, under the same numbers, so each counts exactly once, also if the
kiosk comes to a network later, or had been there before. A kiosk that was never enrolled gets its
row here, and keeps it when it is enrolled: it is known by its installation.
"""

import hashlib
import re
import uuid
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import msgspec

from headoffice import clock
from headoffice.db.write_lock import exclusive_write
from headoffice.errors import HeadOfficeError
from headoffice.fleet.models import Assignment, ExperiencePoint, HeadOffice, Kiosk
from headoffice.ingest import decoding, delivery, late_check
from headoffice.messages.models import Installation, StoredMessage
from headoffice.questionnaires import registry
from headoffice.web.problems import RefusedError
from sync.messages import Batch, Message, Moment, Sighting
from sync.stick import StickLine, StickManifest

MANIFEST, LINES, SUMS = "hymio.json", "answers.jsonl", "SHA256SUMS"
_AT_ONCE = 500
_MOST_CLOCKS = 100
_TAKEN = ("waiting", "delivered")
"""What was refused once, or can't be read, is not tried again."""
_manifest = msgspec.json.Decoder(StickManifest)
_line = msgspec.json.Decoder(StickLine)


class StickImport(NamedTuple):
    """What came of an export."""

    kiosk: Kiosk
    additions: int
    duplicates: int
    """Messages that were here already."""
    refusals: int
    leftovers: int
    """Messages that the kiosk could not read any more, or that were refused before."""


def exports_on(stick: Path) -> list[Path]:
    """The whole exports in a folder, or the folder itself if it is one; HeadOfficeError if none."""
    if (stick / MANIFEST).is_file():
        return [stick]
    found = sorted(each.parent for each in stick.glob(f"hymio-*/{MANIFEST}"))
    found = [folder for folder in found if folder.suffix != ".part"]
    if not found:
        raise HeadOfficeError(
            f"there is no export of a kiosk in {stick}: it is a folder hymio-… with {MANIFEST} in "
            "it, as kiosks write it from this version on"
        )
    return found


def check_export(folder: Path) -> StickManifest:
    """What an export says of itself; HeadOfficeError if a file is not as the kiosk wrote it."""
    try:
        sums = dict(
            re.findall(r"^([0-9a-f]{64})  (\S+)$", (folder / SUMS).read_text(), re.MULTILINE)
        )
        by_name = {name: digest for digest, name in sums.items()}
        for name in (MANIFEST, LINES):
            with (folder / name).open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != by_name.get(name):
                    raise HeadOfficeError(f"{folder / name} is not as the kiosk wrote it")
        return _manifest.decode((folder / MANIFEST).read_bytes())
    except (OSError, UnicodeDecodeError) as error:
        raise HeadOfficeError(f"{folder} can't be read: {error}") from error
    except msgspec.MsgspecError as error:
        raise HeadOfficeError(f"{folder / MANIFEST}: {error}") from error


def take_in(folder: Path, manifest: StickManifest, point: ExperiencePoint | None) -> StickImport:
    """Stores what is new of an export; ``point``: where a kiosk stood that is not known yet.

    HeadOfficeError if it is another head office's, or its kiosk is not known and no place is told.
    """
    installations = {line.installation for line in _lines(folder)}
    kiosk = _kiosk_of(manifest, installations) or _new_kiosk(point)
    before = StoredMessage.objects.filter(kiosk=kiosk.pk).count()
    counts = {"tried": 0, "refused": 0, "left": 0}
    try:
        for digest, definition in manifest.questionnaires.items():
            version = registry.store_definition(kiosk, digest, definition.encode())
            late_check.check_step(kiosk.pk, version.pk)
        for installation, lines in groupby(_lines(folder), key=lambda line: line.installation):
            for messages in _portions(lines, counts):
                batch = _batch(installation, messages, manifest)
                numbered = tuple(enumerate(messages))
                receipt = delivery.deliver(
                    kiosk, decoding.Delivery(batch, numbered, ()), "", clock.now_ms()
                )
                counts["refused"] += len(receipt.refused)
    except RefusedError as refusal:
        raise HeadOfficeError(f"{folder}: {refusal}") from refusal
    fresh = StoredMessage.objects.filter(kiosk=kiosk.pk).count() - before
    known = counts["tried"] - fresh - counts["refused"]
    return StickImport(kiosk, fresh, max(0, known), counts["refused"], counts["left"])


def _lines(folder: Path) -> Iterator[StickLine]:
    """One at a time: a kiosk may have a million messages."""
    with (folder / LINES).open("rb") as file:
        for number, raw in enumerate(file, 1):
            try:
                yield _line.decode(raw)
            except msgspec.MsgspecError as error:
                raise HeadOfficeError(f"{folder / LINES}, line {number}: {error}") from error


def _portions(lines: Iterator[StickLine], counts: dict[str, int]) -> Iterator[list[Message]]:
    portion: list[Message] = []
    for line in lines:
        if line.body is None or line.state not in _TAKEN:
            counts["left"] += 1
            continue
        counts["tried"] += 1
        portion.append(Message(line.seq, line.moment, line.body, line.origin))
        if len(portion) == _AT_ONCE:
            yield portion
            portion = []
    if portion:
        yield portion


def _batch(installation: str, messages: list[Message], manifest: StickManifest) -> Batch:
    boots = {message.moment.boot for message in messages}
    clocks = tuple(each for each in manifest.clocks if each.boot in boots)[:_MOST_CLOCKS]
    # Nobody knows how long the stick was on its way, so it was sent in a boot of its own: when the
    # answers were given is told by what the kiosk knew of the clock here, or else is its own word.
    sent = Moment(clock.now_ms(), str(uuid.uuid4()), 0)
    return Batch(
        installation=installation,
        oldest=1,
        sent=sent,
        messages=tuple(messages),
        sightings=tuple(_bounded(each) for each in clocks),
    )


def _bounded(sighting: Sighting) -> Sighting:
    """No time of the head office lies ahead of it."""
    ahead = sighting.head_ms - clock.now_ms()
    return sighting if ahead <= 0 else msgspec.structs.replace(sighting, head_ms=clock.now_ms())


def _kiosk_of(manifest: StickManifest, installations: set[str]) -> Kiosk | None:
    """The kiosk that wrote it, as far as it is known here."""
    if manifest.head_office and manifest.head_office != HeadOffice.identity():
        raise HeadOfficeError(
            f"the kiosk at {manifest.place} is enrolled at another head office: take it in there"
        )
    if manifest.kiosk:
        found = Kiosk.objects.filter(uuid=manifest.kiosk).first()
        if found is None:
            raise HeadOfficeError(
                f"there is no kiosk {manifest.kiosk} here: was this database made anew?"
            )
        return found
    rows = Installation.objects.filter(uuid__in=installations).order_by("-pk")
    return Kiosk.objects.filter(pk__in=rows.values("kiosk")).order_by("-pk").first()


def _new_kiosk(point: ExperiencePoint | None) -> Kiosk:
    if point is None:
        raise HeadOfficeError(
            "this kiosk was never enrolled: say with --place where it stood, like "
            '--place "Helsinki, exit"'
        )
    with exclusive_write():
        kiosk = Kiosk.objects.create(offline=True)
        # What it collected is older than this moment: it stood there all the while.
        Assignment.objects.create(kiosk=kiosk, point=point, since_ms=0)
    return kiosk
