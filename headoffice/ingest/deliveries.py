"""Tells whoever counts deliveries that one is safely stored."""

from django.dispatch import Signal

delivered = Signal()
"""Sent after the commit of a batch, with the numbers of its ``messages``, of those ``stored`` anew
and of those ``refused``."""
