"""A shopper and a disk at a session, without a window: what journeys are told with."""

from dataclasses import dataclass, field

from config.questionnaire import Questionnaire, canonical, digest
from config.settings import MisuseRules, QuestionRoute, Timing
from config.values import Value
from kiosk.session.deadlines import deadline
from kiosk.session.events import (
    AnswerGiven,
    AnswersStored,
    BackChosen,
    DraftChanged,
    Event,
    Ignore,
    InvitationAnswered,
    KioskStopped,
    LanguageChosen,
    LeaveChosen,
    ScreenTouched,
    SkipChosen,
    Store,
    StoreFailed,
    Tick,
)
from kiosk.session.machine import begin, step
from kiosk.session.state import Asking, Idle, Phase, Rules, State, Thanking
from kiosk.session.touch import KEY, Touch
from sync.messages import AnswerBody, Body, EndBody, Moment, SkipBody

BOOT = "0b0a0c0d-0000-4000-8000-000000000001"


def moment(at_ms: int) -> Moment:
    """The instant at which the monotonic clock stands there."""
    return Moment(wall_ms=1_700_000_000_000 + at_ms, boot=BOOT, mono_ms=at_ms)


def rules(
    questionnaire: Questionnaire,
    *,
    language: str = "en",
    timing: Timing | None = None,
    way: QuestionRoute | None = None,
    misuse: MisuseRules | None = None,
    test: bool = False,
) -> Rules:
    """Rules for a questionnaire; misuse is not judged unless asked for."""
    return Rules(
        questionnaire,
        digest(canonical(questionnaire)),
        language,
        timing or Timing(thanks=2.5, invitation=12, question=30, still_there=10, language=20),
        way or QuestionRoute(),
        misuse or MisuseRules(enabled=False),
        test,
    )


@dataclass
class Visitor:
    """Drives a session as a window and a disk would, and remembers what it was promised.

    The disk commits at once unless it is ``slow``; then :meth:`commit` does it.
    """

    rules: Rules
    slow: bool = False
    now: int = 1000
    state: State = field(init=False)
    under_way: Store | None = None
    stored: list[Body] = field(default_factory=list)
    thanked: list[str] = field(default_factory=list)
    """The responses whose shopper saw a thank-you, in order."""
    ignored: list[str] = field(default_factory=list)
    visits: int = 0

    def __post_init__(self) -> None:
        self.state = begin(self.rules, self.now)

    @property
    def phase(self) -> Phase:
        """Where the session is."""
        return self.state.phase

    @property
    def question(self) -> str:
        """The question on the screen."""
        assert isinstance(self.phase, Asking), self.phase
        return self.phase.question

    # --- what a shopper does ---

    def rate(self, value: int, touch: Touch = KEY) -> "Visitor":
        """Touches a face after a while."""
        self.visits += 1
        self.pass_ms(900)
        response = f"01900000-0000-7000-8000-{self.visits:012x}"
        rating = self.rules.questionnaire.rating.id
        self.send(AnswerGiven(moment(self.now), rating, value, response, touch))
        return self.pass_moment()

    def pass_moment(self) -> "Visitor":
        """Looks at the first thanks, if they are on the screen, until more is offered."""
        if isinstance(self.phase, Thanking) and self.phase.goes_on:
            self.pass_ms(self.phase.until_ms - self.now)
        return self

    def answer(self, value: Value, question: str | None = None) -> "Visitor":
        """Answers the question on the screen."""
        self.pass_ms(900)
        asked = question or self.question
        return self.send(AnswerGiven(moment(self.now), asked, value, "unused")).pass_moment()

    def draft(self, value: Value | None) -> "Visitor":
        """Puts an answer together without handing it over."""
        self.pass_ms(400)
        return self.send(DraftChanged(moment(self.now), self.question, value))

    def skip(self) -> "Visitor":
        """Passes the question over."""
        self.pass_ms(400)
        return self.send(SkipChosen(moment(self.now), self.question))

    def back(self) -> "Visitor":
        """Goes to the question before."""
        self.pass_ms(400)
        return self.send(BackChosen(moment(self.now)))

    def leave(self) -> "Visitor":
        """Has told enough."""
        self.pass_ms(400)
        return self.send(LeaveChosen(moment(self.now)))

    def reply(self, *, accepted: bool) -> "Visitor":
        """Answers the invitation."""
        self.pass_ms(400)
        return self.send(InvitationAnswered(moment(self.now), accepted))

    def choose(self, language: str) -> "Visitor":
        """Chooses a language."""
        self.pass_ms(400)
        return self.send(LanguageChosen(moment(self.now), language))

    def stir(self) -> "Visitor":
        """Touches the screen anywhere."""
        return self.send(ScreenTouched(moment(self.now)))

    def switch_off(self) -> "Visitor":
        """The kiosk is stopped in good order."""
        return self.send(KioskStopped(moment(self.now)))

    # --- what the machine does ---

    def pass_ms(self, ms: int) -> "Visitor":
        """Time passes; ticks come when they are due."""
        until = self.now + ms
        while (due := deadline(self.state, self.rules)) is not None and due <= until:
            self.now = max(self.now, due)
            self.send(Tick(moment(self.now)))
        self.now = until
        return self

    def pass_s(self, seconds: float) -> "Visitor":
        """The same in seconds."""
        return self.pass_ms(round(seconds * 1000))

    def commit(self, *, works: bool = True) -> "Visitor":
        """The disk is done with what is under way, if anything is."""
        if self.under_way is None:
            return self
        store, self.under_way = self.under_way, None
        if works:
            self.stored += store.bodies
            self.send(AnswersStored(moment(self.now), store.ticket))
            return self.pass_moment() if self.slow else self
        return self.send(StoreFailed(moment(self.now), store.ticket))

    def send(self, event: Event) -> "Visitor":
        """Any event; the disk follows at once unless it is slow."""
        before = self.state
        after = step(before, event, self.rules)
        self.state = after.state
        self._note_thanks(before.phase)
        for effect in after.effects:
            if isinstance(effect, Ignore):
                self.ignored.append(effect.reason)
            else:
                assert self.under_way is None, "two stores at once"
                self.under_way = effect
        if not self.slow:
            self.commit()
        return self

    def _note_thanks(self, before: Phase) -> None:
        phase = self.state.phase
        if isinstance(phase, Thanking) or getattr(phase, "thanks", False):
            response = phase.visit.response  # type: ignore[union-attr]
            if not self.thanked or self.thanked[-1] != response:
                self.thanked.append(response)
            if not (isinstance(before, Thanking) or getattr(before, "thanks", False)):
                assert self.state.is_safe, "thanked before everything was stored"

    # --- what came of it ---

    def told(self) -> list[tuple[str, object]]:
        """What was stored, as (question, value), (question, "skipped") or ("", outcome)."""
        return [word(body) for body in self.stored]

    def is_idle(self) -> bool:
        """Ready for the next shopper, with everything on the disk."""
        return isinstance(self.phase, Idle) and self.state.is_safe


def word(body: Body) -> tuple[str, object]:
    """A message in two words."""
    match body:
        case AnswerBody(question=question, value=value):
            return question, value
        case SkipBody(question=question):
            return question, "skipped"
        case EndBody(outcome=outcome):
            return "", outcome
