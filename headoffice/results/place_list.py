"""Places as a list with the figures of each: index, answers, change."""

import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from headoffice.results.catalogue import Catalogue
from headoffice.results.changes import IndexChange, compared_spans, index_change, judge_changes
from headoffice.results.counts import faces_of
from headoffice.results.filters import Selection
from headoffice.results.formatting import IndexText, index_text
from headoffice.results.places import MOST_CHOICES, Place
from headoffice.results.ratings import enough


class PlaceRow(NamedTuple):
    """A place with its figures, which are empty where too few answered."""

    place: Place
    address: str
    """Of its page."""
    path: str
    """What is above it; empty where the list shows that."""
    figure: IndexText
    few: bool
    """Someone answered, and too few for a figure."""
    change: IndexChange


def place_rows(
    places: list[Place], selection: Selection, catalogue: Catalogue, *, flat: bool = False
) -> list[PlaceRow]:
    """These places in their order, the first MOST_CHOICES of them; ``flat``: each with its path."""
    places = places[:MOST_CHOICES]
    title, before = compared_spans(selection)[0]
    now = faces_of(places, selection, catalogue, selection.period.span)
    then = faces_of(places, selection, catalogue, before)
    changes = judge_changes(
        [index_change(now[place.key], then[place.key], title, before) for place in places]
    )
    rows = []
    for place, change in zip(places, changes, strict=True):
        faces = now[place.key]
        known = faces.happiness if enough(faces.n) else None
        rows.append(
            PlaceRow(
                place,
                selection.address(place=place.key),
                place.path if flat else "",
                index_text(known),
                faces.n > 0 and known is None,
                change,
            )
        )
    return rows


def find_places(places: Iterable[Place], sought: str) -> list[Place]:
    """The places whose name, or what is above them, has all the words that are sought."""
    return [place for place in places if matches(f"{place.path} {place.name}", sought)]


def matches(text: str, sought: str) -> bool:
    """Whether all words that are sought stand in the text, whole or in part; without accents."""
    plain = _plain(text)
    return all(word in plain for word in _plain(sought).split())


def _plain(text: str) -> str:
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in split if not unicodedata.combining(letter))
