"""Ratings: counts by face, what the faces are called, and how many answers make a figure."""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from django.conf import settings
from django.utils.translation import gettext_lazy

from headoffice.results.statistics import Index, happiness

FACE_NAMES = {
    3: (gettext_lazy("Sad"), gettext_lazy("Neutral"), gettext_lazy("Happy")),
    4: (
        gettext_lazy("Very sad"),
        gettext_lazy("Sad"),
        gettext_lazy("Happy"),
        gettext_lazy("Very happy"),
    ),
    5: (
        gettext_lazy("Very sad"),
        gettext_lazy("Sad"),
        gettext_lazy("Neutral"),
        gettext_lazy("Happy"),
        gettext_lazy("Very happy"),
    ),
}
"""By the number of faces, most negative first."""

_FACES: dict[str | None, int] = {str(face): face for face in range(max(FACE_NAMES))}
Key = TypeVar("Key")
Tally = tuple[int, ...]
"""Counts by face, most negative first."""


def enough(n: int) -> bool:
    """Whether so many responses may be drawn without pointing at anybody."""
    return n >= settings.PRIVACY_MINIMUM


def withhold(parts: Mapping[Key, int], least: int = 0) -> frozenset[Key]:
    """Of parts that stand beside their whole, by the number of their responses: those not drawn.

    Those with too few of them, or with fewer than ``least``. If they have too few together, the
    smallest of the others is withheld as well: else the whole less what is drawn would be their
    figure.
    """
    hidden = {key for key, n in parts.items() if not enough(n) or n < least}
    together = sum(parts[key] for key in hidden)
    drawn = [key for key in parts if key not in hidden]
    if together and not enough(together) and drawn:
        hidden.add(min(drawn, key=lambda key: parts[key]))
    return frozenset(hidden)


def face_of(value: str | None, faces: int) -> int | None:
    """The face, of so many, that a stored or counted value names; None if it names none of them.

    Rows may hold anything: they may be older than the rules that new ones are checked with.
    """
    face = _FACES.get(value)
    return face if face is not None and face < faces else None


class Rating(NamedTuple):
    """One face of so many."""

    face: int
    faces: int

    @property
    def mood(self) -> int:
        """Its place on the scale of five, 0 the most negative."""
        return round(4 * self.face / (self.faces - 1))

    @property
    def key(self) -> str:
        """Like ``0-of-3``, as in an address."""
        return f"{self.face}-of-{self.faces}"

    @classmethod
    def of(cls, key: str) -> "Rating | None":
        """The one with this key, if there is one."""
        known = (cls(face, faces) for faces in FACE_NAMES for face in range(faces))
        return next((rating for rating in known if rating.key == key), None)

    @property
    def name(self) -> str:
        """What it is called."""
        return str(FACE_NAMES[self.faces][self.face])

    @property
    def image(self) -> str:
        """The path of its picture among the static files."""
        return f"faces/face-{self.face}-of-{self.faces}.svg"


@dataclass(frozen=True)
class Faces:
    """Tallies, one for each number of faces that was shown, and their index."""

    tallies: tuple[Tally, ...]

    @functools.cached_property
    def happiness(self) -> Index | None:
        """The index, worked out when it is first asked for: most are only added up."""
        return happiness(*self.tallies)

    @classmethod
    def of(cls, tallies: Mapping[int, Iterable[int]]) -> "Faces":
        """From counts by the number of faces shown."""
        return cls(tuple(tuple(tallies[faces]) for faces in sorted(tallies)))

    @classmethod
    def total(cls, parts: Iterable["Faces"]) -> "Faces":
        """Several as one."""
        total: dict[int, list[int]] = {}
        for part in parts:
            for tally in part.tallies:
                sums = total.setdefault(len(tally), [0] * len(tally))
                for face, count in enumerate(tally):
                    sums[face] += count
        return cls.of(total)

    @property
    def n(self) -> int:
        """How many ratings."""
        return sum(map(sum, self.tallies))

    @property
    def sad_share(self) -> float:
        """The share of faces below the middle of their scale, in per cent; 0 without any."""
        low = sum(
            count
            for tally in self.tallies
            for face, count in enumerate(tally)
            if 2 * face < len(tally) - 1
        )
        return 100 * low / self.n if self.n else 0.0

    def minus(self, part: "Faces") -> "Faces":
        """These without those of a part of them."""
        less = {len(tally): tally for tally in part.tallies}
        return Faces.of(
            {
                len(tally): [a - b for a, b in zip(tally, less[len(tally)], strict=True)]
                if len(tally) in less
                else list(tally)
                for tally in self.tallies
            }
        )


NO_FACES = Faces.of({})
