"""From a draft to a version that kiosks can be given, and from a version to a draft."""

from typing import Any

import msgspec

from config.loader import document_mistakes
from config.questionnaire import Questionnaire, canonical, digest
from headoffice.accounts.models import User
from headoffice.authoring import history
from headoffice.authoring.documents import Document
from headoffice.authoring.identifiers import name_parts
from headoffice.authoring.models import Draft
from headoffice.db.write_lock import exclusive_write
from headoffice.errors import HeadOfficeError
from headoffice.questionnaires.models import Publication, Version
from headoffice.questionnaires.registry import MAX_DEFINITION_BYTES


class UnfinishedDraftError(HeadOfficeError):
    """A draft with mistakes can't be published."""


def publish(draft: Draft, author: User) -> Publication:
    """Make a version of the draft as it stands; the one that is there if nothing changed.

    UnfinishedDraftError if the kiosk's rules find something.
    """
    with exclusive_write():
        document = history.change(draft, author, _name_if_finished)
        questionnaire = questionnaire_of(document)
        definition = canonical(questionnaire)
        if len(definition) > MAX_DEFINITION_BYTES:
            raise UnfinishedDraftError("It is too large.")
        version = _store(questionnaire, definition)
        publication, _is_new = Publication.objects.get_or_create(
            version=version, defaults={"title": questionnaire.title, "author": author}
        )
        Draft.objects.filter(pk=draft.pk).update(version=version)
    draft.version = version
    return publication


def questionnaire_of(document: Document) -> Questionnaire:
    """The typed questionnaire of a document without mistakes."""
    return msgspec.convert(document, Questionnaire)


def document_of(questionnaire: Questionnaire) -> Document:
    """The document of a questionnaire, as a file has it."""
    document: Any = msgspec.json.decode(msgspec.json.encode(questionnaire))
    return dict(document)


def is_as_published(document: Document, version: Version | None) -> bool:
    """Whether a draft is just what was published of it."""
    named = name_parts(document)
    if version is None or document_mistakes(named):
        return False
    return digest(canonical(questionnaire_of(named))) == version.digest


def _name_if_finished(document: Document) -> Document:
    named = name_parts(document)
    if document_mistakes(named):
        raise UnfinishedDraftError("It has mistakes.")
    return named


def _store(questionnaire: Questionnaire, definition: bytes) -> Version:
    version, _is_new = Version.objects.get_or_create(digest=digest(definition))
    if version.definition is None:
        version.definition = definition.decode()
        version.name, version.title = questionnaire.id, questionnaire.title
        version.save(update_fields=["definition", "name", "title"])
    return version
