"""Faces, fonts, sounds and translations, found with ``importlib.resources``."""
