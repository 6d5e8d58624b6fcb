"""A head office whose configurations are broken in every way: the kiosk goes on, and says so.

A real HTTP server, the kiosk's own transport, outbox and files.
"""

import gzip
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from configuring_office import ConfiguringOffice, Reply, document, file_entry
from fakes import FakeClock, answer
from faults.disks import SmallDisk, can_mount

from config.loader import load_questionnaire
from config.questionnaire import canonical
from config.settings import Screen, Settings, Sync
from kiosk.configuration.keeper import KeeperPorts, StoredConfigurations
from kiosk.configuration.start import begin_trial, find_start
from kiosk.troubles import TroubleBoard
from sync.clock import SystemClock
from sync.configuration import ConfigurationReport, configuration_digest
from sync.configuration_pull import ConfigurationPull
from sync.heartbeat import HeartbeatSender, KioskCondition
from sync.identity import save_identity
from sync.outbox.sqlite import SqliteOutbox
from sync.outcome import VerifiedReceipt
from sync.relay import Relay
from sync.transport import HttpTransport

OWN = Settings(screen=Screen(fullscreen=False, width=480, height=480, width_mm=80))
LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9"/></svg>'
QUICK = Sync(connect_timeout=2, read_timeout=2)
OCTETS = {"Content-Type": "application/octet-stream"}


def definition(**fields: Any) -> dict[str, Any]:
    found = msgspec.json.decode(canonical(load_questionnaire("checkout")))
    return {**found, "id": "christmas", **fields}


class Kiosk:
    """What a kiosk does between two heartbeats, and at its start."""

    def __init__(self, data: Path, office: ConfiguringOffice) -> None:
        self.office, self.data = office, data
        save_identity(data, office.identity)
        self.clock = FakeClock()
        self.outbox = SqliteOutbox.open(data, reserve_bytes=1 << 20)
        self.transport = HttpTransport(office.identity, SystemClock(), QUICK)
        self.relay = Relay(self.outbox, self.transport, self.clock)
        self.restart()

    def restart(self) -> str:
        """The program starts; what is in force."""
        tries = begin_trial(self.data, "boot", 1)
        start = find_start(self.data, OWN, tries=tries)
        self.troubles = TroubleBoard()
        ports = KeeperPorts(own=OWN, questionnaire=None, panel_mm=lambda: None)
        self.keeper = StoredConfigurations(self.data, start, self.troubles, ports)
        identity = self.office.identity
        self.pull = ConfigurationPull(
            self.transport, identity, self.keeper, self.clock, lambda: 0.5
        )
        self.heartbeat = HeartbeatSender(
            self.outbox, self.transport, self.clock, self.relay, self._condition
        )
        return start.in_force

    def _condition(self) -> KioskCondition:
        return KioskCondition(
            "1", "a" * 64, troubles=self.troubles.current, configuration=self.keeper.report()
        )

    def live(self) -> None:
        """Somebody answers, and heartbeats go."""
        self.outbox.append([answer()], self.clock.moment())
        assert self.relay.run() is None
        self.beat()

    def beat(self) -> None:
        """A heartbeat goes, what it names is brought, another one goes."""
        for _ in range(2):
            outcome = self.heartbeat.run()
            assert isinstance(outcome, VerifiedReceipt)
            self.pull.hear(outcome.receipt.configuration)
            self.pull.run()
        self.heartbeat.run()
        self.clock.advance(60_000)

    def prove(self) -> str:
        """It starts, shows the faces and stores an answer."""
        self.keeper.end()
        found = self.restart()
        self.keeper.show()
        self.keeper.prove()
        self.keeper.end()
        return found


@pytest.fixture
def office() -> Iterator[ConfiguringOffice]:
    with ConfiguringOffice() as made:
        yield made


@pytest.fixture
def kiosk(tmp_path: Path, office: ConfiguringOffice) -> Iterator[Kiosk]:
    made = Kiosk(tmp_path / "kiosk", office)
    yield made
    made.transport.interrupt()
    made.outbox.close()


def good(kiosk: Kiosk) -> str:
    """A configuration with a picture, in force and proven."""
    body = kiosk.office.want(
        LOGO,
        settings={"sound": {"volume": 0.1}, "brand": {"logo": "logo.svg"}},
        files=[file_entry("logo.svg", LOGO)],
    )
    kiosk.live()
    assert configuration_digest(body) == kiosk.prove()
    kiosk.live()
    return configuration_digest(body)


def goes_on(kiosk: Kiosk, last_good: str, answers: int) -> ConfigurationReport:
    """Nothing has changed on it, and each answer is at home once."""
    assert not kiosk.keeper.is_waiting
    kiosk.keeper.end()
    assert last_good == kiosk.restart()
    report = kiosk.office.report
    assert report is not None
    assert last_good == report.in_force
    counted = kiosk.office.head.counted()
    assert answers == len(counted) == len(set(counted))
    return report


NEXT = {"settings": {"sound": {"volume": 0.2}}}
MANY = [{"id": f"o{i}", "text": {"en": "A choice"}} for i in range(12)]
CROWDED = [
    {"kind": "smiley", "id": "rating", "text": {"en": "How?"}},
    {"kind": "single_choice", "id": "many", "text": {"en": "What?"}, "options": MANY},
]
CIRCLE = [
    *definition()["questions"][:1],
    {**definition()["questions"][1], "show_if": {"question": "last", "one_of": [True]}},
    {
        "kind": "yes_no",
        "id": "last",
        "text": dict.fromkeys(definition()["languages"], "Yes?"),
        "show_if": {"question": definition()["questions"][1]["id"], "one_of": [True]},
    },
]
REFUSALS: dict[str, tuple[bytes, str]] = {
    "wrong version": (document(**NEXT | {"version": 2}), "version: found 2"),
    "wrong kiosk": (document(**NEXT | {"kiosk": "0" * 8 + "-0000-4000-8000-" + "0" * 12}), "kiosk"),
    "unknown field": (document(**NEXT, later=1), "unknown field `later`"),
    "no JSON": (b"<html>log in</html>", "it is no JSON"),
    "empty": (b"", "it is no JSON"),
    "own settings": (document(settings={"sync": {"every": 9}}), "only the kiosk's own file"),
    "missing language": (
        document(schedule=[{"definition": definition(languages=["en", "xx"])}]),
        "every text is in every language",
    ),
    "letters without a font": (
        document(schedule=[{"definition": definition(title="\U00013000")}]),
        "letters that no font has",
    ),
    "branching in a circle": (
        document(schedule=[{"definition": definition(questions=CIRCLE)}]),
        "earlier questions",
    ),
    "contradicting settings": (
        document(
            settings={"brand": {"background": "logo.svg"}}, files=[file_entry("logo.svg", LOGO)]
        ),
        "together with [brand.colours]",
    ),
    "wrong panel": (
        document(schedule=[{"definition": definition(languages=["en"], questions=CROWDED)}]),
        "on a panel of 80 x 80 mm",
    ),
    "a picture that is none": (
        document(settings={"brand": {"logo": "a.png"}}, files=[file_entry("a.png", b"not one")]),
        "brand.logo",
    ),
}


@pytest.mark.parametrize("broken", REFUSALS)
def test_what_can_never_be_used_is_refused_with_reasons_and_asked_for_once(
    kiosk: Kiosk, office: ConfiguringOffice, broken: str
) -> None:
    last_good = good(kiosk)
    body, reason = REFUSALS[broken]
    office.files[hashlib.sha256(b"not one").hexdigest()] = b"not one"
    # An empty body is named by its digest too.
    office.name(body)
    asked_before = office.requests.count(("GET", "configuration"))
    for _ in range(3):
        kiosk.live()
    assert asked_before + 1 == office.requests.count(("GET", "configuration"))
    report = goes_on(kiosk, last_good, 5)
    assert (configuration_digest(body), False) == (report.refusal, report.is_fallback)
    assert reason in "\n".join(report.reasons)
    assert ["configuration"] == [each.kind for each in office.beats[-1].troubles]
    kiosk.live()
    assert asked_before + 1 == office.requests.count(("GET", "configuration"))
    office.want(**NEXT)
    kiosk.live()
    assert kiosk.keeper.is_waiting
    assert office.meant == kiosk.prove()


def whole(body: bytes) -> Reply:
    return 200, {"Content-Type": "application/json"}, body


def squeezed(body: bytes) -> Reply:
    kind = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    return 200, kind, gzip.compress(body)


BODY = document(**NEXT)
FAILURES: dict[str, Callable[[bytes], Reply]] = {
    "truncated": lambda _old: whole(BODY[:-7]),
    "cut in the middle": lambda _old: (200, {"Content-Length": "9999", **OCTETS}, BODY),
    "tampered": lambda _old: whole(BODY.replace(b"0.2", b"0.9")),
    "replayed": whole,
    "oversized": lambda _old: whole(BODY + b" " * 2_100_000),
    "oversized once it is unpacked": lambda _old: squeezed(BODY + b" " * 50_000_000),
    "broken": lambda _old: (200, {"Content-Encoding": "gzip"}, b"no gzip"),
    "out of order": lambda _old: (503, {}, b""),
    "gone": lambda _old: (404, {}, b""),
    "elsewhere": lambda _old: (302, {"Location": "http://127.0.0.1:9/"}, b""),
    "unchanged": lambda _old: (304, {}, b""),
}


@pytest.mark.parametrize("broken", FAILURES)
def test_what_failed_on_the_way_is_tried_again_and_taken_when_it_is_whole(
    kiosk: Kiosk, office: ConfiguringOffice, broken: str
) -> None:
    last_good, old = good(kiosk), office.body
    office.name(BODY)
    office.misbehave = lambda path: FAILURES[broken](old) if path == "configuration" else None
    kiosk.live()
    report = goes_on(kiosk, last_good, 3)
    assert "" == report.refusal
    kiosk.live()
    assert ["configuration"] == [each.kind for each in office.beats[-1].troubles]
    office.misbehave = lambda _path: None
    kiosk.clock.advance(3_600_000)
    kiosk.live()
    assert configuration_digest(BODY) == kiosk.prove()
    assert () == kiosk.troubles.current


@pytest.mark.parametrize(
    "wrong", [whole(LOGO[:-1]), whole(LOGO + b" "), whole(b"x" * len(LOGO)), (404, {}, b"")]
)
def test_a_file_that_does_not_come_whole_holds_the_change_up(
    kiosk: Kiosk, office: ConfiguringOffice, wrong: Reply
) -> None:
    office.want(LOGO, settings={"brand": {"logo": "a.svg"}}, files=[file_entry("a.svg", LOGO)])
    office.misbehave = lambda path: wrong if path.startswith("files/") else None
    kiosk.live()
    goes_on(kiosk, "", 1)
    office.misbehave = lambda _path: None
    kiosk.clock.advance(3_600_000)
    kiosk.live()
    assert office.meant == kiosk.prove()


def test_a_full_disk_holds_it_up_and_costs_nothing(
    kiosk: Kiosk, office: ConfiguringOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    last_good = good(kiosk)
    office.want(**NEXT)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        # A disk that is full for this and not for the outbox is what no test can mount in time.
        patched.setattr("kiosk.configuration.store.write_private_file", full)
        kiosk.live()
        assert "" == goes_on(kiosk, last_good, 3).refusal
        kiosk.live()
        (told,) = office.beats[-1].troubles
        assert "No space left on device" in told.detail
    kiosk.clock.advance(3_600_000)
    kiosk.live()
    assert office.meant == kiosk.prove()


@pytest.mark.skipif(not can_mount(), reason="only root may mount a small disk to fill")
def test_a_disk_that_is_really_full_leaves_what_is_left_to_answers(
    tmp_path: Path, office: ConfiguringOffice
) -> None:
    disk = SmallDisk(tmp_path / "disk", 64)
    try:
        kiosk = Kiosk(disk.folder, office)
        last_good = good(kiosk)
        office.want(**NEXT)
        disk.fill()
        kiosk.live()
        kiosk.live()
        assert last_good == kiosk.restart()
        assert ["configuration"] == [each.kind for each in office.beats[-1].troubles]
        disk.free()
        kiosk.clock.advance(3_600_000)
        kiosk.live()
        assert office.meant == kiosk.prove()
        kiosk.live()
        counted = office.head.counted()
        assert 6 == len(counted) == len(set(counted))
        kiosk.outbox.close()
    finally:
        disk.remove()


def test_a_kiosk_that_was_away_takes_what_is_right_now(
    kiosk: Kiosk, office: ConfiguringOffice
) -> None:
    good(kiosk)
    for week in range(5):
        office.want(settings={"sound": {"volume": week / 10}})
    kiosk.live()
    assert office.meant == kiosk.prove()
    assert 2 == office.requests.count(("GET", "configuration"))


def test_a_head_office_that_was_put_back_brings_the_earlier_one_back(
    kiosk: Kiosk, office: ConfiguringOffice
) -> None:
    first = good(kiosk)
    old = office.body
    office.want(**NEXT)
    kiosk.live()
    kiosk.prove()
    office.body = old
    kiosk.live()
    assert first == kiosk.prove()


def test_an_older_head_office_is_sent_no_report_and_the_files_hold(
    kiosk: Kiosk, office: ConfiguringOffice
) -> None:
    office.is_old = True
    for _ in range(3):
        kiosk.live()
    assert ([], False) == (office.reports, kiosk.keeper.is_supported)
    assert "" == kiosk.restart()
    assert not any(path == "configuration" for _method, path in office.requests)


def test_a_head_office_that_becomes_older_keeps_the_kiosk_as_it_is(
    kiosk: Kiosk, office: ConfiguringOffice
) -> None:
    last_good = good(kiosk)
    office.is_old = True
    kiosk.live()
    kiosk.live()
    goes_on(kiosk, last_good, 4)
