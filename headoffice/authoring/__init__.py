"""Questionnaires written at the head office: drafts, their editor, and what becomes of them."""
