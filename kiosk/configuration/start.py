"""Which configuration a start uses: the one that is stored, the last good one, or none.

::

    tries = begin_trial(data, boot, wall_ms)             # once, before anything of it is used
    found = find_start(data, own_settings, tries=tries)
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import msgspec
from msgspec import structs

from config.questionnaire import Questionnaire
from config.settings import Settings
from kiosk.configuration.effect import Effect, check_own_questionnaire, find_effect
from kiosk.configuration.store import (
    CANDIDATE,
    GOOD,
    ConfigurationStore,
    DamagedConfigurationError,
    Refusal,
    StoredConfiguration,
    StoredState,
    digest_of,
)
from kiosk.configuration.trial import MOST_FAILURES, TrialState, begin_start
from sync.configuration import NONE, Configuration, ConfigurationDigest, Trial
from sync.errors import ConfigurationRefusalError, IdentityError
from sync.identity import Identity, load_identity

log = logging.getLogger(__name__)

GIVEN_UP = f"{MOST_FAILURES} starts with it failed"
_UNREADABLE = "this version of the program can't read it"


@dataclass(frozen=True)
class ConfigurationStart:
    """What a start has found."""

    effect: Effect
    in_force: ConfigurationDigest = NONE
    """Empty: the kiosk's own files hold."""
    stage: Trial = "good"
    candidate: ConfigurationDigest = NONE
    """The one that is stored, whether or not it is in force."""
    refusal: Refusal | None = None
    """What could not be used instead, and why."""
    since_ms: int = 0
    """Since when it is in force, by the kiosk's own clock; 0: not known."""


def begin_trial(data: Path, boot: str, wall_ms: int) -> bool:
    """Count a start with a configuration that has not proven itself, before it is used.

    Gives it up if it has failed too often. Whether it may be used: not if that can't be counted,
    since it could then keep a kiosk from starting for ever.
    """
    store = ConfigurationStore(data)
    if not store.folder.exists():
        return True
    try:
        _begin(store, boot, wall_ms)
    except OSError as error:
        log.warning("No new configuration is tried, the disk can't be written: %s", error)
        return False
    store.sweep()
    return True


def _begin(store: ConfigurationStore, boot: str, wall_ms: int) -> None:
    before = state = store.state()
    if state.refusal is not None and state.refusal.version != program_version():
        # Another version may be able to use it.
        failures = 0 if state.refusal.digest == state.trial.digest else state.trial.failures
        state = StoredState(trial=structs.replace(state.trial, failures=failures, is_open=False))
    candidate = store.find(CANDIDATE)
    if candidate is not None and not _is_refusal(state, candidate.digest):
        if digest_of(store.find(GOOD)) == candidate.digest:
            known = state.trial if state.trial.digest == candidate.digest else TrialState()
            trial = structs.replace(
                known,
                digest=candidate.digest,
                stage="good",
                failures=0,
                is_open=False,
                since_ms=known.since_ms or wall_ms,
            )
        else:
            trial = begin_start(state.trial, candidate.digest, boot, wall_ms)
        state = structs.replace(state, trial=trial)
        if trial.is_failure:
            state = structs.replace(
                state,
                trial=structs.replace(trial, is_open=False),
                refusal=Refusal(
                    digest=candidate.digest,
                    reasons=(GIVEN_UP,),
                    is_fallback=True,
                    version=program_version(),
                ),
            )
            log.error("Configuration %.12s is given up: %s.", candidate.digest, GIVEN_UP)
    if state != before:
        store.save_state(state)


def find_start(
    data: Path,
    own: Settings,
    *,
    questionnaire: Questionnaire | None = None,
    panel_mm: tuple[int, int] | None = None,
    tries: bool = True,
) -> ConfigurationStart:
    """What is in force from this start on; reads only, and raises nothing.

    ``questionnaire``: that of the kiosk's own files; ``tries``: whether one may be used that has
    not proven itself.
    """
    store = ConfigurationStore(data)
    usual = Effect(own)
    if not store.folder.exists():
        return ConfigurationStart(usual)
    finder = _Finder(store, own, questionnaire, panel_mm)
    state, refusal = store.state(), None
    try:
        candidate = store.read(CANDIDATE)
    except DamagedConfigurationError as error:
        log.error("%s", error)  # noqa: TRY400  # no bug
        candidate, refusal = None, Refusal(digest=NONE, reasons=(str(error),), is_fallback=True)
    if candidate is None and refusal is None:
        return ConfigurationStart(usual, refusal=state.refusal)
    good = store.find(GOOD)
    refusal = refusal or state.refusal
    digest = digest_of(candidate)
    for stored in _choices(candidate, good, state, tries=tries):
        try:
            effect = finder.find(stored)
        except ConfigurationRefusalError as error:
            log.error("Configuration %.12s: %s", stored.digest, error)  # noqa: TRY400  # no bug
            refusal = Refusal(digest=stored.digest, reasons=error.reasons, is_fallback=True)
            continue
        is_good = stored.digest == digest_of(good)
        is_known = state.trial.digest == stored.digest
        return ConfigurationStart(
            effect,
            stored.digest,
            "good" if is_good else state.trial.stage if is_known else "trial",
            digest,
            refusal,
            state.trial.since_ms if is_known else 0,
        )
    return ConfigurationStart(usual, candidate=digest, refusal=refusal)


def _choices(
    candidate: StoredConfiguration | None,
    good: StoredConfiguration | None,
    state: StoredState,
    *,
    tries: bool,
) -> Iterator[StoredConfiguration]:
    is_good = digest_of(candidate) == digest_of(good)
    if candidate is not None and not _is_refusal(state, candidate.digest) and (tries or is_good):
        yield candidate
    if good is not None and not (is_good and candidate is not None):
        yield good


class _Finder:
    """Works out what a stored configuration comes to here."""

    def __init__(
        self,
        store: ConfigurationStore,
        own: Settings,
        questionnaire: Questionnaire | None,
        panel_mm: tuple[int, int] | None,
    ) -> None:
        self._store = store
        self._own = own
        self._questionnaire = questionnaire
        self._panel_mm = panel_mm
        self._identity = identity_of(store)

    def find(self, stored: StoredConfiguration) -> Effect:
        try:
            configuration = stored.decode()
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise ConfigurationRefusalError((_UNREADABLE,)) from error
        return check(
            self._store,
            configuration,
            self._own,
            identity=self._identity,
            questionnaire=self._questionnaire,
            panel_mm=self._panel_mm,
        )


def check(
    store: ConfigurationStore,
    configuration: Configuration,
    own: Settings,
    *,
    identity: Identity | None,
    questionnaire: Questionnaire | None,
    panel_mm: tuple[int, int] | None,
) -> Effect:
    """What a configuration comes to on this kiosk; raises ConfigurationRefusalError."""
    if identity is not None and (
        (identity.kiosk, identity.head_office) != (configuration.kiosk, configuration.head_office)
    ):
        raise ConfigurationRefusalError(("it is of another kiosk or head office",))
    damaged = [entry.name for entry in configuration.files if not store.has_file(entry)]
    if damaged:
        raise ConfigurationRefusalError(tuple(f"{name}: missing or damaged" for name in damaged))
    effect = find_effect(configuration, own, store.file, panel_mm)
    if questionnaire is not None:
        check_own_questionnaire(questionnaire, own.screen, effect.settings.screen, panel_mm)
    return effect


def identity_of(store: ConfigurationStore) -> Identity | None:
    """Who the kiosk is; None: nobody knows."""
    try:
        return load_identity(store.folder.parent)
    except IdentityError:
        return None


def program_version() -> str:
    """The one that runs."""
    return metadata.version("hymio")


def _is_refusal(state: StoredState, digest: ConfigurationDigest) -> bool:
    return state.refusal is not None and state.refusal.digest == digest
