"""Whether a configuration has proven itself, as pure functions.

It is *shown* once the faces were drawn, and *good* once an answer was stored after that. Each start
with one that is not good yet is counted before anything of it is used. A start that did not end in
good order has failed, unless it had shown the faces and ended with the whole machine: then somebody
switched it off. After :data:`MOST_FAILURES` in a row the configuration is given up.
"""

import msgspec
from msgspec import structs

from sync.configuration import NONE, ConfigurationDigest, Trial

MOST_FAILURES = 3


class TrialState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a configuration has fared so far."""

    digest: ConfigurationDigest = NONE
    stage: Trial = "trial"
    failures: int = 0
    """Starts in a row that failed."""
    is_open: bool = False
    """A start is under way, or ended without a word."""
    is_shown: bool = False
    """That start has shown the faces."""
    boot: str = ""
    """The run of the machine that it began in."""
    since_ms: int = 0
    """When it was first used, by the kiosk's own clock."""

    @property
    def is_failure(self) -> bool:
        """Whether it is to be given up."""
        return self.failures >= MOST_FAILURES


def begin_start(trial: TrialState, digest: str, boot: str, wall_ms: int) -> TrialState:
    """A start with the configuration of this digest begins, in this run of the machine."""
    if trial.digest != digest:
        trial = TrialState(digest=digest)
    has_failed = trial.is_open and not (trial.is_shown and trial.boot != boot)
    return structs.replace(
        trial,
        failures=trial.failures + has_failed,
        is_open=True,
        is_shown=False,
        boot=boot,
        since_ms=trial.since_ms or wall_ms,
    )


def show(trial: TrialState) -> TrialState:
    """The faces were drawn."""
    stage: Trial = "good" if trial.stage == "good" else "shown"
    return structs.replace(trial, stage=stage, is_shown=True)


def prove(trial: TrialState) -> TrialState:
    """An answer was stored."""
    return structs.replace(trial, stage="good", failures=0, is_open=False)


def end_start(trial: TrialState) -> TrialState:
    """The program ends in good order."""
    failures = 0 if trial.is_shown else trial.failures
    return structs.replace(trial, failures=failures, is_open=False)
