"""The account that is drawn up after a storm: what shoppers saw, and what was counted."""

from collections import Counter
from dataclasses import dataclass, field

KIOSK_KILLS = ("kill -9 of a kiosk", "kill -9 of a kiosk, relay uploading")
"""Each of them may leave one answer that was committed and not thanked."""


@dataclass
class Account:
    """Exact: every answer is in one of these sets, by its response's id."""

    thanked: set[str] = field(default_factory=set)
    turned_away: set[str] = field(default_factory=set)
    """The kiosk could not store them and said so."""
    counted: Counter[str] = field(default_factory=Counter)
    """Response → how often it is stored."""
    gone: set[str] = field(default_factory=set)
    """Their last copy was destroyed when a card or a database went back in time."""
    rolled_up: Counter[tuple[object, ...]] = field(default_factory=Counter)
    counted_again: Counter[tuple[object, ...]] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    ahead: int = 0
    """Answers that are dated in the future."""
    clones: int = 0
    alarms: int = 0
    not_tried: dict[str, str] = field(default_factory=dict)
    """What this machine could not do, with the reason."""

    @property
    def kills(self) -> int:
        return sum(n for kind, n in self.faults.items() if kind.startswith("kill -9"))

    @property
    def lost(self) -> set[str]:
        return self.thanked - self.counted.keys() - self.gone

    @property
    def doubled(self) -> set[str]:
        return {response for response, times in self.counted.items() if times > 1}

    @property
    def unthanked(self) -> set[str]:
        """Committed, then the kiosk was killed before it could say so."""
        return self.counted.keys() - self.thanked

    def check(self) -> None:
        """Raises AssertionError unless the account is as promised."""
        assert self.lost == set()
        assert self.doubled == set()
        assert len(self.unthanked) <= sum(self.faults[kind] for kind in KIOSK_KILLS)
        assert self.turned_away.isdisjoint(self.counted)
        assert self.counted_again == self.rolled_up
        assert self.rolled_up.total() == len(self.counted)
        assert self.ahead == 0
        if self.clones:
            assert self.alarms > 0, "two cards had one identity, and nobody was told"

    def __str__(self) -> str:
        kinds = "".join(f"\n  {n:5} × {kind}" for kind, n in sorted(self.faults.items()))
        not_tried = "".join(f"\n        0 × {k}: {why}" for k, why in self.not_tried.items())
        return (
            f"{self.faults.total()} faults, {self.kills} of them kill -9:{kinds}{not_tried}\n"
            f"{len(self.thanked)} answers thanked, {len(self.turned_away)} turned away with a "
            f"closed sign, {len(self.counted)} counted ({len(self.unthanked)} of them committed "
            f"and the kiosk killed before the thanks); {len(self.gone)} gone with the only copy "
            f"when a card or a database was put back in time\n"
            f"{self.clones} cloned cards, {self.alarms} alarms for them\n"
            f"{len(self.lost)} lost, {len(self.doubled)} doubled, {self.ahead} dated in the "
            f"future, rollups {'equal' if self.rolled_up == self.counted_again else 'DIFFER'}"
        )
