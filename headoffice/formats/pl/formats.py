"""What Django writes otherwise than Poles do: 25.11.2026, not 25-11-2026."""

SHORT_DATE_FORMAT = "d.m.Y"
SHORT_DATETIME_FORMAT = "d.m.Y H:i"
