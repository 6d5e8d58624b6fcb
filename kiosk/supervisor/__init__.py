"""Keeps the kiosk running: restarts, pauses between them, and words to the service manager."""
