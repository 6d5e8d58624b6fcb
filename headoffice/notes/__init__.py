"""What happened at places, noted by people: it stands beside the figures of those days."""
