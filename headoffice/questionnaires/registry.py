"""Definitions by digest: stored once, asked of kiosks, used to check and to count."""

import functools
from collections.abc import Iterable

import msgspec

from config import questionnaire as definitions
from headoffice.finding import Finder, asked, marks
from headoffice.fleet.models import Kiosk
from headoffice.kiosk_api import decoded
from headoffice.problems import RefusedError
from headoffice.questionnaires.models import Version
from headoffice.turns import writing
from sync.messages import Answered, Body, Chosen, ContactDetails, Ended, FieldError, SealedContact

_decoder = msgspec.json.Decoder(definitions.Questionnaire)
WANTED_AT_ONCE = 20
_versions = Finder(Version)


@functools.lru_cache(maxsize=256)
def parsed(definition: str) -> definitions.Questionnaire:
    """The typed definition; the text was checked when it was stored."""
    return _decoder.decode(definition)


def store(kiosk: Kiosk, digest: str, body: bytes) -> None:
    """Keep a definition; RefusedError if it is not the canonical text with this digest."""
    if definitions.digest(body) != digest:
        raise RefusedError("digest", f"The body's digest is {definitions.digest(body)}.")
    questionnaire = decoded(body, _decoder)
    if definitions.canonical(questionnaire) != body:
        raise RefusedError("invalid", errors=[FieldError("$", "Not in canonical form")])
    if not isinstance(questionnaire.questions[0], definitions.Smiley):
        raise RefusedError(
            "invalid",
            errors=[FieldError("$.questions[0]", "The first question has to be a smiley")],
        )
    known(kiosk, [digest])
    Version.objects.filter(digest=digest, definition=None).update(
        definition=body.decode(), name=questionnaire.id, title=questionnaire.title
    )


def known(kiosk: Kiosk, digests: Iterable[str]) -> dict[str, Version]:
    """The versions with these digests, made where they are new."""
    wanted = sorted(set(digests))
    found = {v.digest: v for v in _versions.all(f"digest IN ({marks(wanted)})", *wanted)}
    if missing := [d for d in wanted if d not in found]:
        # Sorted, so that two kiosks that bring the same new ones don't block each other.
        new = [Version(digest=d, first_kiosk=kiosk) for d in missing]
        with writing():
            Version.objects.bulk_create(new, ignore_conflicts=True)
        found |= {v.digest: v for v in Version.objects.filter(digest__in=missing)}
    return found


def wanted_from(kiosk: Kiosk, digests: Iterable[str]) -> tuple[str, ...]:
    """Digests that this kiosk should deliver the definition of."""
    named = sorted(set(digests))
    rows = asked(
        "SELECT digest FROM questionnaires_version WHERE definition IS NULL "  # noqa: S608 - marks
        f"AND (first_kiosk_id = %s OR digest IN ({marks(named)})) ORDER BY id LIMIT %s",
        *(kiosk.pk, *named, WANTED_AT_ONCE),
    )
    return tuple(digest for (digest,) in rows)


class Fitting:
    """Tells whether messages fit their questionnaires, as far as those are known."""

    def __init__(self, versions: dict[str, Version]) -> None:
        self._forms = {
            digest: None if version.definition is None else parsed(version.definition)
            for digest, version in versions.items()
        }
        self._fit: set[tuple[str, str, int]] = set()
        """Numbers that were looked at already: most messages say one of a few."""

    def misfit(self, body: Body) -> FieldError | None:
        """What about a message does not fit; None if nothing, or if that is unknown."""
        form = self._forms[body.questionnaire]
        if form is None or (isinstance(body, Ended) and body.question is None):
            return None
        number = body.value if isinstance(body, Answered) and type(body.value) is int else None
        if number is not None and (body.questionnaire, body.question, number) in self._fit:
            return None
        try:
            question = form.question(body.question or "")
        except KeyError:
            return FieldError(
                "$.body.question", f"The questionnaire has no question {body.question}"
            )
        if isinstance(body, Answered) and (wrong := value_misfit(question, body)):
            return FieldError("$.body.value", wrong)
        if number is not None:
            self._fit.add((body.questionnaire, question.id, number))
        return None


def value_misfit(  # noqa: PLR0911 - one line per kind of question
    question: definitions.Question, answer: Answered
) -> str | None:
    """Why this value can't be an answer to this question; None if it can."""
    value = answer.value
    match question:
        case definitions.Smiley(faces=faces):
            return _number(value, 0, faces - 1)
        case definitions.Nps():
            return _number(value, 0, 10)
        case definitions.Ces():
            return _number(value, 1, 7)
        case definitions.Csat(steps=steps):
            return _number(value, 1, steps)
        case definitions.Scale(low=low, high=high):
            return _number(value, low, high)
        case definitions.YesNo():
            return None if isinstance(value, bool) else "Expected true or false"
        case definitions.SingleChoice() | definitions.MultipleChoice():
            return _choice(question, value)
        case definitions.FreeText(max_length=longest):
            fits = isinstance(value, str) and len(value) <= longest
            return None if fits else f"Expected a text of at most {longest} characters"
        case definitions.Contact():
            fits = isinstance(value, ContactDetails | SealedContact)
            return None if fits else "Expected contact details"


def _number(value: object, low: int, high: int) -> str | None:
    fits = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
    return None if fits else f"Expected a whole number from {low} to {high}"


def _choice(
    question: definitions.SingleChoice | definitions.MultipleChoice, value: object
) -> str | None:
    if not isinstance(value, Chosen):
        return "Expected chosen options"
    if stray := set(value.options) - {option.id for option in question.options}:
        return f"The question has no option {min(stray)}"
    if len(set(value.options)) != len(value.options):
        return "An option is chosen twice"
    if value.other is not None and not question.other:
        return "The question has no choice of one's own words"
    if (
        isinstance(question, definitions.SingleChoice)
        and len(value.options) + (value.other is not None) != 1
    ):
        return "Expected exactly one choice"
    return None
