"""Where the parts that are touched to answer stand between two shoppers.

Building one takes several frames of a slow machine, and most shoppers are asked the same.
"""

from collections import OrderedDict
from collections.abc import Callable

from kiosk.session.question_view import Area
from kiosk.ui.disposal import dispose
from kiosk.ui.widgets.areas import AnswerArea

MOST = 16
"""Areas that are kept; one takes about 100 kB."""


class AreaCache:
    """Builds areas, and keeps those that were used last."""

    def __init__(self, make: Callable[[Area], AnswerArea]) -> None:
        self._make = make
        self._areas: OrderedDict[Area, AnswerArea] = OrderedDict()
        self._in_use: dict[AnswerArea, Area] = {}

    def take(self, data: Area) -> AnswerArea:
        """The area for this; nobody else has it until it is put back."""
        key = data.blank()
        area = self._areas.pop(key, None)
        if area is None:
            area = self._make(data)
        else:
            area.render(data)
        self._in_use[area] = key
        return area

    def put_back(self, area: AnswerArea) -> None:
        """Nothing of what was answered stays in it; what was written in is not kept at all."""
        key = self._in_use.pop(area)
        area.rest()
        if not key.is_reusable:
            dispose(area)
            return
        area.render(key)
        self._add(key, area)

    def prepare(self, data: Area) -> None:
        """Builds the area for this before it is needed."""
        key = data.blank()
        if key not in self._areas and key.is_reusable:
            self._add(key, self._make(key))

    @property
    def areas(self) -> tuple[AnswerArea, ...]:
        """Those that nobody has."""
        return tuple(self._areas.values())

    def _add(self, key: Area, area: AnswerArea) -> None:
        self._areas[key] = area
        while len(self._areas) > MOST:
            dispose(self._areas.popitem(last=False)[1])
