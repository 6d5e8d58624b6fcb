"""Definitions as they are stored: read, kept decoded, and checked before they are taken.

What is taken has passed the rules that a kiosk's own files have to pass. What is stored may be
older than a rule, or damaged: it is read as far as figures can be made of it, and what can't be
read counts as not known.
"""

import functools
import itertools
import logging
import re
import threading
from collections.abc import Iterable, Iterator

import msgspec

from config.errors import Mistake
from config.mistakes import find_mistakes
from config.questionnaire import Questionnaire, Smiley, canonical
from config.questionnaire import digest as digest_of
from config.rules import questionnaire_mistakes
from headoffice.questionnaires.models import Version
from sync.messages import FieldError

MOST_KEPT_BYTES = 32_000_000
"""So much of their text, about, stays decoded in a process."""
MOST_MISTAKES = 50
"""More than these are not told one by one."""
_END = re.compile(r"questions\[(?P<place>\d+)\]\.ends\.(?P<end>low|high)\.[^.]+")
_log = logging.getLogger("headoffice.questionnaires")
_decoder = msgspec.json.Decoder(Questionnaire)


@functools.lru_cache(maxsize=64)
def parse_definition(definition: str) -> Questionnaire | None:
    """The typed definition; None if it can't be read or begins without a rating."""
    try:
        form = _decoder.decode(definition)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None
    return form if isinstance(form.questions[0], Smiley) else None


class DefinitionCache:
    """Definitions that were read, by their digest: it says all that there is to say of them."""

    def __init__(self, most_bytes: int = MOST_KEPT_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: dict[str, tuple[Questionnaire, int]] = {}
        """With the size of their text."""
        self._lock = threading.Lock()

    def read(self, known: Iterable[tuple[int, str]]) -> dict[int, Questionnaire | None]:
        """The definitions of these versions, given by number and digest: all that have one.

        Only those that are not kept are asked for; what can't be read is None.
        """
        digests = dict(known)
        with self._lock:
            for gone in self._kept.keys() - set(digests.values()):
                del self._kept[gone]
            found: dict[int, Questionnaire | None] = {
                pk: self._kept[digest][0] for pk, digest in digests.items() if digest in self._kept
            }
        for pk, text in _texts([pk for pk in digests if pk not in found]):
            found[pk] = form = parse_definition(text)
            if form is None:
                _log.warning("The definition of version %d can't be read; it is left out", pk)
            elif digest_of(text.encode()) == digests[pk]:
                self._keep(digests[pk], form, len(text))
        return {pk: found.get(pk) for pk in digests}

    def _keep(self, digest: str, form: Questionnaire, size: int) -> None:
        with self._lock:
            if sum(kept for _form, kept in self._kept.values()) + size <= self._most_bytes:
                self._kept[digest] = form, size


cache = DefinitionCache()


def known_definitions() -> dict[int, Questionnaire | None]:
    """Every definition by the number of its version; None for one that can't be read."""
    known = Version.objects.exclude(definition=None).order_by("pk")
    return cache.read(known.values_list("pk", "digest"))


def definition_mistakes(body: bytes) -> list[FieldError]:
    """All that is wrong with a definition by the rules of the kiosk's own files, within a bound.

    ValueError if it is no JSON at all.
    """
    found = list(itertools.islice(_mistakes(body), MOST_MISTAKES + 1))
    if len(found) > MOST_MISTAKES:
        found[-1] = FieldError("$", "There are more mistakes, which are not listed")
    return found


def _mistakes(body: bytes) -> Iterator[FieldError]:
    raw = msgspec.json.decode(body)
    for mistake in find_mistakes(raw, Questionnaire):
        yield _field_error(mistake.path, f"found {mistake.actual}; {mistake.hint}")
    form = parse_definition(body.decode())
    if form is None:
        try:
            form = _decoder.decode(body)
        except msgspec.MsgspecError:
            return
        yield FieldError("$.questions[0]", "The first question has to be a smiley")
    for mistake in questionnaire_mistakes(form.languages, form.questions):
        if mistake.path != "questions[0].kind" and not _is_harmless(mistake, form):
            yield _field_error(mistake.path, f"found {mistake.actual}; {mistake.hint}")
    if canonical(form) != body:
        yield FieldError("$", "Not in canonical form")


def _is_harmless(mistake: Mistake, form: Questionnaire) -> bool:
    """Whether it is the words at the ends of a row, which only lack a further language.

    No figure is made of them, and pages show them in the first language.
    """
    found = _END.fullmatch(mistake.path)
    if found is None or mistake.actual != "nothing":
        return False
    ends = getattr(form.questions[int(found["place"])], "ends", None)
    return ends is not None and form.languages[0] in getattr(ends, found["end"])


def _field_error(path: str, message: str) -> FieldError:
    return FieldError(f"$.{path}" if path and not path.startswith("[") else f"${path}", message)


def _texts(pks: list[int]) -> Iterator[tuple[int, str]]:
    """The texts of definitions, a few at a time."""
    for at in range(0, len(pks), 20):
        rows = Version.objects.filter(pk__in=pks[at : at + 20]).exclude(definition=None)
        yield from ((pk, text) for pk, text in rows.values_list("pk", "definition") if text)
