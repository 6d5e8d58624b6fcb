"""Compares answers that were taken as they came with their definition, once that is known.

An answer is stored before its questionnaire's definition has to be here, and such a one may not
fit. Had the definition been first, it would have been refused. Now it is set aside:

1. Who stores answers of an unknown questionnaire writes down, in the same transaction, from which
   message on the kiosk has some (``note_unchecked``).
2. Some are compared when the definition arrives, the others by a periodic job: ``STEP`` messages in
   one transaction, with the kiosk's row locked, so that no delivery waits for a long backlog.
3. What does not fit is kept, is called ``unfit``, and counts nowhere: its part is taken out of the
   counts, and the word before it on the same question of the same response counts again.

What versions of Hymio stored that did not compare is written down by a migration, from the first
message of each kiosk on, and compared in the same way.
"""

from collections.abc import Collection, Iterable

import msgspec

from config.kinds import value_mistake
from config.questionnaire import Contact, Questionnaire
from config.values import Value
from headoffice import clock
from headoffice.db.write_lock import exclusive_write
from headoffice.fleet.models import Kiosk
from headoffice.ingest.correction import Correction, Subject, apply_corrections
from headoffice.messages.models import UNFIT, LateCheck
from headoffice.messages.rows import MessageRow, in_condition, select_rows
from headoffice.questionnaires.definitions import parse_definition
from headoffice.questionnaires.models import Version
from headoffice.rollups.write import CountChanges

STEP = 2000
"""So many messages are looked at in one transaction."""
RUN_S = 20.0
"""So long the periodic job goes on at a time, as others wait for it: after an upgrade there may be
millions of messages."""
_CONTACT = '{"type":"contact"'
_AFTER = (
    "kiosk = %s AND version = %s AND (installation, seq) > (%s, %s) "
    f"ORDER BY installation, seq LIMIT {STEP}"
)
_value = msgspec.json.Decoder(Value)


def note_unchecked(kiosk: int, versions: Iterable[Version], rows: Collection[MessageRow]) -> None:
    """Write down that these new rows were not compared with those versions, which are unknown."""
    for version in (v.pk for v in versions if v.definition is None):
        first = min((row.order for row in rows if row.version == version), default=None)
        if first is None:
            continue
        after = {"installation": first[0], "seq": first[1] - 1}
        check, made = LateCheck.objects.get_or_create(kiosk=kiosk, version=version, defaults=after)
        if not made and (check.over or first <= (check.installation, check.seq)):
            # They came while the definition did.
            LateCheck.objects.filter(kiosk=kiosk, version=version).update(over=False, **after)


def check_late_answers() -> None:
    """Compare what is waiting for it and can be, for a while; for the periodic jobs."""
    ends = clock.mono() + RUN_S
    waiting = list(LateCheck.objects.filter(over=False).values_list("kiosk", "version"))
    arrived = _forms({version for _kiosk, version in waiting})
    for kiosk, version in waiting:
        more = version in arrived
        while more and clock.mono() < ends:
            more = check_step(kiosk, version)


def check_step(kiosk: int, version: int) -> bool:
    """Compare the next messages of a kiosk with this version; whether there may be more."""
    with exclusive_write():
        if not Kiosk.objects.select_for_update(no_key=True).filter(pk=kiosk).exists():
            return False
        mine = LateCheck.objects.filter(kiosk=kiosk, version=version)
        check = mine.filter(over=False).first()
        form = _forms({version}).get(version)
        if check is None or form is None:
            return False
        rows = list(select_rows(_AFTER, [kiosk, version, check.installation, check.seq]))
        unfit = [row for row in rows if misfit(form, row)]
        if unfit:
            set_aside(unfit)
        more = len(rows) == STEP
        installation, seq = rows[-1].order if rows else (check.installation, check.seq)
        mine.update(
            installation=installation, seq=seq, over=not more, unfit=check.unfit + len(unfit)
        )
        return more


def misfit(form: Questionnaire, row: MessageRow) -> str | None:
    """What about a stored message does not fit its questionnaire; None if nothing."""
    if row.is_set_aside or (row.kind == 3 and not row.question):
        return None
    try:
        question = form.question(row.question)
    except KeyError:
        return f"The questionnaire has no question {row.question}"
    if row.kind != 1:
        return None
    if row.value.startswith(_CONTACT):
        return None if isinstance(question, Contact) else "These are contact details"
    try:
        return value_mistake(question, _value.decode(row.value))
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return "The value can't be read"


def set_aside(rows: Collection[MessageRow]) -> None:
    """Let messages of one kiosk, whose row is locked, count nowhere, as they don't fit."""
    changes = CountChanges()
    apply_corrections([*map(_as_unfit, rows), *_next_words(rows)], changes)
    changes.write()


def _as_unfit(row: MessageRow) -> Correction:
    reasons = ",".join(sorted({*filter(None, row.misuse.split(",")), UNFIT}))
    said = row.misuse if row.reported_misuse is None else row.reported_misuse
    return row, row._replace(counts=False, misuse=reasons, reported_misuse=said)


def _next_words(rows: Collection[MessageRow]) -> list[Correction]:
    """What counts in the place of those of these rows that did."""
    subjects = {row.subject for row in rows if row.counts}
    if not subjects:
        return []
    gone = {row.order for row in rows}
    condition, values = in_condition("response", {r for r, _question in subjects}, uuids=True)
    kiosk = next(iter(rows)).kiosk
    others = list(select_rows(f"kiosk = %s AND {condition}", [kiosk, *values]))
    forms = _forms({row.version for row in others})
    last: dict[Subject, MessageRow] = {}
    for row in others:
        form = forms.get(row.version)
        if row.subject not in subjects or row.order in gone or row.is_set_aside:
            continue
        if form is not None and misfit(form, row):
            continue
        if row.subject not in last or last[row.subject].order < row.order:
            last[row.subject] = row
    return [(row, row._replace(counts=True)) for row in last.values()]


def _forms(versions: Collection[int]) -> dict[int, Questionnaire]:
    """The definitions of those that are known."""
    known = Version.objects.filter(pk__in=versions).exclude(definition=None)
    found = {pk: parse_definition(text or "") for pk, text in known.values_list("pk", "definition")}
    return {pk: form for pk, form in found.items() if form is not None}
