"""Counts, kept equal to the stored messages."""
