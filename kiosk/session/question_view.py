"""What a question behind the rating looks like, in words and numbers."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Self, assert_never

from config.kinds import possible_values
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
from config.values import ChoiceValue, ContactDetails, Value
from kiosk.i18n import translator


@dataclass(frozen=True)
class AnswerControls(ABC):
    """The part of the screen that is touched to answer."""

    is_reusable: ClassVar[bool] = True
    """Whether what draws it may serve another shopper; what was written in may not."""

    @abstractmethod
    def blank(self) -> Self:
        """The same before anyone has answered: what is asked, and nothing of what was given."""


@dataclass(frozen=True)
class FaceRow(AnswerControls):
    """A row of faces, one touch answers."""

    faces: int
    labels: tuple[str, ...]
    selection: int | None
    happy_first: bool = False

    def blank(self) -> Self:
        """Nothing is selected."""
        return replace(self, selection=None)


@dataclass(frozen=True)
class Numbers(AnswerControls):
    """A row of numbers between two labelled ends, one touch answers."""

    numbers: tuple[int, ...]
    low: str
    high: str
    selection: int | None

    def blank(self) -> Self:
        """Nothing is selected."""
        return replace(self, selection=None)


@dataclass(frozen=True)
class YesOrNo(AnswerControls):
    """Two buttons, one touch answers."""

    yes: str
    no: str
    selection: bool | None

    def blank(self) -> Self:
        """Nothing is selected."""
        return replace(self, selection=None)


@dataclass(frozen=True)
class Choice:
    """One option to touch."""

    id: str
    text: str
    is_selected: bool


@dataclass(frozen=True)
class Options(AnswerControls):
    """Options to tick, or to touch where one answers."""

    choices: tuple[Choice, ...]
    several: bool
    value: ChoiceValue | None
    other_prompt: str = ""
    """Asks for the text of "other", which is the last choice; empty: there is none."""

    def blank(self) -> Self:
        """Nothing is ticked."""
        choices = tuple(replace(choice, is_selected=False) for choice in self.choices)
        return replace(self, choices=choices, value=None)


@dataclass(frozen=True)
class TextBox(AnswerControls):
    """A free text."""

    is_reusable: ClassVar[bool] = False
    text: str
    max_length: int
    prompt: str

    def blank(self) -> Self:
        """Nothing is written."""
        return replace(self, text="")


@dataclass(frozen=True)
class ContactField:
    """One line of the contact details."""

    id: str
    label: str
    text: str
    hint: str = ""
    """What looks odd about it; it is taken all the same."""


@dataclass(frozen=True)
class ContactForm(AnswerControls):
    """Contact details with what they are for, kept only with consent."""

    is_reusable: ClassVar[bool] = False
    fields: tuple[ContactField, ...]
    purpose: str
    consent: bool
    consent_text: str
    refusal: str
    """What happens without consent."""

    def blank(self) -> Self:
        """Nothing is written and there is no consent."""
        fields = tuple(replace(field, text="", hint="") for field in self.fields)
        return replace(self, fields=fields, consent=False)


Area = FaceRow | Numbers | YesOrNo | Options | TextBox | ContactForm


def area(
    question: Question,
    draft: Value | None,
    language: str,
    *,
    happy_first: bool = False,
    one_touch: bool = False,
) -> Area:
    """The part of the screen that is touched to answer; ``draft`` is what is there already.

    With ``one_touch`` a touch on one option is the whole answer, also of a multiple choice.
    """
    match question:
        case Smiley(faces=faces, labels=labels):
            words = tuple(label[language] for label in labels)
            return FaceRow(faces, words, _number(draft), happy_first)
        case Nps(ends=ends) | Ces(ends=ends) | Csat(ends=ends) | Scale(ends=ends):
            return _numbers(question, ends, draft, language)
        case YesNo():
            _ = translator(language)
            return YesOrNo(_("Yes"), _("No"), draft if isinstance(draft, bool) else None)
        case SingleChoice() | MultipleChoice():
            several = isinstance(question, MultipleChoice) and not one_touch
            return _options(question, draft, language, several=several)
        case FreeText(max_length=longest):
            _ = translator(language)
            text = draft if isinstance(draft, str) else ""
            return TextBox(text, longest, _("Write here"))
        case Contact():
            return _contact(question, draft, language)
        case _:
            assert_never(question)


def _numbers(question: Question, ends: Ends | None, draft: Value | None, language: str) -> Numbers:
    numbers = tuple(int(value) for value in possible_values(question))
    low, high = (ends.low[language], ends.high[language]) if ends is not None else ("", "")
    return Numbers(numbers, low, high, _number(draft))


def _options(
    question: SingleChoice | MultipleChoice, draft: Value | None, language: str, *, several: bool
) -> Options:
    _ = translator(language)
    chosen = draft if isinstance(draft, ChoiceValue) else None
    ticked = chosen.options if chosen is not None else ()
    choices = [Choice(o.id, o.text[language], o.id in ticked) for o in question.options]
    if question.other:
        has_other = chosen is not None and chosen.other is not None
        choices.append(Choice("other", _("Something else"), has_other))
    return Options(
        choices=tuple(choices),
        several=several,
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
        "email": "" if _looks_like_email(given.email) else _("Check the address"),
        "phone": "" if _looks_like_phone(given.phone) else _("Check the number"),
    }
    return ContactForm(
        fields=tuple(ContactField(f, labels[f], texts[f] or "", hints[f]) for f in question.ask),
        purpose=question.purpose[language],
        consent=given.consent,
        consent_text=_("I agree that my contact details are stored and used for this purpose."),
        refusal=_("Without your consent nothing of this is kept."),
    )


def _looks_like_email(text: str | None) -> bool:
    name, at, host = (text or "").strip().partition("@")
    return not text or bool(name and at and "." in host.strip(".") and " " not in text.strip())


def _looks_like_phone(text: str | None) -> bool:
    digits = sum(letter.isdigit() for letter in text or "")
    return not text or (digits >= 5 and all(c.isdigit() or c in "+-/(). " for c in text))


def _number(draft: Value | None) -> int | None:
    return draft if isinstance(draft, int) and not isinstance(draft, bool) else None
