"""What a touch of the shopper does: it is noted, heard, and told to the session."""

from config.values import Value
from kiosk.session.controller import SessionController
from kiosk.session.touch import Touch
from kiosk.trace import Trace
from kiosk.ui.sounds import Sounds


class ShopperActions:
    """Handlers for what screens emit; the first argument of each is the screen."""

    def __init__(self, session: SessionController, trace: Trace, sounds: Sounds) -> None:
        self._session = session
        self._trace = trace
        self._sounds = sounds

    def rate(self, _screen: object, question: str, value: int, touch: Touch) -> None:
        """A face of the rating was touched."""
        self.note_touch(f"face-{value}")
        self._session.answer(question, value, touch)

    def answer(self, _screen: object, question: str, value: Value, touch: Touch) -> None:
        """An answer was given."""
        self.note_touch("answer")
        self._session.answer(question, value, touch)

    def draft(self, _screen: object, question: str, draft: Value | None) -> None:
        """An answer is being put together; each key of it would be too much to hear."""
        self._session.draft(question, draft)

    def skip(self, _screen: object, question: str) -> None:
        """The question is passed over."""
        self.note_touch("skip")
        self._session.skip(question)

    def go_back(self, _screen: object) -> None:
        """To the question before."""
        self.note_touch("back")
        self._session.go_back()

    def leave(self, _screen: object) -> None:
        """Enough for today."""
        self.note_touch("leave")
        self._session.leave()

    def answer_invitation(self, _screen: object, accepts: bool) -> None:
        """Tell more, or not."""
        self.note_touch("accept" if accepts else "decline")
        self._session.answer_invitation(accepts=accepts)

    def choose_language(self, _screen: object, tag: str) -> None:
        """Another language."""
        self.note_touch(f"language-{tag}")
        self._session.choose_language(tag)

    def note_touch(self, target: str) -> None:
        """This control was touched."""
        self._trace.note("touched", target=target)
        self._sounds.play("touch")
