"""Finnish, with the month in the form that a date takes."""
