"""Figures about the head office itself, for those who run it."""
