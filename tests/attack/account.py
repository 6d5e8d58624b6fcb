"""The account of attacks: what was tried how often, what was to be seen, and what broke."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MOST_TOLD = 3


@dataclass
class Tally:
    """One attack while it goes on."""

    attack: str
    expected: str
    tries: int = 0
    broke: list[str] = field(default_factory=list)
    answered: Counter[str] = field(default_factory=Counter)
    """What came back, for whoever looks closer."""

    def check(self, held: bool, what: str) -> None:
        """Note what broke unless it held."""
        if not held:
            self.broke.append(what)

    def row(self) -> str:
        """The attack as a row of the account."""
        told = "; ".join(dict.fromkeys(self.broke[:MOST_TOLD])).replace("|", "/").replace("\n", " ")
        if len(self.broke) > MOST_TOLD:
            told += f"; {len(self.broke) - MOST_TOLD} more"
        return f"| {self.attack} | {self.tries:,} | {self.expected} | {told or 'nothing'} |"


@dataclass(frozen=True)
class Attack:
    """Something that somebody who means ill can do; carried out with a seed and a size."""

    name: str
    expected: str
    carry_out: Callable[[Any, Tally, int, int], None]


def table(tallies: list[Tally], database: str) -> str:
    """All of them, as Markdown."""
    head = ["| attack | tries | expected | broke |", "|---|---|---|---|"]
    tries = sum(tally.tries for tally in tallies)
    broken = sum(bool(tally.broke) for tally in tallies)
    sentence = f"{len(tallies)} attacks on {database}, {tries:,} tries: "
    sentence += "nothing broke" if not broken else f"{broken} attacks broke something"
    return "\n".join([sentence, "", *head, *(tally.row() for tally in tallies)])
