"""Tells whoever counts deliveries that one is safely stored."""

from django.dispatch import Signal

delivery_stored = Signal()
"""Sent after the commit of a batch, with the numbers of its ``messages``, of those ``stored`` anew
and of those ``refused``."""
