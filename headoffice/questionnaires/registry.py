"""Definitions by digest: stored once, asked of kiosks, used to check and to count."""

from collections.abc import Iterable

import msgspec

from config import questionnaire as forms
from config.kinds import value_mistake
from headoffice.db.queries import Finder, fetch_all, placeholders
from headoffice.db.write_lock import exclusive_write
from headoffice.fleet.models import Kiosk
from headoffice.questionnaires.definitions import definition_mistakes, parse_definition
from headoffice.questionnaires.models import Version
from headoffice.questionnaires.signals import definition_refused, definition_stored
from headoffice.web.kiosk_api import decode_body
from headoffice.web.problems import RefusedError
from sync.messages import AnswerBody, Body, EndBody, FieldError

MAX_DEFINITION_BYTES = 256_000
"""A larger definition is refused; the shipped ones have less than a tenth."""
MAX_DEFINITIONS = 200
"""So many definitions are taken of one kiosk, until unused ones are removed."""
MAX_NAMED = 1000
"""So many questionnaires one kiosk may bring up, with and without a definition."""
MAX_REQUESTED = 20
_anything = msgspec.json.Decoder()
_versions = Finder(Version)
_NAMED = "SELECT count(*) FROM questionnaires_version WHERE first_kiosk_id = %s"


def store_definition(kiosk: Kiosk, digest: str, body: bytes) -> Version:
    """Keep a definition; RefusedError if it is not one, breaks a rule, or is one too many.

    It has to be the canonical text with this digest, and to pass all that the kiosk's own files
    have to pass; the refusal lists every mistake.
    """
    try:
        _check_definition(digest, body)
        version = _room_for(kiosk, digest)
    except RefusedError:
        definition_refused.send(Version)
        raise
    if version.definition is None or parse_definition(version.definition) is None:
        form = msgspec.json.decode(body, type=forms.Questionnaire)
        version.definition, version.name, version.title = body.decode(), form.id, form.title
        version.save(update_fields=["definition", "name", "title"])
        definition_stored.send(Version)
    return version


def _check_definition(digest: str, body: bytes) -> None:
    if forms.digest(body) != digest:
        raise RefusedError("digest", f"The body's digest is {forms.digest(body)}.")
    decode_body(body, _anything)
    if mistakes := definition_mistakes(body):
        raise RefusedError("invalid", "Its answers stay stored.", errors=mistakes)


def _room_for(kiosk: Kiosk, digest: str) -> Version:
    there = _versions.first("digest = %s", digest)
    if there is not None and there.definition is not None:
        return there
    known = Version.objects.filter(first_kiosk=kiosk).exclude(definition=None).count()
    if known < MAX_DEFINITIONS and (found := get_or_create_versions(kiosk, [digest])):
        return found[digest]
    raise RefusedError(
        "too_many",
        f"{MAX_DEFINITIONS} definitions of this kiosk are stored already. Answers stay stored; "
        "`hymio-headoffice questionnaires --remove-unused` makes room.",
    )


def get_or_create_versions(kiosk: Kiosk, digests: Iterable[str]) -> dict[str, Version]:
    """The versions with these digests, made where they are new and this kiosk has room for more."""
    wanted = sorted(set(digests))
    found = {v.digest: v for v in _versions.all(f"digest IN ({placeholders(wanted)})", *wanted)}
    if missing := [d for d in wanted if d not in found]:
        ((named,),) = fetch_all(_NAMED, kiosk.pk)
        missing = missing[: max(0, MAX_NAMED - named)]
        # Sorted, so that two kiosks that bring the same new ones don't block each other.
        new = [Version(digest=d, first_kiosk=kiosk) for d in missing]
        with exclusive_write():
            Version.objects.bulk_create(new, ignore_conflicts=True)
        found |= {v.digest: v for v in Version.objects.filter(digest__in=missing)}
    return found


def missing_definitions(kiosk: Kiosk, digests: Iterable[str]) -> tuple[str, ...]:
    """Digests that this kiosk should deliver the definition of."""
    named = sorted(set(digests))
    rows = fetch_all(
        "SELECT digest FROM questionnaires_version WHERE definition IS NULL "  # noqa: S608 - marks
        f"AND (first_kiosk_id = %s OR digest IN ({placeholders(named)})) ORDER BY id LIMIT %s",
        *(kiosk.pk, *named, MAX_REQUESTED),
    )
    return tuple(digest for (digest,) in rows)


class AnswerCheck:
    """Tells whether messages fit their questionnaires, as far as those are known."""

    def __init__(self, versions: dict[str, Version]) -> None:
        self._forms = {
            digest: None if version.definition is None else parse_definition(version.definition)
            for digest, version in versions.items()
        }
        self._fit: set[tuple[str, str, int]] = set()
        """Numbers that were looked at already: most messages say one of a few."""

    def misfit(self, body: Body) -> FieldError | None:
        """What about a message does not fit; None if nothing, or if that is unknown."""
        number = body.value if isinstance(body, AnswerBody) and type(body.value) is int else None
        if number is not None and (body.questionnaire, body.question, number) in self._fit:
            return None
        if body.questionnaire not in self._forms:
            return FieldError(
                "$.body.questionnaire",
                f"This kiosk has brought up {MAX_NAMED} questionnaires already",
            )
        form = self._forms[body.questionnaire]
        if form is None or (isinstance(body, EndBody) and body.question is None):
            return None
        try:
            question = form.question(body.question or "")
        except KeyError:
            return FieldError(
                "$.body.question", f"The questionnaire has no question {body.question}"
            )
        if isinstance(body, AnswerBody) and (wrong := value_mistake(question, body.value)):
            return FieldError("$.body.value", wrong)
        if number is not None:
            self._fit.add((body.questionnaire, question.id, number))
        return None
