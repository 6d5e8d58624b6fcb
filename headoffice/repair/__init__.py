"""Finds and mends what a wrong clock of the head office left behind, before it was doubted.

1. Which messages were *received* at a wrong time: those that lie ahead; those of one installation
   that stand out of the order of its numbers, as a kiosk delivers in that order; and those that
   came while a clock ran that was found to be wrong (``receipts.py``).
2. When they were *made*: by the clock of the kiosk's boot, which other deliveries of it tell; else
   by the kiosk's own word, within what is possible (``dates.py``).
3. They are dated anew by the code that corrects times in a delivery, with their counts, and are
   received anew now, so that those who read by the time of receipt see them (``mending.py``).
4. Heartbeats and other times that lie ahead, and sums of areas that reach there (``marks.py``).
"""
