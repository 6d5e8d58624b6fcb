"""The kiosk's sounds: short, soft, and written by :mod:`assets.sounds.synthesis`."""
