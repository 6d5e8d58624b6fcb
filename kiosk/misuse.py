"""Misuse: answers that are kept and thanked as always, but flagged with the reason.

Pure rules. What they flag is stored like any other answer; the head office leaves it out of the
figures by default and can show it at any time.
"""

from dataclasses import dataclass

from config.settings import MisuseRules
from sync.messages import Misuse

_REMEMBERED = 50
"""More touches and ratings than any rule looks back on."""


@dataclass(frozen=True)
class History:
    """What was touched and rated lately, the oldest first, across shoppers; times in ms."""

    touches: tuple[int, ...] = ()
    """When fingers came down or keys were pressed, anywhere on the screen."""
    ratings: tuple[tuple[int, int], ...] = ()
    """When and what."""

    def touched(self, at_ms: int) -> "History":
        """With one touch more."""
        return History((*self.touches, at_ms)[-_REMEMBERED:], self.ratings)

    def meant(self) -> "History":
        """Without the last touch, which ticked or typed something: writing is no hammering."""
        return History(self.touches[:-1], self.ratings)

    def rated(self, at_ms: int, rating: int) -> "History":
        """With one rating more."""
        return History(self.touches, (*self.ratings, (at_ms, rating))[-_REMEMBERED:])


@dataclass(frozen=True)
class Tap:
    """One touch that gives an answer."""

    at_ms: int
    took_ms: int
    """How long the question had been there."""
    held_ms: int
    rating: int | None = None
    """The value where the touch is a rating."""


def misuse(tap: Tap, history: History, rules: MisuseRules) -> tuple[Misuse, ...]:
    """Why this answer may not be meant; nothing for an ordinary one.

    ``too_fast``: sooner than a person can see the question and mean an answer. ``held``: the
    finger, or whatever it was, rested on the control. ``hammered``: one of very many touches
    in a short time. ``burst``: one of several identical ratings that came faster after each
    other than shoppers do; the ones before it could not be told from honest ones.
    """
    if not rules.enabled:
        return ()
    found: list[Misuse] = []
    if tap.took_ms < _ms(rules.too_fast):
        found.append("too_fast")
    if tap.rating is not None and _is_burst(tap, history, rules):
        found.append("burst")
    if tap.held_ms > _ms(rules.held):
        found.append("held")
    lately = sum(1 for at_ms in history.touches if tap.at_ms - at_ms <= _ms(rules.hammered_within))
    if lately >= rules.hammered:
        found.append("hammered")
    return tuple(found)


def _is_burst(tap: Tap, history: History, rules: MisuseRules) -> bool:
    before = history.ratings[len(history.ratings) - (rules.burst - 1) :]
    return (
        len(before) == rules.burst - 1
        and all(rating == tap.rating for _at_ms, rating in before)
        and tap.at_ms - before[0][0] <= _ms(rules.burst_within)
    )


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
