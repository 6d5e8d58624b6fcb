"""A packed body is what was packed, however it was cut or blown up on its way."""

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.wire import JSON, PACKED, encode_body, pack, unpack

MOST = 100_000
SAMPLE = (
    b'{"installation":"0b0e7c1e-0d0f-4f4e-9c55-1f1d6a1f2a3b","oldest":1,"echo":'
    b'"2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",'
    b'"fingerprint":"6f1ed002ab5595859014ebf0951522d9","watermark":41}'
)
RECORDED = bytes.fromhex(
    "c348058cdc7c3572bcfcfe7e7342e565b3e4b5ac515305b45466d251db929df1ff58ffcfd9ae36b2068e26c2"
    "4eba0529cdfb17fcec8aeb484a7bbe4e09bd8c66ce97bbc0b43a746aeb0491d71fa68a2add5442718989612d"
    "00"
)
"""How this version packs it: kiosks and head offices of later ones still have to read it."""

_texts = st.text(st.characters(exclude_categories=["Cs"])) | st.from_regex("[0-9a-f-]{30,70}")
_documents = st.recursive(
    st.none() | st.booleans() | st.integers() | _texts | st.uuids().map(str),
    lambda inner: st.lists(inner) | st.dictionaries(_texts, inner),
)


@given(_documents)
def test_what_is_packed_comes_out_as_it_was(document: object) -> None:
    body = json.dumps(document, ensure_ascii=False).encode()
    assert body == unpack(pack(body), MOST)


def test_what_was_packed_once_is_understood_for_ever() -> None:
    assert SAMPLE == unpack(RECORDED, MOST)


def test_it_takes_less_than_half() -> None:
    assert len(SAMPLE) / 2 > len(pack(SAMPLE))


@pytest.mark.parametrize("length", [0, 1, 20, -1])
def test_what_was_cut_is_told(length: int) -> None:
    with pytest.raises(ValueError, match=r"too early|Error"):
        unpack(pack(SAMPLE)[:length], MOST)


def test_what_follows_is_told() -> None:
    with pytest.raises(ValueError, match=r"too early|Error"):
        unpack(pack(SAMPLE) + b"x", MOST)


def test_a_bomb_does_not_unfold() -> None:
    packer = zlib.compressobj(9, wbits=-15)
    with pytest.raises(OverflowError):
        unpack(packer.compress(bytes(10_000_000)) + packer.flush(), MOST)


def test_numbers_that_unfold_count_too() -> None:
    body = json.dumps(["6f1ed002ab5595859014ebf0951522d9"] * 1000).encode()
    with pytest.raises(OverflowError):
        unpack(pack(body), len(body) - 1)


def test_a_body_is_packed_only_for_who_has_answered_so() -> None:
    assert (SAMPLE, {"Content-Type": JSON, "Accept": f"{PACKED}, {JSON}"}) == encode_body(SAMPLE)
    assert (pack(SAMPLE), {"Content-Type": PACKED}) == encode_body(SAMPLE, packed=True)


def test_a_body_with_a_mark_in_it_is_not_packed() -> None:
    assert JSON == encode_body(b'"\x01"', packed=True)[1]["Content-Type"]
