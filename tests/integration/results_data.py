"""Shoppers of a small chain, made up by chance that repeats, and delivered as kiosks deliver.

What they did is kept as plain records, so that a test can work out every figure by itself.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from office import Device, new_id

from config.questionnaire import (
    Ces,
    Condition,
    Contact,
    Csat,
    Ends,
    FreeText,
    MultipleChoice,
    Nps,
    Option,
    Questionnaire,
    Scale,
    SingleChoice,
    Smiley,
    YesNo,
    canonical,
    digest,
)
from config.values import ChoiceValue, ContactDetails
from headoffice import clock
from headoffice.fleet.models import Assignment
from headoffice.questionnaires.models import Version
from sync.messages import AnswerBody, EndBody, Message, Moment, Sighting, SkipBody

DAY_MS = 24 * 3600 * 1000
MONO = 10**12
ENDS = Ends(low={"en": "low"}, high={"en": "high"})


def option(name: str, text: str) -> Option:
    return Option(id=name, text={"en": text, "fi": f"{text} (fi)"})


def every_kind(steps: Any = 5) -> Questionnaire:
    """A questionnaire with each kind of question once, and a follow-up."""

    def asks(text: str) -> dict[str, str]:
        return {"en": text, "fi": f"{text} (fi)"}

    return Questionnaire(
        id="visit",
        title="Your visit",
        languages=("en", "fi"),
        questions=(
            Smiley(id="mood", text=asks("How was your visit?"), faces=3),
            MultipleChoice(
                id="better",
                text=asks("What could be better?"),
                options=(
                    option("queue", "Waiting time"),
                    option("prices", "Prices"),
                    option("staff", "Service"),
                ),
                other=True,
                show_if=Condition(question="mood", one_of=(0, 1)),
            ),
            Nps(id="friend", text=asks("Would you recommend us?"), ends=ENDS),
            Ces(id="easy", text=asks("It was easy to find everything."), ends=ENDS),
            Csat(id="service", text=asks("How satisfied are you with our service?"), steps=steps),
            YesNo(id="again", text=asks("Will you come again?")),
            Scale(id="clean", text=asks("How clean is it?"), low=0, high=10, ends=ENDS),
            SingleChoice(
                id="why",
                text=asks("Why did you come?"),
                options=(option("food", "Food"), option("gift", "A gift")),
                other=True,
            ),
            FreeText(id="words", text=asks("Anything else?")),
            Contact(id="reach", text=asks("May we call you?"), purpose=asks("To answer you")),
        ),
    )


FIRST, SECOND = every_kind(5), every_kind(7)
FIVE = Questionnaire(
    id="till",
    title="At the till",
    languages=("en",),
    questions=(Smiley(id="face", text={"en": "How was it?"}, faces=5),),
)
SENTENCES = (
    "The queue was long and the queue was slow",
    "Friendly staff, thank you!",
    "Please open another till, the queue is endless",
    "Bread was sold out again",
    "Write to me at anna.virtanen@example.org or +358 40 123 4567",
    "Lovely bread",
    "Kassajono oli pitkä",
)


@dataclass(frozen=True)
class Said:
    """One message as the shopper meant it."""

    kiosk: int
    point: int
    zone: str
    response: str
    questionnaire: str
    """Its digest."""
    question: str
    """Empty for an end."""
    kind: str
    """answer, skip or end."""
    value: Any
    language: str
    test: bool
    misuse: bool
    took_ms: int
    at_ms: int
    seq: int


@dataclass
class Chain:
    """The kiosks of some places, and all that was said at them."""

    said: list[Said] = field(default_factory=list)
    points: dict[str, int] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    """The number of each questionnaire's version, by digest."""

    def counting(self) -> list[Said]:
        """The last word on each question of each response."""
        last: dict[tuple[str, str], Said] = {}
        for said in self.said:
            key = (said.response, said.question)
            if key not in last or last[key].seq < said.seq:
                last[key] = said
        return list(last.values())


@dataclass(frozen=True)
class Shop:
    """A place with one kiosk, and how it does."""

    path: str
    zone: str
    questionnaires: tuple[Questionnaire, ...]
    weights: tuple[float, ...]
    responses: int


SHOPS = (
    Shop("Nordic / Finland / Kamppi", "Europe/Helsinki", (FIRST, SECOND), (1, 2, 7), 260),
    Shop("Nordic / Finland / Pasila", "Europe/Helsinki", (SECOND,), (3, 2, 5), 220),
    Shop("South / Roma", "Europe/Rome", (FIVE,), (1, 1, 2, 3, 4), 160),
    Shop("South / Budapest", "Europe/Budapest", (SECOND,), (4, 3, 3), 60),
    Shop("South / Genova", "Europe/Rome", (FIVE,), (1, 1, 1, 1, 1), 3),
)


def plant(shops: tuple[Shop, ...] = SHOPS, *, seed: int = 7, days: int = 420) -> Chain:
    """Enrol the kiosks and deliver everything, in disorder and some of it twice."""
    chance = random.Random(seed)  # noqa: S311 - the same people in every run
    chain = Chain()
    now = clock.now_ms()
    for shop in shops:
        device = Device.enrolled(shop.path)
        for questionnaire in shop.questionnaires:
            device.define(canonical(questionnaire))
        stay = Assignment.objects.select_related("point").get(kiosk=device.row)
        stay.point.time_zone = shop.zone
        stay.point.save()
        chain.points[stay.point.name] = stay.point_id
        messages = []
        for at_ms in _moments(chance, shop, now, days):
            at = _Visit(device.row.pk, stay.point_id, shop, at_ms, now, chance)
            for said, message in at.messages(len(messages) + 1):
                chain.said.append(said)
                messages.append(message)
        _deliver(device, messages, now, chance)
    chain.versions = dict(Version.objects.values_list("digest", "pk"))
    return chain


@contextmanager
def planted(*arguments: Any, **named: Any) -> Iterator[Chain]:
    """A chain for several tests, each of which takes back what it does itself; gone afterwards."""
    with transaction.atomic():
        yield plant(*arguments, **named)
        transaction.set_rollback(True)


def _moments(chance: random.Random, shop: Shop, now: int, days: int) -> list[int]:
    """When shoppers come: more of them lately, and some in the hours when clocks are put."""
    found = []
    for _n in range(shop.responses):
        ago = days * DAY_MS * chance.random() ** 2.2
        found.append(int(now - ago))
    for at in range(now - days * DAY_MS, now, 1800 * 1000):
        here = clock.instant(at).astimezone(ZoneInfo(shop.zone))
        later = clock.instant(at + 2 * 3600 * 1000).astimezone(ZoneInfo(shop.zone))
        if here.utcoffset() != later.utcoffset() and shop.responses > 50:
            found.append(at)
    return sorted(found)


def _deliver(device: Device, messages: list[Message], now: int, chance: random.Random) -> None:
    boot = messages[0].moment.boot
    sighting = Sighting(boot=boot, mono_ms=MONO, head_ms=now, error_ms=5)
    parts = [messages[i : i + 300] for i in range(0, len(messages), 300)]
    chance.shuffle(parts)
    for part in [*parts, *parts[:1]]:
        receipt = device.deliver(*part, sightings=(sighting,), sent=Moment(0, boot, MONO + 1000))
        assert receipt.refused == ()
    assert receipt.stored_up_to == len(messages)


BOOT = new_id()


class _Visit:
    """One shopper's pass."""

    def __init__(  # noqa: PLR0917 - a record of what a visit is
        self, kiosk: int, point: int, shop: Shop, at_ms: int, now: int, chance: random.Random
    ) -> None:
        self.kiosk, self.point, self.shop, self.at_ms, self.now = kiosk, point, shop, at_ms, now
        self.chance = chance
        older = at_ms < now - 90 * DAY_MS
        self.questionnaire = shop.questionnaires[0 if older else -1]
        self.response = new_id()
        self.language = chance.choice(self.questionnaire.languages)
        self.test = chance.random() < 0.04
        self.misuse = chance.random() < 0.05

    def messages(self, seq: int) -> Iterator[tuple[Said, Message]]:
        at_ms = self.at_ms
        rating: Any = None
        for question in self.questionnaire.questions:
            if question.show_if and rating not in question.show_if.one_of:
                continue
            roll = self.chance.random()
            if rating is not None and roll < 0.25:
                yield self._end(seq, at_ms, "timed_out" if roll < 0.15 else "partial", question.id)
                return
            took = self.chance.randrange(400, 9000)
            at_ms = min(at_ms + took, self.now)
            if rating is not None and roll < 0.4:
                yield self._skip(seq, at_ms, question.id, took)
                seq += 1
                continue
            value = self._value(question)
            yield self._answer(seq, at_ms, question.id, value, took)
            seq += 1
            if rating is not None and self.chance.random() < 0.06:
                value = self._value(question)
                yield self._answer(seq, at_ms, question.id, value, took + 50)
                seq += 1
            rating = value if rating is None else rating
        yield self._end(seq, at_ms, "complete", None)

    def _value(self, question: Any) -> Any:  # noqa: C901, PLR0911 - one line per kind
        chance = self.chance
        match question:
            case Smiley(faces=faces):
                return chance.choices(range(faces), self.shop.weights)[0]
            case Nps() | Scale():
                return chance.randrange(11)
            case Ces():
                return chance.randrange(1, 8)
            case Csat(steps=steps):
                return chance.randrange(1, steps + 1)
            case YesNo():
                return chance.random() < 0.7
            case SingleChoice(options=options):
                if chance.random() < 0.2:
                    return ChoiceValue(other=chance.choice(SENTENCES))
                return ChoiceValue(options=(chance.choice(options).id,))
            case MultipleChoice(options=options):
                chosen = tuple(o.id for o in options if chance.random() < 0.5)
                return ChoiceValue(options=chosen, other="Other things" if not chosen else None)
            case FreeText():
                return chance.choice(SENTENCES)
            case _:
                if chance.random() < 0.5:
                    return ContactDetails(consent=False)
                return ContactDetails(consent=True, name="Anna", email="anna@example.org")

    def _answer(
        self, seq: int, at_ms: int, question: str, value: Any, took: int
    ) -> tuple[Said, Message]:
        misuse: Any = ("burst",) if self.misuse else ()
        body = AnswerBody(
            **self._who(), question=question, value=value, took_ms=took, misuse=misuse
        )
        return self._both(seq, at_ms, body, "answer", question, value, took)

    def _skip(self, seq: int, at_ms: int, question: str, took: int) -> tuple[Said, Message]:
        body = SkipBody(**self._who(), question=question, took_ms=took)
        return self._both(seq, at_ms, body, "skip", question, None, took)

    def _end(
        self, seq: int, at_ms: int, outcome: Any, question: str | None
    ) -> tuple[Said, Message]:
        body = EndBody(**self._who(), outcome=outcome, question=question)
        return self._both(seq, at_ms, body, "end", "", (outcome, question), 0)

    def _who(self) -> dict[str, Any]:
        return {
            "response": self.response,
            "questionnaire": digest(canonical(self.questionnaire)),
            "language": self.language,
            "test": self.test,
        }

    def _both(  # noqa: PLR0917 - likewise
        self,
        seq: int,
        at_ms: int,
        body: Any,
        kind: str,
        question: str,
        value: Any,
        took: int,
    ) -> tuple[Said, Message]:
        said = Said(
            kiosk=self.kiosk,
            point=self.point,
            zone=self.shop.zone,
            response=self.response,
            questionnaire=body.questionnaire,
            question=question,
            kind=kind,
            value=value,
            language=self.language,
            test=self.test,
            misuse=self.misuse and kind == "answer",
            took_ms=took,
            at_ms=at_ms,
            seq=seq,
        )
        return said, Message(seq, Moment(0, BOOT, MONO - (self.now - at_ms)), body)
