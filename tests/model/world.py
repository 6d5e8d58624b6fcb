"""Kiosks, a line and a head office as one world that a test can move step by step.

The outboxes, the relays, the heartbeats and the check of receipts are the real ones, and so is the
head office: its addresses, called in this process, on its real database. Only the wires between
them are the test's, so that it can choose what becomes of each request.
"""

import contextlib
import json
import shutil
import sqlite3
import tempfile
import uuid
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock
from zoneinfo import ZoneInfo

import msgspec
from django.db import transaction
from django.test import Client
from fakes import FakeClock
from model.wire import Request, Wire
from processes import quick_root

from config.questionnaire import Questionnaire, Smiley, canonical, digest
from config.settings import Sync
from headoffice import clock as head_clock
from headoffice.errors import HeadOfficeError
from headoffice.fleet import enrolment
from headoffice.fleet.models import Alarm, Kiosk
from headoffice.messages.models import Gap, Installation, StoredMessage, Unstored
from headoffice.repair.report import repair_times
from headoffice.rollups.models import Hourly
from headoffice.timekeeping.guard import GUARD, accept_clock
from sync.heartbeat import HeartbeatSender, KioskCondition
from sync.http_client import HttpReply
from sync.identity import Identity
from sync.messages import AnswerBody, EnrolmentReply, EnrolmentRequest
from sync.outbox.sqlite import SqliteOutbox
from sync.relay import Relay
from sync.transport import HttpTransport

API = "/api/kiosk/v1/"
QUESTIONNAIRE = Questionnaire(
    id="checkout",
    title="Checkout",
    languages=("en",),
    questions=(Smiley(id="mood", text={"en": "How was it?"}),),
)
DEFINITION = canonical(QUESTIONNAIRE)
DIGEST = digest(DEFINITION)
HELSINKI = "Europe/Helsinki"
AUTUMN_MS = int(datetime(2026, 10, 25, 1, 0, tzinfo=UTC).timestamp() * 1000)
"""Clocks in Helsinki go back: the hour from three to four comes twice."""
SPRING_MS = int(datetime(2026, 3, 29, 1, 0, tzinfo=UTC).timestamp() * 1000)
KEEP_ALL = 10**6
"""More than any order of events delivers: then days alone decide."""
HOUR_MS, DAY_MS, YEAR_MS = 3_600_000, 86_400_000, 365 * 86_400_000


class Card:
    """A kiosk's memory card and the programs that run from it."""

    def __init__(self, world: "World", folder: Path) -> None:
        self.world, self.folder = world, folder
        self.clock = FakeClock()
        self.busy = False
        self._start()

    def _start(self) -> None:
        self.outbox = SqliteOutbox.open(self.folder, clock=self.clock)
        assert self.outbox.salvage_report is None
        self.outbox.remember_questionnaire(DIGEST, DEFINITION)
        transport = HttpTransport(self.world.identity, self.clock)
        self.wire = Wire(self.world, self)
        transport._http = self.wire  # type: ignore[assignment]
        settings = Sync(batch_messages=7)
        self.relay = Relay(self.outbox, transport, self.clock, settings, random=lambda: 0.5)
        condition = KioskCondition(version="0.1", questionnaire=DIGEST)
        self.heartbeat = HeartbeatSender(
            self.outbox, transport, self.clock, self.relay, describe=lambda: condition
        )

    # --- what happens on it ---------------------------------------------------------------

    def tap(self, count: int, *, nonsense: bool = False) -> None:
        """Shoppers answer, and are thanked; ``nonsense`` is a value that no face has."""
        for _ in range(count):
            self.clock.advance(1000)
            answer = AnswerBody(
                response=str(uuid.uuid4()),
                questionnaire=DIGEST,
                language="en",
                question="mood",
                value=9 if nonsense else len(self.world.thanked) % 3,
                took_ms=900,
            )
            self.outbox.append([answer], self.clock.moment())
            self.world.thanked.add(answer.response)
            if nonsense:
                self.world.nonsense.add(answer.response)

    def upload(self, fates: tuple[str, ...]) -> None:
        with self._wired(fates):
            self.relay.run(now=True)

    def beat(self, fates: tuple[str, ...]) -> None:
        with self._wired(fates):
            self.heartbeat.run()

    @contextmanager
    def _wired(self, fates: tuple[str, ...]) -> Iterator[None]:
        if not self.busy:
            self.wire.fates = deque(fates)
        was, self.busy = self.busy, True
        try:
            yield
        finally:
            self.busy = was

    def trim(self, keep: int) -> None:
        """Retention: what the head office has had, and lost since, is gone if this comes first.

        Not beside a copied card: that one may still hold what this one tells the head office is
        gone, and is not asked for it when the head office was restored. See docs/reliability.md.
        """
        if len(self.world.cards) > 1:
            return
        before = self.held()
        while self.outbox.trim(DAY_MS, keep):
            pass
        removed = before - self.held()
        if keep == KEEP_ALL:
            arrived = self.world.arrived_at
            early = {r for r in removed if self.world.passed_ms - arrived[r] < DAY_MS - HOUR_MS}
            assert early == set(), "retention took for old what was delivered today"
        removed -= self.world.counted().keys()
        self.world.gone |= removed & self.world.arrived
        self.world.trimmed = self.world.trimmed or self.outbox.position().oldest > 1

    def reboot(self) -> None:
        """Starts the machine anew: its monotonic clock begins again."""
        self.clock.boot, self.clock.mono = str(uuid.uuid4()), 1000
        self.crash()

    def crash(self) -> None:
        """kill -9: goes on from the files as they are, nothing of them closed."""
        self._exchange(self.copy())

    def copy(self) -> Path:
        """An image of the card as it is at this instant."""
        image = self.world.new_folder()
        shutil.copytree(self.folder, image, dirs_exist_ok=True)
        return image

    def restore(self, image: Path) -> None:
        """Goes back to an older image; what only the newer files held is gone with them."""
        with self.world.only_copies_may_go():
            again = self.world.new_folder()
            shutil.copytree(image, again, dirs_exist_ok=True)
            self._exchange(again)

    def _exchange(self, folder: Path) -> None:
        self.outbox.close()
        shutil.rmtree(self.folder)
        self.folder = folder
        self._start()

    # --- what is on it --------------------------------------------------------------------

    def held(self) -> set[str]:
        """Every response that the card can still send, read past the outbox's own code."""
        query = "SELECT body FROM message WHERE fate IS NULL UNION ALL SELECT body FROM quarantine"
        with closing(sqlite3.connect(self.folder / "outbox.sqlite3")) as db:
            return {json.loads(body)["response"] for (body,) in db.execute(query)}

    def quarantined(self) -> set[str]:
        return {q.body.response for q in self.outbox.quarantine(1000) if q.body is not None}


@dataclass
class World:
    """One head office, one kiosk, and the cards that claim to be it."""

    thanked: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    """Thanked, and its last copy destroyed with an older image: no software brings it back."""
    nonsense: set[str] = field(default_factory=set)
    """Thanked, and no answer to its question: the head office may refuse it, and names it."""
    office_off_ms: int = 0
    """How wrong the head office's wall clock is."""
    clock_was_wrong: bool = False
    """Whether it, or a receipt, ever told a wrong time."""
    passed_ms: int = 0
    """What really passed, whatever clocks show."""
    arrived_at: dict[str, int] = field(default_factory=dict)
    """When each answer was first stored, in what had passed then."""
    arrived: set[str] = field(default_factory=set)
    """Stored by the head office at some time."""
    poison: set[str] = field(default_factory=set)
    """What a box on the way turns down, whoever sends it."""
    late: list[Request] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)
    doubted: int = 0
    """Requests that were refused because the head office's clock was in doubt."""
    weather: str = "lost"
    """The fate of requests for which none was chosen."""
    trimmed: bool = False
    """Whether retention has removed anything."""
    last_reply: HttpReply | None = None
    cards: list[Card] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._root = Path(tempfile.mkdtemp(prefix="hymio-world-", dir=quick_root()))
        self._folders = 0
        self.head_ms = AUTUMN_MS + 30 * DAY_MS
        # What the head office's machine shows; its monotonic clock is true.
        self._clocks = [
            mock.patch.object(head_clock, name, side_effect=read)
            for name, read in (
                ("now_ms", lambda: self.head_ms + self.office_off_ms),
                ("boot_ms", lambda: self.head_ms - AUTUMN_MS),
            )
        ]
        for each in self._clocks:
            each.start()
        # Rolled back at the end: the next world finds the database as this one did.
        self._all = transaction.atomic()
        self._all.__enter__()
        self.client = Client(raise_request_exception=True)
        self._enrol()
        self.restart_office()
        GUARD.keep_time()
        self._copies: list[str] = []
        self.cards.append(Card(self, self.new_folder()))

    def end(self) -> None:
        for card in self.cards:
            card.outbox.close()
        transaction.set_rollback(True)
        self._all.__exit__(None, None, None)
        for each in self._clocks:
            each.stop()
        GUARD.__init__()  # type: ignore[misc] # nobody serves any more
        shutil.rmtree(self._root)

    def new_folder(self) -> Path:
        self._folders += 1
        folder = self._root / str(self._folders)
        folder.mkdir()
        return folder

    def _enrol(self) -> None:
        code = enrolment.create_code("Till", HELSINKI)
        request = EnrolmentRequest(code, str(uuid.uuid4()), "0.1")
        reply = self._post(Request("POST", "enrolment", msgspec.json.encode(request)), "")
        told = msgspec.json.decode(reply.body, type=EnrolmentReply)
        self.identity = Identity(
            kiosk=told.kiosk,
            credential=told.credential,
            place=told.place,
            head_office=told.head_office,
            url="http://127.0.0.1",
        )

    # --- the head office ------------------------------------------------------------------

    def receive(self, request: Request) -> HttpReply:
        """What the head office does with a request, and answers."""
        self.head_ms += 1000
        reply = self._post(request, f"Bearer {self.identity.credential}")
        self.arrived |= self.counted().keys()
        for response in self.arrived - self.arrived_at.keys():
            self.arrived_at[response] = self.passed_ms
        return reply

    def _post(self, request: Request, authorization: str) -> HttpReply:
        response = self.client.generic(
            request.method,
            API + request.path,
            request.body,
            content_type="application/json",
            headers={"Authorization": authorization},
        )
        doubted = b"urn:hymio:problem:clock" in response.content
        assert response.status_code < 500 or doubted, response.content
        self.doubted += doubted
        return HttpReply(response.status_code, dict(response.headers), response.content)

    def crash_within(self, request: Request) -> None:
        """The head office dies after the work and before the commit."""
        before = transaction.savepoint()
        self.receive(request)
        transaction.savepoint_rollback(before)
        transaction.savepoint_commit(before)

    def time_passes(self, ms: int) -> None:
        """At the head office and on every kiosk, all of which are switched on."""
        self.passed_ms += ms
        for step in (*[DAY_MS // 2] * (ms // (DAY_MS // 2)), ms % (DAY_MS // 2)):
            self.head_ms += step
            GUARD.keep_time()
        for card in self.cards:
            for _ in range(ms // DAY_MS):
                card.clock.advance(DAY_MS)
                card.outbox.trim(10**15, 10**9)  # retention looks at the clock, and removes nothing
            card.clock.advance(ms % DAY_MS)

    def restart_office(self) -> None:
        """Another process serves from now on."""
        GUARD.__init__()  # type: ignore[misc] # as in one that has just begun
        GUARD.watch()

    def set_office_clock(self, off_ms: int) -> None:
        """Its wall clock is off by so much from now on."""
        self.office_off_ms = off_ms
        self.clock_was_wrong = self.clock_was_wrong or abs(off_ms) > HOUR_MS

    def accept_office_clock(self) -> None:
        """Somebody says that it is right, unless it can't be."""
        with contextlib.suppress(HeadOfficeError):
            accept_clock(head_clock.now().date().isoformat())
        self.head_ms += 10_000
        GUARD.keep_time()

    def mend_times(self) -> None:
        """What a wrong clock left behind; nothing without one, and nothing the second time."""
        for is_first in (True, False):
            found: list[str] = []
            repair_times(found.append, apply=True)
            assert found == [] or (is_first and self.clock_was_wrong)

    def copy_office(self) -> None:
        self._copies.append(transaction.savepoint())

    def restore_office(self, which: int) -> None:
        """Gives the head office its database as it was; what only the newer one held is gone."""
        with self.only_copies_may_go():
            transaction.savepoint_rollback(self._copies[which])
            del self._copies[which + 1 :]

    @property
    def copies(self) -> int:
        return len(self._copies)

    # --- cards ----------------------------------------------------------------------------

    def clone(self, card: Card) -> None:
        self.cards.append(Card(self, card.copy()))

    @contextmanager
    def only_copies_may_go(self) -> Iterator[None]:
        """What has no copy left after this was destroyed by it, and by nobody's mistake."""
        before = self.somewhere()
        yield
        self.gone |= (before - self.somewhere()) & self.thanked

    # --- the account ----------------------------------------------------------------------

    def counted(self) -> Counter[str]:
        """Response → how often the head office has stored it."""
        return Counter(
            str(r) for r in StoredMessage.objects.filter(kind=1).values_list("response", flat=True)
        )

    def somewhere(self) -> set[str]:
        return set(self.counted()).union(*(card.held() for card in self.cards))

    def quarantined(self) -> set[str]:
        return set().union(*(card.quarantined() for card in self.cards))

    def home(self) -> set[str]:
        """Counted, or kept with the reason why not."""
        refused = self.nonsense & set().union(*(card.held() for card in self.cards))
        return self.counted().keys() | self.quarantined() | refused

    def settle(self) -> None:
        """Lets everything through until nothing moves any more."""
        self.weather = "arrives"
        self.office_off_ms = 0
        self.accept_office_clock()
        try:
            quiet = 0
            for _ in range(40):
                before = self._state()
                for card in self.cards:
                    card.upload(())
                    card.beat(())
                moved = before != self._state() or any(self._waiting(c) for c in self.cards)
                # Once more: a heartbeat's receipt can be what the next upload acts on.
                quiet = 0 if moved else quiet + 1
                if quiet == 2:
                    return
            raise AssertionError(f"{[self._waiting(c) for c in self.cards]} still wait in the end")
        finally:
            self.weather = "lost"

    @staticmethod
    def _waiting(card: Card) -> int:
        return card.outbox.counts().waiting

    def _state(self) -> object:
        positions = [card.outbox.position() for card in self.cards]
        return positions, StoredMessage.objects.count(), Unstored.objects.count()

    def rolled_up(self) -> dict[tuple[object, ...], int]:
        """The head office's own counts."""
        rows = Hourly.objects.exclude(count=0).values_list("hour_ms", "question", "value", "count")
        sums: Counter[tuple[object, ...]] = Counter()
        for hour, question, value, count in rows:
            sums[hour, question, value] += count
        return dict(sums)

    def set_aside(self) -> set[str]:
        """Stored before their question was known, to which they are no answer: they don't count."""
        rows = StoredMessage.objects.filter(kind=1, misuse="unfit")
        return {str(response) for response in rows.values_list("response", flat=True)}

    def counted_again(self) -> dict[tuple[object, ...], int]:
        """The same from the stored messages, in another way."""
        zone = ZoneInfo(HELSINKI)
        sums: Counter[tuple[object, ...]] = Counter()
        rows = StoredMessage.objects.filter(kind=1).exclude(misuse="unfit")
        for ms, question, value in rows.values_list("happened_ms", "question", "value"):
            local = datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone)
            into = (local.minute * 60 + local.second) * 1000 + ms % 1000
            sums[ms - into, question, value] += 1
        return dict(sums)

    def unaccounted(self) -> list[str]:
        """Numbers that an installation claims to have and can't account for."""
        wrong = []
        for row in Installation.objects.all():
            mine = {"kiosk": row.kiosk_id, "installation": row.pk}
            known = set(StoredMessage.objects.filter(**mine).values_list("seq", flat=True))
            known |= set(Unstored.objects.filter(**mine).values_list("seq", flat=True))
            for first, last in Gap.objects.filter(**mine).values_list("first", "last"):
                known |= set(range(first, last + 1))
            missing = set(range(1, row.stored_up_to + 1)) - known
            wrong += [f"{row.uuid}/{seq}" for seq in sorted(missing)]
        return wrong

    def alarms(self) -> int:
        return Alarm.objects.filter(kiosk=Kiosk.objects.get(uuid=self.identity.kiosk)).count()
