"""What Django writes otherwise than Italians do: 1 ottobre, not 01 ottobre."""

DATE_FORMAT = "j F Y"
