"""One kiosk's year as stored messages."""

import datetime as dt
import hashlib
import math
import random
from collections.abc import Iterator
from typing import NamedTuple
from zoneinfo import ZoneInfo

from headoffice.demonstration import story
from headoffice.messages.rows import MessageRow

_DAY = dt.timedelta(days=1)
_FACES = (0, 1, 2)


class KioskSite(NamedTuple):
    """A kiosk of the demonstration where it stands."""

    kiosk: int
    installation: int
    point: int
    version: int
    shop: story.Shop
    spot: int
    """Which kiosk of its shop it is."""


def messages(
    at: KioskSite, days: int, responses: float, now_ms: int, source: random.Random
) -> list[MessageRow]:
    """Everything that was said there in so many days up to now, oldest first."""
    rows: list[MessageRow] = []
    boot = _uuid(source, 4)
    for began_ms, local, ago in _moments(at, days, responses, now_ms, source):
        language = _language(at, began_ms)
        events = _response(at, language, local, ago, source)
        for kind, question, value, took_ms, misuse, after_ms in events:
            if kind == 1 and question == "rating":
                # A version 7 one, as a kiosk makes them.
                response = _uuid(source, 7, began_ms)
            ms = min(began_ms + after_ms, now_ms)
            seq = len(rows) + 1
            rows.append(
                MessageRow(
                    at.kiosk,
                    at.installation,
                    seq,
                    hashlib.blake2b(f"{at.kiosk}/{seq}".encode(), digest_size=16).digest(),
                    kind,
                    response,
                    at.version,
                    at.point,
                    question,
                    value,
                    language,
                    test=False,
                    misuse=misuse,
                    took_ms=took_ms,
                    wall_ms=ms,
                    boot=boot,
                    mono_ms=ms,
                    happened_ms=ms,
                    certain=True,
                    received_ms=min(ms + 800, now_ms),
                )
            )
    return rows


def _moments(
    at: KioskSite, days: int, responses: float, now_ms: int, source: random.Random
) -> Iterator[tuple[int, dt.datetime, int]]:
    zone = ZoneInfo(at.shop.country.zone)
    today = dt.datetime.fromtimestamp(now_ms / 1000, zone).date()
    share = (1.3, 0.9, 0.8)[at.spot]
    for ago in range(days - 1, -1, -1):
        day = today - ago * _DAY
        if at.shop.story == "heating" and at.spot == 1 and 60 <= ago < 81:
            continue  # three weeks without power: a gap to find
        expected = responses * share * story.visitors(at.shop, day)
        # As people come by chance, no two Fridays are alike.
        number = round(max(0.0, source.gauss(expected, math.sqrt(expected))))
        hours = [source.choice(story.busy_hours(day)) for _ in range(number)]
        if at.shop.story == "children" and at.spot == 2 and ago in (190, 197):
            hours += [14] * 60
        for hour in sorted(hours):
            local = dt.datetime(
                day.year, day.month, day.day, hour, source.randrange(60), tzinfo=zone
            )
            ms = int(local.timestamp()) * 1000 + source.randrange(60_000)
            if ms < now_ms:
                yield ms, local, ago


def _response(
    at: KioskSite, language: str, local: dt.datetime, ago: int, source: random.Random
) -> Iterator[tuple[int, str, str, int, str, int]]:
    """One response: kind, question, value, time taken, misuse and ms since it began of each."""
    shift = story.mood(at.shop, local, ago)
    weights = (
        max(0.04, 0.14 - 0.16 * shift),
        max(0.05, 0.22 - 0.1 * shift),
        max(0.1, 0.64 + 0.26 * shift),
    )
    rating = source.choices(_FACES, weights)[0]
    children = at.shop.story == "children" and ago in (190, 197) and local.hour == 14
    misuse = "burst" if children and at.spot == 2 else ""
    at_ms = source.randrange(900, 6000)
    yield 1, "rating", str(rating), at_ms, misuse, at_ms
    if misuse or source.random() > 0.34:
        outcome = "timed_out" if source.random() < 0.7 else "partial"
        yield 3, "", outcome, 0, "", at_ms + (10_000 if outcome == "timed_out" else 1_500)
        return
    took = source.randrange(1500, 9000)
    at_ms += took
    if source.random() < 0.12:
        yield 3, "recommend" if rating == 2 else "reasons", "timed_out", 0, "", at_ms + 30_000
        return
    reasons = story.reasons(at.shop, local)
    first = reasons[min(int(source.expovariate(1.1)), len(reasons) - 1)]
    if rating == 2:
        likely = min(10, max(0, round(source.gauss(8.4 + shift, 1.6))))
        yield 1, "recommend", str(likely), took, "", at_ms
        first = "happy"
    else:
        second = source.choice(reasons)
        chosen = dict.fromkeys((first, second) if source.random() < 0.3 else (first,))
        named = ",".join(f'"{option}"' for option in chosen)
        yield 1, "reasons", f'{{"type":"chosen","options":[{named}]}}', took, "", at_ms
    took = source.randrange(2000, 30_000)
    at_ms += took
    comments = story.COMMENTS.get(first, {}).get(language, ())
    if comments and source.random() < 0.12:
        yield 1, "words", f'"{source.choice(comments)}"', took, "", at_ms
    else:
        yield 2, "words", "", took, "", at_ms
    yield 3, "", "complete", 0, "", at_ms


def _language(at: KioskSite, number: int) -> str:
    """One in eight answers in English."""
    return "en" if number % 8 == 0 else at.shop.country.language


def _uuid(source: random.Random, version: int, ms: int = 0) -> str:
    text = f"{source.getrandbits(128):032x}"
    if version == 7:
        text = f"{ms:012x}{text[12:]}"
    return f"{text[:8]}-{text[8:12]}-{version}{text[13:16]}-a{text[17:20]}-{text[20:]}"
