"""Takes all stored answers away as CSV and JSON Lines, with their checksums.

Everything is written under temporary names, synced and renamed at the end, the checksums last:
a stick that is pulled out in the middle holds nothing that looks like a whole export. The copies
are for people and programs; the kiosk keeps every answer and still sends it to the head office.
"""

import csv
import errno
import hashlib
import io
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Self

import msgspec

from config.questionnaire import Questionnaire
from kiosk.errors import KioskError
from kiosk.staff_facts import Exported, ExportFault, Exporting
from sync.archive import Archive, Record
from sync.messages import Answered, Chosen, ContactDetails, Ended, Moment, SealedContact
from sync.storage import sync_folder

_REPORT_EVERY = 200
_ROOM_PER_MESSAGE = 1_500
"""About twice what a message takes in both files together."""
COLUMNS = (
    "installation", "seq", "time", "time_is", "response", "questionnaire", "language", "type",
    "question", "question_text", "value", "value_text", "took_s", "test", "misuse", "outcome",
    "state", "reason",
)  # fmt: skip


class ExportError(KioskError):
    """The export was not completed: {fault}. Nothing with a final name was left."""

    def __init__(self, fault: ExportFault, detail: str = "") -> None:
        self.fault = fault
        self.detail = detail
        super().__init__(
            f"The export was not completed ({fault}{': ' if detail else ''}{detail}). Nothing was "
            "left that looks like a whole one; all answers are still on this kiosk."
        )


@dataclass(frozen=True)
class Named:
    """What the files are called after."""

    place: str
    now: Moment


def export(
    data: Path,
    target: Path,
    named: Named,
    progress: Callable[[Exporting], None] = lambda _progress: None,
    stop: Callable[[], bool] = lambda: False,
) -> Exported:
    """Writes everything that the outbox in ``data`` holds into a new folder in ``target``.

    Raises ExportError, and SyncError if there is no outbox.
    """
    with Archive(data) as archive:
        total = archive.count()
        try:
            return _Export(archive, target, named).run(total, progress, stop)
        except OSError as error:
            raise ExportError(_fault(error, target), error.strerror or "") from error


class _Export:
    def __init__(self, archive: Archive, target: Path, named: Named) -> None:
        self._archive = archive
        self._target = target
        when = _time(named.now.wall_ms).strftime("%Y-%m-%d-%H%M%S")
        place = re.sub(r"[^\w]+", "-", named.place).strip("-")[:40] or "kiosk"
        self._name = f"hymio-{place}-{when}"
        self._texts = _Texts(archive)

    def run(
        self, total: int, progress: Callable[[Exporting], None], stop: Callable[[], bool]
    ) -> Exported:
        disk = os.statvfs(self._target)
        if disk.f_bavail * disk.f_frsize < total * _ROOM_PER_MESSAGE // 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        final = _free(self._target, self._name)
        work = final.with_name(f"{final.name}.part")
        work.mkdir(mode=0o700)
        try:
            done = self._write(work, total, progress, stop)
            sync_folder(work)
            work.rename(final)
            sync_folder(self._target)
        except BaseException:
            _remove(work)
            raise
        return Exported(final, done)

    def _write(
        self,
        work: Path,
        total: int,
        progress: Callable[[Exporting], None],
        stop: Callable[[], bool],
    ) -> int:
        done = 0
        with (
            _Summed(work / "answers.csv") as table,
            _Summed(work / "answers.jsonl") as lines,
        ):
            table.write(("\ufeff" + _row(COLUMNS)).encode())
            for done, record in enumerate(self._archive.records(), 1):
                table.write(_row(_cells(record, self._texts)).encode())
                lines.write(msgspec.json.encode(_plain(record)) + b"\n")
                if done % _REPORT_EVERY == 0:
                    if stop():
                        raise ExportError("stopped")
                    progress(Exporting(done, max(total, done)))
        with _Summed(work / "SHA256SUMS") as sums:
            for file in (table, lines):
                sums.write(f"{file.digest}  {file.name}\n".encode())
        if stop():
            raise ExportError("stopped")
        progress(Exporting(done, max(total, done)))
        return done


class _Summed:
    """A file that is summed as it is written, and synced when it is closed."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._path = path
        self._hash = hashlib.sha256()

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    def write(self, content: bytes) -> None:
        self._hash.update(content)
        self._file.write(content)

    def __enter__(self) -> Self:
        self._file: IO[bytes] = self._path.open("xb")
        return self

    def __exit__(self, kind: object, *_error: object) -> None:
        try:
            if kind is None:
                self._file.flush()
                os.fsync(self._file.fileno())
        finally:
            self._file.close()


class _Texts:
    """The words of the questionnaires that answers refer to."""

    def __init__(self, archive: Archive) -> None:
        self._known: dict[str, Questionnaire] = {}
        for digest, definition in archive.questionnaires().items():
            try:
                self._known[digest] = msgspec.json.decode(definition, type=Questionnaire)
            except msgspec.DecodeError:  # of another version of Hymio: codes say enough
                continue

    def questionnaire(self, digest: str) -> str:
        known = self._known.get(digest)
        return known.id if known else digest[:12]

    def question(self, digest: str, question: str | None, language: str) -> str:
        try:
            return self._known[digest].question(question or "").text[language]
        except KeyError:
            return ""

    def value(self, digest: str, question: str, value: object, language: str) -> str:
        """What an answer says, in the shopper's language, as far as there are words for it."""
        try:
            asked = self._known[digest].question(question)
        except KeyError:
            return ""
        match value:
            case int() if not isinstance(value, bool):
                labels = getattr(asked, "labels", ())
                return labels[value].get(language, "") if value < len(labels) else ""
            case Chosen(options=options, other=other):
                words = {o.id: o.text.get(language, o.id) for o in getattr(asked, "options", ())}
                return "; ".join([*(words.get(o, o) for o in options), *filter(None, (other,))])
        return ""


def _cells(record: Record, texts: _Texts) -> tuple[object, ...]:
    body = record.body
    when = record.moment.wall_ms if record.time is None else record.time.ms
    start = (
        record.installation,
        record.seq,
        _iso(when),
        "true" if record.time is not None and record.time.certain else "kiosk_clock",
    )
    end = (record.fate, record.reason)
    if body is None:
        return (*start, "", "", "", "unreadable", *[""] * 8, *end)
    about = (body.response, texts.questionnaire(body.questionnaire), body.language)
    kind = type(body).__struct_config__.tag
    question = body.question
    text = texts.question(body.questionnaire, question, body.language)
    value = said = took = misuse = outcome = ""
    if isinstance(body, Answered):
        value = _flat(body.value)
        said = texts.value(body.questionnaire, body.question, body.value, body.language)
        misuse = " ".join(body.misuse)
    if isinstance(body, Ended):
        outcome = body.outcome
    else:
        took = f"{body.took_ms / 1000:.3f}"
    asked = (question or "", text, value, said, took, "yes" if body.test else "no")
    return (*start, *about, kind, *asked, misuse, outcome, *end)


def _flat(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case Chosen(options=options, other=other):
            return " ".join((*options, *(["other"] if other is not None else [])))
        case ContactDetails() as contact:
            parts = filter(None, (contact.name, contact.email, contact.phone))
            return "; ".join(("consent" if contact.consent else "no consent", *parts))
        case SealedContact():
            return "consent; sealed for the head office"
    return str(value)


def _plain(record: Record) -> dict[str, Any]:
    """A record for programs; the body is what would travel to the head office."""
    time = record.time
    return {
        "installation": record.installation,
        "seq": record.seq,
        "moment": record.moment,
        "true_time": _iso(time.ms) if time is not None and time.certain else None,
        "between": None if time is None else [_iso(time.earliest_ms), _iso(time.latest_ms)],
        "state": record.fate,
        "reason": record.reason or None,
        "origin": record.origin,
        "body": record.body,
        "unreadable": record.raw.decode("latin-1") if record.body is None else None,
    }


def _row(cells: tuple[object, ...]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([_safe(str(cell)) for cell in cells])
    return out.getvalue()


def _safe(text: str) -> str:
    """A shopper's text must not run as a formula where the table is opened."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _iso(ms: int) -> str:
    return _time(ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _time(ms: int) -> datetime:
    try:
        return datetime.fromtimestamp(ms / 1000, UTC)
    except (OverflowError, ValueError, OSError):  # a clock that went mad
        return datetime.fromtimestamp(0, UTC)


def _free(target: Path, name: str) -> Path:
    """A name that is not taken, also by an export that was interrupted."""
    number = 1
    while True:
        wanted = target / (name if number == 1 else f"{name}-{number}")
        if not wanted.exists() and not wanted.with_name(f"{wanted.name}.part").exists():
            return wanted
        number += 1


def _remove(work: Path) -> None:
    try:
        for file in work.iterdir():
            file.unlink()
        work.rmdir()
    except OSError:  # the stick is gone, and with it what was to be removed
        return


def _fault(error: OSError, target: Path) -> ExportFault:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return "full"
    if error.errno == errno.EROFS:
        return "read_only"
    if error.errno in (errno.ENODEV, errno.ENXIO, errno.EIO, errno.ENOENT) or not target.exists():
        return "gone"
    return "failed"
