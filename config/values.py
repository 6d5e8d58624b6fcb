"""The values that an answer may have, typed once for the screen, the wire and the reports."""

from typing import Annotated

import msgspec
from msgspec import Meta

SHORT_TEXT_LENGTH = 200
"""Longest name, e-mail address, phone number and text of "other" that a kiosk takes."""

Name = Annotated[str, Meta(min_length=1, max_length=40)]
"""The id of a question or of an option."""
ShortText = Annotated[str, Meta(max_length=SHORT_TEXT_LENGTH)]


class _Value(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Strict, so that a newer kiosk learns at once that an older head office would drop a field."""


class ChoiceValue(_Value, frozen=True, tag="chosen", tag_field="type"):
    """The value of a choice: option ids in the order of the questionnaire, and "other"."""

    options: Annotated[tuple[Name, ...], Meta(max_length=20)] = ()
    other: Annotated[str, Meta(max_length=500)] | None = None


class ContactDetails(_Value, frozen=True, tag="contact", tag_field="type"):
    """The value of a contact question; without consent nothing is sent but the refusal."""

    consent: bool
    name: ShortText | None = None
    email: ShortText | None = None
    phone: ShortText | None = None


class SealedContact(_Value, frozen=True, tag="sealed", tag_field="type"):
    """Contact details that were left with consent, sealed for the head office."""

    key: Annotated[int, Meta(ge=1, le=2**53)]
    """The number of the key that the head office had named; see SealingKey."""
    box: Annotated[str, Meta(max_length=8000)]
    """JSON of ContactDetails in a sealed box of libsodium, in base64."""


Value = (
    bool
    | Annotated[int, Meta(ge=0, le=10)]
    | Annotated[str, Meta(min_length=1, max_length=4000)]
    | ChoiceValue
    | ContactDetails
    | SealedContact
)
"""A rating, NPS, CES, CSAT or scale is a number, yes/no a boolean, free text a string."""
