"""Which messages of a kiosk were received by a wrong clock."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from headoffice import clock
from headoffice.db.queries import fetch_all
from headoffice.timekeeping.judgement import TOLERANCE_MS
from headoffice.timekeeping.leftovers import WrongSpan
from headoffice.timekeeping.order import Block, misplaced

_NOT_YET = """NOT EXISTS (
    SELECT 1 FROM ingest_restamped AS r WHERE r.kiosk = m.kiosk
    AND r.installation = m.installation AND m.seq BETWEEN r.first AND r.last)"""
"""What was received anew stands out of order, and is right."""
_STEPS = f"""
SELECT installation, seq, received_ms, before_ms FROM (
    SELECT installation, seq, received_ms,
        lag(received_ms) OVER (PARTITION BY installation ORDER BY seq) AS before_ms
    FROM ingest_storedmessage AS m WHERE kiosk = %s AND {_NOT_YET}
) AS told
WHERE before_ms IS NULL OR received_ms NOT BETWEEN before_ms - {TOLERANCE_MS}
    AND before_ms + {TOLERANCE_MS}
ORDER BY installation, seq
"""  # noqa: S608 - constant text
_ENDS = f"""
SELECT m.installation, m.seq, m.received_ms FROM ingest_storedmessage AS m JOIN (
    SELECT m.installation, max(m.seq) AS seq FROM ingest_storedmessage AS m
    WHERE m.kiosk = %s AND {_NOT_YET} GROUP BY m.installation
) AS ends ON ends.installation = m.installation AND ends.seq = m.seq WHERE m.kiosk = %s
"""  # noqa: S608 - constant text
_WITHIN = f"""
SELECT installation, min(seq), max(seq) FROM ingest_storedmessage AS m
WHERE kiosk = %s AND received_ms BETWEEN %s AND %s AND {_NOT_YET} GROUP BY installation
"""  # noqa: S608 - constant text


class WrongReceipts(NamedTuple):
    """Messages of one installation with numbers from one to another."""

    installation: int
    first: int
    last: int
    until_ms: int
    """They were received at this time at the latest."""


class _Part(NamedTuple):
    """Messages that were received one after the other, without a step of the clock."""

    first: int
    last: int
    block: Block


def wrong_receipts(kiosk: int, spans: Iterable[WrongSpan]) -> list[WrongReceipts]:
    """Those of a kiosk's messages, by installation and number; no number stands in two."""
    found: list[WrongReceipts] = []
    for installation, parts in _parts(kiosk).items():
        found += _out_of_order(installation, parts)
    for span in spans:
        for installation, first, last in fetch_all(_WITHIN, kiosk, span.first_ms, span.last_ms):
            found += _outside(found, installation, first, last, _latest(span))
    return sorted(found)


def _latest(span: WrongSpan) -> int:
    now_ms = clock.now_ms()
    return now_ms if span.off_ms is None else min(now_ms, span.last_ms - span.off_ms)


def _parts(kiosk: int) -> dict[int, list[_Part]]:
    """The parts of each installation, in the order of numbers."""
    ends = {row[0]: (int(row[1]), int(row[2])) for row in fetch_all(_ENDS, kiosk, kiosk)}
    begins: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for installation, seq, received_ms, before_ms in fetch_all(_STEPS, kiosk):
        begins[installation].append((seq, received_ms, before_ms or 0))
    found: dict[int, list[_Part]] = {}
    for installation, steps in begins.items():
        last, last_ms = ends[installation]
        following = [*((seq, before) for seq, _ms, before in steps[1:]), (last + 1, last_ms)]
        found[installation] = [
            _Part(seq, after - 1, Block(ms, max(ms, end_ms), after - seq))
            for (seq, ms, _before), (after, end_ms) in zip(steps, following, strict=True)
        ]
    return found


def _out_of_order(installation: int, parts: list[_Part]) -> list[WrongReceipts]:
    now_ms = clock.now_ms()
    most = 1 + sum(part.block.weight for part in parts)
    blocks = [*(part.block for part in parts), Block(now_ms, now_ms, most)]
    found = []
    until_ms = now_ms
    wrong = set(misplaced(blocks, TOLERANCE_MS))
    for place in reversed(range(len(parts))):
        part = parts[place]
        if place in wrong:
            found.append(WrongReceipts(installation, part.first, part.last, until_ms))
        else:
            until_ms = part.block.first_ms
    return found


def _outside(
    found: list[WrongReceipts], installation: int, first: int, last: int, until_ms: int
) -> list[WrongReceipts]:
    """What of these numbers does not stand in ``found`` already."""
    rest: list[WrongReceipts] = []
    for each in sorted(each for each in found if each.installation == installation):
        if each.first > last or each.last < first:
            continue
        if first < each.first:
            rest.append(WrongReceipts(installation, first, each.first - 1, until_ms))
        first = each.last + 1
    if first <= last:
        rest.append(WrongReceipts(installation, first, last, until_ms))
    return rest
