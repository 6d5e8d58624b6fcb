"""Honest crowds and tireless children at a kiosk, by simulation: whom do the rules of misuse flag?

People come at random (Poisson) at a rate of their own, one after another if there are many; who
finds somebody before them waits, sees the faces come back and touches one after a reaction time.
Their fingers scatter around the middle of a face. The session is the kiosk's own, with its own
times. All figures are those of adults at a touch screen, chosen from the harmless side's worst:

* reaction to faces that come back, and the way of the hand: log-normal, median 0.7 s;
* scatter of different people's fingers: 0.17 of the face's side each way;
* a touch lasts 90 ms (log-normal); one in ten touches once more while being thanked;
* at most six stand in line: the others go by.

A child's finger scatters by 2 mm, taps three times a second, whatever the screen shows, or waits
for the faces and taps once each time they are back.
"""

import random
from collections import Counter
from collections.abc import Iterator

from visitor import Visitor, moment, rules

from config.loader import load_questionnaire
from config.settings import MisuseRules, QuestionRoute, Timing
from kiosk.session.deadlines import SETTLE_MS, deadline
from kiosk.session.events import AnswerGiven, ScreenTouched, Tick
from kiosk.session.state import Asking, Idle, Inviting
from kiosk.session.touch import Spot, Touch
from sync.messages import AnswerBody

FACE_MM = 46.0
"""Side of one of three faces on a 10.1 inch panel, and their distance is a third more."""
SMALL_FACE_MM = 12.0
"""The same below the first thanks, where the next shopper rates in a thin row."""
STRANGERS = 0.17
CHILD_MM = 2.0
LINE = 6
FORM = load_questionnaire("checkout")


class Shop:
    """A kiosk in a shop, and the dice of everything that happens there."""

    def __init__(self, seed: int, way: QuestionRoute | None = None) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.given: list[AnswerBody] = []
        """The ratings, in order."""
        self.at_s: list[float] = []
        """When they were given."""
        self._visitor = Visitor(
            rules(
                FORM,
                timing=Timing(),
                way=way or QuestionRoute(),
                misuse=MisuseRules(),
            )
        )
        self._responses = 0

    def flagged(self, reason: str = "") -> Counter[int]:
        """How many ratings were flagged with this reason, or with any, by face."""
        return Counter(
            int(body.value)  # type: ignore[arg-type] - of a rating
            for body in self.given
            if (reason in body.misuse if reason else body.misuse)
        )

    @property
    def now_s(self) -> float:
        """Seconds by the kiosk's clock."""
        return self._visitor.now / 1000

    @property
    def has_faces(self) -> bool:
        """Whether the faces can be touched now."""
        phase = self._visitor.phase
        if isinstance(phase, Asking | Inviting):
            return phase.is_offer and self._visitor.now >= phase.since_ms + SETTLE_MS
        return isinstance(phase, Idle)

    def wait_until(self, at_s: float) -> None:
        """Nothing happens until then."""
        self._visitor.pass_ms(max(0, round(at_s * 1000) - self._visitor.now))

    def wait_for_faces(self) -> None:
        """Until they can be touched."""
        visitor = self._visitor
        while not self.has_faces:
            if isinstance(visitor.phase, Asking | Inviting):
                visitor.pass_ms(SETTLE_MS)
                continue
            due = deadline(visitor.state, visitor.rules)
            assert due is not None, visitor.phase
            visitor.now = max(visitor.now, due)
            visitor.send(Tick(moment(visitor.now)))

    def touch(self) -> None:
        """A finger comes down somewhere."""
        self._visitor.send(ScreenTouched(moment(self._visitor.now)))

    def rate(
        self, face: int, held_s: float, *, share: float = 0.0, scatter_mm: float = 0.0
    ) -> None:
        """A finger touches a face, or what stands in its place.

        It scatters by a ``share`` of the face's side, or by so many mm.
        """
        self.touch()
        if not self.has_faces:
            return
        is_idle = isinstance(self._visitor.phase, Idle)
        side, y_mm = (FACE_MM, 60.0) if is_idle else (SMALL_FACE_MM, 12.0)
        middle = (30 + face * side * 4 / 3, y_mm)
        x, y = (self.dice.gauss(at, share * side + scatter_mm) for at in middle)
        touch = Touch(round(held_s * 1000), Spot(x, y, side))
        self._visitor.pass_ms(round(held_s * 1000))
        self._responses += 1
        response = f"01900000-0000-7000-8000-{self._responses:012x}"
        seen = len(self._visitor.stored)
        event = AnswerGiven(moment(self._visitor.now), "rating", face, response, touch)
        self._visitor.send(event)
        for body in self._visitor.stored[seen:]:
            if isinstance(body, AnswerBody) and body.question == "rating":
                self.given.append(body)
                self.at_s.append(self.now_s)
        self._visitor.stored.clear()


def crowd(
    shop: Shop, per_minute: float, happy: float, people: int, *, scatter: float = STRANGERS
) -> None:
    """So many honest people come; this share is happy, a third of the others neutral.

    ``scatter`` is that of their fingers, as a share of the face's side.
    """
    dice, moods = shop.dice, (happy, (1 - happy) * 2 / 3, (1 - happy) / 3)
    for come_s in _arrivals(dice, per_minute, people):
        if shop.now_s > come_s + LINE * 60 / per_minute:
            continue  # too many before: goes by
        if shop.now_s < come_s:
            shop.wait_until(come_s)
        if not shop.has_faces:
            shop.wait_for_faces()
            shop.wait_until(shop.now_s + dice.lognormvariate(-0.36, 0.35))
        face = dice.choices((2, 0, 1), moods)[0]
        shop.rate(face, dice.lognormvariate(-2.4, 0.5), share=scatter)
        if dice.random() < 0.1:
            shop.wait_until(shop.now_s + 0.3)
            shop.touch()


def child(shop: Shop, seconds: float, every_s: float, face: int) -> None:
    """One finger taps on a face for so long; with 0 it waits for the faces each time."""
    ends_s = shop.now_s + seconds
    while shop.now_s < ends_s:
        if every_s:
            shop.wait_until(shop.now_s + every_s * shop.dice.uniform(0.8, 1.2))
        else:
            shop.wait_for_faces()
            shop.wait_until(shop.now_s + shop.dice.lognormvariate(-0.7, 0.3))
        shop.rate(face, 0.08, scatter_mm=CHILD_MM)


def _arrivals(dice: random.Random, per_minute: float, people: int) -> Iterator[float]:
    at_s = 10.0
    for _ in range(people):
        at_s += dice.expovariate(per_minute / 60)
        yield at_s
