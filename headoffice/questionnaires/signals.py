"""Tells whoever counts definitions what became of one."""

from django.dispatch import Signal

definition_stored = Signal()
definition_refused = Signal()
