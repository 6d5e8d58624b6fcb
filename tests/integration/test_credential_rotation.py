"""A new credential now and then, and never a moment in which none is good."""

import shutil
from functools import partial
from pathlib import Path

import msgspec
import pytest
from fakes import FakeClock, ScriptedTransport
from msgspec.structs import replace
from office import DIGEST, Device, ServedOffice, answer, moment

from headoffice.fleet import credentials, kiosks
from headoffice.fleet.models import Credential
from sync.clock import SystemClock
from sync.credential import Keyring
from sync.enrolment import enrol
from sync.errors import CredentialNotRenewedError, IdentityError
from sync.identity import Identity, load_identity, save_credential, save_identity
from sync.messages import Batch, CredentialReply, CredentialRequest
from sync.outbox.memory import MemoryOutbox
from sync.outcome import NewCredential, Rejection, VerifiedReceipt
from sync.rotation import Rotation, rotate
from sync.transport import HttpTransport

DAY = 86_400_000

# --- what the head office promises ------------------------------------------------------------

in_process = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def renewed(device: Device) -> str:
    body = msgspec.json.encode(CredentialRequest(device.installation, moment()))
    response = device.post("credential", body)
    assert response.status_code == 200, response.content
    reply = msgspec.json.decode(response.content, type=CredentialReply)
    assert device.kiosk == reply.kiosk
    return reply.credential


def status_with(device: Device, credential: str) -> int:
    bearer = {"Authorization": f"Bearer {credential}"}
    return int(device.post("batches", device.batch(answer(1)), **bearer).status_code)


class TestHeadOffice:
    pytestmark = in_process

    def test_the_old_credential_is_good_until_the_new_one_was_used_once(
        self, device: Device
    ) -> None:
        old, new = device.credential, renewed(device)
        assert [200, 200] == [status_with(device, old), status_with(device, old)]
        assert 200 == status_with(device, new)
        assert [401, 200] == [status_with(device, old), status_with(device, new)]
        assert 1 == Credential.objects.count()

    def test_asked_for_twice_whichever_reply_arrived_is_good(self, device: Device) -> None:
        first, second = renewed(device), renewed(device)
        assert 200 == status_with(device, first)
        assert [401, 401] == [status_with(device, second), status_with(device, device.credential)]

    def test_replies_that_are_lost_again_and_again_pile_nothing_up(self, device: Device) -> None:
        for _ in range(20):
            renewed(device)
        assert 1 + credentials.MAX_UNUSED == Credential.objects.count()
        assert 200 == status_with(device, device.credential)

    def test_a_revoked_kiosk_is_shut_out_by_every_one_at_once(self, device: Device) -> None:
        new = renewed(device)
        kiosks.revoke_kiosk(device.row)
        assert [401, 401] == [status_with(device, device.credential), status_with(device, new)]
        body = msgspec.json.encode(CredentialRequest(device.installation, moment()))
        assert 401 == device.post("credential", body).status_code

    def test_only_hashes_are_kept(self, device: Device) -> None:
        new = renewed(device)
        kept = b"".join(bytes(each.hash) for each in Credential.objects.all())
        assert new.encode() not in kept
        assert 43 == len(new)

    def test_one_kiosks_new_credential_ends_nothing_of_another(self, device: Device) -> None:
        other = Device.enrolled("Back door")
        assert 200 == status_with(device, renewed(device))
        assert 200 == status_with(other, other.credential)

    def test_a_stranger_gets_none(self, device: Device) -> None:
        body = msgspec.json.encode(CredentialRequest(device.installation, moment()))
        answered = device.post("credential", body, Authorization="Bearer x")
        assert 401 == answered.status_code


# --- what the kiosk makes of it ---------------------------------------------------------------


class Enrolled:
    """A kiosk's folder, and what a program that starts there does."""

    def __init__(self, office: ServedOffice, folder: Path) -> None:
        self.folder, self.office = folder, office
        code = office.run("create-code", "--place", "Till").stdout.split()[-1]
        self.installation = "0b0e7c1e-0d0f-4f4e-9c55-1f1d6a1f2a3b"
        save_identity(folder, enrol(code, office.url, installation=self.installation, version="1"))
        self.start()

    def start(self) -> None:
        known = load_identity(self.folder)
        assert known is not None
        # The served office takes another port when it starts again.
        self.keyring = Keyring(known, partial(save_credential, self.folder))
        self.transport = HttpTransport(
            self.keyring.at(self.office.url), SystemClock(), keyring=self.keyring
        )

    @property
    def on_disk(self) -> Identity:
        known = load_identity(self.folder)
        assert known is not None
        return known

    def delivers(self) -> bool:
        now = SystemClock().moment()
        batch = Batch(installation=self.installation, oldest=1, sent=now, messages=())
        return isinstance(self.transport.send_batch(batch), VerifiedReceipt)

    def rotate(self) -> None:
        rotate(self.transport, self.keyring, self.installation, SystemClock())


@pytest.fixture
def kiosk(served: ServedOffice, tmp_path: Path) -> Enrolled:
    return Enrolled(served, tmp_path / "kiosk")


@pytest.mark.e2e
class TestKiosk:
    def test_the_new_one_is_on_the_disk_before_it_is_used(self, kiosk: Enrolled) -> None:
        old = kiosk.on_disk
        kiosk.rotate()
        assert old.credential != kiosk.on_disk.credential
        assert kiosk.on_disk == kiosk.keyring.identity
        assert abs(kiosk.on_disk.issued_ms - SystemClock().moment().wall_ms) < 60_000
        assert kiosk.delivers()
        outdated = HttpTransport(replace(old, previous=""), SystemClock())
        now = SystemClock().moment()
        batch = Batch(installation=kiosk.installation, oldest=1, sent=now, messages=())
        assert isinstance(outdated.send_batch(batch), Rejection)

    def test_power_gone_before_it_was_stored(self, kiosk: Enrolled) -> None:
        before = kiosk.on_disk
        outcome = kiosk.transport.renew_credential(kiosk.installation, SystemClock().moment())
        assert isinstance(outcome, NewCredential)
        kiosk.start()
        assert (before, True) == (kiosk.on_disk, kiosk.delivers())

    def test_power_gone_after_it_was_stored_and_before_it_was_used(self, kiosk: Enrolled) -> None:
        kiosk.rotate()
        kiosk.start()
        assert kiosk.delivers()

    def test_a_disk_that_can_not_be_written_keeps_the_old_one(
        self, kiosk: Enrolled, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_identity: Identity) -> None:
            raise IdentityError("No space left on device")

        before = kiosk.on_disk
        monkeypatch.setattr(kiosk.keyring, "_save", full)
        with pytest.raises(IdentityError):
            kiosk.rotate()
        assert (before, True) == (kiosk.on_disk, kiosk.delivers())
        kiosk.start()
        assert kiosk.delivers()

    def test_a_request_on_its_way_when_the_credential_changed_is_not_a_refusal(
        self, kiosk: Enrolled
    ) -> None:
        other_thread = HttpTransport(
            kiosk.keyring.at(kiosk.office.url), SystemClock(), keyring=kiosk.keyring
        )
        sent_with_old: list[str] = []
        real = other_thread._http.send

        def overtaken(method: str, path: str, body: bytes, credential: str | None = None) -> object:
            if not sent_with_old:
                sent_with_old.append(credential or "")
                kiosk.rotate()
                assert kiosk.delivers()
            return real(method, path, body, credential)

        other_thread._http.send = overtaken  # type: ignore[method-assign,assignment]
        now = SystemClock().moment()
        batch = Batch(installation=kiosk.installation, oldest=1, sent=now, messages=())
        assert isinstance(other_thread.send_batch(batch), VerifiedReceipt)
        assert sent_with_old != [kiosk.keyring.identity.credential]

    def test_a_head_office_restored_from_before_the_change_lets_the_kiosk_in(
        self, kiosk: Enrolled
    ) -> None:
        office, backup = kiosk.office, kiosk.folder.parent / "backup"
        assert kiosk.delivers()
        office.stop()
        shutil.copytree(office.folder, backup)
        office.start()
        kiosk.start()
        kiosk.rotate()
        assert kiosk.delivers()
        office.stop()
        shutil.rmtree(office.folder)
        shutil.copytree(backup, office.folder)
        office.start()
        kiosk.start()
        assert kiosk.delivers()
        assert 0 == kiosk.on_disk.issued_ms, "so that it is renewed soon"
        kiosk.rotate()
        assert kiosk.delivers()

    def test_a_revoked_kiosk_is_refused_and_keeps_what_it_has(self, kiosk: Enrolled) -> None:
        kiosk.rotate()
        kiosk.office.run("revoke", kiosk.on_disk.kiosk)
        before = kiosk.on_disk
        assert not kiosk.delivers()
        with pytest.raises(CredentialNotRenewedError, match="refuses this kiosk's credential"):
            kiosk.rotate()
        assert before == kiosk.on_disk


# --- when ---------------------------------------------------------------------------------------


def rotation(issued_ms: int, days: int = 90) -> tuple[Rotation, ScriptedTransport, Keyring]:
    known = Identity(
        kiosk=DIGEST, credential="one", place="", head_office="", url="", issued_ms=issued_ms
    )
    transport, keyring = ScriptedTransport(), Keyring(known)
    outbox = MemoryOutbox(CLOCK)
    rota = Rotation(transport, keyring, CLOCK, outbox, days=days)
    rota.run("installation", issued_ms)
    live_through(outbox, 30)
    return rota, transport, keyring


def live_through(outbox: MemoryOutbox, days: int) -> None:
    for _ in range(days):
        CLOCK.advance(DAY)
        outbox.lived_ms()


CLOCK = FakeClock()


@pytest.mark.parametrize(
    ("age_days", "days", "expected"), [(89, 90, "one"), (90, 90, "two"), (5000, 0, "one")]
)
def test_it_is_time_when_the_head_offices_clock_says_so(
    age_days: int, days: int, expected: str
) -> None:
    rota, transport, keyring = rotation(1000, days)
    transport.renewals.append(NewCredential("two", 7))
    rota.run("installation", 1000 + age_days * DAY)
    assert expected == keyring.identity.credential


@pytest.mark.parametrize("years", [1, 10, -50])
def test_a_clock_of_the_head_offices_that_is_wrong_renews_once_at_most(years: int) -> None:
    rota, transport, keyring = rotation(100 * DAY)
    wrong_ms = (100 + years * 365) * DAY
    transport.renewals += [NewCredential("two", wrong_ms), NewCredential("three", wrong_ms)]
    for head_ms in (wrong_ms, wrong_ms + 400 * DAY, 200 * DAY, 900 * DAY) * 2:
        CLOCK.advance(3_600_000)
        rota.run("installation", head_ms)
    assert ("two", "one") == (keyring.identity.credential, keyring.identity.previous)


def test_a_kiosk_that_was_just_installed_renews_by_no_clock() -> None:
    known = Identity(kiosk=DIGEST, credential="one", place="", head_office="", url="", issued_ms=0)
    transport, keyring, outbox = ScriptedTransport(), Keyring(known), MemoryOutbox(CLOCK)
    transport.renewals.append(NewCredential("two", 7))
    for days, expected in ((1, "one"), (28, "one"), (1, "two")):
        Rotation(transport, keyring, CLOCK, outbox).run("installation", 365 * DAY)
        live_through(outbox, days)
        Rotation(transport, keyring, CLOCK, outbox).run("installation", 365 * DAY)
        assert expected == keyring.identity.credential


def test_a_head_office_that_knows_no_renewal_is_not_asked_every_minute() -> None:
    rota, transport, keyring = rotation(0)
    rota.run("installation", 100 * DAY)
    transport.renewals.append(NewCredential("two", 100 * DAY))
    rota.run("installation", 100 * DAY)
    assert "one" == keyring.identity.credential
    CLOCK.advance(3_600_000)
    rota.run("installation", 100 * DAY)
    assert ("two", "one") == (keyring.identity.credential, keyring.identity.previous)


def test_no_text_of_it_shows_a_credential() -> None:
    known = Identity(
        kiosk="k", credential="s3cret", previous="0ld", place="", head_office="", url=""
    )
    shown = f"{known!r}{Keyring(known).__dict__!r}{NewCredential('s3cret', 1)!r}"
    assert "s3cret" not in shown
    assert "0ld" not in shown


def test_another_kiosks_identity_is_not_written_over(tmp_path: Path) -> None:
    mine = Identity(kiosk=DIGEST, credential="one", place="", head_office="", url="")
    save_identity(tmp_path, replace(mine, kiosk="somebody else"))
    with pytest.raises(IdentityError):
        save_credential(tmp_path, mine)
