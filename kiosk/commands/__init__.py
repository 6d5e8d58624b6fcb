"""The programs of the command line that need no window."""
