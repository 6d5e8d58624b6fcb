"""Where a session can be: the phases of the screen, and what is on its way to the disk."""

from dataclasses import dataclass, field

from config.questionnaire import Question, Questionnaire
from config.settings import MisuseRules, Timing, Way
from kiosk.misuse import History
from kiosk.session_route import Answers, asked
from sync.messages import Body, Moment, Value


@dataclass(frozen=True)
class Rules:
    """What stays the same from session to session."""

    questionnaire: Questionnaire
    digest: str
    language: str
    """Shown when nobody has chosen another."""
    timing: Timing
    way: Way = field(default_factory=Way)
    misuse: MisuseRules = field(default_factory=MisuseRules)
    test: bool = False
    """Test mode: everything is marked, and never counted."""

    @property
    def questions(self) -> tuple[Question, ...]:
        """What this kiosk asks at all, the rating first."""
        return asked(self.questionnaire, follow_up=self.way.follow_up, invite=self.way.invite)


@dataclass(frozen=True)
class Visit:
    """One shopper's response under way."""

    response: str
    language: str
    rating: int
    answers: Answers = field(default_factory=dict)
    """What was handed over for each question behind the rating."""
    trail: tuple[str, ...] = ()
    """The questions before the one on the screen, which "back" leads to."""
    invited: bool = False
    """The shopper wants to tell more."""
    ended: bool = False
    """How the response ended has been handed over; nothing more belongs to it."""


# --- phases -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Idle:
    """The rating is on the screen and nobody has touched it."""

    language: str
    since_ms: int
    touched_ms: int
    """The last touch that meant something, such as choosing a language."""


@dataclass(frozen=True)
class Rated:
    """The rating is on its way to the disk; nobody is thanked yet and no touch counts."""

    visit: Visit


@dataclass(frozen=True)
class Asking:
    """A question behind the rating is on the screen."""

    visit: Visit
    question: str
    since_ms: int
    touched_ms: int
    draft: Value | None = None
    """What is ticked or typed, or was answered before; not handed over as it stands."""
    thanks: bool = False
    """It stands below the thanks for the rating."""
    warned: bool = False
    """The shopper is being asked whether someone is still there."""


@dataclass(frozen=True)
class Inviting:
    """Would the shopper tell more?"""

    visit: Visit
    since_ms: int
    touched_ms: int
    thanks: bool = False
    """It stands below the thanks for the rating."""
    warned: bool = False


@dataclass(frozen=True)
class Finishing:
    """The last answer is on its way to the disk; the question stays until it is there."""

    visit: Visit
    question: str
    value: Value | None


@dataclass(frozen=True)
class Thanking:
    """Everything is safe and the shopper is told so."""

    visit: Visit
    until_ms: int


@dataclass(frozen=True)
class OutOfOrder:
    """Nothing can be stored, so nothing is asked; it is tried again until it works."""

    retry_ms: int | None
    """When to try again; None while an attempt is under way."""


Phase = Idle | Rated | Asking | Inviting | Finishing | Thanking | OutOfOrder


# --- the way to the disk ------------------------------------------------------------------


@dataclass(frozen=True)
class Load:
    """What is committed together, under the moment when the first of it was given."""

    bodies: tuple[Body, ...]
    moment: Moment

    def and_then(self, later: "Load | None") -> "Load":
        """With what was given after it; its order is kept."""
        return self if later is None else Load(self.bodies + later.bodies, self.moment)


@dataclass(frozen=True)
class Attempt:
    """The one store that is under way."""

    ticket: int
    load: Load
    since_ms: int


@dataclass(frozen=True)
class State:
    """Where the session is, what is under way to the disk, and the last ticket given out."""

    phase: Phase
    ticket: int = 0
    attempt: Attempt | None = None
    waiting: Load | None = None
    """Given while an attempt is under way, and stored when that has succeeded."""
    history: History = field(default_factory=History)

    @property
    def is_safe(self) -> bool:
        """Whether everything that was given is on the disk."""
        return self.attempt is None and self.waiting is None
