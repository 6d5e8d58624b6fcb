"""The wire between a kiosk of the model and its head office: each request meets a chosen fate."""

import json
import uuid
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync.http_client import HttpReply
from sync.outcome import Interruption, NetworkFailure, NotAReceipt

if TYPE_CHECKING:
    from model.world import Card, World

Reply = HttpReply | NetworkFailure | NotAReceipt | Interruption
HTML = HttpReply(200, {"Content-Type": "text/html"}, b"<html>Welcome to our Wi-Fi</html>")
LOST = NetworkFailure("cut", "connection reset by peer")
FATES = (
    "arrives", "lost", "answer lost", "twice", "late", "head office crashes", "earlier receipt",
    "another kiosk's receipt", "another head office", "half a receipt", "portal", "empty object",
    "401", "413", "429", "500", "tap meanwhile", "heartbeat meanwhile", "other card meanwhile",
    "retention meanwhile", "a year ahead", "a year back", "absurd numbers",
)  # fmt: skip


@dataclass(frozen=True)
class Request:
    """What a kiosk put on the wire."""

    method: str
    path: str
    body: bytes


class Wire:
    """Stands in the place of the HTTP client: each request meets the next of ``fates``."""

    def __init__(self, world: "World", card: "Card") -> None:
        self.world, self.card = world, card
        self.fates: deque[str] = deque()

    def send(self, method: str, path: str, body: bytes, _credential: str | None = None) -> Reply:
        request = Request(method, path, body)
        fate = self.fates.popleft() if self.fates else self.world.weather
        self.world.met[fate] += 1
        if any(response.encode() in body for response in self.world.poison):
            return HttpReply(413, {}, b"")
        return self._meet(fate, request)

    def _falsified(self, reply: HttpReply, fate: str) -> HttpReply:
        """A true receipt by a wrong clock, or with a number that can't be."""
        try:
            receipt = json.loads(reply.body)
        except ValueError:
            return reply
        if "now_ms" not in receipt:
            return reply
        self.world.clock_was_wrong = True
        if fate == "absurd numbers":
            receipt |= _ABSURD[self.world.met[fate] % len(_ABSURD)]
        else:
            receipt["now_ms"] += _YEAR_MS if fate == "a year ahead" else -_YEAR_MS
        return HttpReply(reply.status, {}, json.dumps(receipt).encode())

    def interrupt(self) -> None:
        raise AssertionError("nobody stops a kiosk here; it crashes")

    def _meet(self, fate: str, request: Request) -> Reply:  # noqa: C901, PLR0911, PLR0912 - a table
        world = self.world
        match fate:
            case "lost":
                return LOST
            case "late":
                world.late.append(request)
                return LOST
            case "head office crashes":
                world.crash_within(request)
                return LOST
            case "401" | "413" | "429" | "500":
                return HttpReply(int(fate), {"Retry-After": "1"}, b"")
            case "portal":
                return HTML
            case "empty object":
                return HttpReply(200, {}, b"{}")
            case "tap meanwhile":
                self.card.tap(2)
            case "heartbeat meanwhile":
                self.card.beat(())
            case "retention meanwhile":
                self.card.trim(0)
            case "other card meanwhile":
                for other in world.cards:
                    if other is not self.card and not other.busy:
                        other.upload(("arrives", "arrives"))
            case "twice":
                world.receive(request)
        reply = world.receive(request)
        earlier, world.last_reply = world.last_reply, reply
        match fate:
            case "answer lost":
                return LOST
            case "earlier receipt":
                return earlier or LOST
            case "half a receipt":
                return HttpReply(reply.status, {}, reply.body[: len(reply.body) // 2])
            case "a year ahead" | "a year back" | "absurd numbers":
                return self._falsified(reply, fate)
            case "another kiosk's receipt" | "another head office":
                return _forged(reply, fate)
        return reply


_YEAR_MS = 365 * 86_400_000
_ABSURD: tuple[dict[str, int], ...] = (
    {"now_ms": 10**18},
    {"now_ms": -1},
    {"now_ms": 2**63},
    {"stored_up_to": 2**60},
    {"highest": 2**64},
)


def _forged(reply: HttpReply, fate: str) -> HttpReply:
    """A true receipt with one name wrong, that claims to have everything."""
    try:
        receipt = json.loads(reply.body)
    except ValueError:
        return reply
    name = "head_office" if fate == "another head office" else "kiosk"
    if name not in receipt:
        return reply
    receipt |= {name: str(uuid.uuid4()), "stored_up_to": receipt["highest"] + 100}
    return HttpReply(reply.status, {}, json.dumps(receipt).encode())
