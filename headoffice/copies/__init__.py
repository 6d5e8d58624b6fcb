"""Copies of the database: whether they can be relied on, putting them back, and moving house."""
