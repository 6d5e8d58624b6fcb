"""Signs of life: given from the window's own clock, so that a frozen window gives none."""

from kivy.clock import Clock

from kiosk.supervisor.sd_notify import Notifier


def start_watchdog(notifier: Notifier) -> None:
    """The first frame is there; from now on the watchdog is fed as long as the clock ticks."""
    notifier.ready()
    if notifier.feed_every_s is not None:
        notifier.alive()
        Clock.schedule_interval(lambda *_args: notifier.alive(), notifier.feed_every_s)
