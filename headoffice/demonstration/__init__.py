"""A made-up chain with a year behind it, to look at and to try things on."""
