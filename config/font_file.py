"""Which letters a font file has: its character map, as OpenType's ``cmap`` table says it."""

import struct
from functools import lru_cache
from pathlib import Path

MAX_BYTES = 40_000_000
_COLLECTION = b"ttcf"
_KINDS = (b"\x00\x01\x00\x00", b"OTTO", b"true", _COLLECTION)


class UnusableFontError(Exception):
    """The reason why texts can't be drawn with a file."""


@lru_cache(maxsize=32)  # asked for when the settings are checked and for each text
def letters_in(file: Path) -> frozenset[str]:
    """Every character that the file has a glyph for; raises UnusableFontError."""
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnusableFontError(error.strerror or str(error)) from error
    if len(data) > MAX_BYTES:
        raise UnusableFontError(f"it is larger than {MAX_BYTES // 1_000_000} MB")
    if data[:4] not in _KINDS:
        raise UnusableFontError("it is no TrueType or OpenType font")
    try:
        codes = _codes(data)
    except (struct.error, IndexError) as error:
        raise UnusableFontError("it is damaged") from error
    if not codes:
        raise UnusableFontError("it has no letters of Unicode")
    return frozenset(map(chr, codes))


def _codes(data: bytes) -> set[int]:
    """The characters of the first font in the file."""
    start = struct.unpack_from(">L", data, 12)[0] if data[:4] == _COLLECTION else 0
    (tables,) = struct.unpack_from(">H", data, start + 4)
    places: dict[bytes, int] = {}
    for index in range(tables):
        tag, _sum, offset, length = struct.unpack_from(">4sLLL", data, start + 12 + 16 * index)
        if offset + length > len(data):
            raise IndexError
        places[tag] = offset
    return _character_map(data, places[b"cmap"]) if b"cmap" in places else set()


def _character_map(data: bytes, base: int) -> set[int]:
    """All subtables of Unicode in the two forms that fonts of today use."""
    found: set[int] = set()
    (count,) = struct.unpack_from(">H", data, base + 2)
    for index in range(count):
        platform, encoding, offset = struct.unpack_from(">HHL", data, base + 4 + 8 * index)
        if platform == 0 or (platform == 3 and encoding in (1, 10)):
            (form,) = struct.unpack_from(">H", data, base + offset)
            if form == 4:
                found |= _segments(data, base + offset)
            elif form == 12:
                found |= _groups(data, base + offset)
    return found


def _segments(data: bytes, base: int) -> set[int]:
    """Form 4: ranges within the first 65,536 characters."""
    (doubled,) = struct.unpack_from(">H", data, base + 6)
    count = doubled // 2
    ends = struct.unpack_from(f">{count}H", data, base + 14)
    starts = struct.unpack_from(f">{count}H", data, base + 16 + doubled)
    deltas = struct.unpack_from(f">{count}H", data, base + 16 + 2 * doubled)
    offsets_at = base + 16 + 3 * doubled
    offsets = struct.unpack_from(f">{count}H", data, offsets_at)
    found: set[int] = set()
    for index, (first, last) in enumerate(zip(starts, ends, strict=True)):
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code
            if offsets[index]:
                at = offsets_at + 2 * index + offsets[index] + 2 * (code - first)
                (glyph,) = struct.unpack_from(">H", data, at)
                if not glyph:
                    continue
            if (glyph + deltas[index]) & 0xFFFF:
                found.add(code)
    return found


def _groups(data: bytes, base: int) -> set[int]:
    """Form 12: ranges of all of Unicode."""
    (count,) = struct.unpack_from(">L", data, base + 12)
    found: set[int] = set()
    for index in range(count):
        first, last, glyph = struct.unpack_from(">LLL", data, base + 16 + 12 * index)
        if not first <= last <= 0x10FFFF:
            raise IndexError
        # A surrogate is no character.
        found.update(code for code in range(first, last + 1) if not 0xD800 <= code <= 0xDFFF)
        if not glyph:
            found.discard(first)
    return found
