"""Every kind of question and every type of value: what the head office refuses."""

import pytest
from questions_and_values import COUNTED, FORM, KINDS, VALUES

from config.questionnaire import canonical, digest
from headoffice.questionnaires.models import Version
from headoffice.questionnaires.registry import AnswerCheck
from sync.messages import AnswerBody

DIGEST = digest(canonical(FORM))


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_cannot_be_counted_is_refused(kind: str) -> None:
    version = Version(digest=DIGEST, definition=canonical(FORM).decode())
    fitting = AnswerCheck({DIGEST: version})
    for _again in range(2):
        taken = {label for label in VALUES if fitting.misfit(said(kind, label)) is None}
        assert COUNTED[kind] == taken


def said(kind: str, value: str) -> AnswerBody:
    return AnswerBody(
        response="01900000-0000-7000-8000-000000000000",
        questionnaire=DIGEST,
        language="en",
        question=kind,
        value=VALUES[value],
        took_ms=1,
    )
