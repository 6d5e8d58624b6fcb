"""The steps of a draft: each change is one, and one can go back and forth between them."""

from collections.abc import Callable

from headoffice import clock
from headoffice.accounts.models import User
from headoffice.authoring.documents import Document, decode, encode
from headoffice.authoring.models import Draft, DraftStep
from headoffice.db.write_lock import exclusive_write
from headoffice.errors import HeadOfficeError
from headoffice.questionnaires.models import Version

MOST_STEPS = 100
"""So many steps can be taken back."""
PAUSE_MS = 30_000
"""Typing on within this time belongs to the same step."""


class StaleChangeError(HeadOfficeError):
    """Somebody else has changed the same meanwhile."""


def begin(document: Document, author: User, version: Version | None = None) -> Draft:
    """A new draft with this document."""
    with exclusive_write():
        draft = Draft.objects.create(title=document["title"], author=author, version=version)
        _write(draft, 1, document, "")
    return draft


def present(draft: Draft) -> Document:
    """The document of a draft as it stands."""
    return decode(draft.steps.get(number=draft.step).content)


def change(
    draft: Draft,
    author: User,
    edit: Callable[[Document], Document],
    subject: str = "",
    *,
    alone: bool = True,
) -> Document:
    """Edit the document as it stands, as a step more; those that had been taken back are gone.

    Changes of one subject by the same person in a row are one step, if they don't stand ``alone``.
    What ``edit`` raises ends it.
    """
    with exclusive_write():
        fresh = Draft.objects.select_for_update().get(pk=draft.pk)
        last = fresh.steps.get(number=fresh.step)
        document = edit(decode(last.content))
        if last.content != encode(document):
            is_same = not alone and last.subject == subject and fresh.author_id == author.pk
            number = fresh.step + (not (is_same and clock.now_ms() - last.at_ms < PAUSE_MS))
            fresh.steps.filter(number__gte=number).delete()
            fresh.steps.filter(number__lte=number - MOST_STEPS).delete()
            _write(fresh, number, document, subject)
            _save(fresh, number, document, author)
    draft.step, draft.title = fresh.step, fresh.title
    return document


def go_to(draft: Draft, by: int, author: User) -> bool:
    """Go so many steps forth, or back; False where there is none."""
    with exclusive_write():
        fresh = Draft.objects.select_for_update().get(pk=draft.pk)
        step = fresh.steps.filter(number=fresh.step + by).first()
        if step is None:
            return False
        _save(fresh, step.number, decode(step.content), author)
    draft.step, draft.title = fresh.step, fresh.title
    return True


def is_last_change(draft: Draft, author: User, subject: str) -> bool:
    """Whether nobody has changed anything since this person changed this subject."""
    fresh = Draft.objects.get(pk=draft.pk)
    last = fresh.steps.get(number=fresh.step)
    return fresh.author_id == author.pk and last.subject == subject


def reach(draft: Draft) -> tuple[bool, bool]:
    """Whether there is a step back, and one forth."""
    numbers = set(
        draft.steps.filter(number__in=(draft.step - 1, draft.step + 1)).values_list(
            "number", flat=True
        )
    )
    return draft.step - 1 in numbers, draft.step + 1 in numbers


def _write(draft: Draft, number: int, document: Document, subject: str) -> None:
    DraftStep.objects.create(
        draft=draft,
        number=number,
        content=encode(document),
        subject=subject[:80],
        at_ms=clock.now_ms(),
    )


def _save(draft: Draft, number: int, document: Document, author: User) -> None:
    draft.step, draft.title = number, str(document.get("title", ""))
    draft.author, draft.changed_at = author, clock.now()
    draft.save()
