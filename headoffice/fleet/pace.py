"""How soon a kiosk is to be heard again, which it is told with each heartbeat's receipt.

In step with when it is missed (:mod:`headoffice.fleet.kiosks`): in opening hours one request may
fail and be made again before a kiosk counts as overdue.
"""

from headoffice.fleet.shop_hours import ShopHours

OPEN_S = 240
CLOSED_S = 2700


def pace_s(hours: ShopHours, state: str, now_ms: int) -> int:
    """Seconds for a kiosk at a place with these hours, that says that it is in this state.

    Where the hours are not known, its own word tells whether it is closed. At the latest it is
    heard as soon after the opening as it would be within the day.
    """
    is_open = hours.is_open(now_ms) if hours.are_known else state != "closed"
    if is_open:
        return OPEN_S
    opens_ms = hours.opens_in_ms(now_ms)
    return CLOSED_S if opens_ms is None else min(CLOSED_S, opens_ms // 1000 + OPEN_S)
