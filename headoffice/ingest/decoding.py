"""A batch's bytes become messages; one bad message is refused alone."""

from typing import NamedTuple

import msgspec

from headoffice.kiosk_api import check_protocol, decoded, path_of_nul
from headoffice.problems import RefusedError, field_error
from sync.messages import Batch, BatchHeader, FieldError, Message, Refusal, Seq

_PATH = "$.messages[{}]"


class Delivery(NamedTuple):
    """A batch with its unreadable messages taken out."""

    header: Batch | BatchHeader
    messages: tuple[tuple[int, Message], ...]
    """With their places in the batch."""
    refused: tuple[Refusal, ...]


class _Header(BatchHeader, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """As strict about unknown fields as a whole batch is."""


class _Numbered(msgspec.Struct):
    seq: Seq


_batch = msgspec.json.Decoder(Batch)
_header = msgspec.json.Decoder(_Header)
_message = msgspec.json.Decoder(Message)
_numbered = msgspec.json.Decoder(_Numbered)


def delivery(body: bytes) -> Delivery:
    """The batch; RefusedError if it, or the number of one of its messages, can't be read."""
    try:
        batch = _batch.decode(body)
    except (msgspec.MsgspecError, RecursionError):
        return _one_by_one(body)
    check_protocol_of(batch.protocol, body)
    if path_of_nul(body, batch):
        return _one_by_one(body)
    return Delivery(batch, tuple(enumerate(batch.messages)), ())


def check_protocol_of(protocol: int, body: bytes) -> None:
    """RefusedError if a well-formed body says another protocol version."""
    if protocol != 1:
        check_protocol(body)


def _one_by_one(body: bytes) -> Delivery:
    header = decoded(body, _header, raw=True)
    check_protocol_of(header.protocol, body)
    messages: list[tuple[int, Message]] = []
    refused: list[Refusal] = []
    lost: list[FieldError] = []
    for place, raw in enumerate(header.messages):
        try:
            messages.append((place, _whole(raw)))
        except (msgspec.MsgspecError, RecursionError) as error:
            wrong = field_error(error, within=_PATH.format(place))
            try:
                seq = _numbered.decode(raw).seq
            except (msgspec.MsgspecError, RecursionError):
                lost.append(wrong)
            else:
                refused.append(invalid(seq, wrong))
    if lost:
        raise RefusedError("invalid", "The number of a message can't be read.", errors=lost)
    return Delivery(header, tuple(messages), tuple(refused))


def _whole(raw: msgspec.Raw) -> Message:
    message = _message.decode(raw)
    if path := path_of_nul(bytes(raw), message):
        raise msgspec.ValidationError(f"A text may not hold U+0000 - at `{path}`")
    return message


def invalid(seq: int, wrong: FieldError) -> Refusal:
    """The refusal of one message for what is wrong with it."""
    return Refusal(seq, "invalid", f"{wrong.path}: {wrong.message}"[:500])


def place_in_batch(place: int, wrong: FieldError) -> FieldError:
    """A mistake within a message, with its path told from the whole batch."""
    return FieldError(_PATH.format(place) + wrong.path.removeprefix("$"), wrong.message)
