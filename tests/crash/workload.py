"""A kiosk's storage at work, to be recorded: taps, receipts, refusals, retention, reopening.

Run as a program with a folder. It says on its standard output, unbuffered, what it promised:

``thanked INSTALLATION SEQ RESPONSE``  an append returned: this answer must survive
``settling RESPONSE…``                 the head office has these; retention may take them
``waiting RESPONSE…``                  the head office lost these; they must stay again
``removing``                           retention begins
"""

import os
import random
import sys
import uuid
from pathlib import Path

from sync.messages import Answered, Moment, Refusal
from sync.sqlite import SqliteOutbox

BOOT = "7d2d5b0e-3a55-4a43-8a8e-2f9f52f0a001"
RESERVE_BYTES = 64 * 1024


def say(text: str) -> None:
    os.write(1, f"{text}\n".encode())


def main(folder: Path, taps: int, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
    clock = 0
    tapped = 0
    while tapped < taps:
        with SqliteOutbox.open(folder, reserve_bytes=RESERVE_BYTES) as outbox:
            # Every so often the kiosk is restarted, so that opening is recorded as well.
            for _ in range(min(taps - tapped, 60)):
                clock += rng.randint(100, 60_000)
                tapped += 1
                answer = Answered(
                    response=str(uuid.UUID(int=rng.getrandbits(128))),
                    questionnaire="ab" * 32,
                    language="fi",
                    question="rating",
                    value=rng.randrange(3),
                    took_ms=rng.randrange(5000),
                )
                moment = Moment(wall_ms=1_795_464_000_000 + clock, boot=BOOT, mono_ms=clock)
                installation = outbox.position().installation
                for message in outbox.append([answer], moment):
                    say(f"thanked {installation} {message.seq} {answer.response}")
                _between_taps(outbox, rng, clock)


def _between_taps(outbox: SqliteOutbox, rng: random.Random, clock: int) -> None:
    position = outbox.position()
    chance = rng.random()
    if chance < 0.12 and position.last_seq > position.watermark:
        batch = outbox.next_batch(50, 100_000)
        refused = [Refusal(m.seq, "invalid", "made up") for m in batch if rng.random() < 0.05]
        if batch:
            say(" ".join(["settling", *(m.body.response for m in batch)]))
            outbox.settle(position.installation, batch[-1].seq, refused, clock)
    elif chance < 0.15:
        # The head office was restored from an older copy.
        outbox.settle(position.installation, position.watermark // 2, [], clock)
        waiting = outbox.next_batch(10**6, 10**9)
        say(" ".join(["waiting", *(m.body.response for m in waiting)]))
    elif chance < 0.22:
        say("removing")
        outbox.trim(keep_ms=600_000, keep_messages=40)
    elif chance < 0.24:
        outbox.renew()
    elif chance < 0.27 and (held := outbox.quarantine()):
        outbox.send_again(held[0].id)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
