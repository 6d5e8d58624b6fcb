"""The read API: JSON for programs of others, with tokens of their own."""
