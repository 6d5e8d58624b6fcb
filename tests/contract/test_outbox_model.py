"""Any order of events leaves the outbox on disk and its twin in memory saying the same."""

import shutil
import tempfile
import uuid
from pathlib import Path

from fakes import FakeClock, answer
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sync.messages import Message, Refusal
from sync.outbox.memory import MemoryOutbox
from sync.outbox.protocol import Outbox
from sync.outbox.sqlite import SqliteOutbox

DAY = 86_400_000
numbers = st.integers(0, 12)


class OutboxMachine(RuleBasedStateMachine):
    """Every rule happens to both; ``given`` remembers all numbers ever given out."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="hymio-model-"))
        self.clock = FakeClock()
        self.disk = SqliteOutbox.open(self.folder, clock=self.clock)
        self.memory = MemoryOutbox(self.clock)
        self.given: set[tuple[str, int]] = set()

    @property
    def both(self) -> tuple[Outbox, Outbox]:
        return self.disk, self.memory

    def teardown(self) -> None:
        self.disk.close()
        shutil.rmtree(self.folder)

    @rule(count=st.integers(1, 4))
    def append(self, count: int) -> None:
        bodies = [answer() for _ in range(count)]
        self.clock.advance(1000)
        for outbox in self.both:
            outbox.append(bodies, self.clock.moment())

    @rule()
    def reboot(self) -> None:
        self.clock.boot, self.clock.mono = str(uuid.uuid4()), 1000

    @rule(back=numbers, refused=st.sets(numbers, max_size=3), conflict=st.booleans())
    def settle(self, back: int, refused: set[int], conflict: bool) -> None:
        self.clock.advance(DAY // 3)
        for outbox in self.both:
            place = outbox.position()
            reason = "conflict" if conflict else "invalid"
            outbox.settle(
                place.installation,
                place.last_seq - back,
                [Refusal(place.oldest + n, reason, "no") for n in sorted(refused)],
                self.clock.wall_ms,
            )

    @rule(nth=numbers)
    def withhold(self, nth: int) -> None:
        for outbox in self.both:
            waiting = outbox.next_batch(100, 10**9)
            if nth < len(waiting):
                outbox.withhold(waiting[nth].seq, "isolated")

    @precondition(lambda self: self.memory.quarantine())
    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        index = data.draw(st.integers(0, len(self.memory.quarantine()) - 1))
        for outbox in self.both:
            assert outbox.send_again(outbox.quarantine()[index].id) is not None

    @rule(keep_days=st.integers(0, 2), keep=numbers, step=st.integers(1, 5))
    def trim(self, keep_days: int, keep: int, step: int) -> None:
        waiting = {m.body.response for m in self.memory.next_batch(1000, 10**9)}
        removed = {outbox.trim(keep_days * DAY, keep, step) for outbox in self.both}
        assert 1 == len(removed)
        assert waiting == {m.body.response for m in self.disk.next_batch(1000, 10**9)}

    @rule(step=st.integers(1, 5))
    def recall(self, step: int) -> None:
        moved = [outbox.recall(step) for outbox in self.both]
        assert moved[0] == moved[1]

    @rule()
    def doubt_earlier(self) -> None:
        for outbox in self.both:
            outbox.doubt_earlier()

    @rule()
    def renew(self) -> None:
        for outbox in self.both:
            outbox.renew()

    @rule()
    def reopen(self) -> None:
        self.disk.close()
        self.disk = SqliteOutbox.open(self.folder, clock=self.clock)

    @invariant()
    def they_say_the_same(self) -> None:
        disk, memory = (self._told(outbox) for outbox in self.both)
        assert memory == disk

    @invariant()
    def no_number_is_given_twice(self) -> None:
        place = self.disk.position()
        last = max((seq for name, seq in self.given if name == place.installation), default=0)
        assert place.last_seq >= last
        self.given.add((place.installation, place.last_seq))

    def _told(self, outbox: Outbox) -> object:
        place = outbox.position()
        waiting = outbox.next_batch(1000, 10**9)
        quarantined = [(q.seq, q.reason, q.body) for q in outbox.quarantine()]
        return (
            (place.oldest, place.watermark, place.last_seq),
            [self._without_names(message) for message in waiting],
            quarantined,
            outbox.counts(),
            (earlier := outbox.earlier_installation()) and (earlier.oldest, earlier.watermark),
        )

    @staticmethod
    def _without_names(message: Message) -> object:
        origin = None if message.origin is None else message.origin.seq
        return message.seq, message.moment, message.body, origin


TestOutboxMachine = OutboxMachine.TestCase
TestOutboxMachine.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
