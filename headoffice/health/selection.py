"""Which kiosks a list shows: by what they are like, and by words that were searched for."""

from collections.abc import Callable

from headoffice.fleet.kiosks import search_kiosks
from headoffice.health.condition import Condition

VIEWS: dict[str, Callable[[Condition], bool]] = {
    "attention": lambda each: each.needs_attention,
    "all": lambda _each: True,
    "offline": lambda each: each.at.overdue,
    "closed": lambda each: each.at.can_speak and not each.at.overdue and each.at.is_closed,
}
LONGEST_SEARCH = 100


def search_conditions(conditions: list[Condition], search: str) -> list[Condition]:
    """Those with all these words, as :func:`search_kiosks` finds them."""
    by_kiosk = {each.at.kiosk.pk: each for each in conditions}
    found = search_kiosks([each.at for each in conditions], search[:LONGEST_SEARCH].strip())
    return [by_kiosk[row.kiosk.pk] for row in found]
