"""A batch's bytes become messages; one bad message is refused alone."""

import re
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from headoffice.web.kiosk_api import check_protocol, decode_body, path_of_nul
from headoffice.web.problems import RefusedError, field_error
from sync.messages import (
    MAX_BATCH_MESSAGES,
    AnswerBody,
    Batch,
    BatchHeader,
    EndBody,
    FieldError,
    Message,
    Moment,
    Refusal,
    SkipBody,
)
from sync.wire_types import Seq

_PATH = "$.messages[{}]"


class Delivery(NamedTuple):
    """A batch with its unreadable messages taken out."""

    header: Batch | BatchHeader
    messages: tuple[tuple[int, Message], ...]
    """With their places in the batch."""
    refusals: tuple[Refusal, ...]


class _Header(BatchHeader, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As strict about unknown fields as a whole batch is."""


class _SeqOnly(msgspec.Struct):
    seq: Seq


# How ids are spelled takes more than half of the time to decode a batch, if it is looked at one by
# one. So here only their length is; the rest is, of all at once, in _well_spelled.
_Uuid = Annotated[str, Meta(min_length=36, max_length=36)]
_Digest = Annotated[str, Meta(min_length=64, max_length=64)]


class _Moment(Moment, frozen=True):
    boot: _Uuid


class _AnswerBody(AnswerBody, frozen=True, kw_only=True, tag="answer"):
    response: _Uuid
    questionnaire: _Digest


class _SkipBody(SkipBody, frozen=True, kw_only=True, tag="skip"):
    response: _Uuid
    questionnaire: _Digest


class _EndBody(EndBody, frozen=True, kw_only=True, tag="end"):
    response: _Uuid
    questionnaire: _Digest


class _Message(Message, frozen=True):
    moment: _Moment
    body: _AnswerBody | _SkipBody | _EndBody


class _Batch(Batch, frozen=True, kw_only=True):
    messages: Annotated[tuple[_Message, ...], Meta(max_length=MAX_BATCH_MESSAGES)]


_UUIDS = re.compile("(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12} )*")
_DIGESTS = re.compile("(?:[0-9a-f]{64} )*")
_batch = msgspec.json.Decoder(_Batch)
_header = msgspec.json.Decoder(_Header)
_message = msgspec.json.Decoder(Message)
_seq_only = msgspec.json.Decoder(_SeqOnly)


def decode_delivery(body: bytes) -> Delivery:
    """The batch; RefusedError if it, or the number of one of its messages, can't be read."""
    try:
        batch = _batch.decode(body)
    except (msgspec.MsgspecError, RecursionError):
        return _one_by_one(body)
    check_protocol(batch.protocol)
    if path_of_nul(body, batch) or not _well_spelled(batch.messages):
        return _one_by_one(body)
    return Delivery(batch, tuple(enumerate(batch.messages)), ())


def _well_spelled(messages: tuple[_Message, ...]) -> bool:
    uuids = {m.body.response for m in messages} | {m.moment.boot for m in messages}
    digests = {m.body.questionnaire for m in messages}
    return bool(
        _UUIDS.fullmatch("".join([f"{uuid} " for uuid in uuids]))
        and _DIGESTS.fullmatch("".join([f"{digest} " for digest in digests]))
    )


def _one_by_one(body: bytes) -> Delivery:
    header = decode_body(body, _header, raw=True)
    check_protocol(header.protocol)
    messages: list[tuple[int, Message]] = []
    refused: list[Refusal] = []
    lost: list[FieldError] = []
    for place, raw in enumerate(header.messages):
        try:
            messages.append((place, _decode_message(raw)))
        except (msgspec.MsgspecError, RecursionError) as error:
            wrong = field_error(error, within=_PATH.format(place))
            try:
                seq = _seq_only.decode(raw).seq
            except (msgspec.MsgspecError, RecursionError):
                lost.append(wrong)
            else:
                refused.append(invalid_refusal(seq, wrong))
    if lost:
        raise RefusedError("invalid", "The number of a message can't be read.", errors=lost)
    return Delivery(header, tuple(messages), tuple(refused))


def _decode_message(raw: msgspec.Raw) -> Message:
    message = _message.decode(raw)
    if path := path_of_nul(bytes(raw), message):
        raise msgspec.ValidationError(f"A text may not hold U+0000 - at `{path}`")
    return message


def invalid_refusal(seq: int, wrong: FieldError) -> Refusal:
    """The refusal of one message for what is wrong with it."""
    return Refusal(seq, "invalid", f"{wrong.path}: {wrong.message}"[:500])


def place_in_batch(place: int, wrong: FieldError) -> FieldError:
    """A mistake within a message, with its path told from the whole batch."""
    return FieldError(_PATH.format(place) + wrong.path.removeprefix("$"), wrong.message)
