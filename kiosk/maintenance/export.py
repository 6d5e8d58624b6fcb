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
from importlib import metadata
from pathlib import Path
from typing import IO, Any, Self, assert_never

import msgspec

from config.csv_guard import safe_text
from config.private_file import sync_folder
from config.questionnaire import Questionnaire
from config.values import ChoiceValue, ContactDetails, SealedContact, Value
from kiosk.errors import KioskError
from kiosk.i18n import decimal_point, translator
from kiosk.maintenance.results import ExportDone, ExportFault, ExportProgress
from sync.identity import Identity
from sync.messages import AnswerBody, EndBody, Moment
from sync.outbox.archive import Archive, Record
from sync.stick import StickManifest

MANIFEST = "hymio.json"
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
class ExportLabel:
    """What the files are called after."""

    place: str
    now: Moment
    language: str = "en"
    """Whose spreadsheets are to open the table as it is."""
    kiosk: str = ""
    """Its id at the head office, if it has one."""
    head_office: str = ""


def export_label(identity: Identity | None, now: Moment, language: str) -> ExportLabel:
    """Of the export of a kiosk that is enrolled or not."""
    if identity is None:
        return ExportLabel("", now, language)
    return ExportLabel(identity.place, now, language, identity.kiosk, identity.head_office)


def export(
    data: Path,
    target: Path,
    label: ExportLabel,
    progress: Callable[[ExportProgress], None] = lambda _progress: None,
    stop: Callable[[], bool] = lambda: False,
) -> ExportDone:
    """Writes everything that the outbox in ``data`` holds into a new folder in ``target``.

    Raises ExportError, and SyncError if there is no outbox.
    """
    with Archive(data) as archive:
        total = archive.count()
        try:
            return _Export(archive, target, label).run(total, progress, stop)
        except OSError as error:
            raise ExportError(_fault(error, target), error.strerror or "") from error


class _Export:
    def __init__(self, archive: Archive, target: Path, label: ExportLabel) -> None:
        self._archive = archive
        self._target = target
        when = _time(label.now.wall_ms).strftime("%Y-%m-%d-%H%M%S")
        place = re.sub(r"[^\w]+", "-", label.place).strip("-")[:40] or "kiosk"
        self._name = f"hymio-{place}-{when}"
        self._label = label
        self._texts = _Texts(archive)
        self._table = _Table(label.language)

    def run(
        self, total: int, progress: Callable[[ExportProgress], None], stop: Callable[[], bool]
    ) -> ExportDone:
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
        return ExportDone(final, done)

    def _write(
        self,
        work: Path,
        total: int,
        progress: Callable[[ExportProgress], None],
        stop: Callable[[], bool],
    ) -> int:
        done = 0
        with (
            _ChecksummedFile(work / "answers.csv") as table,
            _ChecksummedFile(work / "answers.jsonl") as lines,
        ):
            table.write(("\ufeff" + self._table.row(COLUMNS)).encode())
            for done, record in enumerate(self._archive.records(), 1):
                cells = _cells(record, self._texts, self._table)
                table.write(self._table.row(cells).encode())
                lines.write(msgspec.json.encode(_plain(record)) + b"\n")
                if done % _REPORT_EVERY == 0:
                    if stop():
                        raise ExportError("stopped")
                    progress(ExportProgress(done, max(total, done)))
        with _ChecksummedFile(work / MANIFEST) as manifest:
            manifest.write(self._manifest())
        with _ChecksummedFile(work / "SHA256SUMS") as sums:
            for file in (table, lines, manifest):
                sums.write(f"{file.digest}  {file.name}\n".encode())
        if stop():
            raise ExportError("stopped")
        progress(ExportProgress(done, max(total, done)))
        return done

    def _manifest(self) -> bytes:
        """What the head office needs to take the answers in: see docs/stick.md."""
        definitions = self._archive.questionnaires()
        return msgspec.json.encode(
            StickManifest(
                version=metadata.version("hymio"),
                kiosk=self._label.kiosk,
                head_office=self._label.head_office,
                place=self._label.place,
                moment=self._label.now,
                clocks=tuple(self._archive.clocks.values()),
                questionnaires={
                    digest: definition.decode() for digest, definition in definitions.items()
                },
            )
        )


class _ChecksummedFile:
    """A file whose checksum grows as it is written, and that is synced when it is closed."""

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

    def value(self, digest: str, question: str, value: Value, language: str) -> str:
        """What an answer says, in the shopper's language, as far as there are words for it."""
        try:
            definition = self._known[digest].question(question)
        except KeyError:
            return ""
        match value:
            case bool() | str() | ContactDetails() | SealedContact():
                return ""
            case int():
                labels = getattr(definition, "labels", ())
                return labels[value].get(language, "") if value < len(labels) else ""
            case ChoiceValue(options=options, other=other):
                words = {
                    o.id: o.text.get(language, o.id) for o in getattr(definition, "options", ())
                }
                return "; ".join([*(words.get(o, o) for o in options), *filter(None, (other,))])
            case _:
                assert_never(value)


def _cells(record: Record, texts: _Texts, table: "_Table") -> tuple[object, ...]:
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
    value = value_text = took_s = misuse = outcome = ""
    if isinstance(body, AnswerBody):
        value = _flat(body.value)
        value_text = texts.value(body.questionnaire, body.question, body.value, body.language)
        misuse = " ".join((*body.misuse, *(("unsent",) if body.unsent else ())))
    if isinstance(body, EndBody):
        outcome = body.outcome
    else:
        took_s = f"{body.took_ms / 1000:.3f}".replace(".", table.point)
    test = "yes" if body.test else "no"
    return (
        *start,
        *about,
        kind,
        question or "",
        text,
        value,
        value_text,
        took_s,
        test,
        misuse,
        outcome,
        *end,
    )


def _flat(value: Value) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case ChoiceValue(options=options, other=other):
            return " ".join((*options, *(["other"] if other is not None else [])))
        case ContactDetails() as contact:
            parts = filter(None, (contact.name, contact.email, contact.phone))
            return "; ".join(("consent" if contact.consent else "no consent", *parts))
        case SealedContact():
            return "consent; sealed for the head office"
        case int() | str():
            return str(value)
        case _:
            assert_never(value)


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


class _Table:
    """CSV as the spreadsheets of a language read it when it is double-clicked."""

    def __init__(self, language: str) -> None:
        self.point = decimal_point(translator(language))
        # Where the comma is the decimal sign, it can't be the separator too.
        self._separator = ";" if self.point == "," else ","

    def row(self, cells: tuple[object, ...]) -> str:
        """A line; no text in it runs as a formula where the table is opened."""
        out = io.StringIO()
        csv.writer(out, delimiter=self._separator).writerow([safe_text(str(c)) for c in cells])
        return out.getvalue()


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
        folder = target / (name if number == 1 else f"{name}-{number}")
        if not folder.exists() and not folder.with_name(f"{folder.name}.part").exists():
            return folder
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
