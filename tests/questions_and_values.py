"""A question of every kind, values of every type, and which of them answer which question."""

from typing import get_args

from config.questionnaire import (
    Ces,
    Contact,
    Csat,
    Ends,
    FreeText,
    MultipleChoice,
    Nps,
    Option,
    Question,
    Questionnaire,
    Scale,
    SingleChoice,
    Smiley,
    YesNo,
)
from config.values import ChoiceValue, ContactDetails, SealedContact, Value

TEXT = {"en": "Text"}
OPTIONS = (Option("a", TEXT), Option("b", TEXT))
KINDS: dict[str, Question] = {
    "smiley": Smiley(id="smiley", text=TEXT),
    "nps": Nps(id="nps", text=TEXT),
    "ces": Ces(id="ces", text=TEXT),
    "csat": Csat(id="csat", text=TEXT),
    "scale": Scale(id="scale", text=TEXT, low=0, high=2, ends=Ends(low=TEXT, high=TEXT)),
    "yes_no": YesNo(id="yes_no", text=TEXT),
    "single_choice": SingleChoice(id="single_choice", text=TEXT, options=OPTIONS, other=True),
    "multiple_choice": MultipleChoice(id="multiple_choice", text=TEXT, options=OPTIONS, other=True),
    "text": FreeText(id="text", text=TEXT, max_length=10),
    "contact": Contact(id="contact", text=TEXT, purpose=TEXT, ask=("name", "email")),
}
FORM = Questionnaire(
    id="every_kind", title="Every kind", languages=("en",), questions=tuple(KINDS.values())
)
VALUES: dict[str, Value] = {
    "yes": True,
    "no": False,
    **{str(number): number for number in range(11)},
    "word": "word",
    "long text": "x" * 11,
    "no option": ChoiceValue(),
    "a": ChoiceValue(("a",)),
    "b": ChoiceValue(("b",)),
    "a, b": ChoiceValue(("a", "b")),
    "b, a": ChoiceValue(("b", "a")),
    "a, a": ChoiceValue(("a", "a")),
    "stray": ChoiceValue(("c",)),
    "other": ChoiceValue(other="words"),
    "wordless other": ChoiceValue(other=""),
    "long other": ChoiceValue(other="x" * 201),
    "a, other": ChoiceValue(("a",), "words"),
    "name": ContactDetails(consent=True, name="Ada"),
    "empty name": ContactDetails(consent=True, name=""),
    "phone": ContactDetails(consent=True, phone="1"),
    "consent alone": ContactDetails(consent=True),
    "no consent": ContactDetails(consent=False),
    "name without consent": ContactDetails(consent=False, name="Ada"),
    "sealed": SealedContact(key=1, box="AAAA"),
}
GIVEN: dict[str, set[str]] = {
    "smiley": {"0", "1", "2"},
    "nps": {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"},
    "ces": {"1", "2", "3", "4", "5", "6", "7"},
    "csat": {"1", "2", "3", "4", "5"},
    "scale": {"0", "1", "2"},
    "yes_no": {"yes", "no"},
    "single_choice": {"a", "b", "other", "wordless other"},
    "multiple_choice": {"a", "b", "a, b", "other", "wordless other", "a, other"},
    "text": {"word"},
    "contact": {"name", "consent alone", "no consent"},
}
"""What a kiosk's controls give."""
COUNTED: dict[str, set[str]] = GIVEN | {
    "single_choice": GIVEN["single_choice"] | {"long other"},
    "multiple_choice": GIVEN["multiple_choice"] | {"no option", "b, a", "long other"},
    "contact": GIVEN["contact"] | {"empty name", "phone", "name without consent", "sealed"},
}
"""What the head office takes: that, and what does no harm in a count."""
assert {type(question) for question in KINDS.values()} == set(get_args(Question))
assert {ChoiceValue, ContactDetails, SealedContact} < set(get_args(Value))
