"""What is brought when a receipt names a configuration, and what is not taken."""

import hashlib
from typing import Any

import msgspec
import pytest
from fakes import HEAD_OFFICE, KIOSK, FakeClock, ModelHeadOffice, ScriptedTransport
from msgspec import UNSET
from msgspec.structs import replace

from sync.configuration import (
    Configuration,
    ConfigurationReport,
    FileEntry,
    configuration_digest,
)
from sync.configuration_pull import ConfigurationPull
from sync.errors import ConfigurationRefusalError
from sync.heartbeat import HeartbeatSender, KioskCondition
from sync.identity import Identity
from sync.messages import Heartbeat, Problem
from sync.outbox.memory import MemoryOutbox
from sync.outcome import Download, NetworkFailure, NotAReceipt, Rejection
from sync.relay import Relay

IDENTITY = Identity(kiosk=KIOSK, credential="c", place="", head_office=HEAD_OFFICE, url="https://x")
PICTURE = b"a picture"
ENTRY = FileEntry(digest=hashlib.sha256(PICTURE).hexdigest(), name="logo.png", size=len(PICTURE))


def document(**fields: Any) -> bytes:
    """A configuration for this kiosk, or one that isn't."""
    made = {
        "configuration": "hymio",
        "version": 1,
        "head_office": HEAD_OFFICE,
        "kiosk": KIOSK,
        "settings": {"sound": {"volume": 0.3}},
    }
    return msgspec.json.encode(made | fields, order="sorted")


class Notebook:
    """A keeper that keeps everything in memory."""

    def __init__(self) -> None:
        self.body = b""
        self.files: dict[str, bytes] = {}
        self.refusals: dict[str, tuple[str, ...]] = {}
        self.failure = ""
        self.objection: Exception | None = None

    def hear(self, *, is_supported: bool) -> None:
        self.is_supported = is_supported

    def candidate(self) -> str:
        return configuration_digest(self.body) if self.body else ""

    def settle(self, meant: str) -> bool:
        if not meant:
            self.body = b""
        return meant == self.candidate() or meant in self.refusals

    def lacks(self, entry: FileEntry) -> bool:
        return entry.digest not in self.files

    def add_file(self, entry: FileEntry, content: bytes) -> None:
        self.files[entry.digest] = content

    def take(self, body: bytes, configuration: Configuration) -> None:
        del configuration
        if self.objection:
            raise self.objection
        self.body = body

    def refuse(self, digest: str, reasons: tuple[str, ...]) -> None:
        self.refusals[digest] = reasons

    def fail(self, reason: str) -> None:
        self.failure = reason


class Bench:
    """A pull and everything around it."""

    def __init__(self) -> None:
        self.keeper, self.transport, self.clock = Notebook(), ScriptedTransport(), FakeClock()
        self.pull = ConfigurationPull(
            self.transport, IDENTITY, self.keeper, self.clock, lambda: 0.5
        )

    def offer(self, body: bytes, meant: str | None = None, *files: bytes) -> bool:
        """The head office has this, and names it, or another one."""
        self.transport.downloads["configuration"] = Download(body)
        for content in files:
            self.transport.downloads[hashlib.sha256(content).hexdigest()] = Download(content)
        self.pull.hear(configuration_digest(body) if meant is None else meant)
        return self.pull.run()


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_what_is_named_is_brought_with_its_files(bench: Bench) -> None:
    body = document(files=[msgspec.to_builtins(ENTRY)])
    assert bench.offer(body, None, PICTURE)
    assert (body, {ENTRY.digest: PICTURE}) == (bench.keeper.body, bench.keeper.files)


def test_nothing_is_asked_of_a_head_office_that_configures_no_kiosks(bench: Bench) -> None:
    bench.transport.downloads["configuration"] = Download(document())
    bench.pull.hear(None)
    assert not bench.pull.run()
    assert b"" == bench.keeper.body


def test_the_kiosks_files_hold_again_when_nothing_is_meant(bench: Bench) -> None:
    assert bench.offer(document())
    assert bench.offer(document(), "")
    assert b"" == bench.keeper.body


def test_what_was_cut_altered_or_sent_before_is_not_taken(bench: Bench) -> None:
    meant = document(settings={"sound": {"volume": 0.9}})
    digest = configuration_digest(meant)
    for wrong in (meant[:-1], meant.replace(b"0.9", b"0.8"), document()):
        assert not bench.offer(wrong, digest)
        assert "what arrived is not the one that was named" == bench.keeper.failure
        assert b"" == bench.keeper.body
        bench.clock.advance(3_600_000)
    assert bench.offer(meant, digest)
    assert (meant, "") == (bench.keeper.body, bench.keeper.failure)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (document(version=2), "version: found 2"),
        (document(version=2, tomorrow=1), "version: found 2"),
        (document(kiosk=HEAD_OFFICE), "another kiosk"),
        (document(head_office=KIOSK), "another head office"),
        (document(tomorrow=1), "unknown field `tomorrow`"),
        (document(locks=["No Setting"]), "$.locks[0]"),
        (b"[" * 100_000, "can't be read"),
        (b"\xff\xfe", "no JSON"),
        (b"{}", "missing required field"),
    ],
)
def test_one_that_can_never_be_taken_is_refused_once(
    bench: Bench, wrong: bytes, reason: str
) -> None:
    assert bench.offer(wrong)
    (told,) = bench.keeper.refusals[configuration_digest(wrong)]
    assert reason in told
    assert not bench.offer(document(), configuration_digest(wrong))
    assert b"" == bench.keeper.body


def test_the_keepers_own_reasons_are_told(bench: Bench) -> None:
    bench.keeper.objection = ConfigurationRefusalError(("sound.volume: found 7",))
    assert bench.offer(document())
    assert {configuration_digest(document()): ("sound.volume: found 7",)} == bench.keeper.refusals


@pytest.mark.parametrize(
    "failure",
    [
        Rejection(503),
        Rejection(404, Problem("urn:hymio:problem:not_found", "No", 404)),
        NetworkFailure("cut", "cut"),
        NotAReceipt("too_large", "a reply of more than 2000000 bytes"),
    ],
)
def test_what_merely_failed_is_tried_again_after_pauses_that_grow(
    bench: Bench, failure: Rejection | NetworkFailure | NotAReceipt
) -> None:
    body = document()
    bench.transport.downloads["configuration"] = failure
    bench.pull.hear(configuration_digest(body))
    pauses = []
    for _ in range(3):
        assert not bench.pull.run()
        assert bench.keeper.failure
        left = bench.pull._not_before_ms - bench.clock.mono_ms()
        pauses.append(left)
        bench.clock.advance(left - 1)
        bench.transport.downloads["configuration"] = Download(body)
        assert not bench.pull.run()
        bench.transport.downloads["configuration"] = failure
        bench.clock.advance(1)
    assert [30_000, 60_000, 120_000] == pauses
    assert bench.offer(body)


def test_a_full_disk_is_no_refusal(bench: Bench) -> None:
    bench.keeper.objection = OSError(28, "No space left on device")
    assert not bench.offer(document())
    assert ({}, "it can't be stored: No space left on device") == (
        bench.keeper.refusals,
        bench.keeper.failure,
    )
    bench.keeper.objection = None
    bench.clock.advance(30_000)
    assert bench.pull.run()


@pytest.mark.parametrize("wrong", [PICTURE[:-1], b"b picture"])
def test_a_file_that_is_another_one_is_not_stored(bench: Bench, wrong: bytes) -> None:
    body = document(files=[msgspec.to_builtins(ENTRY)])
    bench.transport.downloads[ENTRY.digest] = Download(wrong)
    assert not bench.offer(body)
    assert (b"", {}, "what arrived is not the file logo.png") == (
        bench.keeper.body,
        bench.keeper.files,
        bench.keeper.failure,
    )


# --- what the heartbeat says of it ---


class Beats:
    """Heartbeats of a kiosk whose report can change, to a head office that may be an old one."""

    def __init__(self, meant: str | None) -> None:
        self.meant = meant
        self.clock, head, outbox = FakeClock(), ModelHeadOffice(), MemoryOutbox()
        self.transport = ScriptedTransport(otherwise=head.deliver)
        self.report = ConfigurationReport(in_force="", state="good")
        relay = Relay(outbox, self.transport, self.clock)
        self.sender = HeartbeatSender(outbox, self.transport, self.clock, relay, self._condition)
        usual = head.receive

        def receive(what: Any, body: bytes) -> Any:
            return replace(usual(what, body), configuration=self.meant)

        head.receive = receive  # type: ignore[method-assign]

    def _condition(self) -> KioskCondition:
        return KioskCondition("1", "a" * 64, configuration=self.report)

    def said(self) -> object:
        """What the next heartbeat says of it."""
        self.sender.run()
        beat = self.transport.sent[-1]
        assert isinstance(beat, Heartbeat)
        return beat.configuration


def test_the_report_is_sent_once_to_a_head_office_that_configures() -> None:
    beats = Beats("")
    first = beats.report
    assert [UNSET, first, UNSET] == [beats.said() for _ in range(3)]
    beats.report = ConfigurationReport(in_force="b" * 64, state="trial")
    assert beats.sender.has_news
    assert [beats.report, UNSET] == [beats.said(), beats.said()]
    beats.clock.advance(7 * 3_600_000)
    assert beats.report == beats.said()


def test_an_older_head_office_hears_no_report() -> None:
    beats = Beats(None)
    assert [UNSET, UNSET] == [beats.said(), beats.said()]


def test_a_head_office_that_was_put_back_to_an_older_version_is_not_lost() -> None:
    beats = Beats("")
    beats.said()
    refusal = Problem("urn:hymio:problem:invalid", "Invalid", 400, "unknown field `configuration`")
    beats.transport.script.append(Rejection(400, refusal))
    beats.meant = None
    assert UNSET == beats.said()
    assert UNSET == beats.said()
