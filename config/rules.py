"""What a type can't say: the rules between the parts of a questionnaire and of the settings."""

import ipaddress
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from config.backdrop import MAX_BYTES, MAX_PIXELS, READABLE, UnusablePictureError, backdrop
from config.colours import CONTROL_CONTRAST, TEXT_CONTRAST, contrast
from config.errors import Mistake
from config.font_file import UnusableFontError, letters_in
from config.kinds import OTHER_CHOICE, kind, possible_values, texts
from config.logo import MAX_BYTES as MAX_LOGO_BYTES
from config.logo import UnusableLogoError, check_logo
from config.mistakes import describe
from config.questionnaire import (
    Condition,
    MultipleChoice,
    Question,
    Scale,
    SingleChoice,
    Smiley,
    Translations,
)
from config.settings import BrandColours, HeadOfficeSettings


def questionnaire_mistakes(
    languages: Sequence[str], questions: Sequence[Question | None]
) -> Iterator[Mistake]:
    """Breaches of the rules; ``None`` stands for a question that is broken in itself.

    Rules: a language is listed once; the first question is a smiley; ids are unique; every
    text is in every language and no other; a condition names an earlier question and values
    that it can have; the questions of a pool stand one behind another.
    """
    for index, language in enumerate(languages):
        if language in languages[:index]:
            yield Mistake(f"languages[{index}]", repr(language), "each language is listed once")
    if questions and questions[0] is not None and not isinstance(questions[0], Smiley):
        found = repr(kind(questions[0]))
        yield Mistake("questions[0].kind", found, "the first question is the rating: 'smiley'")
    for index, question in enumerate(questions):
        if question is None:
            continue
        path = f"questions[{index}]"
        if any(q is not None and q.id == question.id for q in questions[:index]):
            yield Mistake(f"{path}.id", repr(question.id), "each question has an id of its own")
        for text_path, text in texts(question):
            yield from _translation_mistakes(f"{path}.{text_path}", text, languages)
        yield from _own_mistakes(path, question)
        yield from _pool_mistakes(path, index, questions)
        for name, condition in _conditions(question):
            yield from _condition_mistakes(f"{path}.{name}", condition, questions[:index])


def _translation_mistakes(
    path: str, text: Translations, languages: Sequence[str]
) -> Iterator[Mistake]:
    for language in languages:
        if language not in text:
            yield Mistake(f"{path}.{language}", "nothing", "every text is in every language")
    for language in sorted(text.keys() - set(languages)):
        yield Mistake(
            f"{path}.{language}", "a text", f"allowed: the languages {', '.join(languages)}"
        )


def _own_mistakes(path: str, question: Question) -> Iterator[Mistake]:
    match question:
        case Smiley(faces=faces, labels=labels) if labels and len(labels) != faces:
            yield Mistake(
                f"{path}.labels", f"a list of {len(labels)}", f"allowed: {faces}, one for each face"
            )
        case SingleChoice(options=options) | MultipleChoice(options=options):
            ids = [option.id for option in options]
            for index, option_id in enumerate(ids):
                where = f"{path}.options[{index}].id"
                if option_id in ids[:index]:
                    yield Mistake(where, repr(option_id), "each option has an id of its own")
                if option_id == OTHER_CHOICE:
                    yield Mistake(where, "'other'", "that id is kept for `other = true`")
        case Scale(low=low, high=high) if low >= high:
            yield Mistake(f"{path}.high", str(high), f"allowed: more than low, which is {low}")


def _pool_mistakes(
    path: str, index: int, questions: Sequence[Question | None]
) -> Iterator[Mistake]:
    """What keeps one question of a pool from standing for another."""
    question = questions[index]
    if question is None or question.pool is None:
        return
    if index == 0:
        yield Mistake(f"{path}.pool", repr(question.pool), "the rating is asked each time")
    members = [i for i, q in enumerate(questions) if q is not None and q.pool == question.pool]
    if len(members) == 1 and None not in questions:
        yield Mistake(f"{path}.pool", repr(question.pool), "a pool has at least two questions")
    before = [i for i in members if i < index]
    if before and any(q is not None for q in questions[before[-1] + 1 : index]):
        yield Mistake(
            f"{path}.pool", repr(question.pool), "questions of a pool stand one behind another"
        )
    siblings = {q.id for i in before if (q := questions[i]) is not None}
    for name, condition in _conditions(question):
        if condition.question in siblings:
            yield Mistake(
                f"{path}.{name}.question",
                repr(condition.question),
                "one of its own pool, which is never asked in the same response",
            )


def _conditions(question: Question) -> Iterator[tuple[str, Condition]]:
    """Every condition of a question with its path in it."""
    if question.show_if is not None:
        yield "show_if", question.show_if
    for index, condition in enumerate(question.show_if_all):
        yield f"show_if_all[{index}]", condition
    for index, condition in enumerate(question.show_if_any):
        yield f"show_if_any[{index}]", condition


def _condition_mistakes(
    path: str, condition: Condition, earlier: Sequence[Question | None]
) -> Iterator[Mistake]:
    named = [q for q in earlier if q is not None and q.id == condition.question]
    if not named:
        if None in earlier:
            return  # it may name a question that is itself reported as broken
        known = ", ".join(q.id for q in earlier if q is not None) or "none: this is the first"
        yield Mistake(f"{path}.question", repr(condition.question), f"earlier questions: {known}")
        return
    values = possible_values(named[0])
    if not values:
        found = repr(condition.question)
        yield Mistake(f"{path}.question", found, f"a {kind(named[0])} can't be branched on")
        return
    # True == 1 in Python; a condition on a number must not accept true.
    typed = {(type(value), value) for value in values}
    for index, value in enumerate(condition.one_of):
        if (type(value), value) not in typed:
            allowed = ", ".join(map(describe, values))
            yield Mistake(f"{path}.one_of[{index}]", describe(value), f"allowed: {allowed}")


TOUCH_DEVICE_PROVIDERS = ("hidinput", "mtdev", "linuxwacom")
"""Of Kivy's input providers those that read a device, which their first argument names."""
_OTHER_TOUCH_PROVIDERS = ("tuio", "mouse", "probesysfs")


def head_office_mistakes(office: HeadOfficeSettings) -> Iterator[Mistake]:
    """Breaches of the rule: the address is https, or http to this machine."""
    if not office.url:
        return
    try:
        parts = urlsplit(office.url)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        yield Mistake("head_office.url", repr(office.url), f"it is no web address ({error})")
        return
    if not host or parts.query or parts.fragment or parts.username or parts.password:
        yield Mistake(
            "head_office.url",
            repr(office.url),
            "allowed: an address like https://host[:port][/path]",
        )
    elif (
        parts.scheme == "http" and not is_loopback(host) and not office.dangerously_allow_plain_http
    ):
        yield Mistake(
            "head_office.url",
            repr(office.url),
            "allowed: https://… (answers and credential would travel readable; "
            "head_office.dangerously_allow_plain_http overrides this)",
        )


def touch_mistakes(touch: str) -> Iterator[Mistake]:
    """Breaches of the rule: a provider of Kivy for Linux, with its device where it has one."""
    provider, _comma, rest = touch.partition(",")
    if not touch:
        return
    if provider not in (*TOUCH_DEVICE_PROVIDERS, *_OTHER_TOUCH_PROVIDERS):
        known = ", ".join((*TOUCH_DEVICE_PROVIDERS, *_OTHER_TOUCH_PROVIDERS))
        hint = f"allowed: one of {known}, and behind a comma what it needs"
        yield Mistake("screen.touch", repr(touch), hint)
    elif provider in TOUCH_DEVICE_PROVIDERS and not rest.startswith("/"):
        hint = f"allowed: {provider},/dev/input/by-id/… with the name of the panel"
        yield Mistake("screen.touch", repr(touch), hint)


def colour_mistakes(colours: BrandColours) -> Iterator[Mistake]:
    """Breaches of the rule: what is read and what is touched stands out from the background."""
    for name, colour, least in (
        ("text", colours.text, TEXT_CONTRAST),
        ("accent", colours.accent, CONTROL_CONTRAST),
    ):
        ratio = contrast(colour, colours.background)
        if ratio < least:
            yield Mistake(
                f"brand.colours.{name}",
                f"{colour} on {colours.background}, a contrast of {_rounded_down(ratio)}:1",
                f"allowed: at least {least:g}:1",
            )


def logo_mistakes(logo: str, folder: Path) -> Iterator[Mistake]:
    """Breaches of the rule: the logo is a file that can be drawn."""
    if not logo:
        return
    allowed = (
        "allowed: the path of a PNG file, or of an SVG file of plain shapes (convert texts and "
        "objects to paths), of at most 2 MB"
    )
    try:
        with brand_file(logo, folder).open("rb") as file:
            data = file.read(MAX_LOGO_BYTES + 1)
        if len(data) > MAX_LOGO_BYTES:
            yield Mistake("brand.logo", f"{logo!r}, which is larger", allowed)
        else:
            check_logo(data)
    except OSError as error:
        yield Mistake("brand.logo", f"{logo!r} ({error.strerror or error})", allowed)
    except UnusableLogoError as error:
        yield Mistake("brand.logo", f"{logo!r}, {error}", allowed)


def background_mistakes(
    background: str, colours: BrandColours | None, folder: Path
) -> Iterator[Mistake]:
    """Breaches of the rule: the background is a picture on which everything can be read."""
    if not background:
        return
    if colours is None:
        allowed = "allowed: together with [brand.colours], to which it is fitted"
        yield Mistake("brand.background", repr(background), allowed)
        return
    even = contrast(colours.text, colours.background)
    if even < READABLE:
        found = f"{colours.text} on {colours.background}, a contrast of {_rounded_down(even)}:1"
        allowed = f"allowed: at least {READABLE:g}:1 where there is a picture in the background"
        yield Mistake("brand.colours.text", found, allowed)
        return
    try:
        backdrop(brand_file(background, folder).absolute(), colours)
    except UnusablePictureError as error:
        yield Mistake(
            "brand.background",
            f"{background!r}, {error}".replace(", (", " ("),
            f"allowed: the path of a calm PNG or JPEG picture of at most {MAX_BYTES // 1_000_000} "
            f"MB and {MAX_PIXELS // 1_000_000} million pixels",
        )


def font_mistakes(fonts: Sequence[str], folder: Path) -> Iterator[Mistake]:
    """Breaches of the rule: a font is a file that letters can be drawn with."""
    for index, name in enumerate(fonts):
        try:
            letters_in(brand_file(name, folder).absolute())
        except UnusableFontError as error:
            allowed = "allowed: the path of a TrueType or OpenType font (.ttf, .otf, .ttc)"
            yield Mistake(f"screen.fonts[{index}]", f"{name!r} ({error})", allowed)


def brand_file(name: str, folder: Path) -> Path:
    """Where a file that the settings name is, if its path is relative to this folder."""
    return folder / Path(name).expanduser()


def _rounded_down(ratio: float) -> str:
    return f"{int(ratio * 100) / 100:.2f}"


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
