"""Links that open one live wall, without a login."""
