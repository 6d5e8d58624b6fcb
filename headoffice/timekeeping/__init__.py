"""Whether the clock of this machine can be right, and how much time is known to have passed.

Everything that a delivery stores is dated by the head office's clock. So before anything is taken
in, dated or erased, that clock is compared:

1. with the making of this program, which no right time is before;
2. with what was written last by a clock that was trusted: not earlier than that, and not more than
   a day later;
3. with the monotonic clock, for as long as the machine runs: it does not jump;
4. with what kiosks say in their heartbeats. Several have to say it: no kiosk is believed alone,
   whether it agrees or objects.

Where they contradict, the clock is *in doubt*: kiosks are asked to come again, nothing is erased,
and pages say why. It goes on by itself when the clock is set right or several kiosks agree with it,
after some minutes where the difference is one that happens and nobody objects, or by a word
(``hymio-headoffice clock --accept``).

``judgement.py`` decides, ``guard.py`` asks the clocks and the database, ``witnesses.py`` counts
kiosks, ``runs.py`` writes down while which the clock was trusted.
"""
