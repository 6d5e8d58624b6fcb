"""When messages were made that a wrong clock dated.

A boot's clock is one unknown number: how far the true time is ahead of its monotonic clock. What a
right clock made of other messages of the boot tells it. Where none did, a wrong one may still have
taken the kiosk's word for it, which was right: that is kept if it is possible. Else the time is the
kiosk's word, as far as that is possible, and uncertain until the kiosk tells more.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from headoffice.db.queries import fetch_all
from headoffice.messages.rows import MessageRow, in_condition, select_rows, uuid_text
from headoffice.repair.receipts import WrongReceipts
from headoffice.timekeeping.judgement import TOLERANCE_MS

_DISAGREEING = f"""
SELECT boot FROM ingest_storedmessage WHERE kiosk = %s AND certain AND happened_ms < received_ms
GROUP BY boot HAVING max(happened_ms - mono_ms) - min(happened_ms - mono_ms) > {TOLERANCE_MS}
"""  # noqa: S608 - constant text
_BEFORE = """
SELECT happened_ms FROM ingest_storedmessage
WHERE kiosk = %s AND installation = %s AND seq < %s ORDER BY seq DESC LIMIT 1
"""
_RENUMBERED = "SELECT fingerprint FROM ingest_renumbered WHERE kiosk = %s"


class Limits(NamedTuple):
    """Between which times a message was made."""

    earliest_ms: int
    latest_ms: int

    def hold(self, ms: int) -> bool:
        """Whether a time is possible, give or take the tolerance."""
        return self.earliest_ms - TOLERANCE_MS <= ms <= self.latest_ms + TOLERANCE_MS

    def nearest(self, ms: int) -> int:
        """The nearest time that is possible."""
        return min(max(ms, self.earliest_ms), self.latest_ms)


class Redating(NamedTuple):
    """A message and when it was made."""

    row: MessageRow
    happened_ms: int
    certain: bool
    is_restamped: bool
    """Whether its time of receipt was wrong too."""

    @property
    def is_redated(self) -> bool:
        """Whether it is dated otherwise."""
        was = (self.row.happened_ms, self.row.certain)
        return was != (self.happened_ms, self.certain)


def redatings(kiosk: int, wrong: Sequence[WrongReceipts]) -> list[Redating]:
    """What has to change about a kiosk's messages, of which some were received at wrong times."""
    received = _received_wrongly(kiosk, wrong)
    boots = {row.boot for row, _limits in received.values()}
    boots |= {uuid_text(boot) for (boot,) in fetch_all(_DISAGREEING, kiosk)}
    found: list[Redating] = []
    for rows in _by_boot(kiosk, boots).values():
        limits = {row.order: received[row.order][1] for row in rows if row.order in received}
        found += _redate_boot(rows, limits)
    return found


def _received_wrongly(
    kiosk: int, wrong: Iterable[WrongReceipts]
) -> dict[tuple[int, int], tuple[MessageRow, Limits]]:
    if not wrong:
        return {}
    again = {bytes(told) for (told,) in fetch_all(_RENUMBERED, kiosk)}
    found = {}
    for part in wrong:
        before = fetch_all(_BEFORE, kiosk, part.installation, part.first)
        earliest_ms = min(before[0][0], part.until_ms) if before else 0
        for row in select_rows(
            "kiosk = %s AND installation = %s AND seq BETWEEN %s AND %s",
            [kiosk, part.installation, part.first, part.last],
        ):
            # What was numbered anew is older than its number.
            least_ms = 0 if row.fingerprint in again else earliest_ms
            found[row.order] = (row, Limits(least_ms, part.until_ms))
    return found


def _by_boot(kiosk: int, boots: Iterable[str]) -> dict[str, list[MessageRow]]:
    condition, values = in_condition("boot", boots, uuids=True)
    found: dict[str, list[MessageRow]] = defaultdict(list)
    if values:
        for row in select_rows(f"kiosk = %s AND {condition}", [kiosk, *values]):
            found[row.boot].append(row)
    return found


def _redate_boot(
    rows: Sequence[MessageRow], limits: dict[tuple[int, int], Limits]
) -> list[Redating]:
    clock = _BootClock.of([row for row in rows if row.order not in limits])
    if clock is None:
        return _without_witness([row for row in rows if row.order in limits], limits)
    found = []
    for row in rows:
        is_restamped = row.order in limits
        ms = max(0, clock.true_ms(row.mono_ms))
        if not is_restamped:
            ms = min(ms, row.received_ms)
        agrees = row.certain and abs(row.happened_ms - ms) <= TOLERANCE_MS
        if agrees and is_restamped:
            found.append(Redating(row, row.happened_ms, True, True))
        elif not agrees and (is_restamped or row.certain):
            found.append(Redating(row, ms, True, is_restamped))
    return found


class _BootClock:
    """What right clocks said of a boot's, one reading for each message."""

    def __init__(self, readings: list[tuple[int, int]]) -> None:
        self._monos, self._zeros = zip(*sorted(readings), strict=True)

    @classmethod
    def of(cls, rows: Iterable[MessageRow]) -> "_BootClock | None":
        """What most of these say, which a right clock received; None if none of them tells.

        Two clocks drift apart by minutes in months: what differs by little from one to the next
        says the same.
        """
        readings = sorted(
            (row.happened_ms - row.mono_ms, row.mono_ms)
            for row in rows
            # What lay ahead of its receipt was dated to that.
            if row.certain and row.happened_ms < row.received_ms
        )
        groups: list[list[tuple[int, int]]] = []
        for zero, mono in readings:
            if not groups or zero - groups[-1][-1][1] > TOLERANCE_MS:
                groups.append([])
            groups[-1].append((mono, zero))
        groups.sort(key=len)
        return cls(groups[-1]) if groups else None

    def true_ms(self, mono_ms: int) -> int:
        """The time at a reading of the boot's clock, by the nearest that is known."""
        after = bisect_left(self._monos, mono_ms)
        near = range(max(0, after - 1), min(after + 1, len(self._monos)))
        nearest = min(near, key=lambda at: abs(self._monos[at] - mono_ms))
        return int(self._zeros[nearest] + mono_ms)


def _without_witness(
    rows: Sequence[MessageRow], limits: dict[tuple[int, int], Limits]
) -> list[Redating]:
    """Keep the dates of a boot that are all possible; else the kiosk's word for all of them."""
    by_zero: dict[int, list[MessageRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.happened_ms - row.mono_ms):
        zero = row.happened_ms - row.mono_ms
        last = next(reversed(by_zero), None)
        by_zero[last if last is not None and zero - last <= TOLERANCE_MS else zero].append(row)
    found = []
    for group in by_zero.values():
        if all(limits[row.order].hold(row.happened_ms) for row in group):
            found += [Redating(row, row.happened_ms, row.certain, True) for row in group]
        else:
            found += _by_word(group, limits)
    return found


def _by_word(rows: Sequence[MessageRow], limits: dict[tuple[int, int], Limits]) -> list[Redating]:
    if all(limits[row.order].hold(row.wall_ms) for row in rows):
        times = {row.order: limits[row.order].nearest(row.wall_ms) for row in rows}
    else:
        # As late as possible: most are delivered soon after they were made.
        zero = min(limits[row.order].latest_ms - row.mono_ms for row in rows)
        times = {row.order: limits[row.order].nearest(zero + row.mono_ms) for row in rows}
    return [Redating(row, max(0, times[row.order]), False, True) for row in rows]
