"""Where a session can be: the phases of the screen, and what is on its way to the disk."""

from dataclasses import dataclass, field

from config.questionnaire import Question, Questionnaire
from config.settings import MisuseRules, QuestionRoute, Timing
from config.values import ChoiceValue, ContactDetails, Value
from kiosk.session.branching import Answers, drawn_questions, enabled_questions
from kiosk.session.misuse import History
from sync.messages import Body, Moment


@dataclass(frozen=True)
class Rules:
    """What stays the same from session to session."""

    questionnaire: Questionnaire
    digest: str
    language: str
    """Shown when nobody has chosen another."""
    timing: Timing
    route: QuestionRoute = field(default_factory=QuestionRoute)
    misuse: MisuseRules = field(default_factory=MisuseRules)
    test: bool = False
    """Test mode: a response that begins under these rules is marked as a whole, and not counted."""

    @property
    def questions(self) -> tuple[Question, ...]:
        """What this kiosk asks, the rating first."""
        return enabled_questions(
            self.questionnaire, follow_up=self.route.follow_up, invite=self.route.invite
        )

    def questions_for(self, visit: "Visit") -> tuple[Question, ...]:
        """The same in the order of this response's draw from each pool."""
        return drawn_questions(self.questions, visit.response)


@dataclass(frozen=True)
class Visit:
    """One shopper's response under way."""

    response: str
    language: str
    rating: int
    answers: Answers = field(default_factory=dict)
    """What was handed over for each question behind the rating."""
    back_stack: tuple[str, ...] = ()
    """The questions before the one on the screen, which "back" leads to."""
    has_accepted: bool = False
    """The shopper wants to tell more: the invitation was accepted."""
    is_ended: bool = False
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
class StoringRating:
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
    is_warned: bool = False
    """The shopper is being asked whether someone is still there."""
    is_doubtful: bool = False
    """What is chosen may be the next shopper's: it is not sent by a touch alone any more."""

    @property
    def is_writing(self) -> bool:
        """Whether something is typed, which nobody does by mistake."""
        match self.draft:
            case str() | ContactDetails():
                return True
            case ChoiceValue(other=other):
                return bool(other)
        return False

    @property
    def has_entry(self) -> bool:
        """Whether there is, or may be, something typed to hand over."""
        return isinstance(self.draft, ChoiceValue) and self.draft.other is not None

    @property
    def is_offer(self) -> bool:
        """Whether it gives way soon, and to the next shopper at any time."""
        return self.thanks and not self.is_writing


@dataclass(frozen=True)
class Inviting:
    """Would the shopper tell more?"""

    visit: Visit
    since_ms: int
    touched_ms: int
    thanks: bool = False
    """It stands below the thanks for the rating."""
    is_warned: bool = False

    @property
    def is_offer(self) -> bool:
        """Whether it gives way to the next shopper at any time."""
        return self.thanks


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
    since_ms: int = 0
    goes_on: bool = False
    """These are the first thanks, and what is offered below them comes next."""


@dataclass(frozen=True)
class OutOfOrder:
    """Nothing can be stored, so nothing is asked; it is tried again until it works."""

    retry_ms: int | None
    """When to try again; None while an attempt is under way."""


def idle(rules: Rules, at_ms: int) -> Idle:
    """Ready for the next shopper."""
    return Idle(rules.language, at_ms, at_ms)


Phase = Idle | StoringRating | Asking | Inviting | Finishing | Thanking | OutOfOrder


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
