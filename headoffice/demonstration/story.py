"""Who the made-up chain is, and what happened there in a year: what there is to discover."""

import datetime as dt
import math
from typing import NamedTuple

from config.opening_hours import StoredHours
from config.questionnaire import (
    Condition,
    FreeText,
    MultipleChoice,
    Nps,
    Option,
    Questionnaire,
    Smiley,
)

TOP = "Demonstration data"
"""The group above everything that is made up, and the tag of every place."""


class Country(NamedTuple):
    """Where shops are, and how they are there."""

    name: str
    zone: str
    language: str
    towns: tuple[str, ...]
    mood: float
    """Added to how happy people are."""
    sundays: bool
    """Whether shops are open then."""


COUNTRIES = (
    Country(
        "Finland", "Europe/Helsinki", "fi", ("Helsinki", "Turku", "Tampere", "Oulu"), 0.1, True
    ),
    Country("Sweden", "Europe/Stockholm", "sv", ("Stockholm", "Malmö", "Göteborg"), 0.0, True),
    Country("Germany", "Europe/Berlin", "de", ("Hamburg", "Berlin", "Köln"), -0.15, False),
)
STREETS = ("Market square", "Railway station", "Harbour", "Ring road", "Old town", "Park mall")
SPOTS = ("Checkout", "Self-service tills", "Exit")


class Shop(NamedTuple):
    """One shop: where, how busy, and which of the stories is told here."""

    country: Country
    town: str
    name: str
    busy: float
    story: str


def shops(number: int) -> list[Shop]:
    """So many shops over all countries, in a fixed order; up to 54 have names of their own."""
    made: list[Shop] = []
    for i in range(number):
        country = COUNTRIES[i % len(COUNTRIES)]
        round_, town = divmod(i // len(COUNTRIES), len(country.towns))
        # Each round of a town's shops is at another street, and towns begin with different ones.
        street = STREETS[(round_ + town) % len(STREETS)]
        name = f"{country.towns[town]}, {street}"
        busy = 0.55 + 0.9 * ((i * 7) % 10) / 9
        made.append(Shop(country, country.towns[town], name, busy, STORIES.get(i, "")))
    return made


STORIES = {
    0: "evenings",  # since eight weeks nobody opens a second till after five
    1: "renewed",  # rebuilt four months ago, and better ever since
    2: "saturdays",  # Saturdays have always been too much here
    4: "heating",  # cold in winter
    5: "children",  # a school class came by in spring, twice
}


def mood(shop: Shop, at: dt.datetime, ago_days: int) -> float:
    """How happy people are at a local time, as a shift on a scale where 1 is a lot."""
    shift = shop.country.mood + 0.15 * math.sin(2 * math.pi * (at.timetuple().tm_yday - 80) / 365)
    if 11 <= at.hour <= 13 or 16 <= at.hour <= 17:
        shift -= 0.15
    if at.month == 12 and at.day < 25:
        shift -= 0.35
    if shop.story == "evenings" and ago_days < 56 and at.hour >= 17:
        shift -= 2.2
    elif shop.story == "renewed":
        shift += 0.7 if ago_days < 120 else -0.3
    elif shop.story == "saturdays" and at.weekday() == 5:
        shift -= 1.1
    elif shop.story == "heating" and at.month in (12, 1, 2):
        shift -= 0.8
    return shift


_BY_HOUR = (0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 6, 5, 4, 4, 6, 7, 6, 4, 2, 0, 0, 0)
_HOURS = tuple(hour for hour, weight in enumerate(_BY_HOUR) for _ in range(weight))
_SUNDAY_HOURS = tuple(hour for hour in _HOURS if 10 <= hour < 18)
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat")


def busy_hours(day: dt.date) -> tuple[int, ...]:
    """Local hours of a day, each as often as it is busy."""
    return _SUNDAY_HOURS if day.weekday() == 6 else _HOURS


def opening_hours(shop: Shop) -> StoredHours:
    """When a shop is open, by weekday."""
    open_ = {day: [["08:00", "22:00" if shop.busy > 1 else "21:00"]] for day in _WEEK}
    return open_ | ({"sun": [["10:00", "18:00"]]} if shop.country.sundays else {})


def visitors(shop: Shop, day: dt.date) -> float:
    """How many respond at one kiosk on a day, on average; 1 is an ordinary day."""
    weekly = (0.85, 0.85, 0.9, 1.0, 1.3, 1.45, 0.65)[day.weekday()]
    season = 1 + 0.35 * (day.month == 12) - 0.2 * (day.month == 7) - 0.1 * (day.month == 2)
    closed = (day.month, day.day) in ((12, 25), (1, 1))
    closed |= day.weekday() == 6 and not shop.country.sundays
    return 0.0 if closed else shop.busy * weekly * season


def reasons(shop: Shop, at: dt.datetime) -> tuple[str, ...]:
    """What people are unhappy about there and then, the likeliest first."""
    match shop.story:
        case "evenings" if at.hour >= 17:
            return ("queue", "staff")
        case "saturdays" if at.weekday() == 5:
            return ("queue", "clean")
        case "heating" if at.month in (12, 1, 2):
            return ("clean", "something_else")
        case _:
            return ("queue", "range", "prices", "staff", "clean")


COMMENTS: dict[str, dict[str, tuple[str, ...]]] = {
    "queue": {
        "fi": ("Kassalla oli pitkä jono.", "Illalla vain yksi kassa auki!"),
        "sv": ("Lång kö till kassan.", "Bara en kassa öppen på kvällen!"),
        "de": ("Lange Schlange an der Kasse.", "Abends ist nur eine Kasse offen!"),
        "en": ("The queue was long.", "Only one till open in the evening!"),
    },
    "clean": {
        "fi": ("Lattia oli märkä ja liukas.",),
        "sv": ("Golvet var blött och halt.",),
        "de": ("Der Boden war nass und rutschig.",),
        "en": ("The floor was wet and slippery.",),
    },
    "happy": {
        "fi": ("Ystävällinen palvelu, kiitos!", "Aina mukava käydä täällä."),
        "sv": ("Trevlig personal, tack!", "Alltid lika fint här."),
        "de": ("Sehr freundliches Personal, danke!", "Immer wieder gerne."),
        "en": ("Such friendly staff, thank you!", "Always a pleasure."),
    },
}


def _in_all(en: str, fi: str, sv: str, de: str) -> dict[str, str]:
    return {"en": en, "fi": fi, "sv": sv, "de": de}


QUESTIONNAIRE = Questionnaire(
    id="demonstration_chain",
    title="Demonstration: how was your visit?",
    languages=("en", "fi", "sv", "de"),
    questions=(
        Smiley(
            id="rating",
            text=_in_all(
                "How was your visit today?",
                "Millainen käyntisi oli tänään?",
                "Hur var ditt besök i dag?",
                "Wie war Ihr Besuch heute?",
            ),
            labels=(
                _in_all("Not good", "Huono", "Inte bra", "Nicht gut"),
                _in_all("Okay", "Ihan hyvä", "Helt okej", "In Ordnung"),
                _in_all("Great", "Loistava", "Jättebra", "Sehr gut"),
            ),
        ),
        MultipleChoice(
            id="reasons",
            text=_in_all(
                "What could be better?", "Mikä voisi olla paremmin?", "Vad kan bli bättre?",
                "Was könnte besser sein?",
            ),
            options=(
                Option("queue", _in_all("Waiting time", "Odotusaika", "Väntetid", "Wartezeit")),
                Option("staff", _in_all("Staff", "Henkilökunta", "Personal", "Personal")),
                Option("range", _in_all("Choice of goods", "Valikoima", "Utbud", "Auswahl")),
                Option("prices", _in_all("Prices", "Hinnat", "Priser", "Preise")),
                Option("clean", _in_all("Cleanliness", "Siisteys", "Renhet", "Sauberkeit")),
                Option("something_else", _in_all("Other", "Muu", "Annat", "Anderes")),
            ),
            show_if=Condition(question="rating", one_of=(0, 1)),
        ),
        Nps(
            id="recommend",
            text=_in_all(
                "Would you recommend us?", "Suosittelisitko meitä?", "Skulle du rekommendera oss?",
                "Würden Sie uns empfehlen?",
            ),
            show_if=Condition(question="rating", one_of=(2,)),
        ),
        FreeText(
            id="words",
            text=_in_all(
                "Tell us more, if you like", "Kerro lisää, jos haluat", "Berätta gärna mer",
                "Erzählen Sie gern mehr",
            ),
        ),
    ),
)  # fmt: skip
