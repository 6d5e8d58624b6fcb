"""Where the parts that are touched to answer stand between two shoppers.

Building one takes several frames of a slow machine, and most shoppers are asked the same.
"""

from collections import OrderedDict
from collections.abc import Callable

from kiosk.ui.forget import forget
from kiosk.ui.widgets.areas import AnswerArea
from kiosk.views_question import Area, ContactForm, Writing, blank

MOST = 16
"""Areas that are kept; one takes about 100 kB."""


class Shelf:
    """Builds areas, and keeps those that were used last."""

    def __init__(self, make: Callable[[Area], AnswerArea]) -> None:
        self._make = make
        self._kept: OrderedDict[Area, AnswerArea] = OrderedDict()
        self._out: dict[AnswerArea, Area] = {}

    def take(self, asked: Area) -> AnswerArea:
        """The area for this; nobody else has it until it is put back."""
        plain = blank(asked)
        area = self._kept.pop(plain, None)
        if area is None:
            area = self._make(asked)
        else:
            area.render(asked)
        self._out[area] = plain
        return area

    def put_back(self, area: AnswerArea) -> None:
        """Nothing of what was answered stays in it; what was written in is not kept at all."""
        plain = self._out.pop(area)
        area.rest()
        if isinstance(plain, Writing | ContactForm):
            forget(area)
            return
        area.render(plain)
        self._keep(plain, area)

    def prepare(self, asked: Area) -> None:
        """Builds the area for this before it is needed."""
        plain = blank(asked)
        if plain not in self._kept and not isinstance(plain, Writing | ContactForm):
            self._keep(plain, self._make(plain))

    @property
    def kept(self) -> tuple[AnswerArea, ...]:
        """What stands on it."""
        return tuple(self._kept.values())

    def _keep(self, plain: Area, area: AnswerArea) -> None:
        self._kept[plain] = area
        while len(self._kept) > MOST:
            forget(self._kept.popitem(last=False)[1])
