"""What a question behind the rating looks like, in words and numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from config.questionnaire import (
    Ces,
    Contact,
    Csat,
    Ends,
    FreeText,
    MultipleChoice,
    Nps,
    Question,
    Scale,
    SingleChoice,
    Smiley,
    YesNo,
)
from config.rules import possible_values
from kiosk.i18n import translator
from sync.messages import Chosen, ContactDetails, Value

TEXT_LENGTH = 200
"""Longest name, e-mail, phone and text of "other"."""


@dataclass(frozen=True)
class Faces:
    """A row of faces, one touch answers."""

    faces: int
    labels: tuple[str, ...]
    chosen: int | None
    happy_first: bool = False


@dataclass(frozen=True)
class Numbers:
    """A row of numbers between two labelled ends, one touch answers."""

    numbers: tuple[int, ...]
    low: str
    high: str
    chosen: int | None


@dataclass(frozen=True)
class YesOrNo:
    """Two buttons, one touch answers."""

    yes: str
    no: str
    chosen: bool | None


@dataclass(frozen=True)
class Choice:
    """One option to touch."""

    id: str
    text: str
    chosen: bool


@dataclass(frozen=True)
class Options:
    """Options to tick, or to touch where one answers."""

    choices: tuple[Choice, ...]
    several: bool
    value: Chosen | None
    other_prompt: str = ""
    """Asks for the text of "other", which is the last choice; empty: there is none."""


@dataclass(frozen=True)
class Writing:
    """A free text."""

    text: str
    longest: int
    prompt: str


@dataclass(frozen=True)
class Field:
    """One line of the contact details."""

    id: str
    label: str
    text: str
    hint: str = ""
    """What looks odd about it; it is taken all the same."""


@dataclass(frozen=True)
class ContactForm:
    """Contact details with what they are for, kept only with consent."""

    fields: tuple[Field, ...]
    purpose: str
    consent: bool
    consent_text: str
    refusal: str
    """What happens without consent."""


Area = Faces | Numbers | YesOrNo | Options | Writing | ContactForm


def area(
    question: Question, draft: Value | None, language: str, *, happy_first: bool = False
) -> Area:
    """The part of the screen that is touched to answer; ``draft`` is what is there already."""
    match question:
        case Smiley(faces=faces, labels=labels):
            words = tuple(label[language] for label in labels)
            return Faces(faces, words, _number(draft), happy_first)
        case Nps(ends=ends) | Ces(ends=ends) | Csat(ends=ends) | Scale(ends=ends):
            return _numbers(question, ends, draft, language)
        case YesNo():
            _ = translator(language)
            return YesOrNo(_("Yes"), _("No"), draft if isinstance(draft, bool) else None)
        case SingleChoice() | MultipleChoice():
            return _options(question, draft, language)
        case FreeText(max_length=longest):
            _ = translator(language)
            text = draft if isinstance(draft, str) else ""
            return Writing(text, longest, _("In your own words"))
        case Contact():
            return _contact(question, draft, language)


def blank(area: Area) -> Area:
    """The same before anyone has answered: what is asked, and nothing of what was given."""
    match area:
        case Faces() | Numbers() | YesOrNo():
            return replace(area, chosen=None)
        case Options(choices=choices):
            return replace(
                area, choices=tuple(replace(c, chosen=False) for c in choices), value=None
            )
        case Writing():
            return replace(area, text="")
        case ContactForm(fields=fields):
            return replace(
                area, fields=tuple(replace(f, text="", hint="") for f in fields), consent=False
            )


def needs_done(question: Question, draft: Value | None) -> bool:
    """Whether an answer is put together and then handed over, instead of touched at once."""
    match question:
        case MultipleChoice() | FreeText() | Contact():
            return True
        case SingleChoice():
            return isinstance(draft, Chosen) and draft.other is not None
        case _:
            return False


def finished(question: Question, draft: Value | None) -> Value | None:
    """The answer that a draft amounts to; None while there is none.

    Without consent nothing of the contact details is left in it but the refusal.
    """
    match question, draft:
        case (Contact(), ContactDetails(consent=True)):
            name, email, phone = (_trimmed(x) for x in (draft.name, draft.email, draft.phone))
            given = ContactDetails(consent=True, name=name, email=email, phone=phone)
            return given if name or email or phone else None
        case (Contact(), ContactDetails()):
            return ContactDetails(consent=False)
        case (FreeText(), str()):
            return draft.strip() or None
        case (SingleChoice() | MultipleChoice(), Chosen(options=options, other=other)):
            text = None if other is None else other.strip()
            return Chosen(options, text) if options or text is not None else None
        case _:
            return draft


def _numbers(question: Question, ends: Ends | None, draft: Value | None, language: str) -> Numbers:
    numbers = tuple(int(value) for value in possible_values(question))
    low, high = (ends.low[language], ends.high[language]) if ends is not None else ("", "")
    return Numbers(numbers, low, high, _number(draft))


def _options(
    question: SingleChoice | MultipleChoice, draft: Value | None, language: str
) -> Options:
    _ = translator(language)
    chosen = draft if isinstance(draft, Chosen) else None
    ticked = chosen.options if chosen is not None else ()
    choices = [Choice(o.id, o.text[language], o.id in ticked) for o in question.options]
    if question.other:
        has_other = chosen is not None and chosen.other is not None
        choices.append(Choice("other", _("Something else"), has_other))
    return Options(
        choices=tuple(choices),
        several=isinstance(question, MultipleChoice),
        value=chosen,
        other_prompt=_("Something else") if question.other else "",
    )


def _contact(question: Contact, draft: Value | None, language: str) -> ContactForm:
    _ = translator(language)
    given = draft if isinstance(draft, ContactDetails) else ContactDetails(consent=False)
    labels: Mapping[str, str] = {"name": _("Name"), "email": _("E-mail"), "phone": _("Phone")}
    texts = {"name": given.name, "email": given.email, "phone": given.phone}
    hints = {
        "name": "",
        "email": "" if _looks_like_email(given.email) else _("Is this address right?"),
        "phone": "" if _looks_like_phone(given.phone) else _("Is this number right?"),
    }
    return ContactForm(
        fields=tuple(Field(f, labels[f], texts[f] or "", hints[f]) for f in question.ask),
        purpose=question.purpose[language],
        consent=given.consent,
        consent_text=_("Yes, you may keep this and use it for that."),
        refusal=_("Without your consent nothing of this is kept."),
    )


def _looks_like_email(text: str | None) -> bool:
    name, at, host = (text or "").strip().partition("@")
    return not text or bool(name and at and "." in host.strip(".") and " " not in text.strip())


def _looks_like_phone(text: str | None) -> bool:
    digits = sum(letter.isdigit() for letter in text or "")
    return not text or (digits >= 5 and all(c.isdigit() or c in "+-/(). " for c in text))


def _trimmed(text: str | None) -> str | None:
    return (text or "").strip() or None


def _number(draft: Value | None) -> int | None:
    return draft if isinstance(draft, int) and not isinstance(draft, bool) else None
