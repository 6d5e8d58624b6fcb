"""What a change of settings and schedules would do to each kiosk, before anything is stored."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from headoffice import clock
from headoffice.configuration.changes import real_changes, stale_changes
from headoffice.configuration.documents import Document, Library, builder
from headoffice.configuration.models import KioskReport, RollOut, RollOutKiosk
from headoffice.configuration.rules import Change, Rules
from headoffice.configuration.scopes import KioskPlace, kiosk_places
from headoffice.configuration.targets import OPEN_STATES, read_changes
from headoffice.configuration.validation import Validator, panel_sizes


class Effect(NamedTuple):
    """A kiosk that gets another document."""

    place: KioskPlace
    before: str
    """The digest that holds by what is said now."""
    document: Document
    mistakes: tuple[str, ...]
    """Why it can't take it; English."""
    is_able: bool
    """Whether it has ever said that it takes configurations."""


class Plan(NamedTuple):
    """What would happen."""

    changes: tuple[Change, ...]
    effects: tuple[Effect, ...]
    """By number of the kiosk."""
    stale: tuple[Change, ...]
    """Changes that begin with something else than what is said now."""
    overlap: RollOut | None
    """Another one that is not over, and changes one of these kiosks or the same thing."""

    @property
    def refusals(self) -> tuple[Effect, ...]:
        """The kiosks that can't take it."""
        return tuple(effect for effect in self.effects if effect.mistakes)

    @property
    def is_possible(self) -> bool:
        """Whether it can be released."""
        return bool(self.changes) and not (self.refusals or self.stale or self.overlap)


def make_plan(wanted: Iterable[Change]) -> Plan:
    """Work out what these changes would do; nothing is stored."""
    changes = real_changes(wanted)
    rules, library, now_ms = Rules.load(), Library(), clock.now_ms()
    before = builder(rules, library, now_ms)
    after = builder(rules.after_changes(changes), library, now_ms)
    scopes = {change.scope for change in changes}
    validator, panels = Validator(), panel_sizes()
    able = set(KioskReport.objects.values_list("kiosk", flat=True))
    effects = []
    for kiosk, place in sorted(kiosk_places().items()):
        if scopes.isdisjoint(place.chain):
            continue
        old, new = before(place), after(place)
        if old.digest != new.digest:
            mistakes = validator.mistakes(new.body, panels.get(kiosk))
            effects.append(Effect(place, old.digest, new, mistakes, kiosk in able))
    kiosks = {effect.place.kiosk for effect in effects}
    return Plan(changes, tuple(effects), stale_changes(changes, rules), _overlap(changes, kiosks))


def _overlap(changes: tuple[Change, ...], kiosks: set[int]) -> RollOut | None:
    same = {(change.scope, change.name) for change in changes}
    for row in RollOut.objects.filter(state__in=OPEN_STATES).order_by("pk"):
        members = RollOutKiosk.objects.filter(roll_out=row).values_list("kiosk", flat=True)
        others = {(change.scope, change.name) for change in read_changes(row)}
        if not kiosks.isdisjoint(members) or same & others:
            return row
    return None


def first_wave(effects: Sequence[Effect], first: str) -> frozenset[int]:
    """The kiosks that come first: ``all``, a share like ``10%``, or numbers like ``3,7``.

    A share is at least one kiosk, of those that take configurations, and spread over places.
    """
    kiosks = [effect.place.kiosk for effect in effects]
    if first.endswith("%"):
        able = [effect for effect in effects if effect.is_able] or list(effects)
        wanted = max(1, math.ceil(len(able) * int(first[:-1]) / 100)) if able else 0
        return frozenset(_spread([effect.place for effect in able])[:wanted])
    if first != "all":
        return frozenset(kiosks) & {int(number) for number in first.split(",")}
    return frozenset(kiosks)


def _spread(places: Sequence[KioskPlace]) -> list[int]:
    """Kiosks so that neighbours stand far from each other: by turns, at every level of the tree."""
    if len(places) <= 1:
        return [place.kiosk for place in places]
    return _by_turns([(place.chain[::-1], place.kiosk) for place in places], 0)


def _by_turns(paths: list[tuple[tuple[str, ...], int]], depth: int) -> list[int]:
    branches: dict[str, list[tuple[tuple[str, ...], int]]] = defaultdict(list)
    for path, kiosk in paths:
        branches[path[depth] if depth < len(path) else ""].append((path, kiosk))
    if len(branches) == 1 and all(depth >= len(path) for path, _kiosk in paths):
        return [kiosk for _path, kiosk in paths]
    rows = [
        _by_turns(branch, depth + 1) if len(branch) > 1 else [branch[0][1]]
        for _name, branch in sorted(branches.items())
    ]
    turns = max(map(len, rows))
    return [row[turn] for turn in range(turns) for row in rows if turn < len(row)]
