"""Kiosks, the places where they stand, and how they join."""
