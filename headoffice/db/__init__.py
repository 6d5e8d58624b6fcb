"""What the database is asked in its own words: bulk rows, locks, copies, several machines."""
